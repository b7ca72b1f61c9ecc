"""A value is not among the choices of its input.

The server compares exactly. Choices that are files differ from machine to machine; which files a server has is known
only if `--object-info` says so, but what cannot be a file of that kind is found without. Choices come and go with
versions: without a target, a value that no known version offers is a warning, since a newer one may. So is a value of
a pack of custom nodes of which shipped facts tell; where they say that there may be more choices, any passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.catalog.signature import COMBO
from wftools.catalog.validators import checks_itself
from wftools.errors import shown
from wftools.folders import may_be_model
from wftools.lint.examples import api_node, bad, good, picture, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, WARNING, Found, Severity, at
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from wftools.catalog.signature import Input
    from wftools.graph import Node
    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = FLAT
MIRRORS = "value_not_in_list"


_WITHOUT_SUFFIX = frozenset({"diffusers"})  # folders, not files


def check(subject: Subject) -> Iterator[Found]:
    for node, declared, _, value in subject.literals():
        if declared.type != COMBO or declared.is_open or checks_itself(node.signature, declared.name):
            continue
        if declared.folders:
            if not _may_be_file(node, declared, value):
                message = f"{declared.name} takes a file of the kind {declared.folders[0]}, not {shown(value)}"
                yield Found(at(node, declared.name), message, subject.hinted(None, node), WARNING)
            continue
        choices = declared.choices or ()
        wrong = [each for each in _chosen(subject, declared, value) if each not in choices]
        if wrong and not subject.passes_elsewhere(node, declared, value):
            from wftools.catalog.near import nearest  # few files have such a value

            offered = ", ".join(map(str, choices[:8])) + (" …" if len(choices) > 8 else "")
            near = nearest(wrong[0], tuple(map(str, choices))) if isinstance(wrong[0], str) else None
            yield Found(
                at(node, declared.name),
                f"{declared.name} does not offer {', '.join(map(shown, wrong))}",
                hint=subject.hinted(f"did you mean {near!r}?" if near else f"it offers {offered or 'nothing'}", node),
                severity=_severity(subject, node, declared),
            )


def _may_be_file(node: Node, declared: Input, value: Any) -> bool:
    """Whether a value can name a file of that kind on some machine. Packs list what they like."""
    if value in (declared.options.get("extra_options") or ()):
        return True
    if not isinstance(value, str):
        return False
    is_of_pack = node.signature is not None and node.signature.pack is not None
    if is_of_pack or any(each in _WITHOUT_SUFFIX or each.startswith(("input", "output")) for each in declared.folders):
        return True
    return may_be_model(value)


def _chosen(subject: Subject, declared: Input, value: Any) -> list[Any]:
    """What is compared: each element of a list, if several may be chosen."""
    several = declared.options.get("multiselect") and subject.target.checks_multiselect
    return value if several and isinstance(value, list) else [value]


def _severity(subject: Subject, node: Node, declared: Input) -> Severity:
    if not declared.listed and not subject.target.checks_v3_choices:
        return WARNING  # that version does not look at these
    is_exact = node.signature is not None and subject.catalogue.is_exact(node.signature)
    return subject.judged(node) if is_exact else WARNING


BAD = [
    bad(picture(n3=api_node("VAELoader", vae_name="no_such_option")), "/3/inputs/vae_name"),
    bad(
        picture(
            n3=api_node("ImageScale", image=["1", 0], upscale_method="best", width=64, height=64, crop="disabled"),
            n2=api_node("SaveImage", images=["3", 0], filename_prefix="a"),
        ),
        "/3/inputs/upscale_method",
    ),
    bad(
        ui(
            [
                ui_node(1, "EmptyImage", values=[64, 64, 1, 0], outputs=[("IMAGE", [1])]),
                ui_node(
                    2, "ImageScale", [("image", "IMAGE", 1)], [("IMAGE", [2])], values=["best", 64, 64, "disabled"]
                ),
                ui_node(3, "SaveImage", [("images", "IMAGE", 2)], values=["a"]),
            ],
            [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]],
        ),
        "/nodes/1/widgets_values/0",
    ),
]
GOOD = [
    good(picture()),
    good(picture(n3=api_node("CheckpointLoaderSimple", ckpt_name="any.safetensors"))),
    good(ui_picture()),
]
