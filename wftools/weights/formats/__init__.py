"""Model file formats: one module each, found by content.

A module has

    SUFFIXES: tuple[str, ...]              the names such files usually have
    sniff(head: bytes) -> bool             whether a file that starts with these bytes is meant to be one
    open_file(path: Path) -> TensorFile    reads the header only; raises ModelFileError: a code, and the offset

and imports torch only inside the function that reads one tensor.
"""
