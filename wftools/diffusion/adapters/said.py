"""What an adapter file says of one weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftools.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """The tensors that go by a name of a weight."""

    tensors: Mapping[str, Tensor]
    name: str
    heard: set[str]  # grows: the tensors that somebody understood

    def get(self, suffix: str) -> Tensor | None:
        """The tensor of that name; None if there is none."""
        full_name = self.name + suffix
        tensor = self.tensors.get(full_name)
        if tensor is not None:
            self.heard.add(full_name)
        return tensor

    def need(self, suffix: str) -> Tensor:
        """The tensor of that name. Raises InputError if there is none."""
        tensor = self.get(suffix)
        if tensor is None:
            raise InputError(f"the adapter has a part of {shown(self.name)}, and lacks {shown(self.name + suffix)}")
        return tensor

    @property
    def alpha(self) -> float | None:
        """What a delta is scaled by, in units of one through its rank; None: not at all."""
        tensor = self.get(".alpha")
        return None if tensor is None else float(tensor.detach())

    @property
    def magnitude(self) -> Tensor | None:
        """DoRA's magnitudes of rows or columns."""
        return self.get(".dora_scale")
