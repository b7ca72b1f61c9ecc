"""Laws of conversion: for any prompt there is a workflow or one error, and what is written can be read by all."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.convert.cases import join, node, show, text
from tests.convert.rebuilding import document, editor, rebuilt
from tests.strategies import ui_workflows
from tests.work import lines_run
from wftools.convert.to_api import to_api
from wftools.convert.to_ui import to_ui
from wftools.document import Document, SourceText, read_json
from wftools.errors import LimitError, WftoolsError
from wftools.graph import build

TYPES = [
    "PrimitiveString", "PreviewAny", "StringConcatenate", "KSampler", "CLIPTextEncode", "ComfySwitchNode", "SaveVideo",
    "LoadImage", "CustomCombo", "BatchImagesNode", "CreateVideo", "ImageCompare", "Reroute", "PrimitiveNode", "Unknown",
    "",
]  # fmt: skip
INPUTS = [
    "text", "clip", "value", "string_a", "source", "seed", "images", "images.image0", "on_true", "on_false", "switch",
    "choice", "option1", "upload", "image", "format", "format.codec", "a.b.c", "",
]  # fmt: skip
IDS = [
    "1", "2", "3", "57", "57:3", "57:4", "58:3", "58:4", "57:3:1", "57:11:4", "58:11:4", "57:57:57", "05", "57:05", "²",
    "57:²", "9" * 20, "9" * 5000, "-10", "57:-10", "a", "a:b", ":", "57:", ":3", "", "1.0", "0", "00", "\x00a",
    "\ud800",
    ":".join("1" * 40),
]  # fmt: skip
LITERALS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(["", "a", "{a|b}", "// x", "%date%", "fixed", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["__value__", "__type__", "key", "a"]), inner, max_size=2)
        | st.fixed_dictionaries({"__type__": st.just("CURVE"), "__value__": inner})
    ),
    max_leaves=8,
)


@st.composite
def odd_prompts(draw: st.DrawFn) -> dict[str, Any]:
    """Prompts with any ids, links in circles and to nowhere, and anything in the place of any part."""
    ids = draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=8, unique=True))
    links = st.tuples(st.sampled_from(IDS), st.sampled_from([0, 1, 7, 999, 1000, -1, 10**30])).map(list)
    inputs = st.dictionaries(st.sampled_from(INPUTS), LITERALS | links, max_size=5)
    node = st.fixed_dictionaries(
        {"class_type": st.sampled_from(TYPES), "inputs": inputs},
        optional={"_meta": LITERALS | st.fixed_dictionaries({"title": LITERALS, "cnr_id": LITERALS})},
    )
    odd = st.fixed_dictionaries({"class_type": LITERALS, "inputs": LITERALS}) | LITERALS
    entries = {id_: draw(st.one_of(node, node, node, odd)) for id_ in ids}
    return {**entries, "100": {"class_type": "PrimitiveString", "inputs": {"value": "a"}}}


def prompt_of(workflow: dict[str, Any]) -> dict[str, Any]:
    """The prompt of a workflow that was written as JSON texts are, which have neither NaN nor infinity."""
    return to_api(build(read_json(json.dumps(workflow, allow_nan=False), "a.json"), editor())).prompt


@given(odd_prompts())
@settings(max_examples=400)
def test_any_prompt_becomes_a_workflow_that_all_can_read_or_one_error(prompt):
    with suppress(WftoolsError):
        made = rebuilt(prompt)

        back = prompt_of(made.workflow)
        json.dumps(back, allow_nan=False)
        lost = [id_ for id_, each in prompt.items() if isinstance(each, dict) and id_ not in back]
        assert made.warnings or not lost


@given(ui_workflows())
@settings(max_examples=150)
def test_a_prompt_that_the_editor_made_comes_back(workflow):
    """ui -> api -> ui -> api = ui -> api, or a message says what not."""
    once = prompt_of(workflow)
    if not once:
        return

    made = to_ui(build(document(once), editor()))

    again = prompt_of(made.workflow)
    differing = [id_ for id_ in once if again.get(id_, {}).get("inputs") != once[id_]["inputs"]]
    assert again.keys() == once.keys()
    assert all(any(f"node {id_} " in warning for warning in made.warnings) for id_ in differing)


def test_values_as_deep_as_they_are_read_are_converted():
    deep = json.loads("[" * 120 + "]" * 120)

    made = rebuilt({"1": node("EmptyImage", width=deep)})

    assert prompt_of(made.workflow)["1"]["inputs"]["width"] in (deep, {"__value__": deep})


def test_values_that_are_deeper_are_one_error_that_names_the_file():
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    tree = {"1": node("EmptyImage", width=deep)}
    graph = build(Document("api", tree, SourceText("a.json", ""), tree), editor())

    with pytest.raises(LimitError) as caught:
        to_ui(graph)

    assert str(caught.value.place) == "a.json"


def test_a_node_beside_a_folded_one_is_not_looked_for_in_it():
    """`57:03` is no id that the editor makes: it stands in the root, although 57 is folded."""
    made = rebuilt({"57:3": show(["57:03", 0]), "57:03": text("a"), "57:4": show(["57:²", 0]), "57:²": text("b")})

    assert prompt_of(made.workflow)["57:3"]["inputs"] == {"source": ["57:03", 0]}
    assert prompt_of(made.workflow)["57:4"]["inputs"] == {"source": ["57:²", 0]}


SHAPES = {
    "a chain": lambda n: {str(k): join([str(k - 1), 0], "x") if k else text("a") for k in range(n)},
    "a fan": lambda n: {"0": text("a"), **{str(k): show(["0", 0]) for k in range(1, n)}},
    "switches, the last first": lambda n: {
        str(k): node("ComfySwitchNode", switch=True, on_true=[str(k + 1), 0]) for k in range(n)
    },
    "switches in a ring": lambda n: {
        str(k): node("ComfySwitchNode", switch=True, on_true=[str((k + 1) % n), 0]) for k in range(n)
    },
    "instances of one definition": lambda n: {f"{k}:9000": text(str(k)) for k in range(1, n)},
    "definitions": lambda n: {f"{k}:{30_000 + k}": text(str(k)) for k in range(1, n)},
    "inputs of one subgraph": lambda n: {
        **{f"99999:{200_000 + k}": text([str(k), 0]) for k in range(n)},
        **{str(k): text("a") for k in range(n)},
    },
    "values that need a widget": lambda n: {
        **{f"99999:{100_000 + k}": show(f"v{k}") for k in range(n)},
        **{f"99999:{200_000 + k}": text(f"v{k}") for k in range(n)},
    },
    "pairs that disagree": lambda n: {
        id_: each
        for k in range(1, n)
        for id_, each in (
            (f"{k}:{30_000 + k}", text("x")),
            (f"{10_000 + k}:{30_000 + k}", text("x")),
            (f"{k}:{60_000 + k}", show([f"{k}:{30_000 + k}", 0])),
            (f"{10_000 + k}:{60_000 + k}", show([f"{k}:{30_000 + k}", 0])),
        )
    },
}
GROWTH = 12  # of the work for four times the nodes: 4 if it is linear, 16 if it is quadratic


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_work_grows_in_proportion(shape):
    few, many = (lines_run(partial(rebuilt, SHAPES[shape](count))) for count in (400, 1600))

    assert many < GROWTH * few


def test_links_from_outputs_that_would_fill_the_memory_are_refused():
    prompt = {}
    for number in range(300):
        prompt[f"{2 * number}"] = node("Unknown")
        prompt[f"{2 * number + 1}"] = show([f"{2 * number}", 999])

    with pytest.raises(WftoolsError, match="need 300,000 outputs"):
        rebuilt(prompt)
