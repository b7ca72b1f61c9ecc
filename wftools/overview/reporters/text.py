"""For people: what each file is, what its outputs are made of, and how."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Final
from unicodedata import east_asian_width

import click

from wftools.errors import counted, listed
from wftools.escaping import printable
from wftools.overview.words import kind_name, size_text, spelled, strength_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wftools.overview.files import Seen
    from wftools.overview.model import Output, Overview, Pass, Prompt, UsedFile

WIDEST: Final = 110  # columns of text, in however wide a terminal
_LABEL: Final = 11
MAX_PROMPT: Final = 12  # lines of one prompt that are shown
MAX_TYPES: Final = 8  # of nodes that are named
MAX_NODES: Final = 6  # of output nodes

_LEFT_OUT: Final = ("sampler", "scheduler", "steps", "start", "end", "seed")  # of settings: told in other words


def render(files: Iterable[Seen]) -> Iterator[str]:
    """A block for each file, with a line between them."""
    first = True
    for each in files:
        if each.overview is not None:
            lines = list(_block(each.overview))
            yield "\n".join(lines if first else ["", *lines])
            first = False


def _block(file: Overview) -> Iterator[str]:
    yield click.style(printable(file.file), bold=True) + click.style(f"  {_about(file)}", dim=True)
    told = [output for output in file.outputs if output.passes or output.models or output.inputs or any(output.texts)]
    before: list[Output] = []
    for output in told:
        yield from _output(
            output, next((each for each in before if each.passes and each.passes == output.passes), None)
        )
        before.append(output)
    others = [node for output in file.outputs if output not in told for node in output.nodes]
    if others:
        yield from _line("outputs" if not told else "also", listed([_node(each) for each in others], MAX_NODES))
    if not file.outputs:
        yield from _line("outputs", "none")
    for pack in file.packs:
        name = pack.name or "of unknown packs"
        types = listed(list(pack.types), MAX_TYPES)
        versions = f" {', '.join(version[:12] for version in pack.versions)}" if pack.versions else ""
        yield from _line("pack", f"{name}{versions}: {types}")
    counts = [f"{count} {name}" if count > 1 else name for name, count in file.nodes.items()]
    if counts:
        yield from _line("nodes", f"{sum(file.nodes.values())}: {listed(counts, MAX_TYPES)}")


def _about(file: Overview) -> str:
    form = {"ui": "workflow", "api": "prompt", "ui+api": "workflow and prompt"}.get(file.form, file.form)
    parts = [f"{form} {file.schema}" if file.schema and file.form == "ui" else form]
    if file.container is not None:
        size = f" {file.picture[0]}x{file.picture[1]}" if file.picture is not None else ""
        parts.insert(0, f"{file.container}{size}")
    if file.title:
        parts.append(printable(file.title))
    if file.core:
        parts.append(f"ComfyUI {printable(file.core[-1])}")
    if file.frontend:
        parts.append(f"frontend {printable(file.frontend)}")
    return " · ".join(parts)


def _output(output: Output, same: Output | None) -> Iterator[str]:
    """One output; of one that is made as another was, only what it has beside that."""
    names = listed([_node(each) for each in output.nodes], MAX_NODES)
    size = size_text(output.size)
    yield from _line("output", f"{names} · {size}" if size else names, colour="green")
    if same is not None:
        yield from _models([each for each in output.models if each not in same.models])
        yield from _line("made", f"as output {same.nodes[0].path} is")
        return
    shared = [each for each in output.models if len(output.passes) == 1 or _is_shared(each, output)]
    yield from _models(shared)
    if output.inputs:
        yield from _line("input", ", ".join(dict.fromkeys(each.name for each in output.inputs)))
    before: Pass | None = None
    for number, one in enumerate(output.passes, 1):
        if len(output.passes) > 1 or one.service is not None:
            count = f" {number} of {len(output.passes)}" if len(output.passes) > 1 else ""
            size = size_text(one.size) if one.size != output.size else ""
            yield from _line(f"pass{count}", f"{_node(one.node)}{' · ' + size if size else ''}", colour="cyan")
        yield from _models([each for each in one.models if each not in shared])
        if before is None or _texts(one.positive) != _texts(before.positive):
            yield from _prompts("positive", one.positive)
        if before is None or _texts(one.negative) != _texts(before.negative):
            yield from _prompts("negative", one.negative)
        sampling = _sampling(one)
        if sampling:
            yield from _line("sampling" if one.service is None else "service", sampling)
        before = one
    for text in output.texts:
        yield from _text("text", spelled(text))


def _texts(prompts: Sequence[Prompt]) -> list[str]:
    return [spelled(each.text) for each in prompts]


def _is_shared(model: UsedFile, output: Output) -> bool:
    """Whether a model is of every pass, or of none, as a VAE that decodes is."""
    return len({model in one.models for one in output.passes}) == 1


def _models(models: Sequence[UsedFile]) -> Iterator[str]:
    for each in {(each.kind, each.name, each.strengths): each for each in models}.values():
        strength, kind = strength_text(each), kind_name(each.kind)
        told = f"{each.name}{' · ' + strength if strength else ''}"
        yield from _line(kind, told) if len(kind) <= _LABEL else _line("other", f"{told} ({kind})")


def _prompts(label: str, prompts: Sequence[Prompt]) -> Iterator[str]:
    for prompt in prompts:
        yield from _text(label, spelled(prompt.text))
        label = ""


def _sampling(one: Pass) -> str:
    told = one.settings
    parts = [spelled(told[name]) for name in ("sampler", "scheduler") if name in told]
    if "steps" in told:
        parts.append(f"{spelled(told['steps'])} steps{_range(one)}")
    others = {name: value for name, value in told.items() if name not in _LEFT_OUT and (name, value) != ("denoise", 1)}
    parts += [f"{name.replace('_', ' ')} {spelled(value)}" for name, value in others.items()]
    if "seed" in told:
        parts.append(f"seed {spelled(told['seed'])}")
    if one.service:
        parts.insert(0, one.service)
    return ", ".join(parts)


def _range(one: Pass) -> str:
    start, end = one.settings.get("start"), one.settings.get("end")
    if start is None and end is None:
        return ""
    if end is None:
        return f" (from {spelled(start)})" if start is not None else ""
    return f" ({spelled(start if start is not None else 0)} to {spelled(end)})"


def _node(node: object) -> str:
    return printable(str(node))


def _line(label: str, text: str, colour: str | None = None) -> Iterator[str]:
    """One fact; what is too long for a line goes on below."""
    yield from _wrapped(label, [printable(text)], colour)


def _text(label: str, text: str) -> Iterator[str]:
    """A prompt, with its own line ends."""
    yield from _wrapped(label, [printable(line, "\t").expandtabs(4) for line in text.strip("\n").split("\n")], None)


def _wrapped(label: str, paragraphs: Sequence[str], colour: str | None) -> Iterator[str]:
    columns = (
        shutil.get_terminal_size((WIDEST, 0)).columns if sys.stdout is not None and sys.stdout.isatty() else WIDEST
    )
    width = max(20, min(WIDEST, columns) - _LABEL - 3)
    lines = [line for each in paragraphs for line in _lines(each, width)]
    if len(lines) > MAX_PROMPT:
        cut = counted(len(lines) - MAX_PROMPT + 1, "more line")
        lines = [*lines[: MAX_PROMPT - 1], click.style(f"… {cut}", dim=True)]
    for index, line in enumerate(lines):
        style = {"fg": colour} if colour is not None else {"dim": True}
        shown = click.style(f"{label:<{_LABEL}}", **style) if index == 0 else " " * _LABEL
        yield f"  {shown} {line}".rstrip()


def _lines(text: str, width: int) -> Iterator[str]:
    """A text in lines of so many columns: letters of some scripts take two."""
    for line in textwrap.wrap(text, width) or [""]:
        start = column = 0
        for index, letter in enumerate(line):
            column += 1 + (east_asian_width(letter) in "WF")
            if column > width:
                yield line[start:index]
                start, column = index, 1 + (east_asian_width(letter) in "WF")
        yield line[start:]
