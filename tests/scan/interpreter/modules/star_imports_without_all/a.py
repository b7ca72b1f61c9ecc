import os

shown = 1
_private = 3
