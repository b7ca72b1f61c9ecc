"""Runs a plan: each call once, when what it takes is there; each value dropped when nobody can use it any more.

Synchronous node functions run here, one after another. Asynchronous ones run beside them and beside each other. Which
of several calls that are ready goes first is fixed, so that a run can be repeated.
"""

from __future__ import annotations

import asyncio
import inspect
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from wftools.errors import RunError
from wftools.runtime.calls.agenda import Agenda
from wftools.runtime.calls.expansion import check_limits, expansion
from wftools.runtime.calls.invoke import (
    Running,
    awaited,
    blamed,
    concatenated,
    invoke,
    outputs_of,
    place_of,
    sources_in,
)
from wftools.runtime.calls.loop import complete
from wftools.runtime.calls.store import Store
from wftools.runtime.plan.call import Upstream
from wftools.runtime.telling.problem import Problem
from wftools.runtime.telling.watch import Finish
from wftools.values import PENDING, Block, Expand, Need

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wftools.catalog.declare import Declared
    from wftools.context import Context
    from wftools.graph import NodePath
    from wftools.runtime.calls.agenda import Rank
    from wftools.runtime.calls.invoke import Items, Outputs, Promised
    from wftools.runtime.plan import Plan
    from wftools.runtime.plan.call import Call
    from wftools.runtime.reuse.cache import Cache
    from wftools.runtime.surroundings import Surroundings
    from wftools.runtime.telling.watch import State, Watcher


def execute(
    plan: Plan,
    nodes: Mapping[str, Declared],
    surroundings: Surroundings,
    *,
    cache: Cache,
    keys: Mapping[NodePath, str],
    watchers: Sequence[Watcher] = (),
) -> tuple[Problem, ...]:
    """Run a plan. Returns what output nodes report that were blocked; raises RunError, with the node, if one fails."""
    executor = _Executor(plan, nodes, surroundings, cache=cache, keys=keys, watchers=watchers)
    complete(executor.run())
    return tuple(executor.problems)


class _Executor:
    def __init__(
        self,
        plan: Plan,
        nodes: Mapping[str, Declared],
        surroundings: Surroundings,
        *,
        cache: Cache,
        keys: Mapping[NodePath, str],
        watchers: Sequence[Watcher],
    ) -> None:
        self.problems: list[Problem] = []
        self._plan = plan
        self._nodes = nodes
        self._surroundings = surroundings
        self._cache = cache
        self._keys = keys
        self._watchers = watchers
        self._ranks = {path: _rank(call, index, 0) for index, (path, call) in enumerate(plan.calls.items())}
        self._types = {path: call.declared for path, call in plan.calls.items()}
        self._depths: dict[NodePath, int] = {}  # of calls that expansions added
        self._store = Store()
        self._agenda = Agenda()
        self._running: dict[NodePath, Running] = {}
        self._made_by: dict[str, NodePath] = {}  # key -> the running call that will give its result
        self._tasks: dict[asyncio.Task[list[Any]], NodePath] = {}

    async def run(self) -> None:
        """Run what the outputs need."""
        for call in self._plan.calls.values():
            self._store.enter(call)
        self._demand(self._plan.outputs)
        while self._running:
            if self._surroundings.cancelled():
                raise KeyboardInterrupt
            path = self._agenda.next()
            if path is None and not self._tasks:
                cycle = " → ".join(self._running[each].call.name for each in self._agenda.cycle())
                raise RunError(f"nodes wait for each other: {cycle}")
            if path is not None:
                self._start(self._running[path])
            await self._collect(wait=path is None)

    # Asking

    def _demand(self, paths: Iterable[NodePath]) -> None:
        """Ask for these calls, and for all that they need first."""
        stack = list(paths)[::-1]
        from_cache: set[NodePath] = set()
        while stack:
            path = stack.pop()
            if path in self._running or path in from_cache:
                continue
            # What an expansion added is not in the plan, and is forgotten, with its values, once it is done.
            call = self._plan.calls[path] if path in self._plan.calls else self._store.live[path]
            self._store.enter(call)
            self._running[path] = running = Running(call, self._context(call))
            if self._finish_from_cache(running):
                from_cache.add(path)
                continue
            key = self._key(call)
            twin = self._made_by.setdefault(key, path) if key is not None else path
            if twin == path:
                stack += reversed(self._wait(running, call.strong))
            else:
                self._agenda.add(path, [twin], self._ranks[path])  # it will give the same

    def _wait(self, running: Running, sources: Iterable[Upstream]) -> list[NodePath]:
        """Let a call wait for what is not there of its sources; returns the nodes that have to give it."""
        missing = list(dict.fromkeys(source.path for source in sources if not self._store.holds(source)))
        self._agenda.add(running.call.path, missing, self._ranks[running.call.path])
        return missing

    def _key(self, call: Call) -> str | None:
        """The key under which a call's result may be used again. An output node always runs."""
        return None if call.signature.output_node else self._keys.get(call.path)

    def _context(self, call: Call) -> Context:
        def report(done: int, total: int) -> None:
            for watcher in self._watchers:
                watcher.stepped(call, done, total)

        return self._surroundings.context(call, report)

    # Calling

    def _start(self, running: Running) -> None:
        """Go on with a call that has nothing to wait for."""
        if running.parts:  # its subgraphs have run
            self._finish_with_parts(running)
            return
        if self._finish_from_cache(running):  # its twin has done the work
            return
        call = running.call
        if not all(map(self._store.holds, call.strong)):  # its twin was blocked
            self._demand(self._wait(running, call.strong))
            return
        if not running.is_started:
            running.is_started = True
            for watcher in self._watchers:
                watcher.started(call)
        with self._blamed(running):
            answers = invoke(running, self._items(call), self._surroundings.hidden(call, running.context))
        if any(map(inspect.isawaitable, answers)):
            task = asyncio.get_running_loop().create_task(awaited(running, answers))
            self._tasks[task] = call.path
        else:
            self._answered(running, answers)

    def _items(self, call: Call) -> dict[str, Items]:
        """What each input of a call is given, in the order of the declaration."""
        items: dict[str, Items] = {}
        for name in call.inputs:
            if name in call.literals:
                items[name] = (call.literals[name],)
            elif name in call.links:
                source = call.links[name]
                if call.is_raw(name):
                    items[name] = ([source.path, source.slot],)
                else:
                    items[name] = self._store.get(source) if self._store.holds(source) else (PENDING,)
        return items

    async def _collect(self, *, wait: bool) -> None:
        """Go on with the asynchronous calls that have answered; `wait` until there is one."""
        if not self._tasks:
            return
        finished, _ = await asyncio.wait(self._tasks, timeout=None if wait else 0, return_when=asyncio.FIRST_COMPLETED)
        for task in sorted(finished, key=lambda task: self._ranks[self._tasks[task]]):
            running = self._running[self._tasks.pop(task)]
            with self._blamed(running):
                answers = task.result()
            self._answered(running, answers)

    @contextmanager
    def _blamed(self, running: Running) -> Iterator[None]:
        """Raise RunError, with the node, for whatever its code raises; and tell that it failed."""
        try:
            yield
        except (Exception, SystemExit) as error:  # a node's code may raise anything, and must not end the process
            for watcher in self._watchers:
                watcher.failed(running.call, tuple(running.context.saved))
            raise blamed(error, running.call) from error

    # Answers

    def _answered(self, running: Running, answers: list[Any]) -> None:
        call = running.call
        needed = {name for answer in answers if isinstance(answer, Need) for name in answer.inputs}
        with self._blamed(running):
            if needed:
                self._need(running, needed)
                return
            running.parts = [
                self._expand(running, number, answer) if isinstance(answer, Expand) else outputs_of(call, answer)
                for number, answer in enumerate(answers)
            ]
        blocks = [answer for answer in answers if isinstance(answer, Block)]
        running.is_blocked = bool(answers) and len(blocks) == len(answers)
        if call.signature.output_node:
            for message in dict.fromkeys(block.message for block in blocks if block.message is not None):
                self.problems.append(Problem(message, place_of(call), node=call.path))
        if any(isinstance(answer, Expand) for answer in answers):
            self._store.leave(call)  # what it took is held by the calls inside now, as far as they use it
            self._demand(self._wait(running, running.inner))
        else:
            self._finish_with_parts(running)

    def _need(self, running: Running, names: set[str]) -> None:
        """A call has asked for lazy inputs."""
        call = running.call
        foreign = sorted(names - call.links.keys())
        if foreign:
            raise RunError(f"asks for the input {foreign[0]!r}, which is not linked")
        if all(self._store.holds(call.links[name]) for name in names):
            raise RunError(f"asks again for the input {min(names)!r}, which it was given")
        running.asked |= names
        sources = [call.links[name] for name in sorted(running.asked)]
        self._demand(self._wait(running, sources))

    def _expand(self, running: Running, number: int, answer: Expand) -> Promised:
        """Take in the subgraph that a call has answered with."""
        owner = running.call
        added, outputs = expansion(owner, number, answer, self._nodes, self._types)
        depth = self._depths.get(owner.path, 0) + 1
        check_limits(depth, len(self._depths) + len(added))
        for call in added:
            self._types[call.path] = call.declared
            self._depths[call.path] = depth
            self._ranks[call.path] = _rank(call, self._ranks[owner.path][1], len(self._depths))
            self._store.enter(call)
        self._store.hold(sources_in(outputs))
        self._store.leave_unused(added)
        self._demand(call.path for call in added if call.signature.output_node)
        return outputs

    # Finishing

    def _finish_from_cache(self, running: Running) -> bool:
        """Give a call what was computed before, if it was."""
        kept = self._cache.get(self._key(running.call))
        if kept is not None:
            self._finish(running, kept, "cached")
        return kept is not None

    def _finish_with_parts(self, running: Running) -> None:
        """Give a call the outputs that its answers say, which are all there."""
        parts = [
            tuple(self._store.get(each) if isinstance(each, Upstream) else each for each in part)
            for part in running.parts
        ]
        outputs = concatenated(running.call, parts)
        self._finish(running, outputs, "blocked" if running.is_blocked else "ran")

    def _finish(self, running: Running, outputs: Outputs, state: State) -> None:
        call, key = running.call, self._key(running.call)
        self._store.put(call.path, outputs)
        if state == "ran":
            self._cache.put(key, outputs)
        finish = Finish(state, running.seconds, tuple(running.context.saved))
        for watcher in self._watchers:
            watcher.finished(call, outputs, finish)
        if key is not None and self._made_by.get(key) == call.path:
            del self._made_by[key]
        del self._running[call.path]
        self._store.release(running.inner)
        self._store.leave(call)
        self._agenda.done(call.path)


def _rank(call: Call, position: int, added: int) -> Rank:
    return not inspect.iscoroutinefunction(call.declared.function), position, added
