"""Model files made from model files: a plan says what becomes of each tensor, and is then carried out piece by piece.

plan.py        Planned, Plan: what stands in the new file, and why
"""
