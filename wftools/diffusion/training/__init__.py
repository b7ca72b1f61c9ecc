"""Training of adapters on a model whose weights stay as they are."""
