"""The UNet of Stable Diffusion 1, 2 and XL: its config, and how it is read off a checkpoint."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError
from wftools.weights.networks.shapes import MAX_LAYERS, Shapes, count, size

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_HEADS: Final = 8  # SD1, at every level
LINEAR_HEAD_DIM: Final = 64  # the families that project with linear layers
MIDDLE: Final = "middle_block.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class UNetConfig:
    """The UNet of SD1, SD2 and SDXL (Rombach et al. 2022; Podell et al. 2023): they differ in numbers only."""

    in_channels: int = 4
    out_channels: int = 4
    model_channels: int = 320
    channel_mult: tuple[int, ...] = (1, 2, 4, 4)  # a level's width in units of model_channels
    res_blocks: int = 2  # per level on the way down; one more on the way up
    transformer_depth: tuple[int, ...] = (1, 1, 1, 0)  # per level; 0 = no attention
    output_depth: tuple[int, ...] | None = None  # per block of the way up; None: as on the way down
    middle_depth: int | None = 1  # 0: one residual block; None: no middle block
    context_dim: int = 768  # width of the text encoder
    linear_projection: bool = False  # into and out of the transformers; SD1 has 1x1 convolutions
    pooled_dim: int | None = None  # SDXL's vector conditioning
    classes: int | None = None  # in its place: the number of a class, such as a level of noise
    context_only: tuple[bool, ...] | None = None  # per level: no self attention, both are to the text; None: nowhere
    head_dim: int | None = None  # None: 8 heads (SD1)
    is_temporal: bool = False  # it makes videos: every block knows of the frames beside each one
    group_width: int = 1  # least channels in a group of a GroupNorm

    def heads(self, channels: int) -> int:
        """How many heads an attention of that width has. Raises InputError if it cannot be divided so."""
        if channels % (self.head_dim or DEFAULT_HEADS):
            wanted = f"heads of {self.head_dim} channels" if self.head_dim else f"{DEFAULT_HEADS} heads"
            raise InputError(f"an attention of {channels} channels cannot have {wanted}")
        return channels // self.head_dim if self.head_dim else DEFAULT_HEADS

    @property
    def depths_up(self) -> tuple[int, ...]:
        """The transformer blocks in each block of the way up."""
        if self.output_depth is not None:
            return self.output_depth
        return tuple(depth for depth in reversed(self.transformer_depth) for _ in range(self.res_blocks + 1))

    def is_context_only(self, level: int) -> bool:
        """Whether a level has no self attention."""
        return self.context_only is not None and self.context_only[level]


def infer_unet(shapes: Shapes, hidden: Mapping[str, int]) -> UNetConfig | None:
    """Read the config off a UNet's tensor names and shapes; None if there is none. Reads no data.

    `hidden` has fields that the shapes do not show. The shapes are trusted here as far as they are read; loading
    compares every one of them with the network that is built. Raises InputError if a tensor that tells is missing.
    """
    if "input_blocks.0.0.weight" not in shapes or "time_embed.0.weight" not in shapes:
        return None
    model_channels = size(shapes, "input_blocks.0.0.weight", 0, dimensions=4)
    levels = _levels(shapes)
    widths = [size(shapes, f"input_blocks.{level[0]}.0.out_layers.3.weight", 0, dimensions=4) for level in levels]
    odd = next((width for width in widths if width % model_channels), None)
    if odd is not None:
        raise InputError(f"the UNet has a level of {odd} channels, not a multiple of {model_channels}")
    depth = tuple(_depth(shapes, f"input_blocks.{level[0]}.1") for level in levels)
    on_the_way_up = tuple(
        _depth(shapes, f"output_blocks.{index}.1") for index in range((len(levels[0]) + 1) * len(levels))
    )
    first = _first_transformer(shapes)
    linear = len(shapes.get(f"{first}.proj_in.weight", ())) == 2
    context_only = tuple(
        shapes.get(f"input_blocks.{level[0]}.1.transformer_blocks.0.attn1.to_k.weight", (width, width))[1:] != (width,)
        for level, width in zip(levels, widths, strict=True)
    )
    config = UNetConfig(
        in_channels=size(shapes, "input_blocks.0.0.weight", 1, dimensions=4),
        out_channels=size(shapes, "out.2.weight", 0, dimensions=4),
        model_channels=model_channels,
        channel_mult=tuple(width // model_channels for width in widths),
        res_blocks=len(levels[0]),
        transformer_depth=depth,
        middle_depth=_depth(shapes, MIDDLE) if "middle_block.0.in_layers.0.weight" in shapes else None,
        context_dim=size(shapes, f"{first}.transformer_blocks.0.attn2.to_k.weight", 1, dimensions=2),
        linear_projection=linear,
        pooled_dim=size(shapes, "label_emb.0.0.weight", 1, dimensions=2) if "label_emb.0.0.weight" in shapes else None,
        classes=size(shapes, "label_emb.weight", 0, dimensions=2) if "label_emb.weight" in shapes else None,
        context_only=context_only if any(context_only) else None,
        is_temporal="input_blocks.1.0.time_mixer.mix_factor" in shapes,
        head_dim=hidden.get("head_dim", LINEAR_HEAD_DIM if linear else None),
        group_width=hidden.get("group_width", 1),
    )
    has_way_up = "output_blocks.0.0.in_layers.0.weight" in shapes
    is_alike = config.depths_up == on_the_way_up
    return replace(config, output_depth=on_the_way_up) if has_way_up and not is_alike else config


def _first_transformer(shapes: Shapes) -> str:
    """Where a transformer stands that every one is like: in the middle, or else on the way down."""
    places = (MIDDLE, *(f"input_blocks.{index}.1" for index in range(MAX_LAYERS)))
    return next((place for place in places if f"{place}.proj_in.weight" in shapes), MIDDLE)


def _levels(shapes: Shapes) -> list[list[int]]:
    """The input blocks with a residual block, by level. A downsampling block ends a level."""
    levels: list[list[int]] = [[]]
    for index in range(1, MAX_LAYERS):
        if f"input_blocks.{index}.0.in_layers.0.weight" in shapes:
            levels[-1].append(index)
        elif f"input_blocks.{index}.0.op.weight" in shapes:
            levels.append([])
        else:
            break
    if not all(levels):
        raise InputError("the UNet has a level without residual blocks")
    return levels


def _depth(shapes: Shapes, transformer: str) -> int:
    return count(shapes, f"{transformer}.transformer_blocks.{{}}.norm1.weight")
