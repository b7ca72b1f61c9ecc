"""Families of models, as descriptions: what is the same for every checkpoint of a family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.parametrise import Eps
from wftools.errors import RunError
from wftools.values import LatentFormat, Parametrisation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.detect import Family


@dataclass(frozen=True, slots=True)
class Description:
    """What a checkpoint does not say, since its whole family has it in common."""

    latent_format: LatentFormat
    parametrisation: Parametrisation


FAMILIES: Final[Mapping[Family, Description]] = {
    "sd1": Description(LatentFormat(channels=4, ratio=8, scale=0.18215), Eps(DiscreteLevels())),
}


def describe(family: Family) -> Description:
    """The description of a family. Raises RunError for one that is recognised, but not run yet."""
    if family not in FAMILIES:
        raise RunError(f"models of the family {family} are not implemented in wftools yet")
    return FAMILIES[family]
