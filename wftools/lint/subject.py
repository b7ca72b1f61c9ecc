"""What rules look at: a document, its graph, and what the catalogue says of its nodes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.expand import expand
from wftools.catalog.literals import literal, takes
from wftools.catalog.signature import COMBO
from wftools.catalog.sockets import connectable
from wftools.document.edit import Remove
from wftools.document.pointer import pointer
from wftools.graph import Node, NodePath, WorkflowGraph, build
from wftools.graph.model import Literal
from wftools.graph.traverse import needed_by
from wftools.graph.widget_values import is_widget
from wftools.lint.finding import ERROR, WARNING, Severity, Spot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftools.catalog.lookup import Catalogue
    from wftools.catalog.near import KnownWords
    from wftools.catalog.signature import Input
    from wftools.catalog.target import Target
    from wftools.document import Document
    from wftools.document.edit import Edit
    from wftools.document.source import Defect
    from wftools.errors import InputError
    from wftools.graph.authored import Authored
    from wftools.graph.authored.scopes import AuthoredLink, AuthoredNode, Scope
    from wftools.graph.model import Given, View

MAX_FACTS: Final = 3  # packs that a hint names
_ROW: Final = "_dynamic"  # an option of basic_data_handling's inputs
_BROADCASTERS: Final = "cg-use-everywhere"


@dataclass(frozen=True)
class Reading:
    """A file that was to be read: what came of it, or why nothing did."""

    name: str
    document: Document | None = None
    subject: Subject | None = None  # None also if the document has no graph
    error: InputError | None = None

    def defects(self, kind: Defect) -> Iterator[tuple[str, Spot]]:
        """What is unusual in the text, and where."""
        for defect in self.document.defects if self.document is not None else ():
            if defect.kind == kind:
                yield defect.message, Spot(offset=defect.offset)


@dataclass(frozen=True)
class Subject:
    """One document under judgement."""

    document: Document
    catalogue: Catalogue
    view: View | None = None  # looked at instead of the document's flattened view, if it was changed for a run

    @cached_property
    def graph(self) -> WorkflowGraph:
        """The graph of the document."""
        return build(self.document, self.catalogue)

    @property
    def tree(self) -> dict[str, Any]:
        """The document as it stands in the file."""
        return self.document.tree

    @property
    def target(self) -> Target:
        """The version of ComfyUI whose server is asked."""
        return self.catalogue.version

    # The flattened view, as the server sees it

    @property
    def flat(self) -> View:
        """What the server would be given."""
        return self.graph.flat if self.view is None else self.view

    def declared(self, node: Node) -> Mapping[str, Input]:
        """The declared inputs of a node by name, dynamic ones spelled out; empty if its type is unknown."""
        return self._declared[node.path]

    def inputs(self) -> Iterator[tuple[Node, Input, Given]]:
        """Every declared input that is given something."""
        for node in self.flat.nodes.values():
            for name, declared in self.declared(node).items():
                given = node.given.get(name)
                if given is not None:
                    yield node, declared, given

    def literals(self) -> Iterator[tuple[Node, Input, Literal, Any]]:
        """Every declared input that is given a literal; the value is unwrapped.

        Where a UI workflow was saved for a version that we do not know, values cannot be told apart and are left out.
        So are the rows that a pack's script adds: one that waits for a link has the empty text for a value.
        """
        for node, declared, given in self.inputs():
            if not isinstance(given, Literal) or isinstance(given.value, list) or _ROW in declared.options:
                continue
            if given.certain or (node.signature is not None and self.catalogue.is_exact(node.signature)):
                yield node, declared, given, literal(given.value)

    def passes_elsewhere(self, node: Node, declared: Input, value: Any) -> bool:
        """Whether an input takes a value in another known version of the node type.

        A node is read as one version declares it. Where nobody has said which version is meant, what any of them takes
        is right; where somebody has, no other version counts. Of the older versions of a pack of custom nodes nobody
        knows what they took.
        """
        signature = node.signature
        if signature is None or signature.origin is not None or self.catalogue.is_exact(signature):
            return False
        known = (expand(each, node.values).get(declared.name) for each in self.catalogue.variants(node.type))
        return any(takes(each, value) for each in known if each is not None)

    def lists(self) -> Iterator[tuple[Node, Input, list[Any]]]:
        """Every declared input that is given a list which is no link, although the server takes it for one."""
        for node, declared, given in self.inputs():
            if isinstance(given, Literal) and isinstance(given.value, list):
                yield node, declared, given.value

    def gated(self, node: Node) -> Severity:
        """An error if the server looks at the node, else a warning: it never sees what no output needs."""
        return ERROR if node.path in self.reachable else WARNING

    def judged(self, node: Node, *others: Node) -> Severity:
        """The same for what follows from declarations: a warning if one of the nodes may be declared otherwise."""
        return self.gated(node) if all(map(self.is_sure, (node, *others))) else WARNING

    def hinted(self, hint: str | None, *nodes: Node) -> str | None:
        """A hint, and by which facts nodes are judged that may be declared otherwise."""
        unsure = dict.fromkeys(_facts(node) for node in nodes if not self.is_sure(node))
        return "; ".join(filter(None, (hint, *[*unsure][:MAX_FACTS]))) or None

    @staticmethod
    def is_sure(node: Node) -> bool:
        """Whether the node is declared as its signature says: what is shipped of a pack is of one version."""
        signature = node.signature
        if signature is None or signature.partly:
            return False
        origin = signature.origin
        return origin is None or (not origin.is_older and node.claimed.is_version_of(origin))

    @cached_property
    def paths(self) -> KnownWords:
        """The paths of all nodes, to find one that is nearly as given."""
        from wftools.catalog.near import KnownWords  # only if there is something to be found

        return KnownWords(self.flat.nodes)

    @cached_property
    def reachable(self) -> frozenset[NodePath]:
        """The nodes that some output needs, through declared inputs. A node of unknown type may be an output."""
        ends = [path for path, node in self.flat.nodes.items() if self.is_output(node) is not False]
        return frozenset(needed_by(ends, {path: [*self.sources(node)] for path, node in self.flat.nodes.items()}))

    def is_otherwise(self, node: Node) -> bool:
        """Whether a node of a shipped pack was saved otherwise than each version declares it that is known."""
        signature, ui = node.signature, node.ui
        if signature is None or signature.origin is None or ui is None:
            return False
        if node.unnamed or any(isinstance(each, Literal) and not each.certain for each in node.given.values()):
            return True
        return not all(self._fitting_outputs(node))

    def is_unlike(self, node: Node) -> bool:
        """Whether a node of a shipped pack was saved so unlike each version that is known that it is hardly of one.

        A version that is newer than the facts adds a value or an output, and most of what a node has is as before. Here
        none of its outputs is, or of the widgets and the saved values fewer than half belong together.
        """
        if not self.is_otherwise(node):
            return False
        outputs = self._fitting_outputs(node)
        if outputs and not any(outputs):
            return True
        declared = self.declared(node)
        values = [
            (declared[name], each.value)
            for name, each in node.given.items()
            if isinstance(each, Literal) and each.pointer != node.pointer and name in declared
        ]
        widgets = sum(map(is_widget, declared.values()))
        return 2 * sum(takes(one, literal(value)) for one, value in values) < max(widgets, len(values) + node.unnamed)

    @staticmethod
    def _fitting_outputs(node: Node) -> list[bool]:
        """Of each saved output slot whether it is of the type that the node declares there."""
        signature, ui = node.signature, node.ui
        if signature is None or ui is None or any(output.match is not None for output in signature.outputs):
            return []
        saved = [COMBO if isinstance(slot.type, list) else slot.type for slot in ui.outputs or ()]
        return list(map(connectable, saved, [output.type for output in signature.outputs]))

    def is_output(self, node: Node) -> bool | None:
        """Whether a node is an output; None if its type is unknown, or not wholly known."""
        signature = node.signature
        if signature is None or (signature.partly and not signature.output_node):
            return None
        return signature.output_node

    def sources(self, node: Node) -> Iterator[NodePath]:
        """The nodes that feed a node through declared inputs; through all of them if others may be declared."""
        declared = self.declared(node)
        has_others = node.signature is None or bool(node.signature.partly)
        for name, link in node.links:
            if link.source in self.flat.nodes and (name in declared or has_others):
                yield link.source

    @cached_property
    def _declared(self) -> dict[NodePath, Mapping[str, Input]]:
        return {
            path: expand(node.signature, node.values, rows_required=self.target.requires_autogrow_rows)
            if node.signature is not None
            else {}
            for path, node in self.flat.nodes.items()
        }

    # The authored view of a UI workflow

    @property
    def authored(self) -> Authored:
        """What the editor saved. Only rules of that view ask for it."""
        assert self.graph.authored is not None
        return self.graph.authored

    def authored_nodes(self) -> Iterator[tuple[Scope, AuthoredNode]]:
        """Every node of every scope."""
        for scope in self.authored.scopes:
            for node in scope.nodes:
                yield scope, node

    @cached_property
    def may_feed_unseen(self) -> bool:
        """Whether some node may feed others without a link: one of unknown type, or of a pack that is made for it."""
        for _, node in self.authored_nodes():
            if self.authored.editor_type(node) is not None or self.authored.definition(node) is not None:
                continue
            signature = self.authored.signature(node)
            if signature is None or (signature.origin is not None and signature.origin.pack == _BROADCASTERS):
                return True
        return False

    def saved(self, scope: Scope, node: AuthoredNode, *parts: str | int) -> Spot:
        """A node as it was saved, or a part of it."""
        return Spot(node.pointer + pointer(*parts), self.path(scope, node.id))

    def row(self, scope: Scope, link: AuthoredLink, node_id: str) -> Spot:
        """A row of a table of links, as the business of one of its two nodes."""
        return Spot(link.pointer, self.path(scope, node_id))

    @staticmethod
    def row_severity(scope: Scope, link: AuthoredLink) -> Severity:
        """A warning if the editor drops the row when it opens the file: one of the root that no input names.

        The table of a subgraph is not looked through then, so a broken row stays there however often it is saved.
        """
        return ERROR if scope.definition is not None or link.row.id in scope.named else WARNING

    @classmethod
    def row_fix(cls, scope: Scope, link: AuthoredLink) -> tuple[Edit, ...]:
        """What takes a row out that the editor drops, and its id out of the outputs that name it; else nothing."""
        if cls.row_severity(scope, link) is ERROR:
            return ()
        named = [
            Remove(node.pointer + pointer("outputs", index, "links", place))
            for node in scope.nodes
            for index, slot in enumerate(node.ui.outputs or ())
            for place, id_ in reversed([*enumerate(slot.links or ())])
            if id_ == link.row.id
        ]
        has_twin = any(other.row.id == link.row.id for other in scope.links if other is not link)
        return (Remove(link.pointer), *(() if has_twin else named))

    def title_and_type(self, path: NodePath) -> tuple[str | None, str | None]:
        """What the editor shows above a node, and its type, which an instance of a subgraph has not."""
        node = self.flat.nodes.get(path)
        if node is not None:
            return node.title, node.type
        authored = self._authored.get(path)  # one that is off, or that the editor keeps to itself
        if authored is None:
            return None, None
        is_instance = self.authored.definition(authored) is not None
        return self.authored.title(authored), None if is_instance else authored.type

    @cached_property
    def _authored(self) -> dict[NodePath, AuthoredNode]:
        if self.graph.authored is None:
            return {}
        return {self.path(scope, node.id): node for scope, node in self.authored_nodes()}

    def path(self, scope: Scope, node_id: str) -> NodePath:
        """What a node of a scope is called in the prompt: inside a definition, by the definition's first instance."""
        return NodePath(self._prefixes.get(scope, "") + node_id)

    @cached_property
    def _prefixes(self) -> dict[Scope, str]:
        prefixes = {self.authored.root: ""}
        waiting = [self.authored.root]
        while waiting:
            scope = waiting.pop(0)
            for node in scope.nodes:
                inside = self.authored.definition(node)
                if inside is not None and inside not in prefixes:
                    prefixes[inside] = f"{prefixes[scope]}{node.execution_id}:"
                    waiting.append(inside)
        return prefixes


def _facts(node: Node) -> str:
    """By which facts a node is judged, and what the file says of it instead."""
    signature = node.signature
    if signature is None or signature.origin is None:
        return "not all of its declaration is known"
    said = node.claimed.ver or ""
    pack = "" if node.claimed.closeness(signature.origin) else node.claimed.cnr_id or node.claimed.aux_id
    says = " ".join(filter(None, (pack, said)))
    return f"by facts of {signature.origin}" + (f", the file says {says}" if says else "")
