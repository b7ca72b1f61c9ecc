"""The points that links are drawn through. They have no effect on a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.draw.scene import Point
    from wftools.graph.authored.scopes import AuthoredLink, Scope

FURTHEST: Final = 1e7  # units from the origin; a file that says more says nothing of use


class Reroutes:
    """The reroutes of a scope. Version 1 of the format has them in the graph, version 0.4 in `extra`."""

    def __init__(self, scope: Scope) -> None:
        extra = scope.ui.extra or {}
        self.points: dict[int, Point] = {}
        self._before: dict[int, Any] = {}
        saved: list[tuple[Any, Any, Any]] = [(each.id, each.pos, each.parentId) for each in scope.ui.reroutes or ()]
        saved += [(each.get("id"), each.get("pos"), each.get("parentId")) for each in _objects(extra.get("reroutes"))]
        for id_, pos, before in saved:
            at = point(pos)
            if isinstance(id_, int) and id_ >= 0 and at is not None:
                self.points.setdefault(id_, at)
                self._before.setdefault(id_, before)
        self._nearest = {
            each["id"]: each.get("parentId")
            for each in _objects(extra.get("linkExtensions"))
            if isinstance(each.get("id"), int)
        }

    def way(self, link: AuthoredLink) -> list[int]:
        """The reroutes that a link is drawn through, from its start to its end."""
        here = link.row.parentId if link.row.parentId is not None else self._nearest.get(link.row.id)
        way: list[int] = []
        passed: set[int] = set()
        while isinstance(here, int) and here in self.points and here not in passed:
            way.append(here)
            passed.add(here)
            here = self._before[here]
        return way[::-1]


def point(value: Any) -> Point | None:
    """A place that a file gives, if it is one that can be drawn."""
    if not isinstance(value, list) or len(value) < 2:
        return None
    x, y = value[:2]
    is_number = isinstance(x, int | float) and isinstance(y, int | float)
    if not is_number or not (abs(x) <= FURTHEST and abs(y) <= FURTHEST):  # not so for NaN either
        return None
    return float(x), float(y)


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    return (each for each in (value if isinstance(value, list) else ()) if isinstance(each, dict))
