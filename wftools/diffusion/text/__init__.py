"""Prompts: tokens, weights, embeddings, text encoders."""
