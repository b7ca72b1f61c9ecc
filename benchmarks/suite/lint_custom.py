"""Files of custom nodes: as fast for their size as the templates, which have core nodes only.

The files are made of the shipped facts: txt2img, and behind it nodes of a dozen types of several packs, each fed by
what gives the type that it needs, with the values that the editor gives a new node.
"""

from __future__ import annotations

import json
import random
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from benchmarks.measure import Result, compare, here
from benchmarks.templates import templates
from wftools.catalog.lookup import shipped
from wftools.catalog.packs import custom, custom_packs
from wftools.catalog.signature import COMBO
from wftools.convert.to_ui import to_ui
from wftools.document import read
from wftools.graph import build
from wftools.graph.widget_values import bind, is_widget
from wftools.lint import Linter

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.catalog.signature import Input, NodeSignature

FILES: Final = 300
TYPES: Final = 12  # of a file
NODES: Final = 40  # of a file
CORE: Final = (
    "CheckpointLoaderSimple",
    "CLIPTextEncode",
    "EmptyLatentImage",
    "KSampler",
    "VAEDecode",
    "LoadImageMask",
    "SaveImage",
)


def files() -> list[bytes]:
    """The files, the same in every run."""
    dice = random.Random(13)
    types = {name: sorted(custom(name).types()) for name in custom_packs()}
    return [_file(dice, types) for _ in range(FILES)]


def _file(dice: random.Random, types: dict[str, list[str]]) -> bytes:
    prompt: dict[str, Any] = {}
    outputs: dict[str, list[Any]] = {}  # by type, the last node that gives it
    names = [*CORE, *(dice.choice(types[pack]) for pack in dice.choices(sorted(types), k=TYPES * 4))]
    waiting = [signature for name in names if (signature := shipped().signature(name)) is not None]
    while waiting and len(prompt) < NODES:
        signature = waiting.pop(0)
        if not all(is_widget(each) or each.type in outputs for each in signature.required):
            continue
        number = str(len(prompt) + 1)
        prompt[number] = {"class_type": signature.type, "inputs": _inputs(signature, outputs)}
        given = ((index, each) for index, each in enumerate(signature.outputs) if each.type != COMBO)
        outputs.update({each.type: [number, index] for index, each in given})
        waiting.insert(dice.randint(0, len(waiting)), signature)
    return json.dumps(
        to_ui(build(read(json.dumps(prompt).encode()))).workflow, indent=2
    ).encode()  # as the editor saves


def _inputs(signature: NodeSignature, outputs: dict[str, list[Any]]) -> dict[str, Any]:
    given = {name: _value(widget.declared, widget.value) for name, widget in bind(signature, []).widgets.items()}
    return given | {each.name: outputs[each.type] for each in signature.inputs if each.type in outputs}


def _value(declared: Input | None, value: Any) -> Any:
    return "a.safetensors" if value is None and declared is not None and declared.type == COMBO else value


def run() -> list[Result]:
    """Linting, and the same for the templates: the ratios are to be alike."""
    linter = Linter()
    found = {
        f"lint {FILES} files of custom nodes": files(),
        "lint the templates": [path.read_bytes() for path in templates()],
    }
    return [
        compare(
            name,
            partial(here, partial(_each, linter.lint, data)),
            "json.loads",
            partial(here, partial(_each, json.loads, data)),
            turns=3,
        )
        for name, data in found.items()
    ]


def _each(work: Callable[[bytes], object], data: list[bytes]) -> None:
    for each in data:
        work(each)
