"""Packs of custom nodes -> object_info: their source is read, nothing of it is imported or executed.

`interpreter` follows the source of a pack over Python's `ast` to the values that a name would have, or says that they
are unknown, and why. `comfyui` says what the parts of ComfyUI that packs import would be. `facts` reads the
declarations of nodes off these values, as a server would. `packs` finds packs, and reads them all; `cache` keeps what
they were found to have; `portable` says which of it comes out of a pack's files; `summary` and `json_report` tell of it
all.
"""
