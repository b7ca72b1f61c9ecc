"""How much a pack may cost: what a stranger's source makes us do is bounded before it is done.

Two kinds of ends. `Bound` ends one operation (a text that would be too long, a call too deep): what would have come of
it is unknown, and all else goes on. `Exhausted` ends a whole load or call, as its steps are used up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

MAX_NESTING: Final = 60  # levels of a value that is looked through as a whole: printed, compared, hashed
MAX_MEASURE: Final = 200_000  # and its parts, shared ones counted as often as they occur


class Bound(Exception):  # noqa: N818  an end, not an error
    """One operation would be too large; `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Exhausted(Exception):  # noqa: N818
    """The steps of a load or of a call are used up."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one pack. The largest real pack seen takes 0.9 million steps."""

    steps: int = 5_000_000  # expressions and statements, of a pack
    slice: int = 2_000_000  # of these, of one module or one call from outside
    calls: int = 120  # interpreted calls in one another
    nesting: int = 3_000  # syntax in one another, over all these calls; 2 MB of stack hold 5,000
    syntax: int = 400  # syntax in one another, of one module
    turns: int = 400_000  # of one loop
    length: int = 1_000_000  # of any text, list, set or dict that is made
    bits: int = 20_000  # of any whole number that is made
    source: int = 4_000_000  # bytes of a module
    data: int = 16_000_000  # bytes of a file of data
    read: int = 128_000_000  # bytes read in all
    files: int = 4_000  # modules and files of data that are opened
    listed: int = 20_000  # names in the folders of a pack


class Budget:
    """What is left of a pack's limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.steps = 0
        self.until = limits.steps
        self.calls = 0
        self.nesting = 0

    def step(self, count: int = 1) -> None:
        self.steps += count
        if self.steps > self.until:
            raise Exhausted(f"it takes more than {self.until} steps")

    def begin_slice(self) -> int:
        """Start a load or a call, which gets a share of its own; answers what is left of that around it."""
        left = self.until - self.steps
        self.until = min(self.limits.steps, self.steps + self.limits.slice)
        return left

    def end_slice(self, left: int) -> None:
        self.until = min(self.limits.steps, self.steps + left)

    def length(self, length: int) -> None:
        """Nothing that is longer is made."""
        if length > self.limits.length:
            raise Bound(f"something of {length} parts would be made")

    def bits(self, bits: float) -> None:
        if bits > self.limits.bits:
            raise Bound("a number of too many digits would be made")

    def measure(self, value: Any) -> int:
        """Count the parts of a value, as whoever prints, compares or hashes it has to go through them.

        Lists that hold themselves, or one another many times over, end in `Bound`.
        """
        count = 0
        level = [value]
        for _ in range(MAX_NESTING):
            inner: list[Any] = []
            for part in level:
                if isinstance(part, dict):
                    inner.extend(part)
                    inner.extend(part.values())
                elif isinstance(part, list | tuple | set | frozenset):
                    inner.extend(part)
                elif isinstance(part, str | bytes):
                    count += len(part) // 16
                count += 1
                if count > MAX_MEASURE or len(inner) > MAX_MEASURE:
                    raise Bound("a value has too many parts")
            if not inner:
                self.step(count // 8)
                return count
            level = inner
        raise Bound("a value is nested too deeply")
