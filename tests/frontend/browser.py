"""The real web editor in a headless Chromium, as a judge: open a file, and see what the editor makes of it."""

from __future__ import annotations

import base64
import json
import mimetypes
import shutil
from contextlib import contextmanager
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from tests.frontend.server import PACKAGE, EditorServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from selenium.webdriver import Chrome

STARTUP: Final = 60.0  # seconds until the page has opened its default workflow
PATIENCE: Final = 60.0  # seconds for one file

_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1600,1000",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# Runs before the page's own scripts: warnings and errors are kept until somebody asks.
_LISTEN: Final = """
window.heard = [];
for (const kind of ["warn", "error"]) {
  const original = console[kind];
  console[kind] = (...words) => {
    const text = word => word instanceof Error ? String(word) : typeof word === "object" ? "{}" : String(word);
    window.heard.push(kind + ": " + words.map(text).join(" "));
    original.apply(console, words);
  };
}
window.addEventListener("error", event => window.heard.push("error: " + event.message));
window.addEventListener("unhandledrejection", event => window.heard.push("error: " + event.reason));
"""
# A file that the editor refuses leaves the graph as it was; other failures may come after the graph has been opened.
_OPEN: Final = """
const [data, name, type, done] = arguments;
const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
app.rootGraph.extra.isOld = true;
app.handleFile(new File([bytes], name, {type})).then(
  () => done(app.rootGraph.extra.isOld ? "the editor finds no workflow in it" : null), error => done(String(error)));
"""
_PROMPT: Final = """
const [done] = arguments;
app.graphToPrompt().then(
  made => done(JSON.stringify([made.output, made.workflow])), error => done(JSON.stringify(String(error))));
"""


def why_not() -> str | None:
    """Why the editor cannot be started here; None if it can."""
    return "the extra `browser` is not installed" if find_spec(PACKAGE) is None else why_no_browser()


def why_no_browser() -> str | None:
    """Why no page can be opened here; None if one can."""
    if find_spec("selenium") is None:
        return "the extra `browser` is not installed"
    if _chromium() is None or shutil.which("chromedriver") is None:
        return "Chromium and its driver are not installed (Debian: chromium, chromium-driver)"
    return None


class EditorError(Exception):
    """The editor did not take a file, or made no prompt of it."""


class Editor:
    """One page with the editor in it."""

    def __init__(self, driver: Chrome, address: str) -> None:
        self._driver = driver
        driver.set_script_timeout(PATIENCE)
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _LISTEN})
        driver.get(address)
        self._wait_for("return Boolean(window.app?.graph?.nodes.length)")
        self.messages()

    def open(self, data: bytes, name: str = "workflow.json") -> None:
        """Open a file as if it had been dropped on the canvas. Raises EditorError."""
        kind = mimetypes.guess_type(name)[0] or "application/json"
        problem = self._driver.execute_async_script(_OPEN, base64.b64encode(data).decode(), name, kind)
        if problem:
            raise EditorError(f"{name}: {problem}")

    def prompt(self) -> dict[str, Any]:
        """What the editor would queue: its own API export of the open workflow. Raises EditorError."""
        return self._exported()[0]

    def exported(self) -> dict[str, Any]:
        """The open workflow as the editor embeds it in pictures."""
        return self._exported()[1]

    def saved(self) -> dict[str, Any]:
        """The open workflow as the editor saves it."""
        saved: dict[str, Any] = json.loads(
            self._driver.execute_script("return JSON.stringify(app.rootGraph.serialize())")
        )
        return saved

    def messages(self) -> list[str]:
        """The warnings and errors in the console since they were last asked for."""
        heard: list[str] = self._driver.execute_script("return window.heard.splice(0)")
        return heard

    def screenshot(self) -> bytes:
        """The page as a PNG, with the whole workflow in view."""
        self._driver.execute_script("return app.extensionManager.command.execute('Comfy.Canvas.FitView')")
        self._driver.execute_async_script("setTimeout(arguments[0], 1500)")
        return self._driver.get_screenshot_as_png()

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script in the page returns."""
        return self._driver.execute_script(script, *arguments)

    def _exported(self) -> list[dict[str, Any]]:
        made: str | list[dict[str, Any]] = json.loads(self._driver.execute_async_script(_PROMPT))
        if isinstance(made, str):
            raise EditorError(made)
        return made

    def _wait_for(self, script: str) -> None:
        from selenium.webdriver.support.wait import WebDriverWait

        WebDriverWait(self._driver, STARTUP).until(lambda driver: driver.execute_script(script))


@contextmanager
def editor(object_info: Mapping[str, Any]) -> Iterator[Editor]:
    """The editor on a server with the given node types; `why_not()` must be None."""
    with EditorServer(object_info) as server, chromium() as driver:
        yield Editor(driver, server.address)


@contextmanager
def chromium() -> Iterator[Chrome]:
    """A browser without a window, and without a network; `why_no_browser()` must be None."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = _chromium() or ""
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        for flag in (*_FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        try:
            yield driver
        finally:
            driver.quit()


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
