"""Scaling, batches, progress and files of tensors, as `comfy.utils` names them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wftools.nodepacks.running import current

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

PROGRESS_BAR_ENABLED: Final = True


class ProgressBar:
    """How far the node that runs is."""

    def __init__(self, total: int, node_id: str | None = None) -> None:
        self.total = total
        self.current = 0

    def update_absolute(self, value: int, total: int | None = None, preview: object = None) -> None:
        """So many steps are done."""
        self.total = total if total is not None else self.total
        self.current = min(value, self.total)
        current().step(self.current, self.total)

    def update(self, value: int) -> None:
        """So many more steps are done."""
        self.update_absolute(self.current + value)


def set_progress_bar_enabled(enabled: bool) -> None:
    """Whether progress is shown is the command's choice."""


def common_upscale(samples: Tensor, width: int, height: int, upscale_method: str, crop: str) -> Tensor:
    """Samples (B, C, H, W) at another size, as ComfyUI's nodes scale them."""
    from wftools.imaging.resample import resample

    return resample(samples, width, height, upscale_method, crop)


def lanczos(samples: Tensor, width: int, height: int) -> Tensor:
    """Samples (B, C, H, W) at another size, with Pillow's filter."""
    from wftools.imaging import resample

    return resample.lanczos(samples, width, height)


def bislerp(samples: Tensor, width: int, height: int) -> Tensor:
    """Samples (B, C, H, W) at another size, channels turned into each other."""
    from wftools.imaging import resample

    return resample.bislerp(samples, width, height)


def repeat_to_batch_size(tensor: Tensor, batch_size: int, dim: int = 0) -> Tensor:
    """As many items as asked for: repeated from the first again, or cut."""
    from wftools.imaging.batch import to_batch

    return to_batch(tensor.movedim(dim, 0), batch_size).movedim(0, dim)


def load_torch_file(
    ckpt: str,
    safe_load: bool = False,
    device: Any = None,
    return_metadata: bool = False,
) -> Any:
    """The tensors of a model file by name, read without running anything in it."""
    from wftools.weights.tensorfile import open_tensors

    file = open_tensors(Path(ckpt))
    tensors = {name: file.tensor(name) for name in file.tensors}
    return (tensors, dict(file.metadata)) if return_metadata else tensors


def save_torch_file(sd: Mapping[str, Tensor], ckpt: str, metadata: Mapping[str, str] | None = None) -> None:
    """Write tensors as a .safetensors file."""
    from safetensors.torch import save_file

    save_file(dict(sd), ckpt, metadata=dict(metadata) if metadata else None)
