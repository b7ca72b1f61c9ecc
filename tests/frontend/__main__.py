"""What the real editor makes of a file: python -m tests.frontend FILE… [--api | --ui | --saved | --picture OUT.png]"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path

from tests.frontend.browser import editor, why_not
from tests.frontend.facts import recorded_object_info


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.frontend", description="Ask the real web editor about workflows.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="what the editor can open")
    parser.add_argument(
        "--api",
        action="store_const",
        const="prompt",
        dest="form",
        default="prompt",
        help="print the prompt that it would queue (the default)",
    )
    parser.add_argument("--ui", action="store_const", const="exported", dest="form", help="print what it embeds")
    parser.add_argument("--saved", action="store_const", const="saved", dest="form", help="print what it saves")
    parser.add_argument("--picture", type=Path, metavar="PNG", help="save what it shows of the last file")
    parser.add_argument("--object-info", type=Path, metavar="FILE", help="node types (default: ComfyUI 0.33.0's)")
    asked = parser.parse_args()
    if reason := why_not():
        sys.exit(reason)
    info = json.loads(asked.object_info.read_text("utf-8")) if asked.object_info else recorded_object_info()
    with editor(info) as page:
        for file in asked.files:
            page.open(file.read_bytes(), file.name)
            sys.stdout.write(json.dumps(getattr(page, asked.form)(), indent=2, ensure_ascii=False) + "\n")
            for message in page.messages():
                sys.stderr.write(f"{file}: {message}\n")
        if asked.picture:
            asked.picture.write_bytes(page.screenshot())


main()
