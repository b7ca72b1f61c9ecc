"""One JSON object for machines, with every change and its places; see schemas/report-diff.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.diff.changes import Absent, Added, Changed, Endpoint, Removed, class_of, operation
from wftools.diff.downstream import Downstream
from wftools.diff.inventory import needs
from wftools.diff.story import Telling, plain
from wftools.diff.whereabouts import Whereabouts
from wftools.escaping import json_bytes

if TYPE_CHECKING:
    from wftools.diff.changes import Change, FactValue, Subject
    from wftools.diff.compare import Comparison
    from wftools.diff.report import FileDiff, Report
    from wftools.errors import Place, WftoolsError
    from wftools.values import Json

VERSION: Final = 1  # of the format


def render(report: Report) -> bytes:
    """The report as `DiffReport` describes it."""
    return json_bytes(
        {
            "version": VERSION,
            "level": report.options.level,
            "files": [file_report(file) for file in report.files if file.error is None],
            "faults": [fault_report(error) for error in report.faults],
        }
    )


def file_report(file: FileDiff) -> Json:
    """What changed in a file, as `FileReport` describes it."""
    found: dict[str, Json] = {
        "file": file.name,
        "former": file.former,
        "status": file.status,
        "level": file.level,
        "identical": file.is_identical,
        "same_values": file.comparison is not None and file.comparison.is_same_tree,
    }
    if file.comparison is None:
        return found | {"changes": [], "entries": [], "models_added": [], "models_removed": [], "packs": []}
    comparison = file.comparison
    index = {id(change): at for at, change in enumerate(comparison.changes)}
    changes = _Changes(file, comparison)
    need = needs(comparison)
    packs: dict[str, tuple[tuple[str, ...] | None, tuple[str, ...] | None]] = {
        **{name: (None, versions) for name, versions in need.packs_added.items()},
        **{name: (versions, None) for name, versions in need.packs_removed.items()},
        **need.packs_updated,
    }
    told: dict[str, Json] = {
        "changes": [changes.report(change) for change in comparison.changes],
        "entries": [
            {
                "sign": entry.sign,
                "scope": chapter.scope,
                "text": plain(entry.sentence),
                "changes": [*sorted(index[id(change)] for change in entry.changes)],
            }
            for chapter in file.story(Telling(is_full=True)).chapters
            for entry in chapter.entries
        ],
        "models_added": [*need.models_added],
        "models_removed": [*need.models_removed],
        "packs": [
            {"name": name, "old": _listed(old), "new": _listed(new)} for name, (old, new) in sorted(packs.items())
        ],
    }
    return found | told


class _Changes:
    """Reports the changes of one file."""

    def __init__(self, file: FileDiff, comparison: Comparison) -> None:
        assert file.old is not None
        assert file.new is not None
        self._comparison = comparison
        self._whereabouts = Whereabouts(comparison, file.old, file.new)
        self._downstream = Downstream(comparison)
        self._counted = set(map(id, file.changes))

    def report(self, change: Change) -> Json:
        """A change as `ChangeReport` describes it."""
        counts = id(change) in self._counted
        pair = self._comparison.matching.pairs.get(change.subject)
        links = change.content.links if isinstance(change, Added | Removed) else {}
        return {
            "op": operation(change),
            "class": class_of(change),
            "topic": change.topic if isinstance(change, Changed) else "",
            "counts": counts,
            "subject": self._subject(change.subject),
            "key": [*change.key] if isinstance(change, Changed) else [],
            "old": _value(change.old) if isinstance(change, Changed) else _tree(change, Removed),
            "new": _value(change.new) if isinstance(change, Changed) else _tree(change, Added),
            "links": {name: _value(end) for name, end in links.items()},
            "old_place": _place(self._whereabouts.old(change)),
            "new_place": _place(self._whereabouts.new(change)),
            "match": {"how": pair.how, "score": round(pair.score, 3)} if pair is not None else None,
            "outputs": [self._output(each) for each in self._downstream.of([change])] if counts else [],
        }

    def _subject(self, subject: Subject) -> Json:
        now = self._comparison.in_new(subject)
        part = self._comparison.new.parts.get(now) if now is not None else self._comparison.old.parts.get(subject)
        return {
            "scope": subject.scope,
            "kind": subject.kind,
            "id": subject.id,
            "new_id": now.id if now is not None else None,
            "type": (part.type or None) if part is not None else None,
            "title": (part.title or None) if part is not None else None,
        }

    def _output(self, new: Subject) -> Json:
        return self._subject(self._comparison.matching.known_as(new, self._comparison.old))


def _value(value: FactValue) -> Json:
    if isinstance(value, Absent):
        return None
    if isinstance(value, Endpoint):
        return {"node": value.node, "output": value.output}
    return {"value": value}


def _tree(change: Added | Removed, side: type[Added | Removed]) -> Json:
    return {"value": change.content.tree} if isinstance(change, side) else None


def _place(place: Place | None) -> Json:
    return {"line": place.line, "column": place.column, "pointer": place.pointer} if place is not None else None


def _listed(versions: tuple[str, ...] | None) -> Json:
    return [*versions] if versions is not None else None


def fault_report(error: WftoolsError) -> Json:
    """A file that could not be compared, as `FaultReport` describes it."""
    file = error.place.file if error.place is not None else None
    return {"file": file, "message": error.message, "hint": error.hint}
