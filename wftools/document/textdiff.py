"""What changed in a text, as diff and git write it."""

from __future__ import annotations

import re
from difflib import unified_diff

from wftools.escaping import printable


def textdiff(name: str, old: str, new: str) -> str:
    """The change of a file's text as a unified diff that can be applied; empty if there is none."""
    name = printable(name.lstrip("/"))
    lines = unified_diff(_lines(old), _lines(new), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """The lines as diff and git count them: other characters that break lines stand inside of texts."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)
