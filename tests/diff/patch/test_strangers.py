"""Patches from strangers: whatever one says, it is refused with a place, or made as far as it fits."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests.strategies import json_values, odd_prompts, odd_values, odd_workflows
from tests.versions import pairs
from wftools.diff import compared
from wftools.diff.patch import FilePatch, apply_patch, dumps, inverted_patch, loads, patch_of
from wftools.document import read_json
from wftools.errors import InputError

if TYPE_CHECKING:
    from tests.versions import Item
    from wftools.document import Document


@given(json_values)
def test_what_is_no_patch_is_refused(value: Any) -> None:
    with pytest.raises(InputError) as caught:
        loads(json.dumps(value).encode(), "test.wfpatch")

    assert caught.value.place is not None
    assert caught.value.place.line is not None


@pytest.mark.slow
@settings(max_examples=50)
@given(st.data())
def test_a_broken_patch_is_refused_or_made_as_far_as_it_fits(data: st.DataObject) -> None:
    item = data.draw(st.sampled_from([each for each in pairs() if len(each.texts["old"]) < 40_000]))
    old = item.document("old")
    tree = json.loads(patch_between(item))
    for _ in range(data.draw(st.integers(1, 4))):
        break_somewhere(data, tree["files"][0]["changes"])

    patch = read(tree)

    if patch is not None:
        made = apply_patch(patch, old)
        assert read_json(made.document.text, "made.json").tree == made.document.tree
        if made.rejects is not None:
            assert loads(dumps([made.rejects]), "rejects").files[0].changes == made.rejects.changes


@cache
def patch_between(item: Item) -> bytes:
    return dumps([patch_of(compared(item.document("old"), item.document("new")))])


def read(tree: Any) -> FilePatch | None:
    try:
        files = loads(json.dumps(tree).encode("utf-8", "surrogatepass"), "test.wfpatch").files
    except InputError:
        return None
    return files[0] if files else None


def break_somewhere(data: st.DataObject, tree: Any) -> None:
    """Replace, remove or repeat something at a place, or put there what stands at another."""
    ways = walk(tree)
    assume(ways)
    way, other = (data.draw(st.sampled_from(ways)) for _ in range(2))
    *above, last = way
    holder = at(tree, above)
    value = copy.deepcopy(at(tree, other)) if data.draw(st.booleans()) else data.draw(odd_values)
    action = data.draw(st.sampled_from(["replace", "remove", "repeat"]))
    if action == "remove":
        del holder[last]
    elif action == "repeat" and isinstance(holder, list):
        holder.insert(last, copy.deepcopy(holder[last]))
    else:
        holder[last] = value


def walk(tree: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [found for key, value in items for found in ((*way, key), *walk(value, (*way, key)))]


def at(tree: Any, way: Any) -> Any:
    for key in way:
        tree = tree[key]
    return tree


@pytest.mark.slow
@settings(max_examples=50)
@given(odd_workflows() | odd_prompts(), odd_workflows() | odd_prompts())
@example(
    {"1": {"class_type": "A"}, "2": {"class_type": "B"}},
    {"1": None, "2": {"class_type": "A"}, "3": {"class_type": "B"}},
)
@example({"1": {"class_type": "A"}, "2": {"class_type": None}}, {"1": {"class_type": None}, "2": {"class_type": "A"}})
def test_patches_between_malformed_files_raise_nothing(one: Any, other: Any) -> None:
    old, new = document(one), document(other)
    assume(old is not None and new is not None and old.form == new.form)
    assert old is not None
    assert new is not None
    patch = loads(dumps([patch_of(compared(old, new), is_whole=True)]), "test.wfpatch").files[0]

    there = apply_patch(patch, old)
    back = apply_patch(inverted_patch(patch), new)

    assert (there.rejected, back.rejected) == ((), ())
    assert there.document.text == new.text
    assert back.document.text == old.text


def test_what_changes_cannot_say_is_told_when_the_patch_is_made() -> None:
    old, new = (document({"1": {"class_type": type_, "inputs": {}}}) for type_ in ("A", None))
    assert old is not None
    assert new is not None

    with pytest.raises(InputError, match="cannot be said in a patch: expected a text, got None"):
        patch_of(compared(old, new))


def document(tree: Any) -> Document | None:
    try:
        return read_json(json.dumps(tree, ensure_ascii=True), "odd.json")
    except InputError:
        return None
