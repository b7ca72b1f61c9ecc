"""ComfyUI's nodes: one module per category; a node is a signature and one call. No torch at import."""
