"""How the tensors of a model are called: in one file, as its family began with, or in the folders of diffusers.

    single      model.diffusion_model.…, first_stage_model.…, and text encoders as the family has them
    diffusers   a folder a network: unet/, vae/, text_encoder/, text_encoder_2/
    alone       a network's own names, as files of the folders diffusion_models, vae and text_encoders have them

A network's numbers are the same in all of them; some are in other rows, joined or turned.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from wftools.errors import InputError, listed
from wftools.weights.converting.plan import Planned
from wftools.weights.converting.views import Made, beside, with_made
from wftools.weights.families import facts_of
from wftools.weights.keymaps import diffusers_unet, diffusers_vae
from wftools.weights.keymaps.openclip import PROJECTION, openclip_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from wftools.weights.converting.selecting import Sections
    from wftools.weights.tensorfile import Shape, TensorFile

Layout = Literal["single", "diffusers"]

OF_TRANSFORMERS: Final = "clip_l"  # the only text encoder that single files have under transformers' names
TEXT_MODEL: Final = "text_model."
TURNED: Final = f"{PROJECTION}.weight"  # in OpenCLIP it stands the other way round

# Families that diffusers has -> the folder of each network.
FOLDERS: Final[Mapping[str, Mapping[str, str]]] = {
    "sd1": {"unet": "unet", "vae": "vae", "clip_l": "text_encoder"},
    "sd2": {"unet": "unet", "vae": "vae", "clip_h": "text_encoder"},
    "sdxl": {"unet": "unet", "vae": "vae", "clip_l": "text_encoder", "clip_g": "text_encoder_2"},
    "sdxl_refiner": {"unet": "unet", "vae": "vae", "clip_g": "text_encoder_2"},
}


@dataclass(frozen=True)
class Laid:
    """A view of a file, and what its tensors are to be called: each planned as it is."""

    file: TensorFile
    tensors: tuple[Planned, ...]


def single(found: Sections) -> Laid:
    """All networks in one file, as the checkpoints of their family are."""
    form = facts_of(found.family).SAVED
    parts: list[Laid] = []
    for part, file in found.files.items():
        if part == "unet":
            parts.append(_named(part, file, lambda name: form.network + name))
        elif part == "vae":
            parts.append(_named(part, file, lambda name: form.vae + name))
        elif part not in form.texts:
            continue
        elif part == OF_TRANSFORMERS:
            parts.append(_named(part, file, _after_text_model(form.texts[part].removesuffix(TEXT_MODEL))))
        else:
            parts.append(_in_openclip(part, file, form.texts[part]))
    return _together(parts)


def alone(found: Sections, part: str, layout: Layout) -> Laid:
    """One network in a file of its own. A text encoder has transformers' names in either layout."""
    file = found.files[part]
    if part in found.texts:
        return _named(part, file, _after_text_model(""))
    return _in_diffusers(part, file) if layout == "diffusers" else _named(part, file, lambda name: name)


def folders(found: Sections) -> dict[str, Laid]:
    """Each network in a folder of its own, as diffusers has them. Raises InputError for a family that it has not so."""
    if found.family not in FOLDERS:
        raise InputError(
            f"models of the family {found.family} have no folder in the layout of diffusers that wftools writes",
            hint=f"the families are {', '.join(FOLDERS)}",
        )
    names = FOLDERS[found.family]
    return {
        names[part]: _named(part, file, _after_text_model("")) if part in found.texts else _in_diffusers(part, file)
        for part, file in found.files.items()
        if part in names
    }


def _named(part: str, file: TensorFile, name_of: Callable[[str], str]) -> Laid:
    view = beside({part: file})
    tensors = [Planned(name_of(name), f"{part}/{name}", info.dtype, info.shape) for name, info in file.tensors.items()]
    return Laid(view, tuple(tensors))


def _after_text_model(prefix: str) -> Callable[[str], str]:
    """Names of a text encoder in transformers: all stand below the model, but for what stands beside it."""

    def name_of(name: str) -> str:
        is_outside = name in (TURNED, "logit_scale")
        return f"{prefix}{name}" if is_outside else f"{prefix}{TEXT_MODEL}{name}"

    return name_of


def _in_openclip(part: str, file: TensorFile, prefix: str) -> Laid:
    """A text encoder under OpenCLIP's names: projections joined, the last one turned."""
    own = {name for name in file.tensors if not name.endswith("position_ids")}  # it has none
    view = beside({part: file})
    made: dict[str, Made] = {}
    tensors: list[Planned] = []
    for new, old in openclip_names(own).items():
        info = file.tensors[old[0]]
        shape: Shape = (sum(file.shapes[each][0] for each in old), *info.shape[1:]) if info.shape else ()
        source, *joined = (f"{part}/{each}" for each in old)
        if old == (TURNED,):
            shape, source = info.shape[::-1], f"{part}/{PROJECTION}"
            made[source] = Made("F32" if TURNED in file.sources else info.dtype, shape, _turning(file))
        tensors.append(Planned(prefix + new, source, info.dtype, shape, joined=tuple(joined)))
    return Laid(with_made(view, made), tuple(tensors))


def _turning(file: TensorFile) -> Callable[[], Tensor]:
    return lambda: file.tensor(TURNED).T


def _in_diffusers(part: str, file: TensorFile) -> Laid:
    """A UNet or a VAE under diffusers' names."""
    if part == "vae":
        names = diffusers_vae.diffusers_names(file.tensors)
    else:
        modules = diffusers_unet.diffusers_names({name.rpartition(".")[0] for name in file.tensors})
        split = {name: name.rpartition(".") for name in file.tensors}
        names = {
            name: f"{modules[module]}.{weight}" for name, (module, _, weight) in split.items() if module in modules
        }
    unknown = sorted(file.tensors.keys() - names.keys())
    if unknown:
        raise InputError(f"diffusers has no name for {listed(unknown, 3)} of the {part}", place=file.place)
    laid = _named(part, file, names.__getitem__)
    return replace(laid, tensors=tuple(map(_without_cells, laid.tensors))) if part == "vae" else laid


def _without_cells(planned: Planned) -> Planned:
    """What is a linear layer in diffusers, and a convolution of one cell in the original: the attention of a VAE."""
    is_linear = ".attentions." in planned.name and planned.shape[2:] == (1, 1)
    return replace(planned, shape=planned.shape[:2]) if is_linear else planned


def _together(parts: list[Laid]) -> Laid:
    """Several networks as one file. Their views have names of their own."""
    whole = parts[0].file
    tensors = {name: info for part in parts for name, info in part.file.tensors.items()}
    sources = {name: source for part in parts for name, source in part.file.sources.items()}
    owner = {name: part.file for part in parts for name in part.file.tensors}
    file = replace(whole, tensors=tensors, sources=sources, reader=lambda name: owner[name].reader(name))
    return Laid(file, tuple(planned for part in parts for planned in part.tensors))
