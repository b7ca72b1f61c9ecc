"""Ways to guide better than the plain formula does, one module each: a function from a model to a model."""
