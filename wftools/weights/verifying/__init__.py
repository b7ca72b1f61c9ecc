"""Whether model files are sound: what opening them checks, and then their values.

verify.py        the verdict on a file
nonfinite.py     NaN and infinities in plain numbers and in blocks
json_report.py   the verdicts as `--output-format json` writes them
"""
