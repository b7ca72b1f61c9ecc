"""What tests of several rooms need."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import comfyui_workflow_templates_json
import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver import Chrome

# Each worker of pytest-xdist, and each process that a test starts, computes on one core. Before torch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# How long a test takes says nothing on a machine that others use too. Every run has the same examples, so that a test
# that fails tells of the change; it is tests/fuzz.py that looks for new ones.
settings.register_profile("any machine", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def templates() -> list[Path]:
    """The 644 official workflow templates."""
    folder = Path(comfyui_workflow_templates_json.__file__).parent / "templates"
    found = [path for path in sorted(folder.glob("*.json")) if _is_workflow(path)]
    assert len(found) == 644
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Chrome]:
    """One browser for all pages."""
    from tests.frontend.browser import chromium, why_no_browser

    reason = why_no_browser()
    if reason is not None:
        pytest.skip(reason)
    with chromium() as driver:
        yield driver


def _is_workflow(path: Path) -> bool:
    tree = json.loads(path.read_bytes())
    return isinstance(tree, dict) and "nodes" in tree


# Tests against the editor's own exports: the function, and what its cases are.
_EXPORTS = {
    "test_a_template_of_tier_a_gives_the_editor_s_prompt": "templates of tier A",
    "test_a_template_of_tier_b_gives_the_editor_s_prompt": "templates of tier B",
    "test_a_change_in_the_editor_gives_the_editor_s_prompt_in_every_spelling": "mutated templates",
    "test_an_edge_file_gives_the_editor_s_prompt": "edge files",
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many prompts are exactly the editor's, those included that are known to differ and are not asserted."""
    reports = terminalreporter.stats.get("passed", ())
    passed = Counter(report.nodeid.partition("::")[2].partition("[")[0] for report in reports)
    if not any(passed[test] for test in _EXPORTS):
        return
    from tests.convert.test_to_api import oracle

    tiers = Counter(each["tier"] for each in oracle("templates").values())
    spellings = sum(len(each["ui"]) for each in oracle("mutations").values())
    totals = (tiers["A"], tiers["B"], spellings, len(oracle("edge")))
    terminalreporter.section("prompts that are exactly the web editor's")
    for (test, name), total in zip(_EXPORTS.items(), totals, strict=True):
        terminalreporter.line(f"{name}: {passed[test]} of {total}")
