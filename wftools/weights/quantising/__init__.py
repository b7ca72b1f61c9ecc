"""Model files in fewer bits: which tensor becomes which type, and what that costs.

architectures.py   what a network is called in GGUF, and which of its tensors are kept
types.py           what can be asked for: a type, or a mix of several
rules.py           the plan: what becomes of each tensor, and why
files.py           a file made from another one, and what that cost
report.py          size and error, a type and a tensor at a time: the model of schemas/report-model-quantize.json
telling.py         the report in lines, for a terminal
"""
