"""What is offered of the package `comfy_api`: its latest version."""
