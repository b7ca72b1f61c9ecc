"""A file is there whole or not at all, and nothing else is left beside it."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wftools.writing import atomically, write_atomically, write_new

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_NAME = 255  # bytes, of the file systems that are in use

# Writes a part of a file, says so, and waits for its end.
SLOW_WRITER = """
import signal, sys, time
from pathlib import Path
from wftools.cli import end_by_exception
from wftools.writing import atomically

# A job in the background, or below nohup, would ignore these.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
end_by_exception()
with atomically(Path(sys.argv[1])) as stream:
    stream.write(b"half")
    stream.flush()
    print("writing", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        with process:  # closes its output
            process.kill()


def _start(path: Path, started: list[subprocess.Popen[str]]) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", SLOW_WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    started.append(process)
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    return process


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old")
    path.chmod(0o640)

    write_atomically(path, b"new")
    with pytest.raises(TypeError):
        write_atomically(path, "not bytes")  # type: ignore[arg-type]

    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert _names(tmp_path) == ["a.json"]


def test_a_new_file_has_the_mode_that_the_user_wants(tmp_path):
    mask = os.umask(0o027)
    try:
        write_atomically(tmp_path / "a", b"")
    finally:
        os.umask(mask)

    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_a_stream_is_a_file_when_it_is_left(tmp_path):
    path = tmp_path / "a"

    with atomically(path) as stream:
        stream.write(b"one, ")
        assert not path.exists()
        stream.write(b"two")

    assert path.read_bytes() == b"one, two"
    assert _names(tmp_path) == ["a"]


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit, ValueError])
def test_a_stream_that_is_left_by_an_exception_is_no_file(ending, tmp_path):
    def write() -> None:
        with atomically(tmp_path / "a") as stream:
            stream.write(b"half")
            raise ending

    with pytest.raises(ending):
        write()

    assert _names(tmp_path) == []


def test_a_name_may_be_as_long_as_the_file_system_takes(tmp_path):
    path = tmp_path / ("n" * LONGEST_NAME)

    write_atomically(path, b"x")
    with pytest.raises(OSError, match="too long") as caught, atomically(tmp_path / ("n" * (LONGEST_NAME + 1))):
        pass  # the place to compute something: the error comes before

    assert path.read_bytes() == b"x"
    assert caught.value.errno == errno.ENAMETOOLONG


def test_an_error_names_the_file_that_was_to_be_written(tmp_path):
    path = tmp_path / "nowhere" / "flow.json"

    with pytest.raises(FileNotFoundError) as caught:
        write_atomically(path, b"x")

    assert caught.value.filename == str(path)


# Links, modes, what is no file


def test_the_target_of_a_link_is_written_and_the_link_stays(tmp_path):
    (tmp_path / "far").mkdir()
    link = tmp_path / "link"
    link.symlink_to("far/a")

    write_atomically(link, b"made")
    write_atomically(link, b"replaced")

    assert link.readlink() == Path("far/a")
    assert (tmp_path / "far" / "a").read_bytes() == b"replaced"
    assert _names(tmp_path / "far") == ["a"]


def test_a_link_to_itself_is_an_error(tmp_path):
    link = tmp_path / "link"
    link.symlink_to("link")

    with pytest.raises(OSError, match="symbolic"):
        write_atomically(link, b"")

    assert link.is_symlink()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder in which everybody may do everything; its test is nobody in particular."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)  # the superuser may write whatever is read-only
        yield Path(name)
        os.seteuid(user)


def test_a_read_only_file_is_refused(open_folder):
    """Although its folder would let it be replaced."""
    path = open_folder / "a"
    path.write_bytes(b"old")
    path.chmod(0o444)
    link = open_folder / "link"
    link.symlink_to("a")

    for name in (path, link):
        with pytest.raises(PermissionError):
            write_atomically(name, b"new")

    assert path.read_bytes() == b"old"
    assert _names(open_folder) == ["a", "link"]


def test_what_is_no_file_is_written_as_it_is(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(pipe, b"through")

        assert os.read(reader, 100) == b"through"
        assert pipe.is_fifo()
    finally:
        os.close(reader)


# New files


def test_a_new_file_takes_the_place_of_none(tmp_path):
    path = tmp_path / "a"
    write_new(path, b"first")
    (tmp_path / "link").symlink_to("nowhere")

    for name in (path, tmp_path / "link"):
        with pytest.raises(FileExistsError):
            write_new(name, b"second")

    assert path.read_bytes() == b"first"
    assert _names(tmp_path) == ["a", "link"]


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP])
def test_without_links_a_new_file_takes_the_place_of_none_either(number, tmp_path, monkeypatch):
    def no_link(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", no_link)

    write_new(tmp_path / "a", b"first")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "a", b"second")

    assert (tmp_path / "a").read_bytes() == b"first"
    assert _names(tmp_path) == ["a"]


def _claim(folder: Path, label: int) -> list[str]:
    taken = []
    for number in range(100):
        try:
            write_new(folder / f"{number}", str(label).encode())
        except FileExistsError:
            continue
        taken.append(f"{number}")
    return taken


def test_of_processes_that_want_one_name_one_gets_it(tmp_path):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        taken = pool.starmap(_claim, [(tmp_path, label) for label in range(2)])

    assert sorted(taken[0] + taken[1]) == sorted(map(str, range(100)))
    assert all((tmp_path / name).read_bytes() == b"%d" % label for label in range(2) for name in taken[label])


# What other processes leave


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_who_is_asked_to_end_leaves_nothing(number, tmp_path, started):
    process = _start(tmp_path / "a", started)
    assert len(_names(tmp_path)) == 1

    process.send_signal(number)
    process.wait(timeout=10)

    assert _names(tmp_path) == []


def test_what_a_killed_process_leaves_is_removed_by_the_next(tmp_path, started):
    process = _start(tmp_path / "a", started)
    process.kill()
    process.wait()
    assert len(_names(tmp_path)) == 1

    write_atomically(tmp_path / "b", b"")

    assert _names(tmp_path) == ["b"]


def test_what_a_living_process_writes_is_left_alone(tmp_path, started):
    _start(tmp_path / "a", started)
    before = _names(tmp_path)

    write_atomically(tmp_path / "b", b"")

    assert _names(tmp_path) == sorted([*before, "b"])


def test_what_others_left_is_left_alone(tmp_path):
    names = [".a.part", "wftools.part", ".wftools-00000000-0123456789abcdef.part"]  # the last: of another machine
    for name in names:
        (tmp_path / name).touch()

    write_atomically(tmp_path / "b", b"")

    assert _names(tmp_path) == sorted([*names, "b"])
