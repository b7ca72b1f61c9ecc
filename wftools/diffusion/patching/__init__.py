"""Ways to change what a network computes, one module each: a function from a model to a model."""
