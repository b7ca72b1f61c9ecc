"""Makes changes in a copy of the tree of a UI workflow, and settles what follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.diff.apply import lists
from wftools.diff.apply.boundary import change_boundary
from wftools.diff.apply.fields import change_slots, set_fact
from wftools.diff.apply.linking import Linking
from wftools.diff.apply.naming import name, refer
from wftools.diff.apply.rows import copied, walk
from wftools.diff.apply.values import Valued, set_values
from wftools.diff.apply.wishes import wishes
from wftools.diff.apply.words import list_of
from wftools.diff.apply.work import Work, whole
from wftools.diff.changes import ROOT, WORKFLOW, Subject
from wftools.diff.places import Promoted
from wftools.document import Document, SourceText
from wftools.graph.authored import Authored
from wftools.graph.authored.scopes import scopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.diff.apply.judging import Note
    from wftools.diff.apply.rows import Graph
    from wftools.diff.apply.words import Words
    from wftools.diff.changes import Added, Change, Changed, FactValue, Key
    from wftools.diff.version import Part
    from wftools.document.document import Tree

_LINKED: Final = frozenset({"link", "link id", "through"})
_SETTLED: Final = frozenset(  # of a graph: what is no key of its own
    {"nodes", "groups", "links", "definitions", "inputs", "outputs", "spelling", "malformed"}
    | {"last_node_id", "last_link_id", "state"}
)


def make(accepted: Iterable[Change], words: Words) -> tuple[Tree, dict[Subject, Subject], tuple[Note, ...]]:
    """The tree of the target with changes, what new subjects are called in it, and what else there is to say."""
    work = Work(accepted, words)
    name(work)
    valued: list[Valued] = []
    for subject, changes in work.changed.items():
        if subject.kind == "node":
            valued += _change_node(work, subject, changes)
        else:
            _change(work, subject, changes)
    for graph in work.graphs.values():
        if not graph.is_root:
            change_boundary(work, graph)
    for word, change in work.added.items():
        _add(work, word, change)
    for graph in work.graphs.values():
        _link(work, graph)
    lists.remove(work)
    for graph in work.graphs.values():
        lists.order(work, graph)
        graph.settle()
    _set_values(work, valued)
    for graph in work.graphs.values():
        lists.put_malformed(work, graph)
        lists.count(work, graph)
    made = {word: Subject(_scope(work, word), word.kind, work.called(word)) for word in work.added}
    return work.tree, words.standing | made, tuple(work.notes)


def _scope(work: Work, word: Subject) -> str:
    return work.called(Subject(ROOT, "subgraph", word.scope)) if word.scope != ROOT else ROOT


# Facts


def _change(work: Work, subject: Subject, changes: list[Changed]) -> None:
    is_slot = subject.kind in ("input", "output")
    settled = _SETTLED if subject.kind in ("workflow", "subgraph") else {*_LINKED, "name"} if is_slot else frozenset()
    has_own_id = subject == WORKFLOW or is_slot  # all other ids are given by `naming`
    for change in sorted(changes, key=lambda each: len(each.key)):
        if change.key[0] not in settled and (has_own_id or change.key != ("id",)):
            set_fact(work.at[subject], change.key, work.value(change, change.key))


def _change_node(work: Work, subject: Subject, changes: list[Changed]) -> Iterator[Valued]:
    """Change all of a node but its links and the values of its widgets; those are given."""
    part, tree = work.target.parts[subject], work.at[subject]
    inside = next((str(each.new) for each in changes if each.key == ("type",)), work.words.definition(part) or "")
    values: dict[str, FactValue] = {}
    spelling: tuple[Any, Any] | None = None
    slots: dict[Key, tuple[FactValue, FactValue]] = {}
    for change in sorted(changes, key=lambda each: len(each.key)):
        key = work.words.key(part, change.key)
        match key:
            case "widget", widget:
                values[widget] = copied(change.new)
            case ("widgets",):
                spelling = (_spelled(work, part, change.old), _spelled(work, part, change.new))
            case (("input" | "output"), _, *_):
                slots[key] = (change.old, copied(change.new))
            case (("inputs" | "outputs"),):
                slots[key] = (_shown(work, part, key, change.old), _shown(work, part, key, change.new))
            case (("link" | "link id" | "through"), _) | ("id",):
                pass  # settled by `linking` and `naming`
            case _:
                set_fact(tree, key, work.value(change, key, inside))
    if part.places is not None and (values or spelling is not None):
        yield Valued(part, values, spelling)
    for each in ("inputs", "outputs"):
        mine = {key: pair for key, pair in slots.items() if key[0] in (each, each.removesuffix("s"))}
        if mine:
            change_slots(tree, each, mine)


def _spelled(work: Work, part: Part, spelling: FactValue) -> FactValue:
    """How values shall be spelled, with the names that the target has for them."""
    if not isinstance(spelling, dict) or not isinstance(spelling["names"], list):
        return spelling
    return spelling | {"names": [work.words.key(part, ("widget", str(name)))[1] for name in spelling["names"]]}


def _shown(work: Work, part: Part, key: Key, names: FactValue) -> FactValue:
    """The names of slots in a list of them, as the target has them."""
    inside = work.words.definition(part)
    if not isinstance(names, list) or inside is None:
        return names
    return [work.words.slot(inside, "input" if key == ("inputs",) else "output", str(name)) for name in names]


def _set_values(work: Work, valued: Iterable[Valued]) -> None:
    """Give widgets their values: once all else is made, since it says what instances call the widgets they show."""
    authored: Authored | None = None
    for each in valued:
        tree = work.at[each.part.subject]
        shown: dict[str, str] = {}
        if each.is_named:
            if authored is None:
                view = Document("ui", work.tree, SourceText("", ""), work.tree).ui
                authored = Authored(scopes(view), work.target.catalogue, former={})
            inside = authored.definitions.get(str(tree.get("type")))
            if inside is not None:
                by_widget = {widget: name for name, widget in Promoted(authored).by_input(inside).items()}
                names = {name: _inside(work, each.part, name) for name in each.names}
                shown = {name: by_widget[called] for name, called in names.items() if called in by_widget}
        set_values(tree, each, shown)


def _inside(work: Work, part: Part, name: str) -> str:
    """What a widget that an instance shows is called afterwards: the node inside may have another id."""
    node, dot, widget = name.partition(".")
    new = Subject(work.words.definition(part) or "", "node", node)
    if dot and new in work.ids:
        node = str(work.ids[new])
    elif dot:
        node = str(work.renumbered.get(Subject(part.type, "node", node), node))
    return f"{node}{dot}{widget}"


# What is new


def _add(work: Work, word: Subject, change: Added) -> None:
    if word.kind in ("input", "output"):
        return  # see boundary.py
    tree: Any = copied(change.content.tree)
    if word in work.ids:
        tree["id"] = work.ids[word]
    work.made[word] = tree
    if word.kind == "subgraph":
        _add_definition(work, tree)
        return
    graph = work.graphs[work.words.scope(word.scope) or ROOT]
    if word.kind == "node":
        _add_node(work, graph, tree)
    elif word.kind == "group":
        lists.append(graph.tree, "groups", tree)
    else:
        _add_reroute(work, graph, tree, word.scope)


def _add_definition(work: Work, tree: Tree) -> None:
    for node in walk(tree):
        if isinstance(node.get("type"), str):
            node["type"] = work.called_by_newer(ROOT, "subgraph", node["type"])
    if not isinstance(work.tree.get("definitions"), dict):
        work.tree["definitions"] = {}
    lists.append(work.tree["definitions"], "subgraphs", tree)


def _add_node(work: Work, graph: Graph, tree: Tree) -> None:
    type_ = tree.get("type")
    if isinstance(type_, str):
        tree["type"] = work.called_by_newer(ROOT, "subgraph", type_)
        inside = work.words.named_by_newer(ROOT, "subgraph", type_).id
        refer(tree, lambda id_: work.called_by_newer(inside, "node", id_))
    for slot in list_of(tree, "inputs"):
        if isinstance(slot, dict) and "link" in slot:
            slot["link"] = None
    for slot in list_of(tree, "outputs"):
        if isinstance(slot, dict) and isinstance(slot.get("links"), list):
            slot["links"] = []
    lists.append(graph.tree, "nodes", tree)


def _add_reroute(work: Work, graph: Graph, tree: Tree, scope: str) -> None:
    if "linkIds" in tree:
        tree["linkIds"] = []
    if isinstance(tree.get("parentId"), int):
        tree["parentId"] = whole(work.called_by_newer(scope, "reroute", str(tree["parentId"])))
    holder = graph.tree
    if graph.keeps_reroutes_in_extra:
        if not isinstance(graph.tree.get("extra"), dict):
            graph.tree["extra"] = {}
        holder = graph.tree["extra"]
    lists.append(holder, "reroutes", tree)


# Links


def _link(work: Work, graph: Graph) -> None:
    made = [*wishes(work, graph)]
    gone = [work.at[each] for each in work.removed if each.scope == graph.scope and each.kind == "node"]
    spelling = next((each.new for each in work.changes_of(graph) if each.key == ("spelling",)), None)
    if made or gone:
        work.given[graph.scope, "link"] += Linking(graph, spelling).link(made, gone, work.fresh["link"])
    if isinstance(spelling, str):
        graph.respell(spelling)
