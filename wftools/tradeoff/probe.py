"""How far the pictures of a workflow move if it gets another model file: everything else stays, the seed too."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

from wftools.catalog.lookup import runnable
from wftools.catalog.nodes import NodeTypes
from wftools.context import Placement
from wftools.document import read
from wftools.errors import InputError, Place, RunError, shown
from wftools.graph import build
from wftools.memory import FLOAT32, free_memory
from wftools.runtime import Options, Session, Setting
from wftools.weights.quantising.report import ProbeReport
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from wftools.folders import Folders

PICTURES: Final = frozenset({".png", ".webp", ".jpg", ".jpeg"})
RANGE: Final = 255.0
ROOM: Final = 3  # times what all weights take: what a picture needs comes to them

# Wang et al. 2004: a window of 11 pixels with a deviation of 1.5, and constants for areas that are flat.
_WINDOW: Final = 11
_DEVIATION: Final = 1.5
_C1: Final = (0.01 * RANGE) ** 2
_C2: Final = (0.03 * RANGE) ** 2


class _Loader(NamedTuple):
    """An input that names the model file."""

    input: str  # "1.ckpt_name"
    kind: str  # of folder: "checkpoints"


class Probe:
    """A workflow that loads one model file, to be run with others in its place."""

    def __init__(self, workflow: Path, model: Path, folders: Folders) -> None:
        """Raise InputError if the workflow cannot be read, or if nothing in it names the file."""
        self.workflow = workflow
        self.model = model
        self._folders = folders
        self._document = read(workflow)
        nodes = NodeTypes()
        view = build(self._document, runnable(nodes)).flat
        self._loaders = [
            _Loader(f"{node.path}.{each.name}", each.folders[0])
            for node in view.nodes.values()
            if node.type in nodes
            for each in nodes[node.type].signature.inputs
            if each.folders and _is_called(node.values.get(each.name), model.name)
        ]
        if not self._loaders:
            raise InputError(
                f"no loader names {shown(model.name)}",
                place=Place(str(workflow)),
                hint="name a workflow that loads this file; `wftools set` changes which one it loads",
            )

    def against(self, other: Path) -> ProbeReport:
        """How far the pictures move with another file. Raises RunError if the workflow fails with it."""
        before, after = self._before, self._pictures(other)
        if [each.shape for each in before] != [each.shape for each in after]:
            raise RunError("the workflow makes other pictures with the other model", place=Place(str(self.workflow)))
        return compared(str(self.workflow), before, after)

    @cached_property
    def _placement(self) -> Placement:
        """Weights are decoded once where they all have room: the pictures are the same, several times as soon."""
        weights = sum(math.prod(shape) for shape in open_tensors(self.model).shapes.values())
        return Placement(weights="resident" if weights * FLOAT32 * ROOM < free_memory() else "auto")

    @cached_property
    def _before(self) -> list[Tensor]:
        pictures = self._pictures(self.model)
        if not pictures:
            raise InputError("writes no pictures, so nothing can be compared", place=Place(str(self.workflow)))
        return pictures

    def _pictures(self, model: Path) -> list[Tensor]:
        """What the workflow paints with a model file: pictures (H, W, 3), float32, of 255."""
        settings = tuple(Setting(each.input, model.name, model.name) for each in self._loaders)
        of_kind = {each.kind: (model.absolute().parent,) for each in self._loaders}
        more = {
            **self._folders.more_models,
            **{kind: (*paths, *self._folders.more_models.get(kind, ())) for kind, paths in of_kind.items()},
        }
        with TemporaryDirectory(prefix="wftools-probe-") as made:
            folders = replace(self._folders, output=Path(made, "output"), temp=Path(made, "temp"), more_models=more)
            options = Options(folders=folders, placement=self._placement, settings=settings, metadata=False)
            (report,) = Session(options).run([self._document]).workflows
            if report.errors:
                raise report.errors[0].error()
            return [_picture(Path(file.path)) for file in report.files if Path(file.path).suffix in PICTURES]


def compared(workflow: str, before: Sequence[Tensor], after: Sequence[Tensor]) -> ProbeReport:
    """How far some pictures (H, W, 3), of 255, are from others; each counts by its pixels."""
    count = sum(each.numel() for each in before)
    errors = [one - other for one, other in zip(before, after, strict=True)]
    mse = sum(float(each.square().sum()) for each in errors) / count
    return ProbeReport(
        workflow=workflow,
        pictures=len(before),
        psnr=10 * math.log10(RANGE**2 / mse) if mse else None,
        ssim=sum(ssim(*pair) * pair[0].numel() for pair in zip(before, after, strict=True)) / count,
        mean=sum(float(each.abs().sum()) for each in errors) / count,
        largest=max(float(each.abs().max()) for each in errors),
    )


def ssim(one: Tensor, other: Tensor) -> float:
    """How alike the structure of two pictures (H, W, C), of 255, is: 1 where they are the same. Wang et al. 2004."""
    import torch
    from torch.nn.functional import conv2d

    if min(one.shape[:2]) < _WINDOW:
        return 1.0 if bool(torch.equal(one, other)) else 0.0
    offsets = torch.arange(_WINDOW, dtype=torch.float64) - _WINDOW // 2
    line = torch.exp(-(offsets**2) / (2 * _DEVIATION**2))
    window = torch.outer(line, line) / line.sum() ** 2

    def blurred(x: Tensor) -> Tensor:
        return conv2d(x, window[None, None])  # (C, 1, H - 10, W - 10)

    x, y = (each.double().permute(2, 0, 1)[:, None] for each in (one, other))  # (C, 1, H, W)
    mean_x, mean_y = blurred(x), blurred(y)
    variance_x = blurred(x * x) - mean_x**2
    variance_y = blurred(y * y) - mean_y**2
    covariance = blurred(x * y) - mean_x * mean_y
    alike = (2 * mean_x * mean_y + _C1) * (2 * covariance + _C2)
    return float((alike / ((mean_x**2 + mean_y**2 + _C1) * (variance_x + variance_y + _C2))).mean())


def _is_called(value: object, name: str) -> bool:
    return isinstance(value, str) and value.replace("\\", "/").rpartition("/")[2] == name


def _picture(path: Path) -> Tensor:
    import numpy as np
    import torch
    from PIL import Image

    with Image.open(path) as opened:
        return torch.from_numpy(np.array(opened.convert("RGB"), np.float32))
