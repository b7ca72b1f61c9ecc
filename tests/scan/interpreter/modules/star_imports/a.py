__all__ = ["shown"]
shown = 1
hidden = 2
_private = 3
