import re

m = re.match(r"(\w+)-(?P<n>\d+)", "ab-12")
X = [
    m.group(1),
    m["n"],
    re.sub(r"\d", "#", "a1b2"),
    re.findall("[a-c]", "xaby"),
    re.split(", *", "a, b"),
    bool(re.search("z", "a")),
    re.compile("a", re.I).sub(lambda m: m.group() * 2, "aA"),
]
