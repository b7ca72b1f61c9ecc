"""A workflow a key or two down in other JSON: it is read as if it stood alone, and written back where it stands."""

from __future__ import annotations

import json

import pytest

from wftools import Linter, formatted, read
from wftools.catalog.lookup import newest
from wftools.convert.files import Conversion
from wftools.document.edit import Set, edited
from wftools.document.pointer import value_at, with_value_at
from wftools.lint.examples import api_node, picture, ui_picture
from wftools.merge import merge
from wftools.values import Json  # noqa: TC001

OTHER: dict[str, Json] = {"seed": 7.0, "rate": 1e-05, "tags": ["a", 2.0], "note": "ü"}  # kept as it is, to the letter
WRAPPERS: dict[str, Json] = {
    "": {},
    "/workflow": {"workflow": None, **OTHER},
    "/input/workflow": {"id": "x", "input": {"images": [], "workflow": None, **OTHER}},
    "/data/prompt": {"data": {"prompt": None}, "webhook": {"url": "https://example.org", **OTHER}},
    "/a~1b": {"a/b": None, **OTHER},
}


def _wrapped(workflow, base):
    return with_value_at(WRAPPERS[base], base, workflow)


def _converted(document, form):
    return Conversion(newest()).convert(document, form)[0].tree


def _read(tree, indent=None):
    return read(json.dumps(tree, indent=indent, ensure_ascii=False).encode(), "flow.json")


@pytest.mark.parametrize("workflow", [picture(), ui_picture()], ids=["api", "ui"])
@pytest.mark.parametrize("base", WRAPPERS)
def test_what_is_done_inside_is_what_is_done_alone(base, workflow):
    alone, wrapped = _read(workflow), _read(_wrapped(workflow, base))
    assert (wrapped.form, wrapped.source.base) == (alone.form, base)
    kind = "/nodes/0/type" if alone.form == "ui" else "/1/class_type"

    written = formatted(wrapped)
    set_inside = edited(wrapped, [Set(kind, "Other")])

    assert json.loads(written) == _wrapped(json.loads(formatted(alone)), base)
    assert formatted(_read(json.loads(written))) == written
    assert set_inside.root == _wrapped(set_inside.tree, base)
    found = [(each.code, base + each.pointer) for each in Linter().lint_document(edited(alone, [Set(kind, "Other")]))]
    assert found
    assert [(each.code, each.pointer) for each in Linter().lint_document(set_inside)] == found
    for form in ("api", "ui"):
        assert _converted(wrapped, form) == _converted(alone, form)


@pytest.mark.parametrize("base", WRAPPERS)
def test_fmt_leaves_the_numbers_of_the_wrapper_as_they_are(base):
    text = formatted(_read(_wrapped(ui_picture() | {"extra": {"scale": 2.0}}, base)))

    tree = json.loads(text)
    assert repr(value_at(tree, f"{base}/extra/scale")) == "2"
    assert repr(with_value_at(tree, base, None)) == repr(WRAPPERS[base] or None)


@pytest.mark.parametrize("base", WRAPPERS)
def test_a_merge_stays_in_the_wrapper_of_ours(base):
    old = picture()
    ours = picture(n1=api_node("EmptyImage", width=64, height=64, batch_size=1, color=5))
    theirs = picture(n2=api_node("SaveImage", images=["1", 0], filename_prefix="theirs"))

    merged = merge(*(_read(_wrapped(each, base), indent=2) for each in (old, ours, theirs)))

    assert not merged.conflicts
    assert merged.document.root == _wrapped({"1": ours["1"], "2": theirs["2"]}, base)
    assert value_at(merged.document.root, base) == merged.document.tree
