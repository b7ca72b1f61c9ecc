"""What commits did to a workflow, and who last set what."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from tests.cli.process import wftools
from tests.git.flows import FLOW, SAMPLES, flow, node_of, renumbered
from wftools.diff.report import Options
from wftools.git.histories import log
from wftools.git.histories.blame import WHOLE, blame

SAMPLER = str(node_of(FLOW, "KSampler")["id"])


def who(name: str, *arguments) -> dict[tuple[str, ...], str | None]:
    """The subjects of the commits that set the facts of the sampler, and that added the other nodes."""
    found: dict[tuple[str, ...], str | None] = {}
    for fact in blame(name, *arguments).facts:
        subject = fact.commit.subject if fact.commit is not None else None
        part = fact.subject
        if part.id == SAMPLER or fact.key == WHOLE:
            found[fact.key if part.id == SAMPLER else (part.id,)] = subject
    return found


def commit_merge(repo, **more):
    """Commit a merge of two sides, of which one has set cfg and the other one steps; the merge sets what is `more`."""
    repo.commit_files("added", {"a.json": flow()})
    repo("checkout", "--quiet", "-b", "side")
    repo.commit_files("theirs", {"a.json": flow(cfg=2)})
    repo("checkout", "--quiet", "main")
    repo.commit_files("ours", {"a.json": flow(steps=31)})
    repo("merge", "--no-commit", "side", status=None)
    repo.commit_files("merge", {"a.json": flow(steps=31, cfg=2, **more)})


def test_each_value_has_its_commit(repo):
    repo.commit_files("added", {"a.json": flow()})
    repo.commit_files("steps", {"a.json": flow(steps=31)})
    repo.commit_files("cfg", {"a.json": flow(steps=31, cfg=2)})
    repo.commit_files("steps again", {"a.json": flow(steps=32, cfg=2)})
    repo.write("a.json", flow(steps=32, cfg=2, sampler_name="heun"))

    found = who("a.json")

    assert found["widget", "steps"] == "steps again"
    assert found["widget", "cfg"] == "cfg"
    assert found["widget", "sampler_name"] is None
    assert found["widget", "scheduler"] == "added"
    assert found["link", "model"] == "added"
    assert who("a.json", "HEAD~2")["widget", "steps"] == "steps"


def test_a_value_that_came_back_is_of_who_brought_it_back(repo):
    for subject, steps in (("twenty", 20), ("thirty", 30), ("twenty again", 20)):
        repo.commit_files(subject, {"a.json": flow(steps=steps)})

    assert who("a.json")["widget", "steps"] == "twenty again"


def test_renumbering_and_renaming_set_nothing(repo):
    repo.commit_files("added", {"a.json": flow()})
    repo.commit_files("note", {"a.json": flow(title="New", steps=31)})
    repo.commit_files("renumbered", {"a.json": json.dumps(renumbered(json.loads(flow(title="New", steps=31)), 1))})
    repo("mv", "a.json", "b.json")
    repo.commit("renamed")

    by_subject: dict[str, list[tuple[str, ...]]] = {}
    for fact in blame("b.json").facts:
        by_subject.setdefault(fact.commit.subject, []).append(fact.key)

    assert set(by_subject) == {"added", "note"}
    assert ("widget", "steps") in by_subject["note"]


def test_facts_are_followed_into_the_branch_that_set_them(repo):
    commit_merge(repo, denoise=0.5)

    found = who("a.json")

    assert found["widget", "steps"] == "ours"
    assert found["widget", "cfg"] == "theirs"
    assert found["widget", "denoise"] == "merge"
    assert found["widget", "scheduler"] == "added"


@pytest.mark.parametrize("seed", range(2))
def test_blame_knows_who_set_each_of_many_values(repo, seed):
    """A long history of single edits, between which the file is renumbered and spelled otherwise."""
    chance = random.Random(seed)
    choices = {"steps": range(1, 99), "cfg": range(1, 30), "denoise": [0.1, 0.5, 0.7], "scheduler": ["karras", "beta"]}
    values: dict[str, Any] = {}
    expected = {}
    repo.commit_files("0", {"a.json": flow()})
    for number in range(1, 12):
        name = chance.choice([*choices])
        value = chance.choice([each for each in choices[name] if each != values.get(name)])
        values[name], expected[name] = value, str(number)
        tree = json.loads(flow(**values))
        tree = renumbered(tree, number) if chance.random() < 0.3 else tree
        repo.commit_files(str(number), {"a.json": json.dumps(tree, indent=chance.choice([None, 2]))})

    found = blame("a.json")

    told = {}
    for fact in found.facts:
        if found.version.parts[fact.subject].type == "KSampler" and fact.key[:1] == ("widget",):
            told[fact.key[1]] = fact.commit.subject
    assert {name: told[name] for name in expected} == expected


def test_a_version_that_was_no_workflow_is_passed_over(repo):
    """What stood before it cannot be known: the commit that made it a workflow again has set all."""
    repo.commit_files("added", {"a.json": flow()})
    repo.commit_files("broken", {"a.json": "<<<<<<< HEAD"})
    repo.commit_files("mended", {"a.json": flow()})

    assert set(who("a.json").values()) == {"mended"}
    entries = [*log("a.json")]
    assert [entry.file.status for entry in entries] == ["failed", "failed", "added"]


# log


def told(*arguments, **options):
    return [(entry.commit.subject, entry.file.status) for entry in log("a.json", *arguments, **options)]


def test_a_log_says_what_each_commit_did(repo):
    repo.commit_files("added", {"a.json": flow()})
    repo.commit_files("steps", {"a.json": flow(steps=31)})
    repo.commit_files("spelled otherwise", {"a.json": json.dumps(json.loads(flow(steps=31)))})
    repo.commit_files("removed", {"a.json": None})

    assert told() == [("removed", "removed"), ("spelled otherwise", "same"), ("steps", "changed"), ("added", "added")]
    assert told(only_changes=True) == [("removed", "removed"), ("steps", "changed"), ("added", "added")]
    (steps,) = (entry for entry in log("a.json") if entry.commit.subject == "steps")
    assert [(change.key, change.old, change.new) for change in steps.file.changes] == [(("widget", "steps"), 20, 31)]


def test_the_level_says_what_counts(repo):
    repo.commit_files("added", {"a.json": flow()})
    repo.commit_files("note", {"a.json": flow(title="New")})

    assert told(options=Options(level="exec"), only_changes=True) == [("added", "added")]


def test_a_merge_tells_what_it_did_itself(repo):
    commit_merge(repo, denoise=0.5)

    (merge,) = (entry for entry in log("a.json") if entry.commit.subject == "merge")
    assert [change.key for change in merge.file.changes] == [("widget", "denoise")]


def test_a_merge_that_only_puts_sides_together_is_left_out(repo):
    commit_merge(repo)

    assert {subject for subject, _ in told()} == {"theirs", "ours", "added"}


# As processes


def test_log_as_a_process(repo):
    repo.commit_files("Add it", {"old.json": flow()})
    repo("mv", "old.json", "a b.json")
    repo.commit("Move it")
    repo.commit_files("Raise \x1b[31mthe steps", {"a b.json": flow(steps=31)})

    result = wftools("log", "a b.json", cwd=repo.folder)

    ids = repo("log", "--format=%h", "--abbrev=8").split()
    date = repo("log", "-1", "--format=%as").strip()
    assert result.stdout == (
        f"{ids[0]} {date} Ada: Raise \\x1b[31mthe steps\n"
        f"    ~ KSampler #{SAMPLER}: steps 20 → 31\n"
        f"\n{ids[1]} {date} Ada: Move it\n"
        "    renamed from old.json\n"
        f"\n{ids[2]} {date} Ada: Add it\n"
        f"    added: {len(FLOW['nodes'])} nodes\n"
    )
    assert wftools("log", "a b.json", "-n", "1", cwd=repo.folder).stdout.count("Ada: ") == 1
    assert wftools("log", "a b.json", "HEAD~1..", cwd=repo.folder).stdout.count("Ada: ") == 1


def test_blame_as_a_process(repo):
    repo.commit_files("Add it", {"a.json": flow()})
    repo.commit_files("Raise the steps", {"a.json": flow(steps=31)})

    lines = wftools("blame", "a.json", "--node", "KSampler", cwd=repo.folder).stdout.splitlines()
    report = json.loads(wftools("blame", "a.json", "--node", SAMPLER, "--json", cwd=repo.folder).stdout)

    ids = repo("log", "--format=%h", "--abbrev=8").split()
    assert lines[0].split()[::3] == [ids[1], "KSampler"]
    assert [line.split()[-2:] for line in lines if line.startswith(ids[0])] == [["steps", "31"]]
    (steps,) = (fact for fact in report["facts"] if fact["key"] == ["widget", "steps"])
    assert steps["value"] == 31
    assert {each["id"]: each["subject"] for each in report["commits"]}[steps["commit"]] == "Raise the steps"


@pytest.mark.slow
@pytest.mark.parametrize("command", ["log", "blame"])
def test_reports_are_as_their_schemas_say(command, repo):
    """With a version that is no workflow, a removal, and a merge."""
    repo.commit_files("Add it", {"a.json": flow()})
    repo.commit_files("Break it", {"a.json": "<<<<<<<"})
    repo.commit_files("Remove it", {"a.json": None})
    repo.commit_files("Mend it", {"a.json": (SAMPLES / "subgraph.json").read_bytes()})
    repo("mv", "a.json", "b.json")
    repo.commit("Move it")

    result = wftools(command, "b.json", "--json", cwd=repo.folder)
    repo.write("report.json", result.stdout)
    checked = wftools("schema", f"report-{command}", "report.json", cwd=repo.folder)

    assert (result.returncode, checked.returncode) == (0, 0), checked.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["log", "missing.json"], "missing.json: no commit has it"),
        (["log", "a.json", "nope"], "git knows no revision 'nope'"),
        (["blame", "missing.json"], "missing.json: is not in HEAD"),
        (["blame", "a.json", "--node", "Nope"], "a.json: there is no node 'Nope'"),
        (["blame", "package.json"], "package.json:1:1: the JSON text is not a ComfyUI workflow: an object with 'a'"),
    ],
)
def test_what_cannot_be_told_is_one_error(arguments, message, repo):
    repo.commit_files("Add it", {"a.json": flow(), "package.json": '{"a": 1}'})

    result = wftools(*arguments, cwd=repo.folder)

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.splitlines()[0] == f"error: {message}"
