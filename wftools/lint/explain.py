"""What the rules say of themselves."""

from __future__ import annotations

from wftools.errors import InputError
from wftools.lint.rule import rules


def explain(word: str) -> str:
    """The explanation of a rule, by code or name. Raises InputError if there is none."""
    rule = next((rule for rule in rules() if word.upper() == rule.code or word.lower() == rule.name), None)
    if rule is None:
        raise InputError(f"no rule is called {word!r}", hint="list them with `wftools lint --rules`")
    mirrors = f"\n\nComfyUI's server calls it {rule.mirrors}." if rule.mirrors else ""
    head = f"{rule.code} {rule.name} ({rule.severity})"
    return f"{head}\n\n{rule.summary}\n\n{rule.explanation}{mirrors}"


def table() -> str:
    """All rules, a line each."""
    return "\n".join(f"{rule.code}  {rule.name:<26}  {rule.severity!s:<7}  {rule.summary}" for rule in rules())
