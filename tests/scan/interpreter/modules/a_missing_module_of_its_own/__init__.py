try:
    from .gone import x
except ImportError as error:
    X = type(error).__name__
EXPECTED = "ModuleNotFoundError"
