"""Model files made from model files: a plan says what becomes of each tensor, and is then carried out piece by piece.

plan.py        Planned, Plan: what stands in the new file, and why
numbers.py     what the tensors of a file mean, whatever they are stored as
carrying.py    carry_out(plan, out): the file, and what each tensor of it cost
"""
