"""What a workflow or a picture is, at a glance: its models, prompts, seeds and sizes, for every output."""
