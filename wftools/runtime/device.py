"""Whether torch can compute where a run is to be placed."""

from __future__ import annotations

from wftools.errors import RunError, shown


def check_device(name: str) -> None:
    """Raise RunError if torch knows no such device, or it is not there. Of "cpu" nobody has to ask."""
    if name == "cpu":
        return
    import torch

    try:
        torch.zeros(1, device=name).item()  # not torch.device(name), which takes what this machine lacks
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise RunError(f"torch cannot compute on {shown(name)}: {reason}", hint="choose another --device") from None
