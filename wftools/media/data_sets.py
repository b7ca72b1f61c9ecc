"""Folders of pictures and videos with captions, and parts of videos that are chosen by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from wftools.errors import InputError, LimitError, Place, RunError
from wftools.imaging.collection import twister
from wftools.media.video import VideoOfImages

if TYPE_CHECKING:
    from pathlib import Path

    from wftools.values import Video

PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp"})
VIDEOS: Final = frozenset({".mp4", ".avi", ".mov", ".webm", ".mkv", ".flv"})

MAX_FILES: Final = 1_000_000  # of one folder, repeats included
MAX_CAPTION: Final = 2**20  # bytes


class Captioned(NamedTuple):
    """A file and what is said of it."""

    path: Path
    caption: str


def files_in(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    """The files of a folder, by name. Raises InputError if there are none."""
    found = _files(folder, suffixes)
    if not found:
        raise InputError(f"no files that end in {_listed(suffixes)} are there", place=Place(str(folder)))
    return found


def captioned_in(folder: Path, suffixes: frozenset[str]) -> list[Captioned]:
    """The files of a folder and of the folders in it, with their captions: `a.txt` beside `a.png`, else none.

    Those of a folder `3_fox` are taken three times, one after another. Raises InputError if there are no files.
    """
    found: list[Path] = []
    for path in _sorted(folder):
        if path.suffix.lower() in suffixes:
            found.append(path)
        elif path.is_dir():
            times = path.name.split("_")[0]
            inner = _files(path, suffixes)
            repeats = int(times) if times.isdecimal() and len(times) < 20 else 1
            if len(found) + len(inner) * repeats > MAX_FILES:
                raise LimitError(f"more than {MAX_FILES:,} files with repeats", place=Place(str(path)))
            found += inner * repeats
    if not found:
        raise InputError(f"no files that end in {_listed(suffixes)} are there", place=Place(str(folder)))
    captions = {path: _caption(path.with_suffix(".txt")) for path in set(found)}
    return [Captioned(path, captions[path]) for path in found]


def _files(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    return [path for path in _sorted(folder) if path.suffix.lower() in suffixes]


def _sorted(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"the folder cannot be read: {error.strerror}", place=Place(str(folder))) from error


def _listed(suffixes: frozenset[str]) -> str:
    return ", ".join(sorted(suffixes))


def _caption(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_CAPTION:
            raise LimitError(f"the caption is larger than {MAX_CAPTION // 2**20} MB", place=Place(str(path)))
        return path.read_text("utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the caption cannot be read: {error}", place=Place(str(path))) from error


def sampled(video: Video, count: int, strategy: str, seed: int) -> Video:
    """So many frames: the first ("head"), the last ("tail"), at equal distances ("uniform") or any ("random").

    Chosen frames are counted from the start of the file also if the video is a part of it, and have no sound.
    """
    total, fps = video.frame_count, video.fps
    count = min(count, total)
    if strategy == "head":
        return video.trimmed(0.0, float(count / fps))
    if strategy == "tail":
        return video.trimmed(float((total - count) / fps), float(count / fps))
    if not count:
        raise RunError("the video has no frames")
    if strategy == "random":
        indices = sorted(twister(seed).choice(total, size=count, replace=False).tolist())
    elif count == 1:
        indices = [total // 2]
    else:
        indices = [round(index * (total - 1) / (count - 1)) for index in range(count)]
    return VideoOfImages(video.frames_at(indices), fps)


def cropped(video: Video, start: int, length: int) -> Video:
    """So many frames from a frame on; at least the last one."""
    total = video.frame_count
    start = min(start, max(total - 1, 0))
    return video.trimmed(float(start / video.fps), float(min(length, total - start) / video.fps))


def randomly_cropped(video: Video, length: int, seed: int) -> Video:
    """So many frames in a row, from any frame on."""
    room = max(video.frame_count - length, 0)
    return cropped(video, int(twister(seed).randint(0, room + 1)), length)
