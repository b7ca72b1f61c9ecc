"""Diffusion models: tensors, not workflows. This package and its menus import without torch, its modules do not."""
