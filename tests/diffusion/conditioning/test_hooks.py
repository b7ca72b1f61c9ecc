"""Hooks: what they change, when, and that they are one where they are the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import torch

from wftools.diffusion.conditioning.clip_hooks import hooked, stretches
from wftools.diffusion.conditioning.hooks import (
    CheckpointWeights,
    HooksOfRun,
    Timing,
    combined,
    interpolated,
    keyframes_between,
    keyframes_with,
    with_keyframes,
)
from wftools.diffusion.conditioning.properties import as_default, with_hooks, with_properties
from wftools.diffusion.ops import Stored
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.errors import RunError
from wftools.values import Cond, Hook, Hooks, Keyframe, Keyframes, TextOptions
from wftools.weights.source import Source, Weight

LEVELS = DiscreteLevels()
FIRST = float(LEVELS.sigmas[-1])

Change = Callable[[Source], Source]


@dataclass(frozen=True, eq=False)
class Noted:
    """Hook weights that note for which handle, and how strongly, they were asked."""

    name: str = ""
    asked: list[float] = field(default_factory=list)

    def of_model(self, _model: Any) -> Callable[[float], Mapping[str, Change]]:
        return self._at

    of_clip = of_model

    def _at(self, strength: float) -> Mapping[str, Change]:
        self.asked.append(strength)
        return {f"{self.name} {strength}": lambda source: source}


@dataclass(frozen=True, eq=False)
class Handle:
    """A model, or text encoders, that know only what was changed of them."""

    changed: tuple[str, ...] = ()

    def with_weights(self, changes: Mapping[str, Change]) -> "Handle":
        return Handle((*self.changed, *changes))

    def encode(self, _tokens: Any, _options: Any = None) -> tuple[Cond, ...]:
        return (Cond(torch.zeros(1, 1, 1), extras={"changed": self.changed}),)

    def with_options(self, options: TextOptions) -> "Handle":
        return Handle((*self.changed, f"layer {options.layer}"))


def hook(weights: Any = None, model: float = 1.0, clip: float = 1.0, *frames: Keyframe) -> Hook:
    return Hook(Noted() if weights is None else weights, model, clip, Keyframes(frames))


# Keyframes


@pytest.mark.parametrize(
    ("frames", "percents", "expected"),
    [
        ([], [0.0, 0.5, 1.0], [1.0, 1.0, 1.0]),
        ([(0.5, 2.0)], [0.0, 0.5, 1.0], [2.0, 2.0, 2.0]),  # the first counts from the start
        ([(0.0, 2.0), (0.5, 3.0)], [0.0, 0.4, 0.5, 0.6], [2.0, 2.0, 3.0, 3.0]),
        ([(0.0, 1.0), (0.1, 2.0), (0.2, 3.0)], [0.0, 0.5, 0.6, 0.7], [1.0, 2.0, 3.0, 3.0]),  # each stays a step
        ([(0.0, 1.0), (0.1, 2.0, 0), (0.2, 3.0, 0)], [0.0, 0.5, 0.6], [1.0, 3.0, 3.0]),  # unless it need not
        ([(0.0, 1.0), (0.1, 2.0, 2), (0.2, 3.0)], [0.0, 0.5, 0.5, 0.6, 0.7], [1.0, 2.0, 2.0, 2.0, 3.0]),
        ([(0.1, 1.0, 3), (0.2, 2.0)], [0.2, 0.3, 0.4, 0.5], [1.0, 1.0, 1.0, 2.0]),
    ],
)
def test_which_keyframe_counts_at_each_sigma(
    frames: list[tuple[float, float]], percents: list[float], expected: list[float]
) -> None:
    """A sigma that is asked for twice in a row is one step."""
    timing = Timing(Keyframes(tuple(Keyframe(*frame) for frame in frames)), LEVELS, FIRST)

    assert [timing.strength_at(LEVELS.at_percent(percent)) for percent in percents] == expected


def test_a_keyframe_from_before_the_run_need_not_stay() -> None:
    frames = Keyframes((Keyframe(0.1, 1.0, 3), Keyframe(0.2, 2.0)))

    timing = Timing(frames, LEVELS, LEVELS.at_percent(0.3))

    assert timing.strength_at(LEVELS.at_percent(0.3)) == 2.0


def test_keyframes_are_in_the_order_of_their_times() -> None:
    first = keyframes_with(None, [Keyframe(0.5, 1.0)])

    both = keyframes_with(first, [Keyframe(0.0, 2.0), Keyframe(0.5, 3.0)])

    assert [frame.strength for frame in both.frames] == [2.0, 1.0, 3.0]


def test_keyframes_at_equal_distances() -> None:
    assert keyframes_between([1.0, 3.0, 2.0], 0.0, 0.5) == [
        Keyframe(0.0, 1.0, 1),
        Keyframe(0.25, 3.0, 0),
        Keyframe(0.5, 2.0, 0),
    ]


@pytest.mark.parametrize(
    ("way", "middle"), [("linear", 2.0), ("ease_in", 1.5), ("ease_out", 2.5), ("ease_in_out", 2.0)]
)
def test_strengths_between_two(way: str, middle: float) -> None:
    assert interpolated(1.0, 3.0, 3, way) == pytest.approx([1.0, middle, 3.0], abs=1e-6)


# Groups


def test_a_hook_that_is_in_several_groups_takes_effect_once_as_in_the_first() -> None:
    one, other = hook(), hook()
    later = with_keyframes(Hooks((one,)), Keyframes((Keyframe(0.0, 0.5),)))

    assert combined(Hooks((one,)), None, Hooks((other, *later.each))).each == (one, other)


def test_hooks_that_are_given_keyframes_change_as_one() -> None:
    keyframes = Keyframes((Keyframe(0.0, 0.5),))

    first, second = with_keyframes(Hooks((hook(), hook())), keyframes), with_keyframes(Hooks((hook(),)), keyframes)

    assert first.each[0].keyframes is first.each[1].keyframes
    assert first.each[0].keyframes is not second.each[0].keyframes


def test_conds_with_the_same_hooks_have_one_handle_until_a_strength_changes() -> None:
    one = Noted("one")
    run = HooksOfRun(LEVELS, FIRST)
    model: Any = Handle()
    frames = Keyframe(0.0, 1.0), Keyframe(0.5, 2.0)
    group = Hooks((hook(one, 0.5, 1.0, *frames), hook(Noted("other"))))

    hooks, again = run.of(group), run.of(Hooks(group.each))
    handles = [hooks.model_at(model, LEVELS.at_percent(percent)) for percent in (0.0, 0.2, 0.6, 0.7)]

    assert again is hooks
    assert [handles[0] is handles[1], handles[1] is handles[2], handles[2] is handles[3]] == [True, False, True]
    assert handles[3].changed == ("one 1.0", "other 1.0")  # type: ignore[attr-defined]
    assert one.asked == [0.5, 1.0]


def test_keyframes_that_groups_share_go_on_in_both() -> None:
    run, model = HooksOfRun(LEVELS, FIRST), Handle()
    frames = Keyframes((Keyframe(0.0, 1.0), Keyframe(0.1, 2.0), Keyframe(0.2, 3.0)))
    one, other = (replace(hook(Noted(name)), keyframes=frames) for name in ("one", "other"))
    first, second = run.of(Hooks((one,))), run.of(Hooks((other,)))

    for percent in (0.3, 0.4):
        first.model_at(model, LEVELS.at_percent(percent))  # type: ignore[arg-type]
    late: Any = second.model_at(model, LEVELS.at_percent(0.5))  # type: ignore[arg-type]

    assert late.changed == ("other 3.0",)


# What hooks change


def test_a_checkpoint_s_hook_goes_from_the_model_s_own_weights() -> None:
    """Also where the model's were changed before."""

    @dataclass(frozen=True)
    class Plus:
        before: Source
        more: float

        def weight(self, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
            return self.before.weight(dtype, device) + self.more

    changed = Plus(Plus(Stored(torch.tensor([1.0])), 10.0), 100.0)
    weights = CheckpointWeights({"w": Weight(Stored(torch.tensor([5.0])), (1,))}, {})

    @dataclass(frozen=True)
    class Model:
        def weights(self) -> Mapping[str, Weight]:
            return {"w": Weight(changed, (1,)), "not in the checkpoint": Weight(changed, (1,))}

    changes = weights.of_model(Model())(0.5)  # type: ignore[arg-type]

    assert changes.keys() == {"w"}
    assert changes["w"](changed).weight(torch.float32, torch.device("cpu")).tolist() == [111.0 + 0.5 * (5.0 - 1.0)]


def test_a_checkpoint_of_another_kind_is_an_error() -> None:
    weights = CheckpointWeights({"w": Weight(Stored(torch.zeros(2)), (2,))}, {})

    @dataclass(frozen=True)
    class Model:
        def weights(self) -> Mapping[str, Weight]:
            return {"w": Weight(Stored(torch.zeros(3)), (3,))}

    with pytest.raises(RunError, match=r"the weight 'w' in the shape \[2\], the model has it in \[3\]"):
        weights.of_model(Model())  # type: ignore[arg-type]


# On conditionings and text encoders


def test_hooks_come_after_those_that_a_cond_has() -> None:
    one, other = hook(), hook()
    plain, own = Cond(torch.zeros(1, 1, 1)), Cond(torch.zeros(1, 1, 1), hooks=Hooks((one,)))

    both = with_hooks((plain, own), Hooks((other,)))

    assert [each.hooks and each.hooks.each for each in both] == [(other,), (one, other)]
    assert with_hooks((plain, own), None) == (plain, own)


def test_properties_that_are_not_given_stay() -> None:
    cond = Cond(torch.zeros(1, 1, 1), start_percent=0.1)

    (same,) = with_properties((cond,), mask=None, strength=0.5, to_bounds=True, hooks=None, timesteps=None)
    (other,) = with_properties(
        (cond,), mask=torch.ones(2, 2), strength=0.5, to_bounds=True, hooks=Hooks(), timesteps=(0.3, 0.7)
    )

    assert same.named() == {"start_percent": 0.1}
    assert (other.start_percent, other.end_percent) == (0.3, 0.7)
    assert (other.mask_strength, other.set_area_to_bounds, other.hooks) == (0.5, True, Hooks())
    assert [each.default for each in as_default((cond,), None)] == [True]


def test_an_empty_mask_is_an_error() -> None:
    with pytest.raises(RunError, match=r"the mask is empty: it has the shape \[0, 8, 8\]"):
        with_properties((), mask=torch.ones(0, 8, 8), strength=1.0, to_bounds=False, hooks=None, timesteps=None)


@pytest.mark.parametrize(
    ("hooks", "expected"),
    [
        ([[]], [(0.0, 1.0, [1.0])]),
        ([[(0.0, 1.0), (0.4, -1.0)]], [(0.0, 0.4, [1.0]), (0.4, 1.0, [-1.0])]),
        ([[(0.0, 1.0), (0.4, 1.0), (0.6, 2.0)]], [(0.0, 0.6, [1.0]), (0.6, 1.0, [2.0])]),  # no change is no stretch
        ([[(0.3, 2.0)]], [(0.0, 0.3, [1.0]), (0.3, 1.0, [2.0])]),  # before the first one all of it counts
        ([[(0.0, 2.0), (1.0, 3.0)]], [(0.0, 1.0, [2.0])]),
        ([[(0.2, 2.0), (0.2, 3.0)]], [(0.0, 0.2, [1.0]), (0.2, 1.0, [3.0])]),  # of two at one time the later
        (
            [[(0.0, 2.0), (0.5, 3.0)], [], [(0.0, 4.0), (0.25, 5.0)]],
            [(0.0, 0.25, [2.0, 1.0, 4.0]), (0.25, 0.5, [2.0, 1.0, 5.0]), (0.5, 1.0, [3.0, 1.0, 5.0])],
        ),
    ],
)
def test_the_stretches_of_a_schedule(
    hooks: list[list[tuple[float, float]]], expected: list[tuple[float, float, list[float]]]
) -> None:
    group = Hooks(tuple(hook(None, 1.0, 1.0, *(Keyframe(*frame) for frame in frames)) for frames in hooks))

    assert stretches(group) == expected


def test_a_prompt_is_encoded_once_for_each_stretch() -> None:
    hooks = Hooks((hook(Noted("one"), 1.0, 0.5, Keyframe(0.0, 1.0), Keyframe(0.4, -1.0)),))
    clip: Any = Handle()

    scheduled = hooked(clip, hooks, is_scheduled=True, of_conds=True).encode({})
    plain = hooked(clip, hooks, is_scheduled=False, of_conds=False).encode({})

    assert [(each.clip_start_percent, each.clip_end_percent) for each in scheduled] == [(0.0, 0.4), (0.4, 1.0)]
    assert [each.extras["changed"] for each in scheduled] == [("one 0.5",), ("one -0.5",)]
    assert [each.hooks for each in scheduled] == [hooks, hooks]
    assert [(each.clip_start_percent, each.extras["changed"], each.hooks) for each in plain] == [
        (None, ("one 0.5",), None)
    ]


def test_later_hooks_of_text_encoders_take_the_place_of_earlier_ones() -> None:
    first, second = Hooks((hook(Noted("first")),)), Hooks((hook(Noted("second")),))
    clip: Any = Handle()

    once = hooked(clip, first, is_scheduled=True, of_conds=True)
    twice = hooked(once.with_options(TextOptions(layer=-2)), second, is_scheduled=False, of_conds=False)

    (cond,) = twice.encode({})
    assert cond.extras["changed"] == ("layer -2", "second 1.0")
    assert cond.hooks == first
    assert hooked(clip, None, is_scheduled=True, of_conds=True) is clip
