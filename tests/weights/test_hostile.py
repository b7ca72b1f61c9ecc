"""Pickles, archives and headers that somebody made to harm or mislead: refused for that, or read as they are."""

from __future__ import annotations

import json
import pickle
import struct
from typing import TYPE_CHECKING, Any

import pytest
import torch

from tests.weights.archives import Part, archive, entries, kept, legacy, named, parts, plain, rebuilt, short, table
from wftools.weights.faults import ModelFileError
from wftools.weights.tensorfile import TensorFile, open_tensors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def saved(path: Path, content: bytes) -> TensorFile:
    path.write_bytes(content)
    return open_tensors(path)


def refused(path: Path, content: bytes) -> ModelFileError:
    with pytest.raises(ModelFileError, match=path.name) as error:
        saved(path, content)
    assert error.value.offset is None or 0 <= error.value.offset <= len(content)
    return error.value


W = rebuilt()
ORDERED = named("collections.OrderedDict")
GOOD = {
    "plain": table(w=W),
    "a text with a backslash that means nothing": table(w=W, note=b"S'\\q'\n"),
    "nested": table(state_dict=entries(w=W), epoch=b"K\x03"),
    "OrderedDict": b"\x80\x02" + ORDERED + b")R(" + short("w") + W + b"u.",
    "with the state of a module": b"\x80\x02"
    + ORDERED
    + b")R("
    + short("w")
    + W
    + b"u"
    + entries(_metadata=b"}")
    + b"b.",
    "parameter": table(w=named("torch._utils._rebuild_parameter") + b"(" + W + b"\x88" + ORDERED + b")RtR"),
    "with attributes": table(
        w=named("torch._tensor._rebuild_from_type_v2")
        + b"("
        + named("torch._utils._rebuild_tensor_v2")
        + named("torch.Tensor")
        + b"("
        + kept()
        + b"K\x00K\x04\x85K\x01\x85\x89"
        + ORDERED
        + b")Rt"
        + entries(tag=b"N")
        + b"tR"
    ),
    "old name of a storage": table(w=rebuilt(kept(kind="torch.cuda.FloatStorage"))),
    "bytes": table(
        w=rebuilt(
            kept(kind="torch.storage.UntypedStorage", length=16),
            function="torch._utils._rebuild_tensor_v3",
            more=named("torch.float32"),
        )
    ),
    "settings by a class": table(
        state_dict=entries(w=W),
        callbacks=b"}"
        + named("pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint")
        + entries(best=b"N")
        + b"s",
    ),
    "states of an optimiser": table(
        state_dict=entries(w=W), optimizer_states=b"]}(K\x00" + entries(exp=W) + b"K\x01" + W + b"ua"
    ),
    "numpy": table(
        state_dict=entries(w=W),
        best=named("numpy.core.multiarray.scalar")
        + named("numpy.dtype")
        + short("f8")
        + b"\x89\x88\x87R(K\x03"
        + short("<")
        + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tbC\x08"
        + bytes(8)
        + b"\x86R",
    ),
    "a set and a device": table(
        state_dict=entries(w=W),
        seen=named("__builtin__.set") + b"]\x85R",
        device=named("torch.device") + short("cuda") + b"\x85R",
    ),
    "values below": b"K\x01K\x02(K\x03" + table(w=W)[2:],
}


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("make", [lambda program: archive(parts(program)), legacy], ids=["archive", "legacy"])
def test_what_holds_weights_is_read(tmp_path: Path, name: str, make: Callable[[bytes], bytes]) -> None:
    if name == "bytes" and make is legacy:
        pytest.skip("the legacy format has no such storages")

    file = saved(tmp_path / "a.ckpt", make(GOOD[name]))

    assert file.shapes == {"w": (4,)}
    assert file.read("w").tolist() == [0] * 4
    assert not file.doubts


RUN = "wftools_marker.touch"  # there is no such module, so that nothing can run
PROGRAMS: dict[str, tuple[bytes, set[str]]] = {
    # names
    "GLOBAL": (named(RUN) + b"(tR.", {"PICKLE_GLOBAL"}),
    "GLOBAL, never called": (b"}" + short("w") + named(RUN) + b"s.", {"PICKLE_GLOBAL"}),
    "STACK_GLOBAL": (b"\x80\x04\x8c\x05posix\x8c\x06system\x93.", {"PICKLE_GLOBAL"}),
    "STACK_GLOBAL of texts that were kept": (
        b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x940h\x00h\x01\x93.",
        {"PICKLE_GLOBAL"},
    ),
    "STACK_GLOBAL along dots": (b"\x80\x04\x8c\x05torch\x8c\x19_utils._rebuild_tensor_v2\x93.", {"PICKLE_GLOBAL"}),
    "STACK_GLOBAL of numbers": (b"\x80\x04K\x01K\x02\x93.", {"PICKLE_SYNTAX"}),
    "STACK_GLOBAL of nothing": (b"\x80\x04\x93.", {"PICKLE_SYNTAX"}),
    "a name below a known one": (b"ctorch\nFloatStorage.__init__\n.", {"PICKLE_GLOBAL"}),
    "a known name with more": (b"ctorch\nFloatStorage \n.", {"PICKLE_GLOBAL"}),
    "a known name in a module below": (b"ctorch.x\nFloatStorage\n.", {"PICKLE_GLOBAL"}),
    "an empty name": (b"c\n\n.", {"PICKLE_GLOBAL"}),
    "what reads pickles": (named("torch.storage._load_from_bytes") + b"(C\x01.tR.", {"PICKLE_GLOBAL"}),
    "torch.load": (named("torch.serialization.load") + b"(tR.", {"PICKLE_GLOBAL"}),
    "numpy's types, along dots": (b"cnumpy.dtypes\nx.y\n.", {"PICKLE_GLOBAL"}),
    "numpy's types, another": (b"cnumpy.dtypes\nsystem\n.", {"PICKLE_GLOBAL"}),
    "numpy's arrays": (named("numpy.core.multiarray._reconstruct") + b".", {"PICKLE_GLOBAL"}),
    "a class of the same name": (b"cevil\nOrderedDict\n)R.", {"PICKLE_GLOBAL"}),
    "half of a pair": (b"\x80\x04\x8c\x05torch\x8c\x03\xed\xa0\x80\x93.", {"PICKLE_GLOBAL", "PICKLE_SYNTAX"}),
    # steps
    "INST": (b"(i" + b"posix\nsystem\n.", {"PICKLE_GLOBAL"}),
    "INST of a known name": (b"(icollections\nOrderedDict\n.", {"PICKLE_OPCODE"}),
    "OBJ": (b"(" + ORDERED + b"o.", {"PICKLE_OPCODE"}),
    "OBJ of another": (b"(" + named(RUN) + b"o.", {"PICKLE_GLOBAL"}),
    "NEWOBJ": (ORDERED + b")\x81.", {"PICKLE_OPCODE"}),
    "NEWOBJ_EX": (ORDERED + b")}\x92.", {"PICKLE_OPCODE"}),
    "EXT1": (b"\x82\x01.", {"PICKLE_OPCODE"}),
    "EXT2": (b"\x83\x01\x00.", {"PICKLE_OPCODE"}),
    "EXT4": (b"\x84\x01\x00\x00\x00.", {"PICKLE_OPCODE"}),
    "NEXT_BUFFER": (b"\x97.", {"PICKLE_OPCODE"}),
    "READONLY_BUFFER": (b"K\x01\x98.", {"PICKLE_OPCODE"}),
    "PERSID": (b"P0\n.", {"PICKLE_OPCODE"}),
    "BUILD of a dictionary": (b"}" + entries(__class__=b"N") + b"b.", {"PICKLE_OPCODE"}),
    "BUILD of a list": (b"]}b.", {"PICKLE_OPCODE"}),
    "BUILD of a name": (ORDERED + b"}b.", {"PICKLE_OPCODE"}),
    "BUILD of a tensor": (W + b"}b.", {"PICKLE_OPCODE"}),
    "BUILD with slots": (b"}N}\x86b.", {"PICKLE_OPCODE"}),
    "BUILD of nothing": (b"b.", {"PICKLE_SYNTAX"}),
    "REDUCE of a text": (short("posix.system") + b")R.", {"PICKLE_OPCODE"}),
    "REDUCE with no row": (ORDERED + b"]R.", {"PICKLE_OPCODE"}),
    "REDUCE of a dictionary with items": (ORDERED + b"]\x85R.", {"PICKLE_OPCODE"}),
    "REDUCE of a storage": (named("torch.FloatStorage") + b")R.", {"PICKLE_OPCODE"}),
    "REDUCE of a type": (named("torch.float32") + b")R.", {"PICKLE_OPCODE"}),
    "REDUCE of settings": (
        named("pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint") + b")R.",
        {"PICKLE_OPCODE"},
    ),
    # tensors
    "a tensor of nothing": (table(w=named("torch._utils._rebuild_tensor_v2") + b")R"), {"PICKLE_SYNTAX"}),
    "a tensor of numbers": (
        table(w=named("torch._utils._rebuild_tensor_v2") + b"(K\x01K\x02K\x03K\x04tR"),
        {"PICKLE_SYNTAX"},
    ),
    "a tensor without a storage": (table(w=rebuilt(b"N")), {"PICKLE_SYNTAX"}),
    "a parameter of nothing": (table(w=named("torch._utils._rebuild_parameter") + b")R"), {"PICKLE_SYNTAX"}),
    "a parameter of a text": (
        table(w=named("torch._utils._rebuild_parameter") + short("x") + b"\x85R"),
        {"PICKLE_SYNTAX"},
    ),
    "parameters in parameters": (
        table(w=named("torch._utils._rebuild_parameter") * 9 + W + b"\x85R" * 9),
        {"PICKLE_SYNTAX"},
    ),
    "attributes of a set": (
        table(w=named("torch._tensor._rebuild_from_type_v2") + b"(" + named("builtins.set") + b"N)NtR"),
        {"PICKLE_SYNTAX"},
    ),
    "negative strides": (table(w=rebuilt(strides=(-1,))), {"TENSOR_BOUNDS"}),
    "a negative offset": (table(w=rebuilt(offset=-1)), {"TENSOR_BOUNDS"}),
    "an offset beyond": (table(w=rebuilt(offset=1)), {"TENSOR_BOUNDS"}),
    "an offset of 2**200": (table(w=rebuilt(offset=2**200)), {"TENSOR_BOUNDS"}),
    "a stride beyond": (table(w=rebuilt(shape=(2, 2), strides=(3, 1))), {"TENSOR_BOUNDS"}),
    "a stride of 2**62": (table(w=rebuilt(shape=(2, 2), strides=(2**62, 1))), {"TENSOR_BOUNDS"}),
    "sizes that overflow": (table(w=rebuilt(shape=(2**32, 2**32), strides=(1, 1))), {"TENSOR_BOUNDS"}),
    "sizes that are kept by no stride": (table(w=rebuilt(shape=(2**40, 2**40), strides=(0, 0))), {"TENSOR_EXPAND"}),
    "windows that overlap": (table(w=rebuilt(shape=(3, 2), strides=(1, 1))), {"TENSOR_EXPAND"}),
    "a shape of floats": (table(w=rebuilt(shape=(4.0,))), {"TENSOR_BOUNDS"}),
    "a shape of truths": (table(w=rebuilt(shape=(True,))), {"TENSOR_BOUNDS"}),
    "a shape of texts": (table(w=rebuilt(shape=("4",))), {"TENSOR_BOUNDS"}),
    "a shape of rows": (table(w=rebuilt(shape=((4,),))), {"TENSOR_BOUNDS"}),
    "more strides": (table(w=rebuilt(strides=(1, 1))), {"TENSOR_BOUNDS"}),
    "65 dimensions": (table(w=rebuilt(shape=(1,) * 65, strides=(1,) * 65)), {"TENSOR_DIMS"}),
    "bytes of no type": (
        table(w=rebuilt(kept(kind="torch.UntypedStorage", length=16), function="torch._utils._rebuild_tensor_v3")),
        {"PICKLE_SYNTAX"},
    ),
    "another function for tensors": (table(w=rebuilt(function="torch._utils._rebuild_qtensor")), {"PICKLE_GLOBAL"}),
    "a storage of quantised numbers": (table(w=rebuilt(kept(kind="torch.QInt8Storage"))), {"PICKLE_GLOBAL"}),
    "a tensor that is negated": (table(w=rebuilt(more=entries(neg=b"\x88"))), {"PICKLE_SYNTAX"}),
    # storages
    "a text for a storage": (table(w=rebuilt(short("0") + b"Q")), {"STORAGE_KEY"}),
    "a number for a storage": (table(w=rebuilt(b"K\x00Q")), {"STORAGE_KEY"}),
    "nothing for a storage": (table(w=W, x=b")Q"), {"STORAGE_KEY"}),
    "a storage of another kind": (
        table(w=rebuilt(b"(" + short("module") + named("torch.FloatStorage") + short("0") + short("cpu") + b"K\x04tQ")),
        {"STORAGE_KEY"},
    ),
    "a storage of a type that is no storage": (table(w=rebuilt(kept(kind="torch.float32"))), {"STORAGE_KEY"}),
    "a storage's name that climbs": (table(w=rebuilt(kept("../data.pkl"))), {"STORAGE_KEY"}),
    "a storage's name with a backslash": (table(w=rebuilt(kept("..\\0"))), {"STORAGE_KEY"}),
    "a storage without a name": (table(w=rebuilt(kept(""))), {"STORAGE_KEY"}),
    "a storage named ..": (table(w=rebuilt(kept(".."))), {"STORAGE_KEY"}),
    "a storage named by a number": (
        table(w=rebuilt(b"(" + short("storage") + named("torch.FloatStorage") + b"K\x00" + short("cpu") + b"K\x04tQ")),
        {"STORAGE_KEY"},
    ),
    "a storage that is not there": (table(w=rebuilt(kept("1"))), {"STORAGE_MISSING"}),
    "one that is not there beside the weights": (table(state_dict=entries(w=W), x=kept("1")), {"STORAGE_MISSING"}),
    "more numbers than there are": (table(w=rebuilt(kept(length=5))), {"STORAGE_SIZE"}),
    "fewer numbers than there are": (table(w=rebuilt(kept(length=3), shape=(3,))), {"STORAGE_SIZE"}),
    "2**62 numbers": (table(w=rebuilt(kept(length=2**62))), {"STORAGE_SIZE"}),
    "less than no numbers": (table(w=rebuilt(kept(length=-4))), {"STORAGE_SIZE"}),
    "one storage of two types": (
        table(v=rebuilt(kept(kind="torch.DoubleStorage"), shape=(2,)), w=W),
        {"STORAGE_SIZE"},
    ),
    # tables
    "a list": (b"](" + W + b"e.", {"NOT_A_CHECKPOINT"}),
    "a tensor alone": (W + b".", {"NOT_A_CHECKPOINT"}),
    "nothing": (b"N.", {"NOT_A_CHECKPOINT"}),
    "no tensors": (table(w=b"K\x01"), {"NOT_A_CHECKPOINT"}),
    "a name that is a number": (b"}K\x05" + W + b"s.", {"NOT_A_CHECKPOINT"}),
    "a name that is none": (b"}N" + W + b"s.", {"NOT_A_CHECKPOINT"}),
    "a name that is bytes": (b"}C\x01w" + W + b"s.", {"NOT_A_CHECKPOINT"}),
    "two of one name": (b"}(" + short("a.b") + W + short("a") + entries(b=W) + b"u.", {"TENSOR_DUPLICATE"}),
    "a table in itself": (
        b"}q\x00(" + short("w") + W + short("a") + b"h\x00" + short("b") + b"h\x00u.",
        {"PICKLE_SIZE"},
    ),
    "a list in itself": (b"}(" + short("w") + W + short("a") + b"]q\x00(h\x00h\x00eu.", set()),
    "a key that cannot be one": (b"}]K\x01s.", {"PICKLE_SYNTAX"}),
    "a key of keys": (b"}K\x01\x85\x85K\x01s.", {"PICKLE_SYNTAX"}),
    "half an item": (b"}(K\x01u.", {"PICKLE_SYNTAX"}),
    # the language
    "no end": (table(w=W)[:-1], {"PICKLE_SYNTAX"}),
    "nothing at all": (b"", {"PICKLE_SYNTAX"}),
    "an end alone": (b".", {"PICKLE_SYNTAX"}),
    "noise": (bytes(range(256)), {"PICKLE_SYNTAX", "PICKLE_OPCODE"}),
    "protocol 6": (b"\x80\x06" + table(w=W)[2:], {"PICKLE_SYNTAX"}),
    "protocol 255": (b"\x80\xff" + table(w=W)[2:], {"PICKLE_SYNTAX"}),
    "a frame that is too long": (b"\x80\x04\x95" + struct.pack("<Q", 9999) + table(w=W)[2:], {"PICKLE_SYNTAX"}),
    "a frame of 2**64": (b"\x80\x04\x95" + b"\xff" * 8 + table(w=W)[2:], {"PICKLE_SYNTAX"}),
    "a memory that nobody wrote": (b"h\x07.", {"PICKLE_SYNTAX"}),
    "a memory below 0": (b"N" + b"p-1\n" + b".", {"PICKLE_SYNTAX", "NOT_A_CHECKPOINT"}),
    "a memory of 2**32": (b"}r\xff\xff\xff\xff.", {"NOT_A_CHECKPOINT"}),
    "a text of 2 GB": (b"X\xff\xff\xff\x7fabc.", {"PICKLE_SYNTAX"}),
    "bytes of 2**63": (b"\x8e" + b"\xff" * 7 + b"\x7fabc.", {"PICKLE_SYNTAX"}),
    "a bytearray of 2**64": (b"\x96" + b"\xff" * 8 + b".", {"PICKLE_SYNTAX"}),
    "a number of 2 GB": (b"\x8b\xff\xff\xff\x7f\x01.", {"PICKLE_SYNTAX"}),
    "a number of -1 bytes": (b"\x8b\xff\xff\xff\xff\x01.", {"PICKLE_SYNTAX"}),
    "a number of a million digits": (b"L" + b"1" * 10**6 + b"L\n.", {"PICKLE_SYNTAX"}),
    "a number that is none": (b"Ix\n.", {"PICKLE_SYNTAX"}),
    "a text without quotes": (b"Sx\n.", {"PICKLE_SYNTAX"}),
    "more marks taken than made": (b"t.", {"PICKLE_SYNTAX"}),
    "append to a number": (b"K\x01K\x02a.", {"PICKLE_SYNTAX"}),
    "a byte that is no step": (b"\xfe.", {"PICKLE_SYNTAX"}),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_pickle_that_is_not_of_weights_is_refused_for_what_it_is(tmp_path: Path, name: str) -> None:
    program, codes = PROGRAMS[name]
    content = archive(parts(program))
    if not codes:
        assert list(saved(tmp_path / "a.ckpt", content).tensors) == ["w"]
        return

    error = refused(tmp_path / "a.ckpt", content)

    assert error.code in codes
    if error.code.startswith(("PICKLE_G", "PICKLE_O", "PICKLE_SY", "TENSOR")):
        start = content.index(b"data.pkl") + len("data.pkl")
        assert error.offset is not None
        assert start <= error.offset <= start + len(program)


@pytest.mark.parametrize("place", range(5))
def test_every_pickle_of_a_legacy_file_is_judged(tmp_path: Path, place: int) -> None:
    values: list[Any] = [0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, {}, []]
    programs = [pickle.dumps(each, 2) for each in values]
    programs[place] = programs[place][:2] + named(RUN) + b"0" + programs[place][2:]
    if place == 0:  # then it is none of torch's
        programs[0] = pickle.dumps(0x1950A86A20F9469CFC6C, 2)[:-1] + named(RUN) + b"."

    content = b"".join(programs)

    error = refused(tmp_path / "a.pt", content)

    assert error.code == "PICKLE_GLOBAL"
    assert content[error.offset or 0 :].startswith(named(RUN))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (legacy(table(w=W), storages=struct.pack("<q", 5) + bytes(20)), "STORAGE_SIZE"),
        (legacy(table(w=W), storages=struct.pack("<q", 3) + bytes(16)), "STORAGE_SIZE"),
        (legacy(table(w=W), storages=struct.pack("<q", -1) + bytes(16)), "STORAGE_SIZE"),
        (legacy(table(w=W), storages=struct.pack("<q", 2**62) + bytes(16)), "STORAGE_SIZE"),
        (legacy(table(w=W), storages=struct.pack("<q", 4) + bytes(15)), "STORAGE_SIZE"),
        (legacy(table(w=W), storages=b"\4\0\0"), "STORAGE_SIZE"),
        (legacy(table(w=W), storages=b""), "STORAGE_SIZE"),
        (legacy(table(w=rebuilt(kept(length=2**61), shape=(2**61,)))), "STORAGE_SIZE"),
        (legacy(table(w=W), keys=()), "STORAGE_MISSING"),
        (legacy(table(w=W), keys=("0", "0")), "STORAGE_KEY"),
        (legacy(table(w=W), keys=("1", "0")), "STORAGE_KEY"),
        (legacy(table(w=W), keys=(0,)), "PICKLE_SYNTAX"),
        (legacy(table(w=W), keys={"0": 1}), "PICKLE_SYNTAX"),
        (legacy(table(w=W), keys="0"), "PICKLE_SYNTAX"),
        (legacy(table(v=rebuilt(kept(length=9), shape=(9,)), w=W)), "STORAGE_SIZE"),
        (legacy(table(w=W)).replace(pickle.dumps(1001, 2), pickle.dumps(1002, 2)), "NOT_A_CHECKPOINT"),
        (legacy(table(w=W)).replace(b"little_endian\x94\x88", b"x").replace(b"\x88X", b"\x89X"), "BYTE_ORDER"),
    ],
)  # fmt: skip
def test_a_legacy_file_whose_storages_are_not_as_said_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(tmp_path / "a.pt", content).code == code


PROGRAM = table(w=W)
DATA = Part("archive/data.pkl", PROGRAM)


def with_pickle(**changes: Any) -> bytes:
    """An archive that says something else of its pickle."""
    return archive([Part("archive/data.pkl", PROGRAM, **changes), *parts(PROGRAM)[1:]])


def with_storage(**changes: Any) -> bytes:
    """An archive that says something else of its storage."""
    return archive([DATA, Part("archive/data/0", bytes(16), **changes), Part("archive/version", b"3\n")])


ZIP64_LIE = struct.pack("<2HQ", 1, 8, 2**40)
FAKE_END = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0, 0, 0, 0, 0)
ARCHIVES: dict[str, tuple[bytes, set[str]]] = {
    "a member twice": (archive([*parts(PROGRAM), DATA]), {"ZIP_NAME"}),
    "a member twice, in capitals": (archive([*parts(PROGRAM), Part("archive/DATA.PKL", PROGRAM)]), {"ZIP_NAME"}),
    "another name in place": (with_pickle(local_name="archive/safe.pkl"), {"ZIP_NAME"}),
    "bytes before it": (archive(parts(PROGRAM), before=b"PK\3\4" + bytes(60)), {"ZIP_SYNTAX"}),
    "bytes before it that count": (archive(parts(PROGRAM), before=b"MZ" + bytes(60)), {"NOT_A_CHECKPOINT"}),
    "a member before it that is not listed": (archive(parts(PROGRAM), before=archive([DATA])[:200]), {"ZIP_SYNTAX"}),
    "bytes behind it": (archive(parts(PROGRAM), after=b"x"), {"ZIP_SYNTAX"}),
    "another archive behind it": (archive(parts(PROGRAM)) * 2, {"ZIP_SYNTAX"}),
    "a comment with an end in it": (archive(parts(PROGRAM), comment=FAKE_END), {"ZIP_SYNTAX"}),
    "a longer comment than there is": (archive(parts(PROGRAM))[:-2] + b"\x09\0", {"ZIP_SYNTAX"}),
    "no end": (archive(parts(PROGRAM))[:-22], {"ZIP_SYNTAX"}),
    "half an end": (archive(parts(PROGRAM))[:-5], {"ZIP_SYNTAX"}),
    "more members than there are": (archive(parts(PROGRAM), count=4), {"ZIP_SYNTAX"}),
    "fewer members than there are": (archive(parts(PROGRAM), count=2), {"ZIP_SYNTAX"}),
    "65,535 members": (archive(parts(PROGRAM), count=65535), {"ZIP_SYNTAX"}),
    "a directory of 4 GB": (archive(parts(PROGRAM), length=2**32 - 1), {"ZIP_SYNTAX"}),
    "a directory elsewhere": (archive(parts(PROGRAM), start=0), {"ZIP_SYNTAX"}),
    "a directory behind the end": (archive(parts(PROGRAM), start=2**31), {"ZIP_SYNTAX"}),
    "a wrong checksum": (with_pickle(checksum=1), {"ZIP_CRC"}),
    "encrypted": (with_pickle(flags=1), {"ZIP_ENCRYPTED"}),
    "encrypted, says the member": (with_pickle(local_flags=1), {"ZIP_ENCRYPTED"}),
    "strongly encrypted": (with_pickle(flags=64), {"ZIP_ENCRYPTED"}),
    "deflated": (with_pickle(method=8), {"ZIP_COMPRESSED"}),
    "deflated, says the member": (with_pickle(local_method=8), {"ZIP_COMPRESSED"}),
    "an unknown compression": (with_storage(method=99), {"ZIP_COMPRESSED"}),
    "two sizes": (with_storage(stored=8), {"ZIP_BOUNDS"}),
    "another size in place": (with_storage(local_size=8), {"ZIP_BOUNDS"}),
    "a size of 4 GB": (with_storage(size=2**32 - 2), {"ZIP_BOUNDS"}),
    "a size that is nowhere": (with_storage(size=2**32 - 1), {"ZIP_SYNTAX"}),
    "a size of 1 TB": (
        with_storage(size=2**32 - 1, stored=16, extra=ZIP64_LIE),
        {"ZIP_BOUNDS"},
    ),
    "a header beyond the end": (with_storage(header=2**31), {"ZIP_BOUNDS"}),
    "a header in the middle": (with_storage(header=3), {"ZIP_BOUNDS"}),
    "members that overlap": (
        archive([DATA, Part("archive/data/0", archive([DATA])[:80]), Part("archive/version", header=230)]),
        {"ZIP_BOUNDS", "ZIP_SYNTAX"},
    ),
    "an end for large archives elsewhere": (
        archive(parts(PROGRAM), large=struct.pack("<4sIQI", b"PK\6\7", 0, 0, 1)),
        {"ZIP_SYNTAX"},
    ),
    "an end for large archives that says otherwise": (
        archive(
            parts(PROGRAM),
            large=(record := struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, 9, 9, 9, 9))
            + struct.pack("<4sIQI", b"PK\6\7", 0, len(archive(parts(PROGRAM))) - 22, 1),
        ),
        {"ZIP_SYNTAX"},
    ),
    "no pickle": (archive(parts(PROGRAM)[1:]), {"NOT_A_CHECKPOINT"}),
    "a pickle at the root": (archive([Part("data.pkl", PROGRAM), Part("data/0", bytes(16))]), {"NOT_A_CHECKPOINT"}),
    "a pickle too deep": (archive([Part("a/b/data.pkl", PROGRAM), Part("a/b/data/0")]), {"NOT_A_CHECKPOINT"}),
    "two models": (archive([Part("x", b""), DATA, Part("b/data.pkl", PROGRAM)]), {"NOT_A_CHECKPOINT"}),
    "nothing": (archive([]), {"ZIP_SYNTAX", "NOT_A_CHECKPOINT"}),
    "a program": (archive([*parts(PROGRAM), Part("archive/code/x.py", b"x")]), {"TORCHSCRIPT"}),
    "numbers in another order": (archive([*parts(PROGRAM), Part("archive/byteorder", b"big")]), {"BYTE_ORDER"}),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_that_readers_could_disagree_about_is_refused(tmp_path: Path, name: str) -> None:
    content, codes = ARCHIVES[name]

    assert refused(tmp_path / "a.ckpt", content).code in codes


RUNS = named(RUN) + b"(tR."


@pytest.mark.parametrize(
    "content",
    [
        archive([Part("archive/data.pkl", RUNS, checksum=1), Part("archive/data/0", bytes(16))]),
        archive([Part("archive/data.pkl", RUNS, flags=1), Part("archive/data/0", bytes(16))]),
        archive([Part("archive/data.pkl", b"\x80\x02" + RUNS, local_name="archive/other.PKL")]),
        archive([DATA, Part("archive/data/0", bytes(16)), Part("archive/data.pkl", RUNS)]),
        archive([Part("archive/data.pkl", RUNS), Part("archive/data/0", bytes(16))])[:-30],
        archive([DATA, Part("archive/data/0", bytes(16)), Part("x", RUNS, local_name="archive/data.pkl")]),
    ],
)
def test_a_broken_archive_that_would_run_something_is_refused_for_that(tmp_path: Path, content: bytes) -> None:
    error = refused(tmp_path / "a.ckpt", content)

    assert error.code == "PICKLE_GLOBAL"
    assert content[error.offset or 0 :].startswith(named(RUN))


@pytest.mark.parametrize(
    ("content", "doubts"),
    [
        (archive(parts(PROGRAM), comment=b"made by hand"), []),
        (with_storage(flags=8, local_size=0, tail=bytes(16)), []),
        (with_pickle(checksum=0), []),
        (with_storage(size=2**32 - 1, local_size=2**32 - 1, extra=struct.pack("<2H2Q", 1, 16, 16, 16)), []),
        (with_storage(extra=struct.pack("<2H4x", 0x5455, 4) + ZIP64_LIE), []),
        (archive([*parts(PROGRAM), Part("archive/byteorder", b"little")]), []),
        (archive([*parts(PROGRAM), Part("archive/.data/serialization_id", b"1")]), []),
        (archive([*parts(PROGRAM), Part("archive/x.PKL", b"cos\nsystem\n.")]), ["EXTRA_PICKLE"]),
        (archive([*parts(PROGRAM), Part("archive/x", b"\x80\x04N.")]), ["EXTRA_PICKLE"]),
        (archive([*parts(PROGRAM), Part("b/data.pkl", b"N.")]), ["EXTRA_PICKLE"]),
        (archive(parts(PROGRAM + b"cos\nsystem\n.")), ["EXTRA_PICKLE"]),
    ],
)  # fmt: skip
def test_an_archive_that_is_odd_is_read(tmp_path: Path, content: bytes, doubts: list[str]) -> None:
    file = saved(tmp_path / "a.ckpt", content)

    assert file.read("w").tolist() == [0] * 4
    assert [doubt.code for doubt in file.doubts] == doubts


def laughs(leaf: bytes, ways: int, depth: int) -> bytes:
    """A list of lists, each of them many times in the next: ways**depth leaves, in steps that are counted."""
    program = b"](" + leaf + b"e" + b"q\x00"
    return program + b"".join(b"0](" + bytes((0x68, at)) * ways + b"eq" + bytes((at + 1,)) for at in range(depth))


BOMBS = {
    "lists": (table(state_dict=entries(w=W), x=laughs(b"K\x01", 10, 40)), None),
    "lists of tables": (table(state_dict=entries(w=W), x=laughs(b"}", 10, 20)), "PICKLE_SIZE"),
    "lists among the weights": (table(w=W, x=laughs(b"K\x01", 10, 40)), None),
    "texts": (table(w=W, x=laughs(short("x" * 10_000), 250, 2)), None),
    "one row many times": (
        table(
            w=W, x=b"](" + b"K\x01" * 5000 + b"eq\x000}(" + b"".join(plain(n) + b"h\x00" for n in range(20_000)) + b"u"
        ),
        None,
    ),
    "one row many times that is no metadata": (
        table(
            w=W,
            x=b"](" + b"K\x01" * 1000 + b"C\0eq\x000}(" + b"".join(plain(n) + b"h\x00" for n in range(50_000)) + b"u",
        ),
        None,
    ),
    "rows of rows that hold a table at the end": (
        table(w=W, x=b"](" + b"K\x01" * 20_000 + b"eq\x000](" + b"]}ah\x00\x86" * 5_000 + b"e"),
        None,
    ),
    "marks": (b"(" * 100_000 + b"1" * 100_000 + table(w=W)[2:], "PICKLE_SIZE"),
    "steps": (b"N" * 2**20 + table(w=W)[2:], "PICKLE_SIZE"),
    "depth of rows": (table(w=W, x=b"K\x01" + b"\x85" * 100_000), "PICKLE_SIZE"),
    "depth of lists": (table(w=W, x=b"]q\x000" + b"](h\x00eq\x000" * 30_000 + b"h\x00"), "PICKLE_SIZE"),
    "depth of tables": (b"}(" + (short("w") + W + short("a") + b"}(") * 40 + b"u" * 40 + b"u.", "PICKLE_SIZE"),
    "a table in itself, many times": (
        b"}q\x00(" + b"".join(plain(n) + b"h\x00" for n in range(200_000)) + short("w") + W + b"u.",
        "PICKLE_SIZE",
    ),
    "keys of one hash": (
        table(w=W, x=b"}(" + b"".join(plain((n + 1) * (2**61 - 1)) + b"N" for n in range(100_000)) + b"u"),
        "PICKLE_SYNTAX",
    ),
    "a long row as a key": (
        table(w=W, x=b"(" + b"K\x01" * 50_000 + b"tq\x000}" + b"h\x00Ns" * 50_000),
        "PICKLE_SYNTAX",
    ),
    "long names": (
        table(
            w=W,
            x=short("n" * 60_000)
            + b"q\x000}("
            + b"".join(short(f"{n}") + b"}h\x00" + W + b"s" for n in range(2000))
            + b"u",
        ),
        "PICKLE_SIZE",
    ),
    "numbers without end": (table(w=W, x=b"\x8b" + struct.pack("<i", 10**6) + b"\x7f" * 10**6), None),
    "views of one storage": (
        b"\x80\x02"
        + kept(length=250_000)
        + b"q\x000}("
        + b"".join(short(f"{n}") + rebuilt(b"h\x00", shape=(250_000,)) for n in range(500))
        + b"u.",
        "TENSOR_EXPAND",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_multiplies_without_end_ends_at_once(tmp_path: Path, name: str) -> None:
    """Without the bounds some take hours, and others all memory."""
    program, code = BOMBS[name]
    content = archive(parts(program, bytes(10**6) if name.startswith("views") else bytes(16)))

    if code is not None:
        assert refused(tmp_path / "a.ckpt", content).code == code
        return
    file = saved(tmp_path / "a.ckpt", content)

    assert file.tensors
    assert sum(map(len, file.metadata.values())) < 2 * len(content) + 2**21


ENTRY = '"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'
HEADERS: dict[str, tuple[str | bytes, set[str]]] = {
    "spaces before it": (f"  {{{ENTRY}}}", {"ST_HEADER"}),
    "a list": (f"[{{{ENTRY}}}]", {"ST_HEADER"}),
    "more behind it": (f"{{{ENTRY}}}{{}}", {"ST_HEADER"}),
    "zeros behind it": (f"{{{ENTRY}}}\0\0", {"ST_HEADER"}),
    "a comma at the end": (f"{{{ENTRY},}}", {"ST_HEADER"}),
    "an entry twice": (f"{{{ENTRY},{ENTRY}}}", {"ST_DUPLICATE"}),
    "an entry twice, spelled otherwise": (f'{{{ENTRY},"\\u0077":1}}', {"ST_DUPLICATE"}),
    "metadata twice": (f'{{"__metadata__":{{}},"__metadata__":{{}},{ENTRY}}}', {"ST_DUPLICATE"}),
    "a part of an entry twice": (
        '{"w":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        {"ST_DUPLICATE"},
    ),
    "metadata that is a list": (f'{{"__metadata__":[],{ENTRY}}}', {"ST_HEADER"}),
    "metadata that is nothing": (f'{{"__metadata__":null,{ENTRY}}}', {"ST_HEADER"}),
    "metadata of numbers": (f'{{"__metadata__":{{"a":1}},{ENTRY}}}', {"ST_HEADER"}),
    "metadata in metadata": (f'{{"__metadata__":{{"a":{{}}}},{ENTRY}}}', {"ST_HEADER"}),
    "half a character as a name": (f"{{{ENTRY.replace('w', chr(92) + 'ud800')}}}", {"ST_HEADER"}),
    "half a character in metadata": (f'{{"__metadata__":{{"a":"\\udfff"}},{ENTRY}}}', {"ST_HEADER"}),
    "more in an entry": ('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}', {"ST_HEADER"}),
    "less in an entry": ('{"w":{"dtype":"F32","data_offsets":[0,4]}}', {"ST_HEADER"}),
    "an entry that is a number": ('{"w":1}', {"ST_HEADER"}),
    "entries in an entry": (f'{{"a":{{{ENTRY}}}}}', {"ST_HEADER"}),
    "offsets in the wrong order": ('{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}', {"ST_LAYOUT"}),
    "one offset": ('{"w":{"dtype":"F32","shape":[1],"data_offsets":[4]}}', {"ST_HEADER"}),
    "three offsets": ('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}', {"ST_HEADER"}),
    "offsets below 0": ('{"w":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}', {"ST_HEADER"}),
    "offsets as texts": ('{"w":{"dtype":"F32","shape":[1],"data_offsets":["0","4"]}}', {"ST_HEADER"}),
    "offsets with points": ('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0.0,4]}}', {"ST_HEADER"}),
    "offsets with exponents": ('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4e0]}}', {"ST_HEADER"}),
    "offsets of 2**64": (
        '{"w":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551616,18446744073709551620]}}',
        {"ST_HEADER"},
    ),
    "offsets beyond the end": ('{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', {"ST_LAYOUT"}),
    "truths for numbers": ('{"w":{"dtype":"F32","shape":[true],"data_offsets":[0,4]}}', {"ST_HEADER"}),
    "a shape that is a number": ('{"w":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}', {"ST_HEADER"}),
    "a shape of lists": ('{"w":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}', {"ST_HEADER"}),
    "a shape of thousands of digits": (
        f'{{"w":{{"dtype":"F32","shape":[{"9" * 5000}],"data_offsets":[0,4]}}}}',
        {"ST_HEADER"},
    ),
    "a shape that is too large": ('{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', {"ST_SIZE"}),
    "a shape that wraps": ('{"w":{"dtype":"F32","shape":[4294967296,4294967296,1],"data_offsets":[0,4]}}', {"ST_SIZE"}),
    "a type in small letters": ('{"w":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}', {"ST_DTYPE"}),
    "a type that is nothing": ('{"w":{"dtype":null,"shape":[1],"data_offsets":[0,4]}}', {"ST_DTYPE"}),
    "infinity": ('{"w":Infinity}', {"ST_HEADER"}),
    "a gap at the start": ('{"w":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}', {"ST_LAYOUT"}),
    "a gap at the end": ('{"w":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}', {"ST_LAYOUT"}),
    "no tensors": ("{}", {"ST_LAYOUT"}),
    "depth": ('{"a":' * 200_000, {"ST_HEADER"}),
    "lists without end": ("{" + '"a":[' + "[]," * 800_000 + "[]]}", {"ST_HEADER"}),
    "entries without end": ("{" + ",".join(f'"{n}":{{}}' for n in range(1_200_000)) + "}", {"ST_HEADER"}),
    "UTF-16": ("{" + ENTRY + "}", {"ST_HEADER"}),
    "bytes that are no text": (b'{"\xff":1}', {"ST_HEADER"}),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_that_is_none_is_refused_for_what_it_is(tmp_path: Path, name: str) -> None:
    text, codes = HEADERS[name]
    raw = text if isinstance(text, bytes) else text.encode("utf-16-le" if name == "UTF-16" else "utf-8")

    error = refused(tmp_path / "a.safetensors", len(raw).to_bytes(8, "little") + raw + bytes(4))

    assert error.code in codes
    assert error.offset is not None


def test_the_offset_is_that_of_the_entry(tmp_path: Path) -> None:
    header = {
        name: {"dtype": "F32", "shape": [1 + (name == "größe")], "data_offsets": [4 * at, 4 * at + 4]}
        for at, name in enumerate(("a", "größe"))
    }
    for is_ascii in (True, False):
        raw = json.dumps(header, ensure_ascii=is_ascii).encode()
        content = len(raw).to_bytes(8, "little") + raw + bytes(8)

        error = refused(tmp_path / "a.safetensors", content)

        assert content[error.offset or 0 :].startswith(json.dumps("größe", ensure_ascii=is_ascii).encode())


def test_a_checkpoint_of_lightning_is_read_as_torch_reads_it(tmp_path: Path) -> None:
    """With what a training leaves: states, counts, settings."""
    model = torch.nn.Linear(3, 2)
    moments = {"step": torch.tensor(3.0), "exp_avg": torch.ones(2, 3), "exp_avg_sq": torch.ones(2, 3)}
    groups = [{"lr": 1e-3, "betas": (0.9, 0.999), "foreach": None, "params": [0, 1]}]
    value: dict[str, Any] = {
        "epoch": 3,
        "global_step": 7,
        "pytorch-lightning_version": "1.4.2",
        "state_dict": model.state_dict(),
        "optimizer_states": [{"state": {0: moments, 1: moments}, "param_groups": groups}],
        "lr_schedulers": [{"base_lrs": [1e-4], "_step_count": 2, "verbose": False}],
        "hyper_parameters": {"size": (3, 2), "name": "linear", "seen": {1, 2}},
    }
    for is_legacy in (False, True):
        torch.save(value, tmp_path / "a.ckpt", _use_new_zipfile_serialization=not is_legacy)

        file = open_tensors(tmp_path / "a.ckpt")

        assert list(file.tensors) == ["weight", "bias"]
        assert torch.equal(file.read("weight"), model.weight)
        assert (file.metadata["epoch"], file.metadata["hyper_parameters.size"]) == ("3", "[3, 2]")
        assert file.doubts == ()
