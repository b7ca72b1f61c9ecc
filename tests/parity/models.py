"""The model files that the recorded cases name, each made when it is first needed."""

from __future__ import annotations

import gzip
import json
import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from filelock import FileLock
from safetensors.torch import save_file

from tests.parity.weights import UNET, denoising, plain
from tests.weights_from_seed import tensor_from_seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from torch import Tensor

    from tests.parity.weights import Manifest

MANIFESTS: Final = Path(__file__).parents[1] / "data/parity/manifests.json.gz"

Tensors = dict[str, "Tensor"]


@cache
def manifests() -> Mapping[str, Manifest]:
    """The tensors of each file by its name: real architectures at reduced width."""
    found: Mapping[str, Manifest] = json.loads(gzip.decompress(MANIFESTS.read_bytes()))
    return found


class Models:
    """A folder of models. Several processes may share it: whoever needs a file first makes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def need(self, text: str) -> None:
        """Make the files that a prompt names, as its text does."""
        for name, make in RECIPES.items():
            if _stem(name) in text:
                self._make(name, make)

    def _make(self, name: str, make: Callable[[Path, Path], None]) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock")):
            if not path.exists():
                partial = path.with_name(f".{path.name}.partial")
                make(self.folder, partial)
                partial.rename(path)


def _stem(name: str) -> str:
    """What a prompt calls a file: some nodes ask for one of several by a name of their own."""
    folder, _, file = name.partition("/")
    if folder == "diffusers":
        return file.split("/")[0]
    if folder == "datasets":
        return file.split("/")[-2]
    return "taesd" if file.startswith("taesd") else file.partition(".")[0]


def _file(draw: Callable[..., Tensors], manifest: str, seed: int, *more: str | None) -> Callable[[Path, Path], None]:
    def make(_folder: Path, path: Path) -> None:
        _save({k: v.contiguous() for k, v in draw(manifests()[manifest], seed, *more).items()}, path)

    return make


def _save(tensors: Tensors, path: Path) -> None:
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)


def _of(tensors: Callable[[Path], Tensors]) -> Callable[[Path, Path], None]:
    return lambda folder, path: _save(tensors(folder), path)


# Spread of the bias by which models of the velocity are known, as in the published ones.
TELLING: Final = UNET + "output_blocks.11.1.transformer_blocks.0.norm1.bias"


def _velocity(_folder: Path) -> Tensors:
    tensors = plain(manifests()["mini_sd21"], 1)
    return {**tensors, TELLING: tensors[TELLING] * 4}


def _special(manifest: str, seed: int, dtype: str | None = None) -> Callable[[Path, Path], None]:
    """A file some of whose tensors plain random numbers would spoil."""

    def tensors(_folder: Path) -> Tensors:
        return {name: _tamed(name, value) for name, value in plain(manifests()[manifest], seed, dtype).items()}

    return _of(tensors)


def _tamed(name: str, value: Tensor) -> Tensor:
    if name.startswith("noise_augmentor.data_std"):
        return 0.5 + value.abs()
    if name.endswith(("alpha_attn", "alpha_dense")):
        return torch.tensor(0.7 if "attn" in name else -0.4, dtype=value.dtype)
    if name == "task_embedding":  # so that the type matters
        return value * 4
    if name.startswith(("controlnet_cond_embedding.", "control_add_embedding.", "add_embedding.")):
        # layers whose names have the word "embedding", and are no tables
        return value / (0.3 * value[0].numel() ** 0.5) if name.endswith(".weight") else value
    return value * 0 + 0.4 if name.endswith("mix_factor") else value


# UNet module -> the name that diffusers has for it
BLOCKS: Final = {
    "input_blocks.1.1": "down_blocks.0.attentions.0",
    "input_blocks.5.1": "down_blocks.1.attentions.1",
    "input_blocks.8.1": "down_blocks.2.attentions.1",
    "middle_block.1": "mid_block.attentions.0",
    "output_blocks.4.1": "up_blocks.1.attentions.1",
    "output_blocks.11.1": "up_blocks.3.attentions.2",
}
LINEARS: Final = ("attn1.to_q", "attn2.to_k", "attn2.to_v", "attn1.to_out.0", "ff.net.0.proj")
OF_TEXTS: Final = {"self_attn_q_proj": "self_attn.q_proj", "self_attn_v_proj": "self_attn.v_proj", "mlp_fc1": "mlp.fc1"}
RANK: Final = 4


def _targets() -> Iterator[tuple[str, str, tuple[int, int]]]:
    """The weights that the adapters change: what kohya's files call them, their own name, and their shape."""
    manifest = manifests()["mini_sd15"]
    names = {
        f"lora_unet_{diffusers}_transformer_blocks_0_{linear}".replace(".", "_"): (
            f"{UNET}{block}.transformer_blocks.0.{linear}.weight"
        )
        for block, diffusers in BLOCKS.items()
        for linear in LINEARS
    } | {
        f"lora_te_text_model_encoder_layers_{layer}_{ours}": (
            f"cond_stage_model.transformer.text_model.encoder.layers.{layer}.{name}.weight"
        )
        for layer in (0, 2)
        for ours, name in OF_TEXTS.items()
    }
    for kohya, name in names.items():
        rows, columns, *_ = manifest[name][0]
        yield kohya, name, (rows, columns)


def _scaled(name: str, shape: tuple[int, ...], seed: int, deviation: float) -> Tensor:
    """Normal numbers; drawn as one column, whose rule is that of a weight with one input."""
    return tensor_from_seed(f"{name}.weight#2d", (math.prod(shape), 1), seed).reshape(shape) * deviation


def _pair(kohya: str, rows: int, columns: int) -> Tensors:
    return {
        f"{kohya}.lora_down.weight": _scaled(f"{kohya}d", (RANK, columns), 11, 1 / math.sqrt(columns)),
        f"{kohya}.lora_up.weight": _scaled(f"{kohya}u", (rows, RANK), 11, 0.3),
        f"{kohya}.alpha": torch.tensor(2.0),
    }


def _lora(_folder: Path) -> Tensors:
    return {k: v for kohya, _, shape in _targets() for k, v in _pair(kohya, *shape).items()}


def _dora(_folder: Path) -> Tensors:
    made = _lora(_folder)
    for kohya, name, (rows, columns) in _targets():
        if kohya.startswith("lora_unet"):
            weight = tensor_from_seed(name, tuple(manifests()["mini_sd15"][name][0]), 1)
            made[f"{kohya}.dora_scale"] = weight.norm(dim=0, keepdim=True) * 1.1
            assert weight.shape[:2] == (rows, columns)
    return made


def _loha(_folder: Path) -> Tensors:
    made = {}
    for kohya, _, (rows, columns) in _targets():
        for index in "12":
            made[f"{kohya}.hada_w{index}_a"] = _scaled(f"{kohya}{index}a", (rows, RANK), 12, 0.5)
            made[f"{kohya}.hada_w{index}_b"] = _scaled(f"{kohya}{index}b", (RANK, columns), 12, 0.3)
        made[f"{kohya}.alpha"] = torch.tensor(RANK / 2)
    return made


def _lokr(_folder: Path) -> Tensors:
    made = {}
    for kohya, _, (rows, columns) in _targets():
        made[f"{kohya}.lokr_w1"] = _scaled(f"{kohya}k1", (RANK, RANK), 13, 0.4)
        made[f"{kohya}.lokr_w2"] = _scaled(f"{kohya}k2", (rows // RANK, columns // RANK), 13, 0.1)
    return made


def _peft(_folder: Path) -> Tensors:
    made = {}
    for block, diffusers in BLOCKS.items():
        for linear in ("attn1.to_q", "attn2.to_v"):
            inner = f"transformer_blocks.0.{linear}"
            rows, columns, *_ = manifests()["mini_sd15"][f"{UNET}{block}.{inner}.weight"][0]
            seeded = diffusers.replace(".", "_") + inner
            made[f"unet.{diffusers}.{inner}.lora_A.weight"] = _scaled(
                f"{seeded}A", (RANK, columns), 14, 1 / math.sqrt(columns)
            )
            made[f"unet.{diffusers}.{inner}.lora_B.weight"] = _scaled(f"{seeded}B", (rows, RANK), 14, 0.3)
    return made


def _processors(folder: Path) -> Tensors:
    """The same as older versions of diffusers wrote it."""
    renamed = (
        (".to_", ".processor.to_"),
        (".lora_A.weight", "_lora.down.weight"),
        (".lora_B.weight", "_lora.up.weight"),
    )
    made = {}
    for name, tensor in _peft(folder).items():
        for old, new in renamed:
            name = name.replace(old, new)  # noqa: PLW2901
        made[name] = tensor
    return made


def _locon(_folder: Path) -> Tensors:
    made = {}
    for block, name in (
        ("input_blocks.1.0.in_layers.2", "down_blocks_0_resnets_0_conv1"),
        ("output_blocks.4.0.out_layers.3", "up_blocks_1_resnets_1_conv2"),
    ):
        rows, columns, height, width = manifests()["mini_sd15"][f"{UNET}{block}.weight"][0]
        size = columns * height * width
        made[f"lora_unet_{name}.lora_down.weight"] = _scaled(
            f"{name}cd", (RANK, columns, height, width), 15, 1 / math.sqrt(size)
        )
        made[f"lora_unet_{name}.lora_up.weight"] = _scaled(f"{name}cu", (rows, RANK, 1, 1), 15, 0.3)
        made[f"lora_unet_{name}.alpha"] = torch.tensor(4.0)
    return made


def _esrgan(_folder: Path) -> Tensors:
    """Two residual-in-residual dense blocks of 16 features that grow by 32."""
    features, growth = 16, 32
    shapes = dict.fromkeys(("conv_body", "conv_up1", "conv_up2", "conv_hr"), (features, features))
    shapes |= {"conv_first": (features, 3), "conv_last": (3, features)}
    for block in range(2):
        for dense in (1, 2, 3):
            for conv in range(1, 6):
                out = growth if conv < 5 else features
                shapes[f"body.{block}.rdb{dense}.conv{conv}"] = (out, features + growth * (conv - 1))
    made = {}
    for name, (out, into) in shapes.items():
        is_last = name == "conv_last"
        made[f"{name}.weight"] = tensor_from_seed(f"{name}.weight", (out, into, 3, 3), 16) * (0.2 if is_last else 0.4)
        made[f"{name}.bias"] = tensor_from_seed(f"{name}.bias", (out,), 16) + (0.4 if is_last else 0)
    return made


def _embedding(_folder: Path) -> Tensors:
    return {"emb_params": tensor_from_seed("mini_embed.embedding", (3, 128), 17)}


def _difference(_folder: Path) -> Tensors:
    """A control net as what sets it apart from the UNet."""
    base = denoising(manifests()["mini_sd15"], 1)
    made = {"difference": torch.zeros(1)}
    for name, value in denoising(manifests()["mini_controlnet_sd15"], 6).items():
        same = base.get(name.replace("control_model.", UNET))
        made[name] = value if same is None else value - same
    return made


def _pickle(_folder: Path, path: Path) -> None:
    torch.save({"state_dict": denoising(manifests()["mini_sd15"], 1), "global_step": 1}, path)


HYPER_SHAPES: Final = {
    "linear.0.weight": (256, 128),
    "linear.0.bias": (256,),
    "linear.1.weight": (128, 256),
    "linear.1.bias": (128,),
}
WITH_NORMS: Final = {
    "linear.0.weight": (256, 128),
    "linear.0.bias": (256,),
    "linear.1.weight": (256,),
    "linear.1.bias": (256,),
    "linear.3.weight": (128, 256),
    "linear.3.bias": (128,),
    "linear.4.weight": (128,),
    "linear.4.bias": (128,),
}


def _hypernetwork(prefix: str, activation: str, *, draw: Callable[..., Tensor], norm: bool = False) -> Any:
    def make(_folder: Path, path: Path) -> None:
        shapes = WITH_NORMS if norm else HYPER_SHAPES
        networks = [{k: draw(f"{prefix}.128.{i}.{k}", s, 9).half().float() for k, s in shapes.items()} for i in (0, 1)]
        options: dict[str | int, object] = {"activation_func": activation, "is_layer_norm": norm}
        options |= {"activate_output": norm, "use_dropout": False, "last_layer_dropout": False}
        torch.save({**options, 128: networks}, path)

    return make


def _denoising_tensor(name: str, shape: tuple[int, ...], seed: int) -> Tensor:
    return denoising({name: (shape, "float32")}, seed, "float32")[name]


def _json(value: object) -> Callable[[Path, Path], None]:
    def make(_folder: Path, path: Path) -> None:
        path.write_text(json.dumps(value), "utf-8")

    return make


def _shard(folder: str, samples: range) -> Callable[[Path, Path], None]:
    """A part of a data set: latents and conditionings."""

    def make(_folder: Path, path: Path) -> None:
        latents, conditioning = [], []
        for index in samples:
            shape = (1, 4, 8, 6 + 2 * index)
            latents.append({"samples": tensor_from_seed(f"{folder}.latent.{index}.weight", shape, 44) * 20})
            text = tensor_from_seed(f"{folder}.embedding.{index}", (1, 77, 128), 45)
            pooled = tensor_from_seed(f"{folder}.embedding.p{index}", (1, 128), 45)
            conditioning.append([[text, {"pooled_output": pooled}]])
        torch.save({"latents": latents, "conditioning": conditioning}, path)

    return make


def _config(**params: Any) -> Callable[[Path, Path], None]:
    return _json(
        {"model": {"params": {**params, "cond_stage_config": params.get("cond_stage_config", {"target": "x"})}}}
    )


def _unet_alone(_folder: Path) -> Tensors:
    return {name: value for name, value in plain(manifests()["mini_sd15"], 1).items() if name.startswith(UNET)}


def _no_model(_folder: Path) -> Tensors:
    return {"a.weight": torch.ones(3, 3), "b": torch.zeros(2)}


def _cut_off(folder: Path, path: Path) -> None:
    """The first half of a file's bytes."""
    RECIPES["vae/mini_vae.safetensors"](folder, path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


# What wrong prompts name: files that hold something else, or lie in another kind's folder.
SPOILED: Final = {
    "checkpoints/g_bad.safetensors": _of(_no_model),
    "checkpoints/g_trunc.safetensors": _cut_off,
    "checkpoints/g_unet_only.safetensors": _of(_unet_alone),
    **{f"{kind}/g_full.safetensors": _file(plain, "mini_sd15", 1) for kind in ("diffusion_models", "vae")},
    **{
        f"{kind}/g_vae.safetensors": _file(plain, "mini_vae", 2)
        for kind in ("diffusion_models", "text_encoders", "loras")
    },
    "vae/g_clip.safetensors": _file(plain, "mini_clip_l", 3),
}

RECIPES: Final[Mapping[str, Callable[[Path, Path], None]]] = {
    **SPOILED,
    **{
        f"checkpoints/mini_{name}.safetensors": _file(plain, f"mini_{name}", 1)
        for name in ("sd15", "sd15_inpaint", "sd21", "sdxl", "sdxl_refiner")
    },
    "checkpoints/mini_sd15_b.safetensors": _file(plain, "mini_sd15", 21),
    "checkpoints/mini_sd21_v.safetensors": _of(_velocity),
    "vae/mini_vae.safetensors": _file(plain, "mini_vae", 2),
    "clip/mini_clip_l.safetensors": _file(plain, "mini_clip_l", 3),
    "clip/mini_clip_g.safetensors": _file(plain, "mini_clip_g", 6),
    "controlnet/mini_controlnet_sd15.safetensors": _file(plain, "mini_controlnet_sd15", 4),
    "controlnet/mini_t2i_adapter_sd15.safetensors": _file(plain, "mini_t2i_adapter_sd15", 5),
    "loras/mini_lora_kohya.safetensors": _of(_lora),
    "loras/mini_dora.safetensors": _of(_dora),
    "loras/mini_loha.safetensors": _of(_loha),
    "loras/mini_lokr.safetensors": _of(_lokr),
    "loras/mini_lora_diffusers.safetensors": _of(_peft),
    "loras/mini_locon.safetensors": _of(_locon),
    "loras/d_lora_diffusers_processor.safetensors": _of(_processors),
    "embeddings/mini_embed.safetensors": _of(_embedding),
    "upscale_models/mini_esrgan.safetensors": _of(_esrgan),
    "checkpoints/d_sd15.safetensors": _file(denoising, "mini_sd15", 1),
    "checkpoints/d_sd15_b.safetensors": _file(denoising, "mini_sd15", 2),
    "checkpoints/d_sd15_fp16.safetensors": _file(denoising, "mini_sd15", 1, "float16"),
    "checkpoints/d_sd15_bf16.safetensors": _file(denoising, "mini_sd15", 1, "bfloat16"),
    "checkpoints/d_sd15_inpaint.safetensors": _file(denoising, "mini_sd15_inpaint", 1),
    "checkpoints/d_sd15_ip2p.safetensors": _file(denoising, "mini_sd15_ip2p", 1),
    "checkpoints/d_sd21_v.safetensors": _file(denoising, "mini_sd21", 3, None, "v"),
    "checkpoints/d_sdxl.safetensors": _file(denoising, "mini_sdxl", 4),
    "checkpoints/d_sdxl_refiner.safetensors": _file(denoising, "mini_sdxl_refiner", 5),
    "checkpoints/d_sd15_pickle.ckpt": _pickle,
    "controlnet/d_controlnet.safetensors": _file(denoising, "mini_controlnet_sd15", 6),
    "controlnet/d_controlnet_diff.safetensors": _of(_difference),
    "controlnet/d_controlnet_sdxl.safetensors": _file(denoising, "mini_controlnet_sdxl_ldm", 9),
    "controlnet/d_t2i.safetensors": _file(denoising, "mini_t2i_adapter_sd15", 7),
    "vae_approx/taesd_encoder.safetensors": _file(denoising, "taesd_encoder", 8),
    "vae_approx/taesd_decoder.safetensors": _file(denoising, "taesd_decoder", 8),
    "hypernetworks/d_hyper.pt": _hypernetwork("hyper", "relu", draw=_denoising_tensor),
    "checkpoints/g_sd21_b.safetensors": _special("mini_sd21", 22, "float16"),
    "checkpoints/g_sdxl_b.safetensors": _special("mini_sdxl", 23, "float16"),
    **{
        f"checkpoints/g_{name}.safetensors": _special(f"g_{name}", seed, "float16")
        for name, seed in (("unclip_h", 31), ("unclip_l", 32), ("zero123", 33), ("x4", 34), ("sv3d_u", 35))
    },
    "checkpoints/g_sv3d_p.safetensors": _special("g_sv3d_p", 36, "float16"),
    "checkpoints/g_svd.safetensors": _special("g_svd", 37, "float16"),
    "photomaker/g_photomaker.safetensors": _special("g_photomaker", 38),
    "gligen/g_gligen.safetensors": _special("g_gligen", 39),
    "controlnet/g_controlnet_sdxl.safetensors": _special("mini_controlnet_sdxl_ldm", 43, "float16"),
    "controlnet/g_union_sdxl.safetensors": _special("g_union_sdxl", 47, "float16"),
    "diffusers/g_sd15/unet/diffusion_pytorch_model.safetensors": _special("g_diffusers_unet", 40, "float16"),
    "diffusers/g_sd15/text_encoder/model.safetensors": _special("g_diffusers_text", 41),
    "diffusers/g_sd15/vae/diffusion_pytorch_model.safetensors": _special("mini_vae", 42),
    "diffusers/g_sd15/model_index.json": _json({"_class_name": "StableDiffusionPipeline"}),
    "configs/g_eps.yaml": _config(parameterization="eps"),
    "configs/g_v.yaml": _config(parameterization="v"),
    "configs/g_skip2.yaml": _config(cond_stage_config={"target": "x", "params": {"layer": "hidden", "layer_idx": -2}}),
    "hypernetworks/g_hyper_relu.pt": _hypernetwork("hyper0", "relu", draw=tensor_from_seed),
    "hypernetworks/g_hyper_swish.pt": _hypernetwork("hyper1", "swish", draw=tensor_from_seed, norm=True),
    **{
        f"datasets/{folder}/{name}": made
        for folder, count in (("g_mini", 2), ("sub/g_mini2", 3))
        for name, made in (
            ("shard_0000.pkl", _shard(folder, range(1))),
            ("shard_0001.pkl", _shard(folder, range(1, count))),
            ("metadata.json", _json({"num_samples": count, "num_shards": 2, "shard_size": 1})),
        )
    },
}
