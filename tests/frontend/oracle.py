"""The templates with the prompts that the editor was seen to make of them, and what it says in its console."""

from __future__ import annotations

import json
import lzma
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import comfyui_workflow_templates_json

from tests.conftest import DATA

if TYPE_CHECKING:
    from tests.frontend.browser import Editor

TEMPLATES = Path(comfyui_workflow_templates_json.__file__).parent / "templates"


@cache
def prompts() -> dict[str, dict[str, Any]]:
    """The prompts of the templates whose node types are all known and unchanged, by the template's name."""
    with lzma.open(DATA / "oracle" / "templates.json.xz", "rt", encoding="utf-8") as stream:
        recorded = json.load(stream)
    return {name: each["api"] for name, each in recorded.items() if each["tier"] == "A"}


def spread(count: int) -> list[str]:
    """The names of that many templates, evenly from the whole alphabet."""
    names = sorted(prompts())
    return [names[index * len(names) // count] for index in range(count)]


def template(name: str) -> bytes:
    """The file of a template."""
    return (TEMPLATES / f"{name}.json").read_bytes()


def opened(page: Editor, data: bytes, name: str = "workflow.json") -> tuple[dict[str, Any], set[str]]:
    """The editor's prompt of a file, and the kinds of warnings and errors in its console."""
    page.messages()
    page.open(data, name)
    prompt = page.prompt()
    return prompt, {re.sub(r"\d+", "N", message) for message in page.messages()}
