"""Signatures: from a server's object_info, from the shipped packs, and where they are looked up."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from wftools.catalog.expand import expand
from wftools.catalog.given import load_object_info
from wftools.catalog.lookup import Catalogue, catalogue
from wftools.catalog.object_info import object_info, signature
from wftools.catalog.packs import (
    ELSEWHERE,
    INDEX,
    PACKS,
    custom,
    custom_packs,
    older,
    older_packs,
    pack,
    packs_with,
)
from wftools.catalog.signature import Input, Output
from wftools.catalog.sockets import accepts, connectable
from wftools.catalog.target import target
from wftools.errors import InputError


@pytest.mark.parametrize(("version", "types"), [("0.33.0", 887), ("0.8.0", 568), ("0.3.64", 496)])
def test_a_pack_has_every_node_type_of_its_version(version, types):
    names = pack(PACKS[version]).types()

    assert len(names) == types
    assert all(pack(PACKS[version]).entry(name) is not None for name in names)


def test_packs_are_json_and_know_no_type_that_is_not_there():
    known = [pack(name) for name in (*PACKS.values(), ELSEWHERE, INDEX)]
    for each in (*known, *map(custom, custom_packs()), *map(older, older_packs())):
        assert set(json.loads(each.text)["nodes"]) == each.types()
        assert each.entry("about") is None
        assert each.entry("nodes") is None
        assert each.entry('KSampler"') is None


def test_the_union_of_all_packs_has_1066_types_each_with_a_signature():
    everything = Catalogue(has_custom=False)

    assert len(everything.types()) == 1066
    assert all(everything.variants(name) for name in everything.types())


def test_the_index_of_custom_nodes_names_the_packs_that_have_a_type():
    found: dict[str, set[str]] = {}
    for name, each in [*((name, custom(name)) for name in custom_packs()), *((n, older(n)) for n in older_packs())]:
        for type_ in each.types():
            found.setdefault(type_, set()).add(name)

    assert pack(INDEX).types() == found.keys()
    assert all(set(packs_with(type_)) == names for type_, names in found.items())


@pytest.mark.parametrize("version", [None, *PACKS])
def test_the_types_of_custom_packs_are_added_to_every_version(version):
    """A pack of custom nodes belongs to no version; what has the name of one of the core's is the core's."""
    known = catalogue(target=target(version) if version else None)

    assert pack(INDEX).types() <= known.types()
    for name in custom_packs():
        for type_ in sorted(custom(name).types())[::50]:
            found = known.variants(type_)
            assert any(each.origin is not None and each.origin.pack == name for each in found)
            assert all(each.pack and not each.versions for each in found)


def test_a_signature_survives_the_form_of_a_server():
    for version in PACKS:
        known = Catalogue(target=target(version), has_custom=False)
        for name in known.types():
            made = known.signature(name)
            assert made is not None
            again = signature(name, {**object_info(made), "versions": made.versions})

            assert again == made, name


@pytest.mark.slow
def test_a_signature_of_a_custom_pack_survives_it_too_with_what_no_server_tells():
    known = Catalogue()
    every = [each for name in pack(INDEX).types() for each in known.variants(name) if each.origin is not None]

    assert {each.is_older for each in every} == {True, False}
    assert any(each.is_flexible for each in every)
    assert any(each.own_checks for each in every)
    assert any(each.partly for each in every)
    assert any(output.listing for each in every for output in each.outputs)
    for made in every:
        written = json.loads(json.dumps(object_info(made)))
        assert replace(signature(made.type, written), origin=made.origin) == made, made.type


def test_a_target_has_one_signature_of_a_type_and_the_union_several():
    assert [each.versions for each in Catalogue().variants("SaveVideo")] == [("0.33.0",), ("0.8.0",), ("0.3.64",)]
    assert [each.versions for each in catalogue(target=target("comfyui==0.8.0")).variants("SaveVideo")] == [("0.8.0",)]


@pytest.mark.parametrize("text", ["comfyui==new", "other==0.33.0", "", "0.33.x", "comfyui==", "1.2.3.4", "-1"])
def test_what_is_no_version_is_no_target(text):
    with pytest.raises(InputError):
        target(text)


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ("0.1.0", "0.3.64"),
        ("0.3.40", "0.3.64"),
        ("0.3.70", "0.3.64"),
        ("0.8.1", "0.8.0"),
        ("0.21", "0.33.0"),
        ("v0.32.9", "0.33.0"),
        ("1.0", "0.33.0"),
    ],
)
def test_for_a_version_that_is_not_known_stands_the_nearest(asked, known):
    assert (target(asked).version, target(asked).asked) == (known, asked.removeprefix("v"))


@pytest.mark.parametrize("asked", ["0.33", "0.33.0", "v0.33.0", "comfyui == 0.33.0"])
def test_a_version_that_is_known_is_known_in_every_spelling(asked):
    assert (target(asked).version, target(asked).asked) == ("0.33.0", None)


def test_a_file_of_a_few_nodes_is_laid_over_what_is_shipped(tmp_path):
    path = tmp_path / "pack.json"
    path.write_text(json.dumps({"Mine": {"input": {"required": {"x": ["INT"]}}, "output": ["IMAGE"]}}))

    known = catalogue([str(path)])

    assert known.signature("Mine").outputs == (Output("IMAGE", "IMAGE"),)
    assert known.signature("KSampler") is not None
    assert not known.is_whole


def test_a_whole_server_s_answer_is_all_there_is(tmp_path):
    path = tmp_path / "object_info.json"
    core = ("CheckpointLoaderSimple", "CLIPTextEncode", "KSampler", "SaveImage", "VAEDecode")
    path.write_text(json.dumps({name: object_info(_known(name)) for name in core}))

    known = catalogue([str(path)])

    assert known.is_whole
    assert known.signature("VAEEncode") is None
    assert known.types() == set(core)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"KSampler": 7}', '{"a": {"input": {}}, "b": {}}'])
def test_what_is_no_object_info_is_refused_by_name(tmp_path, content):
    path = tmp_path / "info.json"
    path.write_text(content)

    with pytest.raises(InputError, match=r"info\.json"):
        catalogue([str(path)])


@pytest.mark.parametrize(
    "entry",
    [
        {"input": {"required": {"x": []}}},
        {"input": {"required": 7}},
        {"input": {}, "output": 7},
        {"input": "x"},
    ],
)
def test_a_malformed_entry_is_refused_by_type(entry):
    with pytest.raises(InputError, match="Mine"):
        signature("Mine", entry)


def test_a_running_server_is_asked():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps({"Mine": {"input": {}, "output": []}}).encode()
            self.send_response(200 if self.path == "/object_info" else 404)
            self.end_headers()
            self.wfile.write(body if self.path == "/object_info" else b"")

        def log_message(self, *_arguments):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"

        assert set(load_object_info(address).entries) == {"Mine"}
        assert set(load_object_info(address + "/object_info").entries) == {"Mine"}
        server.shutdown()
    with pytest.raises(InputError, match="does not answer"):
        load_object_info(address)


def _output(kind, choices=None):
    return Output("out", kind, choices=choices)


@pytest.mark.parametrize(
    ("given", "wanted", "accepted"),
    [
        (_output("IMAGE"), Input("x", "IMAGE"), True),
        (_output("IMAGE"), Input("x", "image"), False),  # the server minds the case
        (_output("FLOAT"), Input("x", "INT"), False),
        (_output("IMAGE, MASK"), Input("x", "MASK"), True),
        (_output("INT,FLOAT"), Input("x", "INT , FLOAT"), True),
        (_output("*"), Input("x", "MODEL"), True),
        (_output("MODEL"), Input("x", "*"), True),
        (_output("MODEL"), Input("x", "COMFY_MATCHTYPE_V3"), True),
        (_output("COMBO", ("a", "b")), Input("x", "COMBO"), True),
        (_output("COMBO", ("a", "b")), Input("x", "COMBO", options={"options": ["a", "b"]}, listed=True), True),
        (_output("COMBO", ("a", "b")), Input("x", "COMBO", options={"options": ["a"]}, listed=True), False),
        (_output("STRING"), Input("x", "COMBO"), False),
        (_output("STRING"), Input("x", "COMBO", options={"options": ["a"]}, listed=True), False),
    ],
)
def test_what_the_server_lets_into_an_input(given, wanted, accepted):
    assert accepts(given, wanted) is accepted


@pytest.mark.parametrize(
    ("one", "other", "fit"),
    [
        ("IMAGE", "image", True),
        ("IMAGE", "MASK", False),
        ("*", "MASK", True),
        ("", "MASK", True),
        (0, "MASK", True),
        ("IMAGE,MASK", "mask", True),
        (None, "MASK", True),
    ],
)
def test_what_the_editor_lets_be_connected(one, other, fit):
    assert connectable(one, other) is fit
    assert connectable(other, one) is fit


def _expanded(node_type, **given):
    return {name: each.required for name, each in expand(_known(node_type), given).items()}


def _known(node_type):
    signature = Catalogue().signature(node_type)
    assert signature is not None
    return signature


def test_rows_of_an_autogrow_input_are_named_and_the_first_ones_required():
    rows = _expanded("BatchImagesNode")

    assert rows["images.image0"] is True
    assert rows["images.image49"] is False
    assert "images" not in rows
    assert "images.image50" not in rows


def test_the_inputs_of_the_chosen_option_are_there_and_no_others():
    chosen = _expanded("SaveVideo", format="mp4", **{"format.codec": "h264"})

    assert {"format", "format.codec", "format.codec.encoding"} - set(chosen) == {"format.codec.encoding"}
    assert "format.codec" in chosen


@pytest.mark.parametrize("value", ["MP4", "mp4 ", 4, None, True, ["1", 0], {"__value__": "mp4"}])
def test_a_value_that_is_no_key_brings_nothing_not_even_the_combo_itself(value):
    assert not [name for name in _expanded("SaveVideo", format=value) if name.startswith("format")]
