try:
    from .a import gone
except ImportError as error:
    X = "none"
EXPECTED = "none"
