"""Weights in blocks of few bits, as ggml has them: their layout, and how they are decoded and encoded.

blocks.py      the types: how many elements and bytes a block has; no torch
decoding/      decode(packed, kind, dtype): bit for bit what gguf-py gives
encoding/      encode(values, kind): byte for byte what gguf-py and ggml's reference give
scaled.py      scale_of, in_scale, rotated: eight bits and a scale, as ComfyUI has them
"""
