"""The toolchain for ComfyUI workflow files: lint, diff, merge, convert and run them, without ComfyUI."""

__version__ = "0.1.0"
