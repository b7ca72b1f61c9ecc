"""Conditionings: where, when and how strongly each cond counts, and how weights change with it."""
