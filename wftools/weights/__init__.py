"""Model files: what is in them, read lazily. No torch at import; it enters where one tensor is read."""
