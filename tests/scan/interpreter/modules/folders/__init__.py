import os, glob
from pathlib import Path

here = os.path.dirname(os.path.realpath(__file__))
X = [
    sorted(os.listdir(here + "/d")),
    [os.path.basename(p) for p in glob.glob(here + "/d/*.txt")],
    [p.stem for p in sorted(Path(__file__).parent.glob("d/*"))],
    [f for _, _, fs in os.walk(here + "/d") for f in fs],
    [e.name for e in os.scandir(here + "/d") if e.is_file()],
    Path(here, "d", "a.txt").exists(),
    os.path.isfile(here + "/no"),
    [p.name for p in Path(here).rglob("*.bin")],
]
EXPECTED = [["a.txt", "b.bin"], ["a.txt"], ["a", "b"], ["a.txt", "b.bin"], ["a.txt", "b.bin"], True, False, ["b.bin"]]
