"""What scripts make of a node's widgets, beside what the server declares: those of the editor, and those of packs.

Added widgets have values in the prompt, as the editor's own do; buttons have a place in the list, and none there. The
tables were read off the scripts, and seen in files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.signature import KEPT, Input, NodeSignature
from wftools.graph.widget_values.order import BUTTON, CONTROL, SCRIPTED, is_of_pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Values = Sequence[Any] | Mapping[str, Any] | None
"""The saved values of a node: in order, or by name."""

CUSTOM_COMBO: Final = "CustomCombo"
POWER_LORA_LOADER: Final = "Power Lora Loader (rgthree)"
IMAGE_COMPARER: Final = "Image Comparer (rgthree)"
COMPARED: Final = "rgthree_comparer"

END: Final = None  # behind all other widgets


@dataclass(frozen=True, slots=True)
class Script:
    """What a script makes of the widgets of one node type."""

    added: Mapping[str | None, tuple[Input, ...]] = field(default_factory=dict)  # by the input that they follow
    uncontrolled: str = ""  # the number that has no mode of control, whatever its name
    of_any_kind: str = ""  # the widget whose values are of the kind of what it is linked to


def _text(name: str, value: str = "") -> Input:
    return Input(name, "STRING", False, {"default": value})


def _button(name: str, value: str | None = None) -> Input:
    return Input(name, BUTTON, False, {"default": value})


_LOADING_3D: Final = (
    _text("upload 3d model", "upload3dmodel"),
    _text("upload extra resources", "uploadExtraResources"),
    _text("clear", "clear"),
)
_PREVIEW: Final = Script({END: (_text("image"),)})
_UPDATE: Final = Script({END: (_button("Update inputs"),)})
_SEED_BEHAVIOR: Final = _button("seed behavior")

SCRIPTS: Final[Mapping[str, Script]] = {
    # Of the editor itself
    "Load3D": Script({"model_file": _LOADING_3D}),
    "Preview3D": _PREVIEW,
    "Preview3DAnimation": _PREVIEW,
    "SaveGLB": _PREVIEW,
    # rgthree-comfy
    "Seed (rgthree)": Script(
        {
            "seed": (
                _button("🎲 Randomize Each Time", ""),
                _button("🎲 New Fixed Random", ""),
                _button("♻️ (Use Last Queued Seed)", ""),
            )
        },
        uncontrolled="seed",
    ),
    "Display Any (rgthree)": Script({END: (_text("output"),)}),
    "Power Primitive (rgthree)": Script(
        {END: (_text("type", "STRING"), Input("value", SCRIPTED, False, {"default": ""}))}
    ),
    "Power Puter (rgthree)": Script(
        {END: (Input("outputs", SCRIPTED, False, {"default": {"outputs": ["STRING"]}}), _text("code"))}
    ),
    # efficiency-nodes-comfyui
    "KSampler (Efficient)": Script({"seed": (_SEED_BEHAVIOR,)}, uncontrolled="seed"),
    "KSampler Adv. (Efficient)": Script({"noise_seed": (_SEED_BEHAVIOR,)}, uncontrolled="noise_seed"),
    "KSampler SDXL (Eff.)": Script({"noise_seed": (_SEED_BEHAVIOR,)}, uncontrolled="noise_seed"),
    # ComfyUI-Inspire-Pack
    "SeedExplorer //Inspire": Script({END: (_button("Add to prompt"),)}),
    "RegionalSeedExplorerMask //Inspire": Script({END: (_button("Add to prompt"),)}),
    "RegionalSeedExplorerColorMask //Inspire": Script({END: (_button("Add to prompt"),)}),
    "ShowCachedInfo //Inspire": Script({END: (_button("Query"), _button("Remove"), _button("Remove all"))}),
    # ComfyUI-Impact-Pack
    "ImpactSEGSPicker": Script({END: (_button("pick"),)}),
    # ComfyUI-Easy-Use
    "easy seed": Script({END: (_button("🎲 Manual Random Seed"),)}),
    # comfyui-tooling-nodes
    "ETN_Parameter": Script(of_any_kind="default"),
    # ComfyUI-Lora-Manager
    "TriggerWord Toggle (LoraManager)": Script(
        {END: (Input("toggle_trigger_words", SCRIPTED, False, {"default": []}), _text("orinalMessage"))}
    ),
}

RESULTS: Final = frozenset(
    {
        "Animation Builder (mtb)",
        "CurveEditor (mtb)",
        "Display Any (rgthree)",
        "Display Int (rgthree)",
        "DisplayAny",
        "FL_ShowText",
        "Griptape Display: Data as Text",
        "PointsEditor",
        "Show any [Crystools]",
        "Show any to JSON [Crystools]",
        "ShowText|pysssss",
        "ShowTextForGPT",
        "SplineEditor",
        "TextPreviewNode",
        "WD14Tagger|pysssss",
        "easy showAnything",
        "easy showAnythingLazy",
        "easy showLoaderSettingsNames",
        "easy showSpentTime",
        "easy showTensorShape",
    }
)
"""Node types that show what the last run gave, or a drawing, in widgets behind all others: any number of values."""


def with_editor_widgets(signature: NodeSignature, values: Values) -> NodeSignature:
    """The signature of a node with the inputs that scripts add; `values` are the saved ones."""
    by_values = _BY_VALUES.get(signature.type)
    if by_values is not None:
        return by_values(signature, values)
    if signature.type in SCRIPTS:
        return _with_script(signature)
    # A node whose inputs grow by a number has a button that makes as many: KJNodes, and packs that took it over.
    if is_of_pack(signature) and "inputcount" in signature.by_name:
        return _with(signature, _UPDATE)
    return signature


@lru_cache(maxsize=KEPT)
def _with_script(signature: NodeSignature) -> NodeSignature:
    return _with(signature, SCRIPTS[signature.type])


def _with(signature: NodeSignature, script: Script) -> NodeSignature:
    inputs = [*_changed(signature.inputs, script)]
    for after, added in script.added.items():
        own = {each.name for each in inputs}
        names = [each.name for each in inputs]
        at = names.index(after) + 1 if after in names else len(names)
        required = at > 0 and inputs[at - 1].required  # they stand in the section of what they follow
        inputs[at:at] = [replace(each, required=required) for each in added if each.name not in own]
    return replace(signature, inputs=tuple(inputs))


def _changed(inputs: Iterable[Input], script: Script) -> Iterator[Input]:
    for each in inputs:
        if each.name == script.uncontrolled:
            yield replace(each, options={**each.options, CONTROL: False})
        elif each.name == script.of_any_kind:
            yield replace(each, options={**each.options, "widgetType": SCRIPTED})
        else:
            yield each


def _custom_combo(signature: NodeSignature, values: Values) -> NodeSignature:
    count = max(len(values or ()) - 2, 0)
    options = (Input(f"option{number}", "STRING", False) for number in range(1, count + 1))
    return replace(signature, inputs=(*signature.inputs, Input("index", "INT", False), *options))


def index_of_choice(values: Mapping[str, Any]) -> int:
    """What the editor gives CustomCombo's `index`: the place of the choice among the options, -1 if there is none."""
    options = [value for name, value in values.items() if name.startswith("option")]
    return options.index(values.get("choice")) if values.get("choice") in options else -1


_HEADER: Final = "PowerLoraLoaderHeaderWidget"
_ADD_LORA: Final = "➕ Add Lora"  # noqa: RUF001


def _power_loras(signature: NodeSignature, values: Values) -> NodeSignature:
    """A row is an object with a key `lora`; between them stand a header, a button, and lines that divide."""
    added: list[Input] = []
    if isinstance(values, Mapping):
        rows = [name for name in values if name.startswith("lora_") and name not in signature.by_name]
        names = ["", *(each for each in (_HEADER,) if each in values), *rows, ""]
        names += [each for each in (_ADD_LORA,) if each in values]
        added = [_lora_widget(name) for name in names]
    else:
        count = 0
        for value in values or ():
            if isinstance(value, Mapping) and "lora" in value:
                count += 1
                added.append(_lora_widget(f"lora_{count}"))
            elif isinstance(value, Mapping) and "type" in value:
                added.append(_lora_widget(_HEADER))
            else:
                added.append(_lora_widget(_ADD_LORA if value == "" else ""))
    return replace(signature, inputs=(*signature.inputs, *added))


def _lora_widget(name: str) -> Input:
    if not name:
        return Input("divider", BUTTON, False, {"default": {}})
    kind = "STRING" if name == _ADD_LORA else SCRIPTED
    return Input(name, kind, False, {"default": "" if kind == "STRING" else None})


def _compared_images(signature: NodeSignature, values: Values) -> NodeSignature:
    """The pictures that are compared travel with the prompt, if there were any."""
    is_there = COMPARED in values if isinstance(values, Mapping) else bool(values)
    added = (Input(COMPARED, SCRIPTED, False),) if is_there else ()
    return replace(signature, inputs=(*signature.inputs, *added))


def _multipliers(signature: NodeSignature, values: Values) -> NodeSignature:
    """`multiplier1`, `multiplier2` … as many as there are conditionings."""
    if isinstance(values, Mapping):
        names = [name for name in values if name.startswith("multiplier")]
    else:
        names = [f"multiplier{number}" for number in range(1, len(values or ()) + 1)]
    added = (Input(name, "FLOAT", False, {"default": 1.0}) for name in names if name not in signature.by_name)
    return replace(signature, inputs=(*signature.inputs, *added))


def _parameter(signature: NodeSignature, values: Values) -> NodeSignature:
    """A parameter has limits only where it is a number."""
    signature = _with_script(signature)
    named = values if isinstance(values, Mapping) else {"min", "max"} if len(values or ()) > 3 else ()
    inputs = tuple(each for each in signature.inputs if each.name not in ("min", "max") or each.name in named)
    return replace(signature, inputs=inputs)


_BY_VALUES: Final[Mapping[str, Callable[[NodeSignature, Values], NodeSignature]]] = {
    CUSTOM_COMBO: _custom_combo,
    POWER_LORA_LOADER: _power_loras,
    IMAGE_COMPARER: _compared_images,
    "ConcatConditioningsWithMultiplier //Inspire": _multipliers,
    "ETN_Parameter": _parameter,
}
"""Those whose widgets depend on what was saved."""

# Objects of names and values, as VideoHelperSuite and packs like it save them

_FORCED_SIZE: Final = "force_size"
_RENAMED: Final[Mapping[str, str]] = {"save_image": "save_output"}


def is_saved_as_object(signature: NodeSignature) -> bool:
    """Whether the values of its widgets are saved as an object, name by name."""
    return signature.type.startswith("VHS_") and is_of_pack(signature)


def as_named_today(signature: NodeSignature, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object of values with the names that a signature has for what was called otherwise."""
    named = dict(values)
    for before, now in _RENAMED.items():
        if before in named and before not in signature.by_name and now in signature.by_name:
            named.setdefault(now, named.pop(before))
            named.pop(before, None)
    sizes = ("custom_width", "custom_height")
    if _FORCED_SIZE in named and _FORCED_SIZE not in signature.by_name and all(s in signature.by_name for s in sizes):
        size = named.pop(_FORCED_SIZE)
        width, _, height = size.partition("x") if isinstance(size, str) else ("", "", "")
        for name, side in zip(sizes, (width, height), strict=True):
            named.setdefault(name, int(side) if side.isdecimal() else 0)
    return named


def is_shown_only(name: str, value: Any) -> bool:
    """Whether an entry of such an object is no input: a preview, a button."""
    return name == "videopreview" or name.startswith("choose ") or value in (None, "") or isinstance(value, dict)
