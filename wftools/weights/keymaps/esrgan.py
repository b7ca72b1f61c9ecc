"""ESRGAN's network as its versions call it, under the names of the newest, Real-ESRGAN, which are those of `Rrdb`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.weights.networks.shapes import count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.tensorfile import TensorFile


# BSRGAN, and ESRGAN when it was new.
MODULES: Final[Mapping[str, str]] = {"trunk_conv": "conv_body", "HRconv": "conv_hr"}

_BLOCK: Final = re.compile(r"(?:model\.1\.sub|RRDB_trunk)\.(\d+)\.RDB(\d)\.(conv\w+?)(?:\.0)?")
_UP: Final = re.compile(r"upconv(\d+)")
_COUNTED: Final = re.compile(r"model\.(\d+)")
_AFTER_BLOCKS: Final = re.compile(r"model\.1\.sub\.\d+")


def as_newest(file: TensorFile) -> TensorFile:
    """The tensors under the newest names; others keep theirs."""
    # One convolution for each doubling, behind what doubles and before its activation: model.3, model.6 …
    doublings = count(file.shapes, "model.{}.weight", start=3, step=3)
    return file.renamed({_newest(name, doublings): name for name in file.tensors})


def _newest(name: str, doublings: int) -> str:
    module, _, weight = name.rpartition(".")
    if block := _BLOCK.fullmatch(module):
        return f"body.{block[1]}.rdb{block[2]}.{block[3]}.{weight}"
    if _AFTER_BLOCKS.fullmatch(module):
        return f"conv_body.{weight}"
    if up := _UP.fullmatch(module):
        return f"conv_up{up[1]}.{weight}"
    if counted := _COUNTED.fullmatch(module):
        index = int(counted[1])
        behind = {0: "conv_first", 3 * doublings + 2: "conv_hr", 3 * doublings + 4: "conv_last"}
        return f"{behind.get(index, f'conv_up{index // 3}')}.{weight}"
    return f"{MODULES.get(module, module)}.{weight}"
