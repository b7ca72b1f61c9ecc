"""Context windows: which there are, what is seen through them, and what becomes of the answers."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from wftools.diffusion.conditioning.run import RunCond
from wftools.diffusion.conditioning.window_schedules import WINDOW_SCHEDULES, Spacing, van_der_corput
from wftools.diffusion.conditioning.windows import (
    ContextWindows,
    FreeNoise,
    Window,
    overlap_linear,
    positions,
    pyramid,
)
from wftools.diffusion.guidance import Question
from wftools.errors import RunError
from wftools.nodes.context_windows import ltxv_context_windows, wan_context_windows_manual
from wftools.values import NetworkInputs, Sampling

SIGMAS = torch.tensor([8.0, 4.0, 2.0, 0.0])
FUSED = ("pyramid", "relative", "flat", "overlap-linear")


@st.composite
def spaced(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """A length, an overlap, a longer latent, a step."""
    length = draw(st.integers(2, 12))
    overlap = draw(st.integers(0, length - 1))
    return draw(st.integers(length + 1, 60)), length, overlap, draw(st.integers(0, 30))


# Which windows


@given(spaced())
def test_every_index_is_in_a_window(spacing: tuple[int, int, int, int]) -> None:
    """Also in closed loops; open ones need not reach the end."""
    count, length, overlap, step = spacing
    for schedule, closed in (("standard_static", False), ("batched", False), ("looped_uniform", True)):
        seen = WINDOW_SCHEDULES[schedule](count, Spacing(length, overlap, is_closed=closed), step)

        assert {index for window in seen for index in window} == set(range(count)), schedule


@given(spaced())
def test_windows_that_do_not_loop_ascend_within_the_latent(spacing: tuple[int, int, int, int]) -> None:
    count, length, overlap, step = spacing
    for window in WINDOW_SCHEDULES["standard_uniform"](count, Spacing(length, overlap), step):
        assert window == sorted(window)
        assert window[0] >= 0
        assert window[-1] < count


@pytest.mark.parametrize(
    ("schedule", "count", "spacing", "step", "expected"),
    [
        ("standard_static", 7, Spacing(4, 2), 0, [[0, 1, 2, 3], [2, 3, 4, 5], [3, 4, 5, 6]]),
        ("standard_static", 6, Spacing(4, 2), 9, [[0, 1, 2, 3], [2, 3, 4, 5]]),
        ("batched", 7, Spacing(3, 1), 0, [[0, 1, 2], [3, 4, 5], [6]]),
        ("looped_uniform", 6, Spacing(4, 2), 0, [[0, 1, 2, 3], [2, 3, 4, 5]]),
        ("looped_uniform", 6, Spacing(4, 2, is_closed=True), 0, [[0, 1, 2, 3], [2, 3, 4, 5], [4, 5, 0, 1]]),
        ("looped_uniform", 6, Spacing(4, 2), 1, [[3, 4, 5, 0], [5, 0, 1, 2]]),
        ("standard_uniform", 6, Spacing(4, 2), 1, [[2, 3, 4, 5], [0, 1, 2, 3]]),
        (
            "looped_uniform",
            8,
            Spacing(3, 1, stride=2),
            0,
            [[0, 1, 2], [2, 3, 4], [4, 5, 6], [6, 7, 0], [0, 2, 4], [5, 7, 1]],
        ),
    ],
)
def test_the_windows_of_a_step(
    schedule: str, count: int, spacing: Spacing, step: int, expected: list[list[int]]
) -> None:
    assert WINDOW_SCHEDULES[schedule](count, spacing, step) == expected


def test_steps_start_at_other_places() -> None:
    assert [van_der_corput(step) for step in range(8)] == [0, 1 / 2, 1 / 4, 3 / 4, 1 / 8, 5 / 8, 3 / 8, 7 / 8]


# What is seen, and what becomes of it


@dataclass
class Seen:
    """Answers every branch with its latent, times how many the branch is, and notes the questions."""

    questions: list[Question] = field(default_factory=list)

    def __call__(self, question: Question) -> tuple[Tensor, ...]:
        self.questions.append(question)
        return tuple(question.x * (index + 1) for index in range(len(question.branches)))


def asked(x: Tensor, *conds: RunCond, sigma: float = 8.0, memory: dict[object, Any] | None = None) -> Question:
    sampling = Sampling(x, x, sigmas=SIGMAS, memory={} if memory is None else memory)
    model: Any = None
    return Question(model, (conds, None), x, torch.tensor(sigma), sampling)


def latent(axis: int, count: int, batch: int = 1) -> Tensor:
    shape = [batch, 2, 3, 4]
    shape[axis] = count
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def static(length: int = 4, overlap: int = 2, axis: int = 3, **more: Any) -> ContextWindows:
    return ContextWindows(Spacing(length, overlap), "standard_static", "pyramid", axis, **more)


@given(spaced(), st.sampled_from(FUSED), st.sampled_from((0, 2, 3)), st.booleans())
def test_windows_that_agree_give_what_they_agree_on(
    spacing: tuple[int, int, int, int], fusing: str, axis: int, anchored: bool
) -> None:
    count, length, overlap, _ = spacing
    x = latent(axis, count)
    fused = ContextWindows(Spacing(length, overlap), "standard_static", fusing, axis, has_anchor=anchored)

    answers = fused(asked(x), Seen())

    torch.testing.assert_close(answers[0], x)
    torch.testing.assert_close(answers[1], 2 * x)


def test_a_latent_no_longer_than_a_window_is_seen_as_it_is() -> None:
    seen, x = Seen(), latent(3, 4)

    static()(asked(x), seen)

    assert [question.x is x for question in seen.questions] == [True]


def test_a_window_is_seen_with_the_index_before_it() -> None:
    seen, x = Seen(), latent(3, 6)

    static()(asked(x), seen)
    static(has_anchor=False)(asked(x), seen)

    expected = [[0, 1, 2, 3], [1, 2, 3, 4, 5], [0, 1, 2, 3], [2, 3, 4, 5]]
    assert [question.x.shape[3] for question in seen.questions] == [len(each) for each in expected]
    assert all(torch.equal(each.x, x[..., at]) for each, at in zip(seen.questions, expected, strict=True))


def test_the_beginning_is_shown_in_every_window_where_it_is_retained() -> None:
    seen, x = Seen(), latent(3, 6)

    static(retained_in_latents=(0,), has_anchor=False)(asked(x), seen)

    assert torch.equal(seen.questions[1].x, x[..., [0, 3, 4, 5]])


def test_a_cond_is_cut_where_it_goes_along_the_latent() -> None:
    seen, x = Seen(), latent(3, 6)
    tensors = {"concat": x * 2, "context": torch.zeros(1, 77, 8), "by chance": torch.zeros(1, 3, 2, 6, 1)}
    cond = RunCond(torch.zeros(1, 77, 8), mask=x[:, 0], inputs=NetworkInputs(tensors, {"frames": 6}))

    static(retained_in_inputs=(0,), has_anchor=False)(asked(x, cond), seen)

    (part,) = seen.questions[1].branches[0] or ()
    assert isinstance(part, RunCond)
    assert torch.equal(part.inputs.tensors["concat"], 2 * x[..., [0, 3, 4, 5]])
    assert all(part.inputs.tensors[name] is tensors[name] for name in ("context", "by chance"))
    assert part.inputs.shared == {"frames": 4}
    assert part.mask is not None
    assert torch.equal(part.mask, x[:, 0, :, 2:])
    assert seen.questions[1].branches[1] is None


def test_windows_over_a_batch_take_the_conds_of_their_latents() -> None:
    seen, x = Seen(), latent(0, 6, batch=6)
    mask = x[:, 0]
    cond = RunCond(torch.zeros(1, 7, 8), mask=mask, inputs=NetworkInputs({"one": x[:1], "each": x[:, 0, 0]}))

    static(axis=0, has_anchor=False)(asked(x, cond), seen)

    (part,) = seen.questions[1].branches[0] or ()
    assert isinstance(part, RunCond)
    assert part.inputs.tensors["one"] is cond.inputs.tensors["one"]
    assert torch.equal(part.inputs.tensors["each"], x[2:, 0, 0])
    assert part.mask is not None
    assert torch.equal(part.mask, mask[2:])


def test_several_conds_are_split_to_windows_by_their_middles() -> None:
    seen, x = Seen(), latent(3, 12)
    conds = tuple(RunCond(torch.full((1, 1, 1), float(index))) for index in range(3))

    static(length=4, overlap=0, splits_conds=True)(asked(x, *conds), seen)

    assert [[cond.tensor.item() for cond in each.branches[0] or ()] for each in seen.questions] == [[0.0], [1.0], [2.0]]


def test_a_call_between_two_steps_belongs_to_the_one_before() -> None:
    looped = ContextWindows(Spacing(4, 2), "looped_uniform", "flat", 3, has_anchor=False)
    x, memory, starts = latent(3, 8), {}, []  # type: ignore[var-annotated]
    for sigma in (8.0, 6.0, 4.0, 3.0):
        seen = Seen()
        looped(asked(x, sigma=sigma, memory=memory), seen)
        starts.append(int((x == seen.questions[0].x[..., :1]).all(dim=(0, 1, 2)).nonzero()[0]))

    assert starts == [0, 0, 4, 4]


@pytest.mark.parametrize(
    ("given_windows", "x", "message"),
    [
        (static(axis=4), latent(3, 8), "go along axis 4, the latent has the axes 0 to 3"),
        (static(axis=1), latent(1, 8), "along the channels"),
        (static(), latent(3, 8, batch=2), "along axis 3 take one latent at a time, this is a batch of 2"),
        (static(length=3, overlap=3), latent(3, 8), "windows of 3 cannot overlap by 3"),
        (
            ContextWindows(Spacing(4, 0, stride=2), "standard_uniform", "flat", 3),
            latent(3, 5),
            r"the indices \[3, 5, 7, 4\], the latent has 5",
        ),
        (static(retained_in_latents=(5,)), latent(3, 8), r"positions \[5\] cannot be retained in a window of 4"),
    ],
)
def test_what_windows_cannot_do(given_windows: ContextWindows, x: Tensor, message: str) -> None:
    with pytest.raises(RunError, match=message):
        given_windows(asked(x), Seen())


# Weights


@pytest.mark.parametrize(("length", "expected"), [(1, [1]), (4, [1, 2, 2, 1]), (5, [1, 2, 3, 2, 1])])
def test_a_pyramid(length: int, expected: list[int]) -> None:
    assert pyramid(Window(list(range(length)), 0, 9, 4, None), 2).tolist() == expected


@pytest.mark.parametrize(
    ("indices", "expected"),
    [
        ([0, 1, 2, 3, 4], [1, 1, 1, 0.5, 0]),
        ([2, 3, 4, 5, 6], [0, 0.5, 1, 0.5, 0]),
        ([4, 5, 6, 7, 8], [0, 0.5, 1, 1, 1]),
    ],
)
def test_ramps_are_where_other_windows_are_expected(indices: list[int], expected: list[float]) -> None:
    assert overlap_linear(Window(indices, 0, 9, 4, None), 3).tolist() == pytest.approx(expected)


def test_a_ramp_longer_than_its_window_is_an_error() -> None:
    with pytest.raises(RunError, match="a context window of 1 is shorter than the overlap of 3"):
        overlap_linear(Window([8], 0, 9, 4, None), 3)


# Noise


@given(spaced(), st.sampled_from((0, 2, 3)))
def test_later_noise_is_earlier_noise_in_another_order(spacing: tuple[int, int, int, int], axis: int) -> None:
    count, length, overlap, seed = spacing
    noise = latent(axis, count)

    free = FreeNoise(axis, length, overlap)(noise, seed)

    first = free.narrow(axis, 0, length)
    assert torch.equal(first, noise.narrow(axis, 0, length))
    known = {tuple(each.flatten().tolist()) for each in first.unbind(axis)}
    assert all(tuple(each.flatten().tolist()) in known for each in free.unbind(axis))
    assert torch.equal(free, FreeNoise(axis, length, overlap)(noise, seed))


# Nodes


@dataclass(frozen=True)
class Guided:
    """A model that knows its guidance."""

    guidance: Any = None

    def with_guidance(self, more: Any) -> "Guided":
        return replace(self, guidance=more)


def test_lengths_of_videos_are_those_of_their_latents() -> None:
    wan: Any = wan_context_windows_manual(model=Guided(), retain_first_frame=True)  # type: ignore[arg-type]
    ltx: Any = ltxv_context_windows(model=Guided(), retain_first_frame=True, freenoise=False)  # type: ignore[arg-type]

    assert (wan.guidance.windows.spacing, wan.guidance.windows.axis) == (Spacing(21, 7), 2)
    assert (ltx.guidance.windows.spacing, ltx.guidance.windows.axis) == (Spacing(19, 5), 2)
    retained = [
        (each.guidance.windows.retained_in_inputs, each.guidance.windows.retained_in_latents) for each in (wan, ltx)
    ]
    assert retained == [((0,), ()), ((0,), (0,))]
    assert wan.guidance.noise == FreeNoise(2, 21, 7)
    noise = torch.ones(1)
    assert ltx.guidance.noise(noise, 0) is noise


@pytest.mark.parametrize(("text", "expected"), [("", ()), ("0", (0,)), (" 0, 4 ,-1", (0, 4, -1))])
def test_positions_are_written_with_commas(text: str, expected: tuple[int, ...]) -> None:
    assert positions(text, "cond_retain_index_list") == expected


def test_positions_that_are_no_numbers_are_an_error() -> None:
    with pytest.raises(RunError, match="latent_retain_index_list is '0;1', expected whole numbers"):
        positions("0;1", "latent_retain_index_list")
