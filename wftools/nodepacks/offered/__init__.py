"""What is offered of ComfyUI's own modules, under their names, to nodes that are run with `--nodes`.

Only as much as nodes for pictures, masks, texts and numbers use: where files are, how far a node is, how pictures are
scaled, the core's node classes, and the two forms of declaration. The names are ComfyUI's; the rest is our own. What is
not here is an error that names it.
"""
