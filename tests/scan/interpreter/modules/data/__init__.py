import json, csv, configparser, os
from pathlib import Path

here = Path(__file__).resolve().parent
with open(here / "a.json") as f:
    a = json.load(f)
with open(here / "b.csv", newline="") as f:
    b = list(csv.DictReader(f))
c = configparser.ConfigParser()
c.read(str(here / "c.ini"))
lines = [l.strip() for l in open(here / "d.txt", encoding="utf-8")]
X = [a, b, c["s"]["k"], c.getint("s", "n"), lines, (here / "d.txt").read_text().splitlines()]
EXPECTED = [{"k": [1, 2.5, None]}, [{"n": "1", "m": "2"}], "v", 4, ["one", "", "two"], ["one", "", "two"]]
