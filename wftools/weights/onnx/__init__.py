"""ONNX files, read with nothing but their bytes: no package of ONNX's, no torch, and no number that is not asked for.

wire.py        protobuf's wire format
messages.py    the messages of ONNX: their fields by number
tensors.py     stored tensors: where their numbers are, and that they are as many as is said
beside.py      data in files beside the model: that they are beside it
model.py       graphs, nodes, functions, and what goes into and comes out of a model
sizes.py       how large what a node makes is, as far as it is known before anything runs
judging.py     all of it together: what a file must not have, and the facts of one that may be used
"""
