"""Which packs are installed."""

from __future__ import annotations

import pytest

from wftools.deps.installed import InstalledPacks, pack_state
from wftools.deps.needs import PackNeed

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def need(id_="", repository="", *versions):
    return PackNeed(id_, repository, versions, is_said=True, uses=())


@pytest.fixture
def nodes(tmp_path):
    registry = tmp_path / "From-Registry"
    registry.mkdir()
    (registry / "pyproject.toml").write_text('[project]\nname = "A-Pack"\nversion = "1.2.0"\n')
    cloned = tmp_path / "ComfyUI-Own"
    (cloned / ".git/refs/heads").mkdir(parents=True)
    (cloned / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (cloned / ".git/refs/heads/main").write_text(COMMIT + "\n")
    (cloned / ".git/config").write_text('[remote "origin"]\n\turl = git@github.com:Somebody/ComfyUI-Own.git\n')
    (tmp_path / "plain_folder").mkdir()
    (tmp_path / "off.disabled").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("wanted", "state"),
    [
        (need("a-pack", "", "1.2.0"), "present"),
        (need("a-pack", "", "v1.2.0"), "present"),
        (need("a-pack"), "present"),
        (need("a-pack", "", "1.1.0"), "another version"),
        (need("", "somebody/comfyui-own", COMMIT), "present"),
        (need("", "Somebody/ComfyUI-Own", COMMIT[:10]), "present"),
        (need("", "Somebody/ComfyUI-Own", "f" * 40), "another version"),
        (need("plain_folder", "", "1.0"), "present"),  # it does not say its version
        (need("", "x/plain_folder"), "present"),
        (need("off"), "missing"),
        (need("b-pack", "x/b-pack"), "missing"),
    ],
)
def test_a_pack_is_there_or_not_or_in_another_version(wanted, state, nodes):
    found = InstalledPacks((nodes,)).of(wanted)

    assert pack_state(wanted, found, was_looked_for=True) == state


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", "["),
        ("pyproject.toml", "project = 5"),
        ("pyproject.toml", "[project]\nname = 5\nversion = []"),
        (".git/HEAD", "ref: refs/../../../secret"),
        (".git/HEAD", "\0\0"),
    ],
)
def test_what_is_not_as_it_should_be_says_nothing(file, text, tmp_path):
    pack = tmp_path / "nodes/a-pack"
    (pack / ".git/refs").mkdir(parents=True)
    (tmp_path / "nodes/secret").write_text(COMMIT)
    (pack / file).write_text(text)

    (found,) = InstalledPacks((tmp_path / "nodes",)).all

    assert (found.folder, found.id, found.version, found.commit) == ("a-pack", "", "", "")


def test_a_pack_that_is_known_by_its_folder_only_gets_its_names(nodes):
    by_folder = PackNeed("ComfyUI-Own", "", (), is_said=False, uses=())

    named = InstalledPacks((nodes,)).named(by_folder)

    assert (named.id, named.repository) == ("ComfyUI-Own", "Somebody/ComfyUI-Own")
    assert InstalledPacks((nodes,)).named(need("a-pack")) == need("a-pack")
