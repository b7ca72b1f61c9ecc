"""A plug-in of small nodes without tensors, and short ways to run workflows of them.

No `from __future__ import annotations`: the annotations of nodes are read.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from wftools.catalog.declare import (
    ANY,
    BOOLEAN,
    CONTEXT,
    EXTRA_PNGINFO,
    FLOAT,
    INT,
    IS_LIST,
    LAZY,
    OPTIONAL,
    PROMPT,
    STRING,
    UNIQUE_ID,
    Int,
    Socket,
    choice,
    node,
)
from wftools.catalog.dynamic import Autogrow, DynamicCombo
from wftools.context import Context, Saved
from wftools.document import Document, read
from wftools.runtime import Options, Session, WorkflowReport
from wftools.values import PENDING, Block, Expand, Need

LOG: list[str] = []
"""What nodes have noted of their calls, in the order of the calls; emptied before each test."""


def calls() -> Counter[str]:
    """How often each note was made."""
    return Counter(LOG)


# Values


@node("Number", category="test")
def number(*, value: Annotated[int, Int(-1000, 1000)] = 0) -> INT:
    """The number."""
    LOG.append(f"Number {value}")
    return value


@node("Add", category="test")
def add(*, a: INT, b: INT) -> INT:
    """a + b"""
    LOG.append(f"Add {a} {b}")
    return a + b


@node("DivMod", category="test", outputs=("quotient", "remainder"))
def div_mod(*, a: INT, b: INT) -> tuple[INT, INT]:
    """a // b and a % b"""
    return divmod(a, b)


@node("Tell", category="test", outputs=("text",))
def tell(
    *,
    i: INT,
    f: FLOAT,
    s: STRING,
    b: BOOLEAN,
    c: Annotated[str, choice(("x", "y"))],
    o: Annotated[ANY, OPTIONAL] = None,
) -> STRING:
    """Python's spelling of all inputs."""
    return repr((i, f, s, b, c, o))


@node("Show", category="test", output_node=True)
def show(*, value: ANY, context: CONTEXT) -> ANY:
    """Show the value, and pass it on."""
    LOG.append(f"Show {value}")
    context.saved.append(Saved("text", text=str(value)))
    return value


# Lists


@node("Count", category="test", outputs=("numbers",))
def count(*, to: INT) -> Annotated[list[int], Socket("INT"), IS_LIST]:
    """The list 0, 1 … to - 1."""
    return list(range(to))


@node("Total", category="test", is_input_list=True)
def total(*, values: Annotated[list[int], Socket("INT")], start: Annotated[list[int], Socket("INT")]) -> INT:
    """The sum of a list."""
    LOG.append(f"Total {values} {start}")
    return sum(values, start[0])


# Lazy inputs and blocks


@node("Switch", category="test")
def switch(
    *, which: Annotated[bool, Socket("BOOLEAN,INT")], on_true: Annotated[ANY, LAZY], on_false: Annotated[ANY, LAZY]
) -> ANY | Need:
    """One of two values; the other is not computed."""
    name, value = ("on_true", on_true) if which else ("on_false", on_false)
    return Need((name,)) if value is PENDING else value


@node("Nag", category="test")
def nag(*, what: STRING, value: Annotated[ANY, LAZY]) -> ANY | Need:
    """Ask for an input again and again."""
    return Need((what,))


@node("Gate", category="test")
def gate(
    *,
    value: ANY,
    is_open: Annotated[bool, Socket("BOOLEAN,INT")],
    message: Annotated[str, Socket("STRING"), OPTIONAL] = "",
) -> ANY | Block:
    """The value, or a block."""
    return value if is_open else Block(message or None)


# Failures


@node("Fail", category="test")
def fail(*, message: STRING, value: Annotated[ANY, OPTIONAL] = None) -> ANY:
    """Raise."""
    raise ValueError(message)


@node("OddAnswers", category="test")
def odd_answers(*, kind: STRING) -> tuple[INT, INT]:
    """Answer in a form that was not declared."""
    return {"one": 1, "three": (1, 2, 3)}[kind]  # type: ignore[return-value]


@node("SaveAndFail", category="test")
def save_and_fail(*, context: CONTEXT) -> ANY:
    """Say that a file was written, and fail at the next."""
    context.saved.append(Saved("output", Path("first.png")))
    raise ValueError("no room")


@node("Cancelled", category="test", output_node=True)
def cancelled(*, steps: INT, context: CONTEXT) -> None:
    """Step until the run is cancelled."""
    for step in range(steps):
        LOG.append(f"step {step}")
        context.step(step, steps)


@node("Chatty", category="test", output_node=True)
def chatty() -> None:
    """Print something."""
    print("hello")  # noqa: T201


# Asynchronous


@node("Meet", category="test")
async def meet(*, me: STRING, other: STRING) -> STRING:
    """Wait until the other has come as well, which takes two that run at the same time."""
    LOG.append(f"{me} came")
    for _ in range(1000):
        if f"{other} came" in LOG:
            return f"{me} met {other}"
        await asyncio.sleep(0)
    return f"{other} never came"


@node("Sleep", category="test", output_node=True)
def sleep(*, seconds: FLOAT) -> None:
    """Say that it sleeps, and do."""
    print("sleeping")  # noqa: T201
    time.sleep(seconds)


@node("SleepTogether", category="test", output_node=True)
async def sleep_together(*, seconds: FLOAT) -> None:
    """Say that it sleeps, and let others work."""
    print("sleeping")  # noqa: T201
    await asyncio.sleep(seconds)


@node("Linger", category="test", output_node=True)
async def linger() -> None:
    """Work for a long time, and note when it is over."""
    try:
        await asyncio.sleep(60)
    finally:
        LOG.append("Linger is over")


@node("FailLater", category="test")
async def fail_later(*, message: STRING) -> ANY:
    """Wait, then raise."""
    await asyncio.sleep(0)
    raise ValueError(message)


@node("Quit", category="test")
def quit_process() -> ANY:
    """Ask to end the process, as a library for programs does."""
    sys.exit(3)


@node("QuitLater", category="test")
async def quit_later() -> ANY:
    """Wait, then ask for it."""
    await asyncio.sleep(0)
    sys.exit(3)


# Expansions


@node("Repeat", category="test")
def repeat(*, times: INT, value: INT) -> INT | Expand:
    """`value` plus 1, so many times: each time a subgraph with one repetition less."""
    LOG.append(f"Repeat {times}")
    if times == 0:
        return value
    return Expand(
        {
            "add": {"class_type": "Add", "inputs": {"a": value, "b": 1}},
            "rest": {"class_type": "Repeat", "inputs": {"times": times - 1, "value": ["add", 0]}},
        },
        (["rest", 0],),
    )


@node("Forever", category="test")
def forever() -> ANY | Expand:
    """Expand into itself without an end."""
    return Expand({"again": {"class_type": "Forever", "inputs": {}}}, (["again", 0],))


@node("ShowTwice", category="test")
def show_twice(*, value: Annotated[ANY, Socket("*", {"rawLink": True})]) -> tuple[ANY, ANY] | Expand:
    """A subgraph with an output node that nothing else needs. It gives what it was given, and a literal."""
    shown = {"class_type": "Show", "inputs": {"value": value}}
    unused = {"class_type": "Add", "inputs": {"a": value, "b": value}}
    return Expand({"show": shown, "unused": unused}, (value, "literal"))


@node("ExpandTo", category="test")
def expand_to(*, class_type: STRING, inputs: ANY, output: ANY) -> ANY | Expand:
    """A subgraph of one node, as it is given."""
    return Expand({"n": {"class_type": class_type, "inputs": inputs}}, (output,))


@node("Literals", category="test", outputs=("numbers", "pair"))
def literals() -> tuple[Annotated[list[int], Socket("INT"), IS_LIST], ANY] | Expand:
    """An empty subgraph, and outputs that are literals: the elements of a list, and a list as one value."""
    return Expand({}, ([7, 8], [9, 9, 9]))


@node("Knot", category="test")
def knot(*, value: Annotated[INT, LAZY], unique_id: UNIQUE_ID) -> INT | Expand:
    """A subgraph that needs the output of this very node."""
    return Expand({"add": {"class_type": "Add", "inputs": {"a": [unique_id, 0], "b": 1}}}, (["add", 0],))


# Dynamic and hidden inputs


@node("Join", category="test")
def join(
    *,
    parts: Annotated[
        Mapping[str, str],
        Autogrow({"part": STRING}, least=1, most=3),
    ],
    form: Annotated[
        Mapping[str, Any],
        DynamicCombo({"plain": {}, "framed": {"frame": STRING}}),
    ],
) -> STRING:
    """Python's spelling of both."""
    return repr((dict(parts), dict(form)))


@node("Hidden", category="test")
def hidden(*, prompt: PROMPT, extra: EXTRA_PNGINFO, me: UNIQUE_ID, context: CONTEXT) -> STRING:
    """What the engine fills in."""
    return json.dumps([sorted(prompt or ()), extra, me, context.node])


# Caching


def _state(*, state: int, context: Context) -> float:
    LOG.append(f"changed {context.node}")
    return float("nan") if state < 0 else VERSIONS[state]


VERSIONS = [0, 0, 0]
"""What the `changed` of Fresh says, by its `state`."""


@node("Fresh", category="test", changed=_state)
def fresh(*, state: INT) -> INT:
    """A value that may change although its inputs do not."""
    LOG.append(f"Fresh {state}")
    return VERSIONS[state]


@node("WhoAmI", category="test")
def who_am_i(*, me: UNIQUE_ID) -> STRING:
    """The node's own id."""
    LOG.append(f"WhoAmI {me}")
    return me


NODES = {
    function.declared.type: function.declared
    for function in (
        number,
        add,
        div_mod,
        tell,
        show,
        count,
        total,
        switch,
        nag,
        gate,
        fail,
        odd_answers,
        cancelled,
        save_and_fail,
        meet,
        sleep,
        sleep_together,
        linger,
        fail_later,
        quit_process,
        quit_later,
        chatty,
        repeat,
        forever,
        show_twice,
        expand_to,
        literals,
        knot,
        join,
        hidden,
        fresh,
        who_am_i,
    )
}


def prompt(**nodes: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """An API prompt: `prompt(n1=("Number", {"value": 1}))` has node 1."""
    return {
        path.removeprefix("n"): {"class_type": node_type, "inputs": inputs}
        for path, (node_type, inputs) in nodes.items()
    }


def document(tree: dict[str, Any], name: str = "flow.json") -> Document:
    """A prompt as it is read from a file."""
    return read(json.dumps(tree).encode(), name)


def run_all(*trees: dict[str, Any], session: Session | None = None, **options: Any) -> list[WorkflowReport]:
    """Run prompts in one call."""
    session = session or Session(Options(**options), NODES)
    return session.run(document(tree, f"flow{index}.json") for index, tree in enumerate(trees)).workflows


def run(session: Session | None = None, /, **nodes: tuple[str, dict[str, Any]]) -> WorkflowReport:
    """Run one prompt."""
    return run_all(prompt(**nodes), session=session)[0]


def texts(report: WorkflowReport) -> list[str]:
    """What output nodes showed."""
    return [text.text for text in report.texts]


def shown(session: Session | None = None, /, **nodes: tuple[str, dict[str, Any]]) -> list[str]:
    """Run one prompt, of which nothing may fail, and see what its output nodes show."""
    report = run(session, **nodes)
    assert not report.errors
    assert report.status == "ran"
    return texts(report)


def messages(report: WorkflowReport) -> list[str]:
    """The errors of a report, each with its node."""
    return [f"{error.node}: {error.message}" for error in report.errors]


def states(report: WorkflowReport) -> dict[str, str]:
    """What became of each node."""
    return {node.id: node.state for node in report.nodes}
