try:
    import torch, cv2.foo as f
    from a.b import c

    X = "there"
except ImportError:
    X = "not"
EXPECTED = "there"
