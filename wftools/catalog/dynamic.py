"""Annotations of inputs that depend on what they are given: growing rows, combos with inputs, types that match.

    images: Annotated[Mapping[str, Tensor], Autogrow({"image": IMAGE}, least=1, most=50)]
    size: Annotated[Mapping[str, Any], DynamicCombo({"as it is": {}, "by hand": {"width": Int(1, 64, default=8)}})]
    on_true: Annotated[Any, Match("switch"), LAZY]          # and the output: Annotated[Any, Match("switch")]

In a prompt the parts are inputs with dots in their names; a function is given one value. For rows that is a dictionary
by their names (`images["image0"]`), for a combo a dictionary of its inputs, in which the choice stands under the
combo's own name (`{"size": "by hand", "width": 8}`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wftools.catalog.declare import Socket, declared_input
from wftools.catalog.signature import AUTOGROW, DYNAMIC_COMBO, MATCH_TYPE, WILDCARD, Branches, Matched, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def Autogrow(  # noqa: N802
    of: Mapping[str, Any], *, prefix: str | None = None, names: Iterable[str] = (), least: int = 0, most: int = 10
) -> Socket:
    """Rows of one kind, as many as are used; `of` has the one input that they are made after, by its name.

    They are called `image0`, `image1` … up to `most` of them, after `prefix` or the name in `of`; or by `names`.
    """
    ((name, annotation),) = of.items()
    row = declared_input(name, annotation)
    if names := tuple(names):
        return Socket(AUTOGROW, dynamic=Rows(row, names, least))
    prefix = name if prefix is None else prefix
    return Socket(AUTOGROW, dynamic=Rows(row, tuple(f"{prefix}{index}" for index in range(most)), least, prefix))


def DynamicCombo(choices: Mapping[str, Mapping[str, Any]], **options: Any) -> Socket:  # noqa: N802
    """A combo whose choices bring inputs of their own: choice -> name -> annotation."""
    branches = {
        choice: tuple(sorted((declared_input(*each) for each in inputs.items()), key=lambda i: not i.required))
        for choice, inputs in choices.items()
    }
    return Socket(DYNAMIC_COMBO, options, dynamic=Branches(branches))


def Match(template: str, allowed: str = WILDCARD) -> Socket:  # noqa: N802
    """An input or output of any of the `allowed` types, the same wherever a node says `template`."""
    return Socket(MATCH_TYPE, dynamic=Matched(template, allowed))
