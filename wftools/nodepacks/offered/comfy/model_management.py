"""Devices and interruption, as `comfy.model_management` names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wftools.nodepacks.running import current

if TYPE_CHECKING:
    import torch


class InterruptProcessingException(KeyboardInterrupt):
    """The run was interrupted."""


def processing_interrupted() -> bool:
    """Whether the run is to stop."""
    return current().cancelled()


def throw_exception_if_processing_interrupted() -> None:
    """Stop here if the run is to stop."""
    if processing_interrupted():
        raise InterruptProcessingException


def get_torch_device() -> torch.device:
    """Where tensors are computed."""
    import torch

    return torch.device(current().placement.device)


def intermediate_device() -> torch.device:
    """Where pictures and latents rest between nodes."""
    import torch

    return torch.device("cpu")


def unet_offload_device() -> torch.device:
    """Where weights rest."""
    return intermediate_device()


vae_device = text_encoder_device = unet_inital_load_device = get_torch_device
vae_offload_device = text_encoder_offload_device = unet_offload_device


def is_device_cpu(device: Any) -> bool:
    """Whether a device is the processor itself."""
    return getattr(device, "type", None) == "cpu"


def is_device_mps(device: Any) -> bool:
    """Whether a device is Apple's."""
    return getattr(device, "type", None) == "mps"


def get_autocast_device(dev: Any) -> str:
    """The kind of a device, as torch.autocast wants it."""
    return str(getattr(dev, "type", "cuda"))


def get_free_memory(dev: Any = None, torch_free_too: bool = False) -> Any:
    """Bytes that are free."""
    from wftools.memory import free_memory

    free = free_memory()
    return (free, free) if torch_free_too else free


def get_total_memory(dev: Any = None, torch_total_too: bool = False) -> Any:
    """Bytes that there are, as far as they may be used."""
    return get_free_memory(dev, torch_total_too)


def soft_empty_cache(force: bool = False) -> None:
    """Give back what torch keeps on a GPU."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def unload_all_models() -> None:
    """Nothing is kept loaded beyond its last use."""


def should_use_fp16(*_args: Any, **_options: Any) -> bool:
    """Whether half precision is the run's."""
    return current().placement.dtype == "float16"
