"""Pixels: load, save, resample. An image batch is a float32 tensor (B, H, W, C) in 0..1, a mask is (B, H, W).

The menus stand here, where they can be read without torch; their order is ComfyUI's, whose first entry is the default.
"""

from typing import Final

RESAMPLING: Final = ("nearest-exact", "bilinear", "area", "bicubic", "lanczos")
CROPS: Final = ("disabled", "center")
