"""Models as ONNX: run through onnxruntime, and made from our own networks.

session.py     a file that was judged, as a function of tensors
networks.py    sessions that stand where networks stand: UNet, control network, autoencoder, text encoder
loading.py     files to handles: what the loader nodes do
wrapping.py    our networks with the inputs and outputs that diffusers and optimum give them
exporting.py   networks to files, which are compared with torch before they are there
telling.py     what was exported, in words
"""
