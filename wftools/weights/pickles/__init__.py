"""What torch's own files are made of, read without running anything.

archive.py   the members of a ZIP
symbols.py   pickles, as what they say
views.py     storages and tensors
tables.py    names, and metadata
"""
