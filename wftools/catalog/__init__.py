"""What nodes look like: their inputs, outputs, ranges and choices, per version of ComfyUI."""
