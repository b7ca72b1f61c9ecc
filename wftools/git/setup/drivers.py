"""What git is told of our drivers: commands that work from git's own shell, wherever it is started."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wftools.errors import WftoolsError
from wftools.git.textconv import FORMAT, HUNK_HEADING

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME: Final = "wftools"  # of the drivers, in git's configuration and attributes


def command(*words: str) -> str:
    """A command of this wftools for a shell.

    The interpreter is named in full, since programs with windows have no virtual environment on their PATH. `-P` keeps
    Python from importing what lies in the current folder: git starts drivers in the working tree, where a stranger's
    `json.py` may lie.
    """
    if not sys.executable:
        raise WftoolsError("it is not known which Python runs this", hint="install wftools with pip or pipx")
    return shlex.join([Path(sys.executable).as_posix(), "-P", "-m", "wftools", *words])


def config_lines(*, clean_filter: bool) -> Iterator[str]:
    """The drivers as sections of a git configuration."""
    sections: dict[str, dict[str, str]] = {
        "diff": {
            # git keeps what was converted until this text changes: the version of the format is a part of it.
            "textconv": command("textconv", f"--format-version={FORMAT}", "--"),
            "cachetextconv": "true",
            "xfuncname": HUNK_HEADING,
        },
        # 1 says that there are changes; a git that is told to trust exit statuses takes it for a failure.
        "difftool": {"cmd": command("diff", "--open", "--") + ' "$LOCAL" "$REMOTE"; test $? -le 1'},
        "merge": {
            "name": "merge of ComfyUI workflows by meaning",
            "driver": command("merge-driver", "--") + " %O %A %B %L %P %S %X %Y",
            "recursive": "binary",
        },
        "mergetool": {
            "cmd": command("mergetool", "--") + ' "$BASE" "$LOCAL" "$REMOTE" "$MERGED"',
            "trustExitCode": "true",
        },
    }
    if clean_filter:
        sections["filter"] = {"process": command("git", "filter"), "clean": command("fmt", "-", "--git")}
    for section, settings in sections.items():
        yield f'[{section} "{NAME}"]'
        for key, value in settings.items():
            yield f"\t{key} = {_quoted(value)}"


def _quoted(value: str) -> str:
    """A value as git's configuration spells it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"' if escaped != value or set(value) & set("#;") or value.strip() != value else value
