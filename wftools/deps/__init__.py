"""What a workflow needs to run somewhere else: packs of custom nodes, a version of ComfyUI, models, input files."""
