X = [
    "a,b".split(","),
    " x ".strip(),
    "ab".upper(),
    "-".join(["a", "b"]),
    "aXb".partition("X"),
    "x".zfill(3),
    "abc"[::-1],
    "a b".title(),
    "abc".replace("b", "z"),
    "x".startswith(("y", "x")),
]
