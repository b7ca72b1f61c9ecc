"""What packs import of ComfyUI, as modules for the interpreter.

`sources/` is Python that is interpreted like a pack's own, for what packs build upon and change: schemas, folders,
names of types. `core` has the classes of ComfyUI's own nodes, out of the catalogue; `machine` the folders of models and
inputs, of which nobody knows the files. All else that ComfyUI has is unknown, and nothing of it is needed to say what a
node takes and gives.

Why sources that are interpreted, and not classes of ours: packs derive from them, call their methods and change what
they made, which would need an adapter for each way to do so.
"""

from __future__ import annotations

import ast
import math
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.packs import PACKS, pack
from wftools.scan.comfyui.core import core_class
from wftools.scan.comfyui.machine import KINDS, MODEL_SUFFIXES, content_of, listed
from wftools.scan.comfyui.said import say, take
from wftools.scan.interpreter.files import COMFYUI
from wftools.scan.interpreter.imports import run_module
from wftools.scan.interpreter.values import MISSING, ClassValue, Foreign, ModuleValue, Unknown, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.scan.interpreter import Interpreter

# Modules of ComfyUI of which nothing has to be known. They are named, since a pack may have a module of that name.
_OPAQUE: Final = (
    "app", "comfy_config", "comfy_execution", "cuda_malloc", "execution", "latent_preview", "node_helpers", "protocol",
    "server",
)  # fmt: skip
_API_VERSIONS: Final = ("latest", "v0_0_1", "v0_0_2")

DEVICES: Final = "devices"  # why something is unknown that depends on what the machine computes with


class ComfyUI:
    """The modules of one version of ComfyUI, for one pack: what the pack does to them stays with it."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.interpreter: Interpreter | None = None  # of the pack; set once it is there
        self.types = types_of(version)
        self.modules: dict[str, ModuleValue] = {}
        self._classes: dict[str, ClassValue] = {}
        self._fill()

    @property
    def registered(self) -> Mapping[Any, Any]:
        """Classes that the pack has put among ComfyUI's own, by their types."""
        table = self.modules["nodes"].names.get("NODE_CLASS_MAPPINGS")
        if not isinstance(table, dict):  # nobody asked for it, or a pack put something else there
            return {}
        return {name: cls for name, cls in table.items() if isinstance(name, Unknown) or name not in self.types}

    def _fill(self) -> None:
        schema = self._source("comfy_api.latest._io", "schema")
        comfy_types = self._source("comfy.comfy_types", "comfy_types")
        api = ModuleValue(
            "comfy_api.latest",
            {"io": schema, "IO": schema, "_io": schema},
            otherwise=lambda name: (
                schema.lookup(name) if name == "ComfyExtension" else Unknown(f"comfy_api.latest.{name}")
            ),
        )
        self._add(
            self._source("folder_paths", "folder_paths"),
            ModuleValue("_machine", self._machine()),
            ModuleValue("_said", {"take": Foreign("take", take), "say": Foreign("say", say)}),
            ModuleValue("comfy", otherwise=lambda name: self.modules.get(f"comfy.{name}", Unknown(f"comfy.{name}"))),
            self._samplers(),
            *self._menus(),
            ModuleValue("comfy.model_management", otherwise=lambda _: Unknown(DEVICES)),
            comfy_types,
            api,
            ModuleValue("comfy_api", dict.fromkeys(_API_VERSIONS, api), otherwise=Unknown("in comfy_api")),
            ModuleValue("nodes", {"MAX_RESOLUTION": self._largest()}, otherwise=self._of_nodes),
            ModuleValue("comfy_extras", otherwise=self._extras),
            ModuleValue("numpy", {"pi": math.pi, "e": math.e, "inf": math.inf}, otherwise=Unknown("in numpy")),
            ModuleValue("torch", {"pi": math.pi, "inf": math.inf}, otherwise=_of_torch),
            *(ModuleValue(name, otherwise=Unknown(f"in {name}")) for name in _OPAQUE),
        )
        self.modules.update({f"comfy_api.{version}": api for version in _API_VERSIONS})
        comfy_types.names["node_typing"] = self.modules["comfy.comfy_types.node_typing"] = comfy_types
        self.modules["comfy_api.latest._io"] = schema

    def _add(self, *modules: ModuleValue) -> None:
        self.modules.update({module.name: module for module in modules})

    def _source(self, name: str, file: str) -> ModuleValue:
        """A module that is interpreted when something of it is asked for."""
        module = ModuleValue(name, {"__name__": name, "__package__": name.rpartition(".")[0]})

        def first(asked: str) -> Any:
            module.otherwise = missing
            interpreter = self._running()
            run_module(interpreter, module, _parsed(file))
            return module.names[asked] if asked in module.names else missing(asked)

        def missing(asked: str) -> Any:
            maker = module.names.get("__getattr__", MISSING)
            made = self._running().call(maker, asked) if maker is not MISSING else MISSING
            return Unknown(f"{name}.{asked}") if made is MISSING or isinstance(made, Unknown) else made

        module.otherwise = first
        return module

    def _running(self) -> Interpreter:
        assert self.interpreter is not None
        return self.interpreter

    def _machine(self) -> dict[str, Any]:
        from wftools.folders import FOLDERS_OF_KIND

        kinds = {kind: (list(FOLDERS_OF_KIND.get(kind, (kind,))), list(suffixes)) for kind, suffixes in KINDS.items()}
        return {
            "base_path": COMFYUI,
            "kinds": kinds,
            "model_suffixes": list(MODEL_SUFFIXES),
            "listed": Foreign("listed", _listed),
            "is_of_pack": Foreign("is_of_pack", _is_of_pack),
            "content_of": Foreign("content_of", lambda _, name: content_of(plain(name)), takes_unknown=False),
        }

    def _samplers(self) -> ModuleValue:
        samplers, schedulers = self._choices("KSampler", "sampler_name"), self._choices("KSampler", "scheduler")
        menus = ClassValue("KSampler", (), {"SAMPLERS": samplers, "SCHEDULERS": schedulers}, module="comfy.samplers")
        handlers = {name: Unknown(f"the scheduler {name}") for name in schedulers}
        return ModuleValue(
            "comfy.samplers",
            {
                "KSampler": menus,
                "SAMPLER_NAMES": samplers,
                "SCHEDULER_NAMES": schedulers,
                "SCHEDULER_HANDLERS": handlers,
                "KSAMPLER_NAMES": [name for name in samplers if name not in ("ddim", "uni_pc", "uni_pc_bh2")],
            },
            otherwise=Unknown("in comfy.samplers"),
        )

    def _menus(self) -> tuple[ModuleValue, ...]:
        """Other choices of nodes of the core that stand in modules of their own."""
        controls = self._choices("SetUnionControlNetType", "type")
        control_types = {"UNION_CONTROLNET_TYPES": {name: Unknown(name) for name in controls if name != "auto"}}
        ways = self._choices("CreateHookKeyframesInterpolated", "interpolation")
        interpolation = ClassValue("InterpolationMethod", (), {"_LIST": ways}, module="comfy.hooks")
        return (
            ModuleValue("comfy.cldm.control_types", control_types, otherwise=Unknown("in comfy.cldm.control_types")),
            ModuleValue("comfy.hooks", {"InterpolationMethod": interpolation}, otherwise=Unknown("in comfy.hooks")),
        )

    def _choices(self, node_type: str, name: str) -> list[str]:
        """The choices of an input of a node of the core; none in versions that lack it."""
        entry = pack(PACKS[self.version]).entry(node_type) or {"input": {}}
        kind, *options = entry["input"].get("required", {}).get(name, [[]])
        return list(kind if isinstance(kind, list) else options[0].get("options", ()))

    def _largest(self) -> int:
        largest: int = pack(PACKS[self.version]).entry("EmptyLatentImage")["input"]["required"]["width"][1]["max"]
        return largest

    def _of_nodes(self, name: str) -> Any:
        """A name of the module `nodes`: a table of classes, or one of them."""
        if name == "NODE_CLASS_MAPPINGS":
            return {node_type: self._class(node_type) for node_type in sorted(self.types)}
        return self._class(name) if name in self.types else Unknown(f"nodes.{name}")

    def _extras(self, name: str) -> ModuleValue:
        """A module of comfy_extras: the classes of it that are called as their types."""
        module = f"comfy_extras.{name}"

        def otherwise(asked: str) -> Any:
            entry = pack(PACKS[self.version]).entry(asked) or {}
            is_of_it = entry.get("python_module") == module
            return self._class(asked) if is_of_it else Unknown(f"{module}.{asked}")

        return ModuleValue(module, otherwise=otherwise)

    def _class(self, node_type: str) -> ClassValue:
        if node_type not in self._classes:
            self._classes[node_type] = core_class(node_type, self.version)
        return self._classes[node_type]


@cache
def types_of(version: str) -> frozenset[str]:
    """The node types of ComfyUI's core in that version."""
    return pack(PACKS[version]).types()


@cache
def _parsed(file: str) -> ast.Module:
    return ast.parse(files(__name__).joinpath("sources", f"{file}.py").read_text("utf-8"))


def _of_torch(name: str) -> Unknown:
    return Unknown(DEVICES if name in ("cuda", "mps", "xpu", "backends", "device") else f"torch.{name}")


def _listed(_interpreter: Interpreter, kind: Any, suffixes: Any) -> Any:
    """The files of a kind; of a kind that is not known, files that are not known."""
    if isinstance(kind, Unknown):
        return [Unknown(kind.reason, many=True)]
    known = () if isinstance(suffixes, Unknown) else [each for each in plain(suffixes) if isinstance(each, str)]
    return listed(plain(kind), known)


def _is_of_pack(interpreter: Interpreter, path: Any) -> bool:
    """Whether a path leads into the pack."""
    return isinstance(path, str) and interpreter.files.inside(path) is not None
