"""What a scan found, in words: a line a pack, and what is not known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.scan.packs import PackReport

MOST: Final = 5  # reasons that are told of one pack; the report has all


def summary(packs: Sequence[PackReport]) -> Iterator[str]:
    """Lines for people."""
    for pack in packs:
        facts = pack.facts
        counts = [_count(len(pack.nodes), "node type")]
        if pack.partly:
            counts.append(f"{len(pack.partly)} of them partly known")
        if facts.unknown:
            counts.append(f"{len(facts.unknown)} more unknown")
        if facts.refused:
            counts.append(f"{len(facts.refused)} more that a server refuses")
        yield f"{pack.folder}: {', '.join(counts)}"
        yield from _some({name: "; ".join(reasons) for name, reasons in pack.partly.items()})
        yield from _some(facts.unknown)
        yield from _some(facts.refused)
        yield from _some(dict.fromkeys(facts.incomplete, ""), "may have more: ")
    if len(packs) != 1:
        total = sum(len(pack.nodes) for pack in packs)
        partly = sum(len(pack.partly) for pack in packs)
        unknown = sum(len(pack.facts.unknown) for pack in packs)
        yield (
            f"{_count(len(packs), 'pack')}: {_count(total, 'node type')}, {partly} of them partly known, "
            f"{unknown} more unknown"
        )


def _some(reasons: Mapping[str, str], before: str = "") -> Iterator[str]:
    for name, why in list(reasons.items())[:MOST]:
        yield f"  {before}{name}: {why}" if why else f"  {before}{name}"
    if len(reasons) > MOST:
        yield f"  {before}... and {len(reasons) - MOST} more like these"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
