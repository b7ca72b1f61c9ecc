"""A document -> its Overview."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.lookup import newest
from wftools.deps.packs import node_packs
from wftools.deps.versions import ascending
from wftools.graph import build
from wftools.graph.model import View
from wftools.graph.named_files import model_notes
from wftools.overview.model import SETTINGS, Output, Overview, Pass, Size, UsedPack
from wftools.overview.models import Models, is_input, rank
from wftools.overview.prompts import Prompts
from wftools.overview.sampling import is_pass, is_service, number, settings
from wftools.overview.sizes import Sizes
from wftools.overview.texts import Texts
from wftools.overview.ways import Slot, Ways

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wftools.catalog.lookup import Catalogue
    from wftools.deps.packs import NodePacks
    from wftools.document import Document
    from wftools.graph.model import Node, NodePath
    from wftools.overview.model import Told, UsedFile

MAX_WALKED: Final = 200_000  # nodes, on the ways from all outputs and passes: of further outputs no more is told

_SAMPLED: Final = frozenset({"LATENT", "IMAGE", "VIDEO", "AUDIO", "MASK", "STRING", ""})
"""Types that a pass gives what it has made in: who uses that does not use what it was made of."""


def overview(document: Document, catalogue: Catalogue | None = None) -> Overview:
    """What a document is. Without a catalogue, its nodes are those of the newest version of ComfyUI."""
    catalogue = catalogue or newest()
    ui = next((each for each in _both(document) if each.form == "ui"), None)
    prompt = next((each for each in _both(document) if each.form == "api"), None)
    graph = build(ui or document, catalogue)
    authored = graph.flat if ui is not None else None
    ran = build(prompt, catalogue).flat if prompt is not None else None
    view = _together(ran, authored) if ran is not None and ran.nodes else authored or View({})
    notes = [note for each in _both(document) for note in model_notes(each, view)]
    tree: Mapping[str, Any] = ui.tree if ui is not None else {}
    extra: Any = tree.get("extra")
    extra = extra if isinstance(extra, dict) else {}
    version = tree.get("version")
    info = extra.get("info")
    nodes = list(view.nodes.values())
    packs = node_packs(document.source.name, graph)
    said = {version for versions in packs.core.values() for version in versions} | set(packs.core_versions)
    return Overview(
        file=document.source.name,
        form="+".join(each.form for each in (ui, prompt) if each is not None),
        container=document.source.container,
        schema=str(version) if isinstance(version, int | float | str) else None,
        id=_text(tree.get("id")),
        title=_text(info.get("name")) if isinstance(info, dict) else None,
        frontend=_text(extra.get("frontendVersion")),
        core=ascending(said),
        nodes=dict(sorted(Counter(node.type for node in nodes).items(), key=lambda each: (-each[1], each[0]))),
        titles=tuple(dict.fromkeys(node.title for node in nodes if node.title)),
        packs=_packs(packs),
        outputs=_Looker(view, notes).outputs(),
    )


def _both(document: Document) -> tuple[Document, ...]:
    return (document,) if document.companion is None else (document, document.companion)


def _together(ran: View, authored: View | None) -> View:
    """The prompt that was run, with what the workflow beside it knows of its nodes: titles, names of slots."""
    nodes = {}
    for path, node in ran.nodes.items():
        other = authored.nodes.get(path) if authored is not None else None
        if other is not None and other.type == node.type:
            claimed = node.claimed if any(node.claimed) else other.claimed
            nodes[path] = replace(node, title=other.title or node.title, ui=other.ui, claimed=claimed)
        else:
            nodes[path] = node
    return View(nodes)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _packs(found: NodePacks) -> tuple[UsedPack, ...]:
    packs = [UsedPack(each.name, ascending(each.versions), tuple(each.types)) for each in found.packs]
    unknown = tuple(sorted(each.type for each in found.unknown))
    return (*sorted(packs, key=lambda each: each.name.lower()), *([UsedPack("", (), unknown)] if unknown else []))


class _Looker:
    """Looks through one view."""

    def __init__(self, view: View, notes: Iterable[Any]) -> None:
        self._ways = Ways(view)
        self._texts = Texts(self._ways)
        self._prompts = Prompts(self._ways, self._texts)
        self._models = Models(self._ways, notes)
        self._sizes = Sizes(self._ways)
        self._makers = {node.path for node in view.nodes.values() if is_pass(self._ways, node)}
        self._passes: dict[NodePath, Pass] = {}
        self._left = MAX_WALKED

    def outputs(self) -> tuple[Output, ...]:
        """What each output node gives; those that give the same are told together."""
        found: dict[Any, Output] = {}
        for path, node in self._ways.nodes.items():
            if self._is_output(node):
                output = self._output(node)
                key = path if output.texts else _key(output)
                same = found.get(key)
                found[key] = replace(same, nodes=(*same.nodes, *output.nodes)) if same is not None else output
        return tuple(found.values())

    def _is_output(self, node: Node) -> bool:
        """Whether the server runs a node for its own sake. Of an unknown type, one that nothing comes behind."""
        if node.signature is not None:
            return node.signature.output_node
        return not self._ways.is_used(node.path) and any(True for _ in node.links)

    def _output(self, node: Node) -> Output:
        ways = self._ways
        if self._left <= 0:
            return Output((ways.place(node.path),), (), (), (), Size())
        paths = self._behind(node)
        passes = tuple(self._pass(ways.nodes[path]) for path in paths if path in self._makers)
        files = self._files(paths)
        texts = tuple(
            self._texts.told(node.given[name])
            for name, link in node.links
            if "STRING" in (ways.type_of(node, name), ways.output(link.source, link.slot)[1])
        )
        size = self._sizes.given_to(node)
        return Output((ways.place(node.path),), passes, *files, size, texts)

    def _behind(self, node: Node, through: Callable[[Slot], bool] = lambda _: True) -> list[NodePath]:
        """The nodes that a node depends on, and itself behind them."""
        paths = self._ways.upstream([source for _, source in self._ways.inputs(node)], through)
        self._left -= len(paths)
        return [*(path for path in paths if path != node.path), node.path]

    def _files(self, paths: Sequence[NodePath]) -> tuple[tuple[UsedFile, ...], tuple[UsedFile, ...]]:
        files = sorted(self._models.of(paths), key=rank)
        return tuple(each for each in files if not is_input(each)), tuple(each for each in files if is_input(each))

    def _pass(self, node: Node) -> Pass:
        if node.path not in self._passes:
            self._passes[node.path] = self._looked_at(node)
        return self._passes[node.path]

    def _looked_at(self, node: Node) -> Pass:
        ways = self._ways
        paths = self._behind(node, self._goes_on)
        positive, negative = self._prompts.of(node, "positive"), self._prompts.of(node, "negative")
        told = settings(ways, node)
        if positive.guidance is not None:
            told.setdefault("guidance", positive.guidance)
        for path in paths:
            if path not in self._makers:
                told = {**self._of_models(ways.nodes[path]), **told}
        models, inputs = self._files(paths)
        service = self._service(node) if is_service(ways, node) else None
        return Pass(
            ways.place(node.path),
            {name: told[name] for name in SETTINGS if name in told},
            positive.prompts,
            negative.prompts,
            models,
            inputs,
            self._sizes.made_by(node),
            service,
        )

    def _goes_on(self, at: Slot) -> bool:
        """Not beyond another pass, unless what comes from it is a model or the like that it merely hands on."""
        return at.node not in self._makers or self._ways.output(at.node, at.slot)[1] not in _SAMPLED

    def _of_models(self, node: Node) -> dict[str, Told]:
        """What a node on the way of the model or of the text encoder says of how they work."""
        ways = self._ways
        told: dict[str, Told] = {}
        if "shift" in node.given and any(ways.type_of(node, name) == "MODEL" for name, _ in node.links):
            told["shift"] = ways.value(node.given["shift"])
        for name in ("stop_at_clip_layer", "clip_skip"):
            layer = number(ways.value(node.given[name])) if name in node.given else None
            if layer is not None and abs(layer) > 1:
                told["clip_skip"] = abs(int(layer))
        return told

    def _service(self, node: Node) -> str:
        for name in ("model", "model_name", "model_version", "version"):
            if name in node.given:
                return str(self._ways.value(node.given[name]))
        return ""


def _key(output: Output) -> Any:
    """What outputs share if they are told together."""
    return (tuple(each.node.path for each in output.passes), output.models, output.inputs, output.size)
