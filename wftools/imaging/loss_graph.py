"""How the loss of a training changed, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from wftools.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

WIDTH: Final = 800  # pixels of the graph, beside which and below which there is a margin
HEIGHT: Final = 480
MARGIN: Final = 40
LINE: Final = 2


def loss_graph(losses: Sequence[float]) -> Tensor:
    """A line between the greatest loss, at the top, and the least: (H, W, 3). Raises RunError if all are equal."""
    least, greatest = min(losses), max(losses)
    if least == greatest:
        raise RunError("there is no graph of one loss, or of equal ones", hint="train for more steps")
    picture = Image.new("RGB", (WIDTH + MARGIN, HEIGHT + MARGIN), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default()
    points = [
        (MARGIN + int(index / len(losses) * WIDTH), HEIGHT - int((loss - least) / (greatest - least) * HEIGHT))
        for index, loss in enumerate(losses)
    ]
    draw.line(points, fill="blue", width=LINE)
    draw.line([(MARGIN, 0), (MARGIN, HEIGHT), (WIDTH + MARGIN, HEIGHT)], fill="black", width=LINE)
    labels = {
        (5, HEIGHT // 2): "Loss",
        (WIDTH // 2, HEIGHT + 10): "Steps",
        (MARGIN - 30, 0): f"{greatest:.2f}",
        (MARGIN - 30, HEIGHT - 10): f"{least:.2f}",
    }
    for place, text in labels.items():
        draw.text(place, text, font=font, fill="black")
    return torch.from_numpy(np.asarray(picture).astype(np.float32) / 255)
