"""Annotations that nodes of several categories share."""

from typing import Annotated, Final

from wftools.catalog.declare import Float, Int, Socket

MAX_RESOLUTION: Final = 16384  # ComfyUI's limit: pixels along one side

Pixels = Annotated[int, Int(1, MAX_RESOLUTION, step=1)]
PixelsOrZero = Annotated[int, Int(0, MAX_RESOLUTION, step=1)]
Offset = PixelsOrZero
Count = Annotated[int, Int(1, 4096)]
Share = Annotated[float, Float(0.0, 1.0, step=0.01)]
Color = Annotated[int, Int(0, 0xFFFFFF, step=1)]  # 0xRRGGBB
ColorText = Annotated[str, Socket("COLOR", {"socketless": True})]  # "#rrggbb"
FineShare = Annotated[float, Float(0.0, 1.0, step=0.001)]
Steps = Annotated[int, Int(1, 10_000)]
Cfg = Annotated[float, Float(0.0, 100.0, step=0.1, round=0.01)]
