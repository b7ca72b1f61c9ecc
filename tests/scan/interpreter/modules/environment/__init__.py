import os, sys, platform

X = [
    os.environ.get("SOME_PACK", "d"),
    os.getenv("SOME_PACK"),
    "SOME_PACK" in os.environ,
    sys.version_info >= (3, 8),
    sys.platform == "win32",
    sys.version_info.major,
]
EXPECTED = ["d", None, False, True, False, 3]
