"""Files at revisions, and which of them differ."""

from __future__ import annotations

import os
import sys

import pytest

from tests.git.conftest import Git
from wftools.errors import InputError, WftoolsError
from wftools.git import changed_files, file_at, history, names_revision, repository, repository_of

ODD_NAMES = ["plain.json", "with space.json", "new\nline.json", "tab\there.json", "ümläut 流.json", "*.json", "-x.json"]


def sides(changed):
    return [(each.old and each.old.name, each.new and each.new.name) for each in changed]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("HEAD:a.json", True),
        (":a.json", True),
        ("HEAD^{/fix: it}:a.json", True),
        ("stash@{0}:a.json", True),
        ("HEAD^{/fix: it}", False),
        ("a.json", False),
        ("there:a.json", False),  # a file of this name lies there
        ("HEAD:", False),
    ],
)
def test_a_name_with_a_colon_is_a_revision_unless_a_file_has_it(name, expected, repo):
    repo.write("there:a.json", "{}")

    assert names_revision(name) is expected


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_file_is_read_at_a_revision_whatever_its_name(name, repo):
    repo.commit_files("one", {f"a b/{name}": "1"})
    repo.commit_files("two", {f"a b/{name}": "2"})

    assert file_at(f"HEAD~1:a b/{name}").read() == b"1"
    assert file_at(f":a b/{name}").read() == b"2"
    assert sides(changed_files(["HEAD~1..HEAD"])) == [(f"HEAD~1:a b/{name}", f"HEAD:a b/{name}")]


def test_a_name_that_git_could_take_for_a_pattern_is_a_name(repo):
    """At the root, where its first characters are those of the path."""
    repo.commit_files("one", {":(top)x.json": "1"})

    assert file_at("HEAD::(top)x.json").read() == b"1"
    assert [each.file for each in history(*repository_of(":(top)x.json"))] == [file_at("HEAD::(top)x.json")]


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="file names there are Unicode")
def test_a_file_name_may_be_no_text(repo):
    name = os.fsdecode(b"caf\xe9.json")
    repo.commit_files("one", {name: "1"})

    assert file_at(f"HEAD:{name}").read() == b"1"


def test_paths_start_at_the_root_or_with_a_dot_at_the_folder(repo):
    repo.commit_files("one", {"sub/a.json": "1", "b.json": "2"})
    folder = repo.folder / "sub"

    assert file_at("HEAD:./a.json", folder).read() == b"1"
    assert file_at("HEAD:../b.json", folder).read() == b"2"
    assert file_at("HEAD:sub/a.json", folder).read() == b"1"
    with pytest.raises(InputError) as error:
        file_at("HEAD:a.json", folder)
    assert error.value.hint == "paths start at the repository's root: did you mean HEAD:./a.json?"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nope:a.json", "git knows no revision 'nope'"),
        ("--all:a.json", "git knows no revision '--all'"),
        ("HEAD:nope.json", "'nope.json' is not in HEAD"),
        ("HEAD:sub", "HEAD:sub: is a folder"),
        (":nope.json", "'nope.json' is not in the index"),
        (":2:a.json", "'a.json' is not in the index at stage 2"),
        ("HEAD:loop", "HEAD:loop: is one of too many symbolic links in a row"),
        ("HEAD:out", "HEAD:out: is a symbolic link that leads out of the repository"),
    ],
)
def test_what_is_not_there_is_one_clear_error(name, message, repo):
    (repo.folder / "loop").symlink_to("loop")
    (repo.folder / "out").symlink_to("../elsewhere.json")
    repo.commit_files("one", {"a.json": "1", "sub/b.json": "2"})

    with pytest.raises(InputError) as error:
        file_at(name)

    assert str(error.value) == message


def test_symbolic_links_are_followed(repo):
    repo.write("sub/real.json", "1")
    (repo.folder / "sub" / "link.json").symlink_to("real.json")
    (repo.folder / "link.json").symlink_to("sub/link.json")
    repo.commit("one")

    assert file_at("HEAD:link.json").read() == b"1"


def test_a_submodule_is_no_file(repo, tmp_path):
    inner = Git(tmp_path / "inner")
    inner.commit_files("one", {"a.json": "1"})
    repo("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.folder), "inner")
    repo.commit("one")

    with pytest.raises(InputError, match="is a submodule"):
        file_at("HEAD:inner")
    assert file_at("HEAD:./a.json", repo.folder / "inner").read() == b"1"
    assert sides(changed_files(["HEAD"])) == []


def test_outside_of_a_repository_and_before_the_first_commit(repo, tmp_path):
    with pytest.raises(InputError, match="is not in a git repository"):
        file_at("HEAD:a.json", tmp_path)
    with pytest.raises(InputError) as error:
        file_at("HEAD:a.json")
    assert error.value.hint == "the repository has no commit yet"


def test_a_shallow_clone_says_that_it_is_one(repo, tmp_path):
    for content in "12":
        repo.commit_files(content, {"a.json": content})
    repo("clone", "--quiet", "--depth=1", f"file://{repo.folder}", str(tmp_path / "clone"))

    with pytest.raises(InputError) as error:
        file_at("HEAD~1:a.json", tmp_path / "clone")

    assert error.value.hint == "this clone has no older history: git fetch --unshallow"


def test_a_bare_repository_has_revisions(repo, tmp_path):
    repo.commit_files("one", {"a.json": "1"})
    repo.commit_files("two", {"a.json": "2"})
    bare = tmp_path / "bare.git"
    repo("clone", "--quiet", "--bare", str(repo.folder), str(bare))

    assert file_at("HEAD~1:a.json", bare).read() == b"1"
    assert sides(changed_files(["HEAD~1", "HEAD"], folder=bare)) == [("HEAD~1:a.json", "HEAD:a.json")]
    with pytest.raises(InputError, match="has no working tree"):
        changed_files(["HEAD"], folder=bare)


def test_a_repository_may_have_ids_of_sha256(tmp_path, monkeypatch):
    repo = Git(tmp_path / "long", "--object-format=sha256")
    monkeypatch.chdir(repo.folder)
    repo.commit_files("one", {"a.json": "1"})
    repo.write("a.json", "2")

    (changed,) = changed_files(["HEAD"])
    assert (changed.old.read(), changed.new.read()) == (b"1", b"2")


def test_without_git_the_error_says_so(repo, monkeypatch):
    monkeypatch.setenv("PATH", "")

    with pytest.raises(WftoolsError, match="git is not installed, or not on the PATH"):
        repository()


def test_git_s_own_configuration_changes_nothing_of_what_is_found(repo):
    """Settings that make output for people: colours, other tools, signatures, relative paths."""
    repo.commit_files("one", {"sub/a.json": "1\n2\n3\n4\n"})
    for key, value in {
        "color.ui": "always",
        "diff.external": "false",
        "diff.relative": "true",
        "diff.renames": "false",
        "diff.noprefix": "true",
        "log.showSignature": "true",
        "core.pager": "false",
    }.items():
        repo("config", key, value)
    repo("mv", "sub/a.json", "b.json")
    repo.commit("two")

    (changed,) = changed_files(["HEAD~1", "HEAD"])
    assert (changed.old.path, changed.new.path, changed.is_renamed) == ("sub/a.json", "b.json", True)


# Which files differ


@pytest.fixture
def edited(repo):
    """A commit, something staged on it, and something more in the working tree."""
    repo.commit_files("base", {"kept.json": "k", "staged.json": "1", "worked.json": "1", "gone.json": "g"})
    repo.write("staged.json", "2")
    repo("add", "staged.json")
    repo.write("worked.json", "2")
    (repo.folder / "gone.json").unlink()
    repo.write("untracked.json", "u")
    return repo


@pytest.mark.parametrize(
    ("revisions", "is_staged", "expected"),
    [
        ([], False, [(":gone.json", None), (":worked.json", "worked.json")]),
        ([], True, [("HEAD:staged.json", ":staged.json")]),
        (["HEAD"], True, [("HEAD:staged.json", ":staged.json")]),
        (
            ["HEAD"],
            False,
            [("HEAD:gone.json", None), ("HEAD:staged.json", "staged.json"), ("HEAD:worked.json", "worked.json")],
        ),
    ],
)
def test_the_working_tree_and_the_index_are_compared_as_git_does(edited, revisions, is_staged, expected):
    assert sides(changed_files(revisions, is_staged=is_staged)) == expected


def test_each_side_gives_its_content(edited):
    by_path = {each.path: each for each in changed_files(["HEAD"])}

    assert by_path["staged.json"].old.read() == b"1"
    assert by_path["staged.json"].new.read() == b"2"
    assert by_path["gone.json"].old.read() == b"g"


def test_other_files_are_left_out(repo):
    repo.commit_files("one", {"a.json": "1", "b.PNG": "1", "c.py": "1", "Makefile": "1"})

    assert [each.path for each in changed_files(["4b825dc642cb6eb9a060e54bf8d69288fbee4904", "HEAD"])] == [
        "a.json",
        "b.PNG",
    ]


def test_paths_narrow_what_is_compared(edited):
    (edited.folder / "sub").mkdir()
    edited.write("sub/new.json", "n")
    edited("add", "--all")

    assert [each.path for each in changed_files(["HEAD"], ["work*"])] == ["worked.json"]
    assert [each.path for each in changed_files(["HEAD"], ["."], folder=edited.folder / "sub")] == ["sub/new.json"]


def test_three_dots_start_where_the_branches_parted(repo):
    base = repo.commit_files("base", {"a.json": "1", "b.json": "1"})
    repo("checkout", "--quiet", "-b", "side")
    repo.commit_files("side", {"a.json": "2"})
    repo("checkout", "--quiet", "main")
    repo.commit_files("main", {"b.json": "2"})

    (changed,) = changed_files(["main...side"])

    assert changed.path == "a.json"
    assert base.startswith(changed.old.revision)
    assert changed.new.name == "side:a.json"


def test_before_the_first_commit_all_that_is_staged_is_new(repo):
    repo.write("a.json", "1")
    repo("add", "a.json")

    assert sides(changed_files(is_staged=True)) == [(None, ":a.json")]


def test_more_than_two_revisions_cannot_be_compared(repo):
    repo.commit_files("one", {"a.json": "1"})

    with pytest.raises(InputError, match="more revisions than can be compared"):
        changed_files(["HEAD", "HEAD", "HEAD"])


def test_a_file_with_an_open_conflict_is_compared_once(repo):
    repo.commit_files("base", {"a.json": "1"})
    repo("checkout", "--quiet", "-b", "side")
    repo.commit_files("side", {"a.json": "2"})
    repo("checkout", "--quiet", "main")
    repo.commit_files("main", {"a.json": "3"})
    repo("merge", "side", status=1)

    assert sides(changed_files(["HEAD"])) == [("HEAD:a.json", "a.json")]
    assert file_at(":3:a.json").read() == b"2"
    assert file_at(":1:a.json").name == ":1:a.json"


def test_a_file_that_git_lfs_keeps_is_what_a_checkout_writes(repo):
    """Its filter is asked; where it gives nothing, that is said."""
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"
    repo.commit_files("one", {"a.png": pointer})
    with pytest.raises(InputError, match="is kept by Git LFS"):
        file_at("HEAD:a.png").read()

    repo.write(".git/info/attributes", "*.png filter=lfs\n")
    repo("config", "filter.lfs.smudge", "cat > /dev/null; printf png")

    assert file_at("HEAD:a.png").read() == b"png"
