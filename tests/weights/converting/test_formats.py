"""The laws of formats: what goes from one into another and back is what it was."""

from pathlib import Path

import gguf
import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.weights.converting.checkpoints import bits, checkpoint, write
from wftools.errors import InputError
from wftools.weights.converting.asking import Wanted, planned
from wftools.weights.converting.carrying import carry_out
from wftools.weights.converting.selecting import LEAVINGS
from wftools.weights.converting.types import Types
from wftools.weights.tensorfile import open_tensors

FLOATS = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8)
BYTES = (torch.uint8, torch.bool, torch.float8_e4m3fn, torch.float8_e5m2)


def converted(source: Path, out: Path, wanted: Wanted | None = None) -> Path:
    carry_out(planned(open_tensors(source), out, wanted or Wanted()).plans[""], out, replaces=True)
    return out


@st.composite
def tensors(draw: st.DrawFn, dtypes: tuple[torch.dtype, ...]) -> dict[str, Tensor]:
    """Some tensors with any bits: NaNs, infinities, denormals; of any shape: scalars, nothing, five dimensions."""
    names = draw(st.lists(st.text("abc.xyz_0", min_size=1, max_size=8), min_size=1, max_size=4, unique=True))
    found: dict[str, Tensor] = {}
    for name in names:
        dtype = draw(st.sampled_from(dtypes))
        shape = draw(st.one_of(st.just(()), array_shapes(min_dims=1, max_dims=5, min_side=0, max_side=3)))
        count = int(np.prod(shape))
        raw = bytearray(draw(st.binary(min_size=count * dtype.itemsize, max_size=count * dtype.itemsize)))
        if dtype == torch.bool:
            raw = bytearray(byte & 1 for byte in raw)
        found[name] = torch.frombuffer(raw or bytearray(8), dtype=dtype)[:count].reshape(shape)
    return found


def same(new: dict[str, Tensor], old: dict[str, Tensor]) -> bool:
    return new.keys() == old.keys() and all(
        (new[name].dtype, new[name].shape, bits(new[name])) == (tensor.dtype, tensor.shape, bits(tensor))
        for name, tensor in old.items()
    )


@given(tensors=tensors(FLOATS + INTEGERS))
def test_nothing_is_lost_on_the_way_through_gguf(
    tmp_path_factory: pytest.TempPathFactory, tensors: dict[str, Tensor]
) -> None:
    folder = tmp_path_factory.mktemp("gguf")
    save_file(tensors, folder / "a.safetensors", {"told": "by hand"})

    back = converted(converted(folder / "a.safetensors", folder / "a.gguf"), folder / "b.safetensors")

    assert same(load_file(back), tensors)
    assert open_tensors(back).metadata["told"] == "by hand"


@settings(max_examples=30)
@given(tensors=tensors(FLOATS + INTEGERS + BYTES))
def test_nothing_is_lost_on_the_way_through_torchs_archives(
    tmp_path_factory: pytest.TempPathFactory, tensors: dict[str, Tensor]
) -> None:
    """And the way back gives the bytes of a file that was converted once before."""
    folder = tmp_path_factory.mktemp("ckpt")
    save_file(tensors, folder / "a.safetensors", {"told": "by hand"})

    once = converted(folder / "a.safetensors", folder / "once.safetensors")
    back = converted(converted(once, folder / "a.ckpt"), folder / "b.safetensors")

    assert same(load_file(back), tensors)
    assert back.read_bytes() == once.read_bytes()
    loaded = torch.load(folder / "a.ckpt", weights_only=True)
    assert same(loaded["state_dict"], tensors)


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".bin", ".PTH"])
def test_torchs_files_but_for_ckpt_are_bare_tables(tmp_path: Path, suffix: str) -> None:
    """Programs that load a .bin or .pth take all that is in it for weights."""
    tensors = {"a": torch.randn(2, 3), "b": torch.arange(3)}
    save_file(tensors, tmp_path / "a.safetensors", {"told": "by hand"})

    out = converted(tmp_path / "a.safetensors", tmp_path / f"a{suffix}")

    assert same(torch.load(out, weights_only=True), tensors)


@settings(max_examples=30)
@given(tensors=tensors(FLOATS))
def test_float16_is_the_same_in_gguf_and_beside_it(
    tmp_path_factory: pytest.TempPathFactory, tensors: dict[str, Tensor]
) -> None:
    folder = tmp_path_factory.mktemp("half")
    save_file(tensors, folder / "a.safetensors")
    half = Wanted(Types("fp16"))

    beside = converted(folder / "a.safetensors", folder / "half.safetensors", half)
    through = converted(converted(folder / "a.safetensors", folder / "a.gguf", half), folder / "b.safetensors")

    assert same(load_file(through), load_file(beside))


def test_every_tensor_of_a_ckpt_is_kept(tmp_path: Path) -> None:
    """Whatever it is: averaged weights, states, positions, shared storages, views; nothing is left out unasked."""
    torch.manual_seed(0)
    shared = torch.randn(4, 6)
    state = {
        "model.diffusion_model.a.weight": shared,
        "model.diffusion_model.b.weight": shared[1:3].T,
        "model_ema.diffusion_modelaweight": torch.randn(4, 6).half(),
        "model_ema.num_updates": torch.tensor(7),
        "first_stage_model.loss.perceptual.weight": torch.randn(2),
        "cond_stage_model.transformer.text_model.embeddings.position_ids": torch.arange(77)[None],
        "betas": torch.randn(10).double(),
    }
    torch.save({"state_dict": state, "epoch": 3, "pytorch-lightning_version": "1.4.2"}, tmp_path / "a.ckpt")

    out = converted(tmp_path / "a.ckpt", tmp_path / "a.safetensors")

    assert same(load_file(out), state)
    assert open_tensors(out).metadata["epoch"] == "3"


def test_what_a_training_left_is_pruned_and_told_of(tmp_path: Path) -> None:
    kept = {"model.diffusion_model.a.weight": torch.randn(4, 6), "logit_scale": torch.tensor(4.6)}
    left = {
        "model_ema.diffusion_modelaweight": torch.ones(4, 6),
        "model_ema.decay": torch.tensor(0.99),
        "optimizer_states.0.state.0.exp_avg": torch.ones(2),
        "first_stage_model.loss.logvar": torch.ones(2),
        "loss.weight": torch.ones(2),
        "net.blocks.0.attn._extra_state": torch.ones(1),
    }
    save_file(kept | left, tmp_path / "a.safetensors")
    file, out = open_tensors(tmp_path / "a.safetensors"), tmp_path / "b.safetensors"

    conversion = planned(file, out, Wanted(prune=True))
    carry_out(conversion.plans[""], out)

    assert same(load_file(out), kept)
    assert set(conversion.left_out) == set(left)
    assert set(conversion.left_out.values()) <= {why for _, why in LEAVINGS}


def test_averaged_weights_are_taken_in_place_of_the_others(tmp_path: Path) -> None:
    averaged = {"input.0.weight": torch.full((4, 6), 2.0), "out.bias": torch.full((3,), 3.0)}
    stored = {f"model.diffusion_model.{name}": torch.zeros(tensor.shape) for name, tensor in averaged.items()}
    stored |= {f"model_ema.diffusion_model{name.replace('.', '')}": tensor for name, tensor in averaged.items()}
    save_file(stored | {"first_stage_model.a": torch.ones(1)}, tmp_path / "a.safetensors")

    out = converted(tmp_path / "a.safetensors", tmp_path / "b.safetensors", Wanted(ema=True))

    new = load_file(out)
    assert same(
        new,
        {f"model.diffusion_model.{name}": tensor for name, tensor in averaged.items()}
        | {"first_stage_model.a": torch.ones(1)},
    )


def test_a_file_without_averaged_weights_has_none_to_take(tmp_path: Path) -> None:
    save_file({"a": torch.ones(1)}, tmp_path / "a.safetensors")

    with pytest.raises(InputError, match="no averaged weights"):
        planned(open_tensors(tmp_path / "a.safetensors"), tmp_path / "b.safetensors", Wanted(ema=True))


def test_gguf_py_reads_what_was_converted_and_knows_what_it_is(tmp_path: Path) -> None:
    source = write(tmp_path / "a.safetensors", checkpoint("sd1", torch.float16))

    out = converted(source, tmp_path / "a.gguf", Wanted(only="unet"))

    reader = gguf.GGUFReader(out)
    assert reader.get_field("general.architecture").contents() == "sd1"
    unet = "model.diffusion_model."
    expected = {
        name.removeprefix(unet): tensor for name, tensor in checkpoint("sd1", torch.float16).items() if unet in name
    }
    assert {each.name for each in reader.tensors} == expected.keys()
    for each in reader.tensors:
        assert np.array_equal(each.data.reshape(-1), expected[each.name].reshape(-1).numpy())


@pytest.mark.parametrize("kind", ["Q8_0", "Q5_K"])
def test_blocks_stay_in_gguf_and_are_decoded_elsewhere(tmp_path: Path, kind: str) -> None:
    quantised = np.random.default_rng(0).integers(0, 256, 4096, dtype=np.uint8)
    block = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[kind]][1]
    packed = quantised[: block * 8].reshape(8, block)
    if kind == "Q8_0":
        packed[:, :2] = np.array([0.5], np.float16).view(np.uint8)
    else:
        packed[:, :4] = np.array([0.5, 0.25], np.float16).view(np.uint8)
    writer = gguf.GGUFWriter(tmp_path / "a.gguf", "sd1")
    writer.add_tensor("a.weight", packed, raw_dtype=gguf.GGMLQuantizationType[kind])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    kept = converted(tmp_path / "a.gguf", tmp_path / "b.gguf")
    decoded = converted(tmp_path / "a.gguf", tmp_path / "b.safetensors", Wanted(Types("fp32")))

    assert np.array_equal(gguf.GGUFReader(kept).tensors[0].data, packed)
    expected = gguf.dequantize(packed, gguf.GGMLQuantizationType[kind])
    assert torch.equal(load_file(decoded)["a.weight"], torch.from_numpy(expected))


def test_what_a_format_has_no_form_for_is_told_by_name(tmp_path: Path) -> None:
    save_file({"mask": torch.tensor([True])}, tmp_path / "a.safetensors")

    with pytest.raises(InputError, match=r"tensor 'mask' is BOOL \[1\], which gguf files cannot hold"):
        converted(tmp_path / "a.safetensors", tmp_path / "a.gguf")
    assert not (tmp_path / "a.gguf").exists()
