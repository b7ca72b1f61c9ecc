"""What is planned, and what is said of a workflow that cannot run."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.plug import LOG, NODES, document, messages, prompt, run, run_all, states, texts
from wftools.catalog.literals import literal
from wftools.catalog.lookup import runnable
from wftools.context import Placement
from wftools.diffusion.sampling import SAMPLERS, SCHEDULES
from wftools.errors import shown
from wftools.folders import Folders
from wftools.graph.model import NodePath
from wftools.runtime import Job, Options, Session, prepare, setting

SHOW = ("Show", {"value": ["1", 0]})


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (("Add", {"a": 1}), "1 (Add): Add needs its input 'b' (INT) (N105)"),
        (("Add", {"a": 1, "b": ["7", 0]}), "1 (Add): the link starts at node '7', which does not exist (L204)"),
        (("Add", {"a": 1, "b": ["3", 5]}), "1 (Add): 3 (Number) has 1 output, the link asks for output 5 (L205)"),
        (("Add", {"a": 1, "b": ["3", -2]}), "1 (Add): 3 (Number) has 1 output, the link asks for output -2 (L205)"),
        (("Add", {"a": 1, "b": [3, 0]}), "1 (Add): the link names node 3, which is not a string (L202)"),
        (("Add", {"a": 1, "b": ["4", 0]}), "1 (Add): b takes INT, but output 0 of 4 (WhoAmI) is STRING (T301)"),
        (("Add", {"a": 1, "b": [1, 2, 3]}), "1 (Add): b takes INT; the list [1, 2, 3] is read as a link (V407)"),
        (("Number", {"other": ["3", 0]}), "1 (Number): it has no input 'other' to be linked to"),
        (("Number", {"value": "512.0"}), "1 (Number): value takes INT, not '512.0' (V401)"),
        (("Number", {"value": None}), "1 (Number): value takes INT, not None (V401)"),
        (("Number", {"value": 1001}), "1 (Number): value is 1001, at most 1000 is taken (V403)"),
        (
            ("Tell", {"i": 1, "f": 1, "s": "", "b": True, "c": "z"}),
            "1 (Tell): c does not offer 'z' (V404)",
        ),
        (("Join", {"form": "plain"}), "1 (Join): Join needs its input 'parts.part0' (STRING) (N105)"),
        (("Join", {"parts.part0": "a"}), "1 (Join): its input 'form' is not given"),
        (("Join", {"parts.part0": "a", "form": "round"}), "1 (Join): its input 'form' is 'round'"),
        (("Hidden", {"me": ["3", 0]}), "1 (Hidden): it has no input 'me' to be linked to"),
    ],
)
def test_an_input_that_does_not_fit_is_told_before_anything_runs(node: tuple[str, Any], message: str) -> None:
    """With the node, the input, what was found, and its place in the file."""
    given = {"value": 1, **node[1]} if node[0] == "Number" else node[1]

    report = run(n1=(node[0], given), n2=SHOW, n3=("Number", {"value": 1}), n4=("WhoAmI", {}))

    assert (report.status, messages(report)) == ("failed", [message])
    assert (report.errors[0].file, report.errors[0].line) == ("flow0.json", 1)
    assert (report.errors[0].pointer or "").startswith("/1")
    assert LOG == []


def test_a_hint_names_the_likeliest_choice() -> None:
    """As a person would."""
    report = run(n1=("Tell", {"i": 1, "f": 1, "s": "", "b": True, "c": "X"}), n2=SHOW)

    assert report.errors[0].hint == "it offers x, y"


def test_the_outputs_that_can_run_do() -> None:
    """As on the server; but it is an error that the others cannot."""
    report = run(n1=("Number", {"value": 1}), n2=SHOW, n3=("Add", {"a": 1}), n4=("Show", {"value": ["3", 0]}))

    assert (report.status, texts(report)) == ("partly", ["1"])
    assert messages(report) == ["3 (Add): Add needs its input 'b' (INT) (N105)"]
    assert states(report) == {"1": "ran", "2": "ran"}


def test_a_node_that_nothing_needs_may_be_broken() -> None:
    """The server never looks at it."""
    report = run(n1=("Number", {"value": 1}), n2=SHOW, n3=("Add", {"a": ["9", 0]}))

    assert (report.status, texts(report)) == ("ran", ["1"])


def test_a_lazy_branch_must_be_right_as_well() -> None:
    """The server checks it before it knows whether it will be taken."""
    report = run(
        n1=("Switch", {"which": True, "on_true": ["3", 0], "on_false": ["4", 0]}),
        n2=SHOW,
        n3=("Number", {"value": 1}),
        n4=("Add", {"a": 1}),
    )

    assert messages(report) == ["4 (Add): Add needs its input 'b' (INT) (N105)"]


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ({"n1": ("Add", {"a": ["1", 0], "b": 1})}, "nodes wait for each other: 1 (Add) → 1 (Add)"),
        (
            {"n1": ("Add", {"a": ["3", 0], "b": 1}), "n3": ("Add", {"a": ["1", 0], "b": ["1", 0]})},
            "nodes wait for each other: 1 (Add) → 3 (Add) → 1 (Add)",
        ),
        (
            {
                "n1": ("Switch", {"which": True, "on_true": ["3", 0], "on_false": ["1", 0]}),
                "n3": ("Number", {"value": 1}),
            },
            "nodes wait for each other: 1 (Switch) → 1 (Switch)",
        ),
    ],
)
def test_a_cycle_is_told_once_with_its_way(nodes: dict[str, Any], message: str) -> None:
    """In the direction of the links. Lazy inputs count."""
    report = run(**nodes, n2=SHOW)

    assert [error.message for error in report.errors] == [message]


def test_all_missing_node_types_are_told_at_once() -> None:
    """Those that nobody knows apart from those that ComfyUI has and wftools does not run yet."""
    report = run(
        n1=("Strange", {}),
        n2=SHOW,
        n3=("Odd", {}),
        n4=("SamplerLMS", {"order": 4}),
        n5=("Show", {"value": ["4", 0]}),
        n6=("SaveVideo", {"video": ["1", 0]}),
        n7=("Strange", {}),
    )

    assert [error.message for error in report.errors] == [
        "these node types are not known: Odd (node 3), Strange (nodes 1, 7)",
        "these node types are known, but not implemented in wftools yet: SamplerLMS (node 4), SaveVideo (node 6)",
    ]


def test_a_known_type_that_no_output_needs_does_not_have_to_be_implemented() -> None:
    """It would not run."""
    report = run(n1=("Number", {"value": 1}), n2=SHOW, n4=("SamplerLMS", {"order": 4}))

    assert report.status == "ran"


def test_a_workflow_without_an_output_is_an_error() -> None:
    """There is nothing to run."""
    report = run(n1=("Number", {"value": 1}))

    assert messages(report) == ["None: no node of the workflow is an output"]


@pytest.mark.parametrize("value", ["x", 5, None, {}, {"__value__": [1]}])
def test_a_literal_is_no_picture(value: Any) -> None:
    """Nor a model, nor any other object: the server lets it pass, and the node fails somewhere inside."""
    tree = prompt(n1=("ImageInvert", {"image": value}), n2=("PreviewImage", {"images": ["1", 0]}))

    report = Session(Options(dry_run=True)).run([document(tree)]).workflows[0]

    assert messages(report) == [
        f"1 (ImageInvert): its input 'image' takes IMAGE, which only a link can give, not {shown(literal(value))}"
    ]
    assert report.errors[0].pointer == "/1/inputs/image"


def test_a_literal_is_no_picture_either_where_types_match() -> None:
    """A node that takes pictures and masks alike says which types those are."""
    given = {"input": "x", "resize_type": "scale width", "resize_type.width": 8, "scale_method": "area"}
    tree = prompt(n1=("ResizeImageMaskNode", given), n2=("PreviewImage", {"images": ["1", 0]}))

    report = Session(Options(dry_run=True)).run([document(tree)]).workflows[0]

    assert messages(report) == [
        "1 (ResizeImageMaskNode): its input 'input' takes IMAGE,MASK, which only a link can give, not 'x'"
    ]


def painting(**given: Any) -> dict[str, Any]:
    """A prompt with the built-in model, and other values of its sampler."""
    values = {"seed": 0, "steps": 1, "cfg": 1.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    links = {"model": ["1", 0], "positive": ["2", 0], "negative": ["2", 0], "latent_image": ["3", 0]}
    return prompt(
        n1=("CheckpointLoaderSimple", {"ckpt_name": "wftools-mini.safetensors"}),
        n2=("CLIPTextEncode", {"text": "", "clip": ["1", 1]}),
        n3=("EmptyLatentImage", {"width": 64, "height": 64, "batch_size": 1}),
        n4=("KSampler", {**values, **links, **given}),
        n5=("VAEDecode", {"samples": ["4", 0], "vae": ["1", 2]}),
        n6=("PreviewImage", {"images": ["5", 0]}),
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("sampler_name", each) for each in SAMPLERS),
        *(("scheduler", each) for each in SCHEDULES),
    ],
)
def test_every_sampler_and_every_schedule_can_be_planned(name: str, value: str) -> None:
    report = Session(Options(dry_run=True)).run([document(painting(**{name: value}))]).workflows[0]

    assert report.status == "planned"


def test_a_loader_s_choice_that_is_not_implemented_yet_is_told_too() -> None:
    name = "wftools-mini.safetensors"
    node = ("DualCLIPLoader", {"clip_name1": name, "clip_name2": name, "type": "sd3"})

    report = Session(Options(dry_run=True)).run([document(prompt(n1=node, n2=("PreviewAny", {"source": ["1", 0]})))])

    problem = "text encoders of the type 'sd3' are not implemented in wftools yet"
    assert messages(report.workflows[0]) == [f"1 (DualCLIPLoader): {problem}"]


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("device", ["gpu", "meta", "cuda:99", ""])
def test_a_device_that_is_not_there_is_told_before_anything_runs(device: str, *, dry_run: bool) -> None:
    options = Options(placement=Placement(device), dry_run=dry_run)

    report = Session(options).run([document(painting())]).workflows[0]

    assert report.status == "failed"
    assert report.errors[0].message.startswith(f"torch cannot compute on {device!r}: ")
    assert report.errors[0].file == "flow.json"


def test_a_missing_file_is_told_before_anything_runs(tmp_path: Path) -> None:
    """Each one, with the folder it belongs to."""
    folders = Folders(tmp_path / "models", tmp_path / "input")
    tree = prompt(
        n1=("CheckpointLoaderSimple", {"ckpt_name": "a.safetensors"}),
        n2=("LoadImage", {"image": "b.png"}),
        n3=("VAEEncode", {"vae": ["1", 2], "pixels": ["2", 0]}),
        n4=("VAEDecode", {"samples": ["3", 0], "vae": ["1", 2]}),
        n5=("SaveImage", {"images": ["4", 0], "filename_prefix": "x"}),
    )

    report = Session(Options(folders)).run([document(tree)]).workflows[0]

    assert messages(report) == [
        "1 (CheckpointLoaderSimple): model 'a.safetensors' is not there",
        "2 (LoadImage): file 'b.png' is not there",
    ]
    assert report.errors[0].hint == f"put it into one of: {tmp_path}/models/checkpoints"
    assert report.errors[0].pointer == "/1/inputs/ckpt_name"


@pytest.mark.parametrize("value", ["", {"url": "x"}, 3])
def test_what_needs_a_browser_is_told_before_anything_runs(tmp_path: Path, value: object) -> None:
    """A file that a browser has recorded is named in its place."""
    folders = Folders(tmp_path)
    tree = prompt(n1=("RecordAudio", {"audio": value}), n2=("PreviewAudio", {"audio": ["1", 0]}))
    recorded = prompt(n1=("RecordAudio", {"audio": "a.webm [temp]"}), n2=("PreviewAudio", {"audio": ["1", 0]}))

    report = Session(Options(folders, dry_run=True, keep_going=True)).run([document(tree), document(recorded)])

    assert messages(report.workflows[0]) == [
        "1 (RecordAudio): needs a browser, which records when a workflow is queued"
    ]
    assert report.workflows[1].status == "planned"


def test_a_folder_that_is_not_there_is_told_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    tree = prompt(
        n1=("LoadImageDataSetFromFolder", {"folder": "none"}),
        n2=("PreviewImage", {"images": ["1", 0]}),
        n3=("LoadImageDataSetFromFolder", {"folder": "pictures"}),
        n4=("PreviewImage", {"images": ["3", 0]}),
    )

    report = Session(Options(Folders(input=tmp_path), dry_run=True)).run([document(tree)]).workflows[0]

    assert messages(report) == ["1 (LoadImageDataSetFromFolder): folder 'none' is not there"]


def test_a_file_that_a_run_may_write_is_not_missed_beforehand(tmp_path: Path) -> None:
    """A workflow may load what the one before it saves."""
    tree = prompt(n2=("LoadImage", {"image": "b.png [output]"}), n5=("PreviewImage", {"images": ["2", 0]}))

    report = Session(Options(Folders(tmp_path), dry_run=True)).run([document(tree)]).workflows[0]

    assert report.status == "planned"


def test_a_data_set_that_a_run_may_make_is_not_missed_beforehand(tmp_path: Path) -> None:
    """Nor is it looked for among the inputs."""
    tree = prompt(
        n1=("LoadTrainingDataset", {"folder_name": "made"}),
        n2=("SaveLatent", {"samples": ["1", 0], "filename_prefix": "x"}),
    )

    report = Session(Options(Folders(tmp_path), dry_run=True)).run([document(tree)]).workflows[0]

    assert report.status == "planned"


def test_a_dry_run_tells_what_would_be_run_read_and_written(tmp_path: Path) -> None:
    """In order, and calls nothing."""
    (tmp_path / "a.png").touch()
    folders = Folders(input=tmp_path, output=Path("out"))
    tree = prompt(
        n5=("SaveImage", {"images": ["3", 0], "filename_prefix": "sub/x"}),
        n3=("ImageInvert", {"image": ["2", 0]}),
        n2=("LoadImage", {"image": "a.png"}),
    )

    report = Session(Options(folders, dry_run=True)).run([document(tree)]).workflows[0]

    assert report.status == "planned"
    assert [(node.id, node.reads, node.writes) for node in report.nodes] == [
        ("2", [str(tmp_path / "a.png")], None),
        ("3", [], None),
        ("5", [], str(Path("out/sub/x"))),
    ]


def test_a_picture_is_run_as_the_workflow_or_as_the_prompt() -> None:
    """A file may hold both, which need not say the same."""
    request = {
        "prompt": prompt(n1=("Number", {"value": 1}), n2=SHOW),
        "extra_data": {
            "extra_pnginfo": {
                "workflow": {
                    "nodes": [
                        {
                            "id": 1,
                            "type": "PrimitiveInt",
                            "mode": 0,
                            "inputs": [],
                            "widgets_values": [2, "fixed"],
                            "outputs": [{"name": "INT", "type": "INT", "links": [1]}],
                        },
                        {
                            "id": 2,
                            "type": "PreviewAny",
                            "mode": 0,
                            "inputs": [{"name": "source", "type": "*", "link": 1}],
                        },
                    ],
                    "links": [[1, 1, 0, 2, 0, "*"]],
                    "version": 0.4,
                }
            }
        },
    }
    both = document(request)

    prompt_run = Session(Options(form="api"), NODES).run([both]).workflows[0]
    workflow_run = Session(Options(form="ui")).run([both]).workflows[0]

    assert both.form == "api"
    assert (texts(prompt_run), texts(workflow_run)) == (["1"], ["2"])


def test_errors_point_into_the_form_that_is_run() -> None:
    """Here into the editor's workflow, which stands beside the prompt."""
    workflow = {
        "nodes": [{"id": 1, "type": "PreviewAny", "mode": 0, "inputs": [{"name": "source", "link": None}]}],
        "links": [],
        "version": 0.4,
    }
    both = document(
        {
            "prompt": prompt(n1=("Number", {"value": 1}), n2=SHOW),
            "extra_data": {"extra_pnginfo": {"workflow": workflow}},
        }
    )

    report = Session(Options(form="ui")).run([both]).workflows[0]

    assert [error.pointer for error in report.errors] == ["/extra_data/extra_pnginfo/workflow/nodes/0/inputs/0"]


def test_the_editors_workflow_is_handed_to_nodes() -> None:
    """As EXTRA_PNGINFO, in whichever of the two forms the file is run."""
    workflow = {"nodes": [], "links": [], "version": 0.4}
    request = {
        "prompt": prompt(n1=("Hidden", {}), n2=SHOW),
        "extra_data": {"extra_pnginfo": {"workflow": workflow}},
    }

    assert '{"workflow": {"nodes": [], ' in texts(run_all(request)[0])[0]


@pytest.mark.parametrize(("settings", "expected"), [((), "8 wide"), (("1.width=16",), "16 wide")])
def test_a_workflow_is_run_as_the_editor_would_queue_it(settings: tuple[str, ...], expected: str) -> None:
    """With what file names take from other nodes filled in, settings included."""
    tree = {
        "nodes": [
            {
                "id": 1,
                "type": "EmptyImage",
                "title": "Blank",
                "mode": 0,
                "widgets_values": [8, 8, 1, 0],
                "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [1]}],
            },
            {
                "id": 2,
                "type": "SaveImage",
                "mode": 0,
                "inputs": [{"name": "images", "type": "IMAGE", "link": 1}],
                "widgets_values": ["%Blank.width% wide"],
            },
        ],
        "links": [[1, 1, 0, 2, 0, "IMAGE"]],
        "version": 0.4,
    }

    report = Session(Options(dry_run=True, settings=tuple(map(setting, settings)))).run([document(tree)]).workflows[0]

    assert report.nodes[-1].writes == str(Path("output", expected))


def test_control_after_generate_is_never_applied() -> None:
    """The seed of a file stays what it is, whatever its companion says."""
    tree = {
        "nodes": [
            {
                "id": 1,
                "type": "PrimitiveInt",
                "mode": 0,
                "inputs": [],
                "widgets_values": [77, "randomize"],
                "outputs": [{"name": "INT", "type": "INT", "links": [1]}],
            },
            {"id": 2, "type": "PreviewAny", "mode": 0, "inputs": [{"name": "source", "type": "*", "link": 1}]},
        ],
        "links": [[1, 1, 0, 2, 0, "*"]],
        "version": 0.4,
    }

    reports = Session().run([document(tree), document(tree)]).workflows

    assert [texts(report) for report in reports] == [["77"], ["77"]]


def test_an_unreadable_file_is_reported_when_it_is_its_turn(tmp_path: Path) -> None:
    """The one before it has run by then."""
    good = document(prompt(n1=("Number", {"value": 1}), n2=SHOW))

    reports = Session(nodes=NODES).run([good, tmp_path / "none.json"]).workflows

    assert [report.status for report in reports] == ["ran", "failed"]
    assert reports[1].errors[0].message == "cannot be read: No such file or directory"


def test_a_plan_is_pickled_by_the_names_of_its_nodes() -> None:
    """Where it is read, a node is the one that is found there."""
    catalogue = runnable(NODES)
    tree = prompt(n1=("Number", {"value": 1}), n2=("Add", {"a": ["1", 0], "b": 1}), n3=("Show", {"value": ["2", 0]}))
    workflow = document(tree)
    planned = prepare(Job(workflow), workflow, catalogue).plan

    other = pickle.loads(pickle.dumps(planned))

    assert list(other.calls) == ["1", "2", "3"]
    assert other.calls["2"].declared is NODES["Add"]
    assert other.calls[NodePath("2")].links == planned.calls[NodePath("2")].links
