"""What is offered of the package `comfy`."""
