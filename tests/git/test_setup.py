"""git is told of the drivers, and all of it can be taken back."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.process import wftools
from wftools.errors import InputError, WftoolsError
from wftools.git.clean import cleaned
from wftools.git.repository import repository
from wftools.git.setup import installing, uninstalling
from wftools.git.setup.block import lines_of, with_block, without_block
from wftools.git.setup.patterns import patterns_for, uncovered
from wftools.lint.examples import picture

FLOW = json.dumps(picture())

# The block


@given(st.none() | st.binary(max_size=40), st.lists(st.sampled_from(["[a]", "\tb = c", "# d"]), max_size=3))
def test_taking_a_block_out_leaves_what_stood_there(content, lines):
    assert without_block(with_block(content, lines)) == content
    assert lines_of(with_block(content, lines)) == tuple(lines)


@given(st.none() | st.binary(max_size=40))
def test_putting_a_block_again_replaces_it(content):
    twice = with_block(with_block(content, ["first"]), ["second"])

    assert twice == with_block(content, ["second"])


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (None, b"theirs\n"),  # the file was ours, and is so no more
        (b"", b"theirs\n"),
        (b"a", b"a\ntheirs\n"),  # the line end that we gave it is needed now
        (b"a\r\n", b"a\r\ntheirs\n"),
    ],
)
def test_what_others_write_behind_a_block_stays(before, expected):
    assert without_block(with_block(before, ["ours"]) + b"theirs\n") == expected


def test_a_block_whose_line_ends_were_changed_is_found():
    content = with_block(b"a\n", ["ours"]).replace(b"\n", b"\r\n")

    assert lines_of(content) == ("ours",)
    assert without_block(content) == b"a\r\n"


def test_half_a_block_is_an_error():
    content = with_block(b"a\n", ["ours"]).rsplit(b"#", 1)[0]

    with pytest.raises(InputError, match="has lost its last line"):
        without_block(content)


# Installing


def carry_out(changes):
    for change in changes:
        change.write()


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but git's objects, with its content."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not {"objects", "logs", "index"} & set(path.relative_to(folder).parts)
    }


ODD_CONFIGS = [
    b"[user]\n\tname = Ada",  # no line end
    b"; a comment\r\n[user]\r\n\tname = Ada\r\n",
    b'[merge "wftools"]\n\tdriver = mine %A\n[diff "other"]\n\ttextconv = cat\n',
    b"[core]\n\tbare = false\n# the end\n\n\n",
]


@pytest.mark.parametrize("scope", ["local", "project", "global"])
@pytest.mark.parametrize("config", ODD_CONFIGS)
def test_uninstalling_restores_every_byte(scope, config, repo, home):
    """Whatever the files looked like, and whether or not there were any."""
    repo.commit_files("one", {"flow.json": FLOW, "package.json": "{}"})
    target = home / ".gitconfig" if scope == "global" else repo.folder / ".git" / "config"
    content = config if scope == "global" else target.read_bytes() + config
    target.write_bytes(content)
    repo.write(".gitattributes", "*.png binary")
    before = files(repo.folder), files(home)

    carry_out(installing(scope, repository(), clean_filter=True))
    assert (files(repo.folder), files(home)) != before
    carry_out(uninstalling([scope], repository()))

    assert (files(repo.folder), files(home)) == before


def test_settings_that_git_writes_after_installing_stay(repo):
    """And those that it writes do not land in our block."""
    carry_out(installing("local", repository()))
    repo("config", "user.name", "Ada")
    repo("config", "core.abbrev", "12")
    repo("remote", "add", "origin", "../elsewhere")

    carry_out(uninstalling(["local"], repository()))

    assert repo("config", "user.name") == "Ada\n"
    assert repo("config", "core.abbrev") == "12\n"
    assert repo("config", "remote.origin.url") == "../elsewhere\n"
    assert "wftools" not in repo("config", "--list")


def test_the_users_own_driver_of_the_name_is_back_after_uninstalling(repo):
    repo("config", "merge.wftools.driver", "mine %A")

    carry_out(installing("local", repository()))
    assert "merge-driver" in repo("config", "merge.wftools.driver")
    carry_out(uninstalling(["local"], repository()))

    assert repo("config", "merge.wftools.driver") == "mine %A\n"


def test_installing_twice_changes_nothing(repo):
    carry_out(installing("local", repository()))

    assert installing("local", repository()) == ()


def test_git_reads_what_was_written(repo, monkeypatch):
    """An interpreter in a folder with every character that a shell or git's configuration cares for."""
    odd = "/a b'c\"d\\e#f;g$h/python"
    monkeypatch.setattr(sys, "executable", odd)
    carry_out(installing("local", repository()))

    driver = repo("config", "merge.wftools.driver").rstrip("\n")
    assert shlex.split(driver)[:5] == [Path(odd).as_posix(), "-P", "-m", "wftools", "merge-driver"]
    assert repo("config", "mergetool.wftools.trustExitCode") == "true\n"


def test_worktrees_share_what_is_installed(repo, tmp_path, monkeypatch):
    repo.commit_files("one", {"workflows/flow.json": FLOW})
    repo("worktree", "add", "--quiet", str(tmp_path / "other"))
    monkeypatch.chdir(tmp_path / "other")

    carry_out(installing("local", repository()))

    assert "wftools" in repo("config", "merge.wftools.driver")
    assert uncovered(repository(), ["workflows/flow.json"]) == ()
    carry_out(uninstalling(["local"], repository()))
    assert "wftools" not in repo("config", "--list")


def test_global_files_are_where_git_looks(repo, home, monkeypatch):
    carry_out(installing("global", None))
    assert (home / ".gitconfig").exists()
    assert (home / ".config" / "git" / "attributes").exists()
    assert uncovered(repository(), ["workflows/a.json", "a.json"]) == ("a.json",)
    carry_out(uninstalling(["global"], None))

    (home / "xdg" / "git").mkdir(parents=True)
    (home / "xdg" / "git" / "config").write_text("[core]\n\tattributesFile = ~/mine\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "xdg"))
    carry_out(installing("global", None))

    assert not (home / ".gitconfig").exists()
    assert (home / "mine").exists()
    assert uncovered(repository(), ["workflows/a.json", "a.json"]) == ("a.json",)


def test_a_linked_configuration_stays_a_link(repo, home):
    (home / "dotfiles").write_text("[user]\n\tname = Ada\n")
    (home / ".gitconfig").symlink_to("dotfiles")

    carry_out(installing("global", None))

    assert (home / ".gitconfig").is_symlink()
    assert "wftools" in (home / "dotfiles").read_text()


def test_what_is_no_file_is_not_written(monkeypatch, repo):
    """Some have git read no configuration of theirs in this way."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)

    with pytest.raises(WftoolsError, match="is no file that could be changed"):
        installing("global", repository())
    assert installing("local", repository())


def test_a_file_that_git_is_writing_is_left_alone(repo):
    changes = installing("local", repository())
    (repo.folder / ".git" / "config.lock").write_text("")

    with pytest.raises(WftoolsError, match="is being written by git"):
        carry_out(changes)


# Patterns


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("workflows/a.json", True),
        ("x/y/workflows/z/a b.json", True),
        ("example_workflows/a.json", True),
        ("package.json", False),
        ("src/package.json", False),
        ("a.json", False),
        ("myworkflows/a.json", False),
        ("workflows/a.txt", False),
    ],
)
def test_by_default_files_in_folders_of_workflows_are_taken(path, expected, repo):
    carry_out(installing("local", repository()))

    assert (uncovered(repository(), [path]) == ()) is expected


def test_workflows_elsewhere_are_found(repo):
    """A folder of workflows as a whole; beside other files, and at the root, one by one."""
    repo.commit_files(
        "one",
        {
            "package.json": '{"nodes": 1}',
            "flow [1].json": FLOW,
            "all here/a.json": FLOW,
            "all here/b.JSON": FLOW,
            "mixed/a.json": FLOW,
            "mixed/tsconfig.json": "{}",
            "broken/a.json": '{"nodes": ',
            "workflows/a.json": FLOW,
        },
    )
    repo.write("untracked/a.json", FLOW)
    assert patterns_for(repository())[4:] == ("/all here/*.json", "/flow \\[1].json", "/mixed/a.json")
    carry_out(installing("local", repository()))

    tracked = repo("ls-files").splitlines()
    assert set(uncovered(repository(), [*tracked, "all here/new.json", "new.json"])) == {
        "package.json",
        "mixed/tsconfig.json",
        "broken/a.json",
        "all here/b.JSON",
        "new.json",
    }


@pytest.mark.parametrize("pattern", ["flows/**/*.json", "with space/*.json", "#odd/*.json", 'quo"te/*.json'])
def test_a_pattern_is_one_of_git(pattern, repo):
    carry_out(installing("local", repository(), [pattern]))

    path = pattern.replace("**/", "").replace("*", "a")
    assert uncovered(repository(), [path, "b.json"]) == ("b.json",)
    assert repo("check-attr", "diff", path.replace(".json", ".png")).endswith(": diff: wftools\n")


# As a process


def test_status_tells_what_works_and_what_is_left_out(repo):
    repo.commit_files("one", {"workflows/a.json": FLOW, "flows/b.json": FLOW})
    first = wftools("git", "status", cwd=repo.folder)
    assert (first.returncode, "not installed" in first.stdout) == (1, True)

    assert wftools("git", "install", "--glob", "workflows/*.json", cwd=repo.folder).returncode == 0
    second = wftools("git", "status", "--json", cwd=repo.folder)

    told = json.loads(second.stdout)
    assert second.returncode == 0
    assert told["uncovered"] == ["flows/b.json"]
    assert told["installed"][0]["patterns"] == ["workflows/*.json"]


def test_status_says_if_the_driver_does_not_start(repo, monkeypatch):
    with monkeypatch.context() as context:
        context.setattr(sys, "executable", "/gone/python")
        carry_out(installing("local", repository()))

    result = wftools("git", "status", cwd=repo.folder)

    assert result.returncode == 1
    assert "does not work: /gone/python does not start wftools" in result.stdout
    assert "another Python" in result.stdout


def test_a_module_in_the_working_tree_is_not_run(repo):
    """git starts drivers in the working tree, where a stranger's files lie."""
    repo.commit_files("one", {"workflows/a.json": FLOW, "json.py": "open('run', 'w')", "click.py": "open('run', 'w')"})
    carry_out(installing("local", repository()))
    repo.write("workflows/a.json", FLOW.replace("64", "768"))

    assert "= 768" in repo("diff")
    assert not (repo.folder / "run").exists()


def test_a_dry_run_writes_nothing(repo):
    before = files(repo.folder)

    result = wftools("git", "install", "--dry-run", "--clean-filter", cwd=repo.folder)

    assert files(repo.folder) == before
    assert '+[merge "wftools"]' in result.stdout
    assert "filter=wftools" in result.stdout


@pytest.mark.parametrize("words", [["install"], ["uninstall"], ["install", "--project"]])
def test_outside_of_a_repository_the_error_says_so(words, tmp_path):
    result = wftools("git", *words, cwd=tmp_path)

    assert result.returncode == 2
    assert "error: not in a git repository" in result.stderr


def test_uninstalling_takes_converted_texts_away(repo):
    repo.commit_files("one", {"workflows/a.json": FLOW})
    wftools("git", "install", cwd=repo.folder)
    repo.write("workflows/a.json", FLOW + "\n")
    repo("diff")
    assert "refs/notes/textconv/wftools" in repo("for-each-ref")

    wftools("git", "uninstall", cwd=repo.folder)

    assert "wftools" not in repo("for-each-ref")


# The clean filter


def test_git_keeps_the_canonical_text(repo):
    """What merely looking at a workflow changes is no change to git."""
    flow = picture()
    carry_out(installing("local", repository(), ["*.json"], clean_filter=True))
    repo.commit_files("one", {"a.json": json.dumps(flow), "package.json": '{"a":   1}', "empty.json": ""})

    repo.write("a.json", json.dumps(flow, indent=8))

    assert repo("diff", "--stat") == ""
    assert repo("show", "HEAD:package.json") == '{"a":   1}'
    assert repo("show", "HEAD:empty.json") == ""


def test_one_process_spells_all_files(repo, monkeypatch):
    """Files larger than a packet, empty ones, and such as are no workflow, in one call of git."""
    carry_out(installing("local", repository(), ["*.json"], clean_filter=True))
    repo("config", "filter.wftools.clean", "false")  # which is for a git that knows no processes
    large = json.dumps({"1": {"class_type": "Note", "inputs": {"text": "x" * 200_000}}})

    repo.commit_files(
        "one", {"a.json": FLOW, "sub/ä b.json": large, "empty.json": "", "no.json": "{", "crlf.json": "{}\r\n"}
    )

    kept = {path: repo("show", f"HEAD:{path}") for path in ("a.json", "sub/ä b.json", "empty.json", "no.json")}
    assert kept == {
        "a.json": cleaned(FLOW.encode(), "a").decode(),
        "sub/ä b.json": cleaned(large.encode(), "b").decode(),
        "empty.json": "",
        "no.json": "{",
    }
    assert kept["a.json"] != FLOW


def test_a_filter_whom_nobody_asks_says_so(tmp_path):
    result = wftools("git", "filter", cwd=tmp_path, stdin="hello")

    assert result.returncode == 2
    assert result.stderr.startswith("error: git is expected at the other end")


def test_the_filter_gives_every_other_byte_as_it_is(tmp_path):
    for data in (b"", b"\xff\xfe\0", b"{", b'{"a": 1}\r\n'):
        (tmp_path / "x").write_bytes(data)
        with (tmp_path / "x").open("rb") as stream:
            done = subprocess.run(
                [sys.executable, "-m", "wftools", "fmt", "-", "--git"], stdin=stream, capture_output=True, check=True
            )
        assert done.stdout == data


def test_an_old_git_may_be_the_one_that_is_there(tmp_path, monkeypatch, home):
    """`git var` does not know GIT_CONFIG_SYSTEM before 2.41; what an editor would open is where it stands."""
    monkeypatch.delenv("GIT_CONFIG_NOSYSTEM")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(tmp_path / "etc" / "gitconfig"))
    (tmp_path / "etc").mkdir()
    monkeypatch.chdir(tmp_path)

    carry_out(installing("system", None))

    assert "wftools" in (tmp_path / "etc" / "gitconfig").read_text()
    assert "wftools" in (tmp_path / "etc" / "gitattributes").read_text()
    carry_out(uninstalling(["system"], None))
    assert [*(tmp_path / "etc").iterdir()] == []
