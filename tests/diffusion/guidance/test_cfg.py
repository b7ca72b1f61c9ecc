from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import torch
from torch import Tensor

from wftools.diffusion.conditioning.run import for_run
from wftools.diffusion.guidance import Asked, Evaluate, Guidance, Guide, Question, batches
from wftools.diffusion.guidance.batches import predictions
from wftools.diffusion.guidance.cfg import Cfg
from wftools.diffusion.patches import NO_PATCHES, Control, Patches
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.parametrise import Eps
from wftools.errors import RunError
from wftools.values import Area, Cond, Conditioning, Hook, Hooks, Model, NetworkInputs, Pair, Sampling

EPS = Eps(DiscreteLevels())


@dataclass(frozen=True, eq=False)
class Recorder:
    """A model that adds the mean of the text to x, and notes how it was called."""

    calls: list[Tensor] = field(default_factory=list)
    patches: list[Patches] = field(default_factory=list)
    shapes: list[tuple[int, ...]] = field(default_factory=list)
    guidance: Guidance = field(default_factory=Guidance)
    memory: int = 0
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    parametrisation: Eps = EPS

    def memory_of(self, x: Tensor) -> int:
        return self.memory * len(x)

    def inputs(self, cond: Cond, _latent: Tensor, _sampling: Sampling) -> NetworkInputs:
        return NetworkInputs({"context": cond.tensor})

    def denoised(self, x: Tensor, sigma: Tensor, inputs: NetworkInputs, patches: Patches = NO_PATCHES) -> Tensor:
        context = inputs.tensors["context"]
        self.patches.append(patches)
        self.shapes.append(tuple(x.shape))
        assert len(sigma) == len(x) == len(context)
        self.calls.append(context)
        return x + context.mean(dim=(1, 2))[:, None, None, None]


def cond(value: float, tokens: int, batch: int = 1, strength: float | None = None, **extras: object) -> Cond:
    return Cond(torch.full((batch, tokens, 2), value), strength=strength, extras=extras)


def predicted(*branches: Conditioning, batch: int = 2, memory: int = 0) -> tuple[list[Tensor], list[Tensor]]:
    model = Recorder(memory=memory)
    x = torch.zeros(batch, 1, 2, 2)
    return list(predictions(question(model, *branches, x=x))), model.calls


def question(model: Recorder, *branches: Conditioning, x: Tensor) -> Question:
    return Question(model, branches, x, torch.ones(()), Sampling(x, x))  # type: ignore[arg-type]


def test_both_sides_are_asked_about_in_one_batch_the_negative_first() -> None:
    answers, calls = predicted((cond(1.0, 77),), (cond(-1.0, 77),))

    assert [answer.mean().item() for answer in answers] == [1.0, -1.0]
    assert [call[:, 0, 0].tolist() for call in calls] == [[-1.0, -1.0, 1.0, 1.0]]


def test_texts_of_different_lengths_are_repeated_to_a_common_one() -> None:
    _, calls = predicted((cond(1.0, 6),), (cond(-1.0, 4),))

    assert [tuple(call.shape) for call in calls] == [(4, 12, 2)]


def test_texts_that_would_have_to_be_repeated_often_are_asked_about_one_by_one() -> None:
    answers, calls = predicted((cond(1.0, 5),), (cond(-1.0, 1),))

    assert [tuple(call.shape) for call in calls] == [(2, 5, 2), (2, 1, 2)]
    assert [answer.mean().item() for answer in answers] == [1.0, -1.0]


@pytest.mark.parametrize(
    ("strengths", "expected"),
    [((1.0, 1.0), 2.0), ((3.0, 1.0), 1.5), ((0.5, 0.0), 1.0)],
)
def test_several_conds_count_by_their_strength(strengths: tuple[float, float], expected: float) -> None:
    (answer,), _ = predicted((cond(1.0, 7, strength=strengths[0]), cond(3.0, 7, strength=strengths[1])))

    assert answer.mean().item() == pytest.approx(expected)


@pytest.mark.parametrize(("batch", "rows"), [(1, [0, 0, 0]), (2, [0, 1, 0]), (4, [0, 1, 2])])
def test_a_text_for_fewer_pictures_is_repeated_one_for_more_is_cut(batch: int, rows: list[int]) -> None:
    texts = Cond(torch.arange(float(batch))[:, None, None].expand(-1, 7, 2))

    (answer,), _ = predicted((texts,), batch=3)

    assert answer[:, 0, 0, 0].tolist() == rows


def test_what_no_one_here_reads_is_ignored() -> None:
    """Some families read more than others, and workflows are made for several."""
    (answer,), _ = predicted((cond(1.0, 7, aesthetic_score=6.0),))

    assert answer.mean().item() == 1.0


@dataclass
class Noted:
    """A control that adds nothing, and notes for what it was asked."""

    asked: list[tuple[int, int]] = field(default_factory=list)

    def __call__(self, x: Tensor, sigma: Tensor, inputs: NetworkInputs, model: object, *, calls: int) -> Control:
        self.asked.append((len(x), calls))
        return Control()


def test_calls_with_the_same_control_are_one_batch_of_which_it_is_told() -> None:
    one, other = Noted(), Noted()
    conds = [replace(cond(value, 7), control=control) for value, control in ((1.0, one), (2.0, other), (3.0, one))]

    model = Recorder()
    predictions(question(model, (conds[0], conds[1]), (conds[2],), x=torch.zeros(2, 1, 2, 2)))

    assert (one.asked, other.asked) == ([(4, 2)], [(2, 1)])
    assert [len(call) for call in model.calls] == [4, 2]
    assert [given.call.branches for given in model.patches] == [(1, 0), (0,)]
    assert all(given.control is not None for given in model.patches)


def test_a_grounded_call_is_asked_by_itself() -> None:
    """Its patches are made for its size, and are nobody else's."""

    class Boxes:
        def patches(self, shape: torch.Size, _device: torch.device) -> Patches:
            return Patches(middle=(lambda h, _at: h + len(shape),))

    model, boxes = Recorder(), Boxes()
    conds = [replace(cond(1.0, 7), gligen=boxes), replace(cond(2.0, 7), gligen=boxes), cond(3.0, 7)]
    predictions(question(model, tuple(conds), x=torch.zeros(2, 1, 2, 2)))

    assert [len(given.middle) for given in model.patches] == [1, 1, 0]


# Places and times


def placed(*conds: Cond, x: Tensor | None = None, sigma: float = 1.0) -> tuple[Tensor, Recorder]:
    """The answer to one side, and what was called for it."""
    model = Recorder()
    x = torch.zeros(1, 1, 8, 16) if x is None else x
    asked = Question(model, (conds,), x, torch.tensor(sigma), Sampling(x, x))  # type: ignore[arg-type]
    return predictions(asked)[0], model


def test_an_area_is_asked_about_alone_and_counts_where_it_is() -> None:
    answer, model = placed(cond(1.0, 7), replace(cond(3.0, 7), area=Area((8, 8), (0, 8))))

    assert model.shapes == [(1, 1, 8, 16), (1, 1, 8, 8)]
    assert answer[0, 0, 3].tolist() == pytest.approx([1.0] * 8 + [(1 + 3 * 0.5) / 1.5] + [2.0] * 7)


def test_a_mask_says_where_a_cond_counts() -> None:
    mask = torch.zeros(8, 16)
    mask[:, 8:] = 1.0

    answer, _ = placed(replace(cond(3.0, 7), mask=mask, mask_strength=2.0), cond(1.0, 7, strength=0.5))

    assert answer[0, 0, 3].tolist() == pytest.approx([1.0] * 8 + [(6.0 + 0.5) / 2.5] * 8)


def test_masks_of_a_batch_are_repeated_for_more_latents() -> None:
    masks = torch.stack([torch.zeros(2, 2), torch.ones(2, 2)])
    conds = (replace(cond(3.0, 7), mask=masks), cond(1.0, 7))

    answer, _ = placed(*conds, x=torch.zeros(4, 1, 2, 2))

    assert answer.mean(dim=(1, 2, 3)).tolist() == pytest.approx([1.0, 2.0, 1.0, 2.0])
    with pytest.raises(RunError, match="2 masks, which do not go evenly into 3 latents"):
        placed(*conds, x=torch.zeros(3, 1, 2, 2))


def test_a_default_cond_counts_where_the_others_leave_something() -> None:
    mask = torch.zeros(8, 16)
    mask[:, 8:] = 0.75

    answer, _ = placed(replace(cond(5.0, 7), default=True), replace(cond(1.0, 7), mask=mask))

    assert answer[0, 0, 3].tolist() == pytest.approx([5.0] * 8 + [0.25 * 5.0 + 0.75] * 8)


def test_a_default_cond_is_not_asked_where_nothing_is_left() -> None:
    _, model = placed(replace(cond(5.0, 7), default=True), cond(1.0, 7))

    assert [len(call) for call in model.calls] == [1]


def test_what_lies_beside_the_latent_is_cut_with_it() -> None:
    """A map of the latent's size; a text never is one, whatever its size."""

    class Inpainting(Recorder):
        def inputs(self, cond: Cond, _latent: Tensor, _sampling: Sampling) -> NetworkInputs:
            return NetworkInputs({"context": cond.tensor, "beside": torch.arange(8.0 * 16).reshape(1, 1, 8, 16)})

        def denoised(self, x: Tensor, sigma: Tensor, inputs: NetworkInputs, patches: Patches = NO_PATCHES) -> Tensor:
            return inputs.tensors["beside"]

    x = torch.zeros(1, 1, 8, 16)
    here = replace(cond(1.0, 7), area=Area((4, 8), (2, 5)))
    asked = Question(Inpainting(), ((here,),), x, torch.ones(()), Sampling(x, x))  # type: ignore[arg-type]

    (answer,) = predictions(asked)

    expected = torch.zeros(8, 16)
    expected[2:6, 5:13] = torch.arange(8.0 * 16).reshape(8, 16)[2:6, 5:13]
    torch.testing.assert_close(answer[0, 0], expected)


def test_conds_with_different_hooks_are_asked_of_different_handles() -> None:
    @dataclass(frozen=True, eq=False)
    class Named(Recorder):
        names: tuple[str, ...] = ()

        def with_weights(self, changes: Mapping[str, object]) -> "Named":
            return replace(self, names=(*self.names, *changes))

        def denoised(self, x: Tensor, sigma: Tensor, inputs: NetworkInputs, patches: Patches = NO_PATCHES) -> Tensor:
            asked.append(self.names)
            return Recorder.denoised(self, x, sigma, inputs, patches)

    class Weights:
        def of_model(self, _model: object) -> Callable[[float], Mapping[str, Any]]:
            return lambda strength: {f"at {strength}": None}

    asked: list[tuple[str, ...]] = []
    hooks = Hooks((Hook(Weights(), 0.5, 1.0),))  # type: ignore[arg-type]
    x = torch.zeros(1, 1, 2, 2)
    sides = (replace(cond(1.0, 7), hooks=hooks), cond(2.0, 7)), (replace(cond(-1.0, 7), hooks=hooks),)
    run = Sampling(x, x)
    model: Any = Named()

    ready = tuple(for_run(model, {"positive": sides[0], "negative": sides[1]}, run).values())
    predictions(Question(model, ready, x, torch.ones(()), run))

    assert [(names, len(call)) for names, call in zip(asked, model.calls, strict=True)] == [(("at 0.5",), 2), ((), 1)]


def test_a_cond_outside_of_its_time_is_not_asked() -> None:
    late = replace(cond(3.0, 7), start_percent=0.5)

    assert placed(late, cond(1.0, 7), sigma=0.1)[0].mean().item() == pytest.approx(2.0)
    assert placed(late, cond(1.0, 7), sigma=10.0)[0].mean().item() == pytest.approx(1.0)
    assert placed(late, sigma=10.0)[0].abs().sum() == 0


@pytest.mark.parametrize(
    ("scale", "asked"), [(1.0, [1.0]), (1.0 + 1e-10, [1.0]), (1.1, [-1.0, 1.0]), (0.0, [-1.0, 1.0])]
)
def test_a_guidance_of_1_asks_about_the_positive_side_only(scale: float, asked: list[float]) -> None:
    model = Recorder()
    guided = Cfg(model, (cond(1.0, 7),), (cond(-1.0, 7),), scale)  # type: ignore[arg-type]

    answer = guided(torch.zeros(1, 1, 2, 2), torch.ones(()))

    assert model.calls[0][:, 0, 0].tolist() == asked
    assert answer.mean().item() == pytest.approx(-1.0 + 2.0 * scale)


# Memory


@pytest.mark.parametrize(
    ("free", "sizes"), [(10**9, [10]), (200, [6, 4]), (90, [3, 3, 3, 1]), (30, [1] * 10), (0, [1] * 10)]
)
def test_conds_are_asked_about_together_as_far_as_memory_allows(
    free: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty bytes for each call and half as many again for caution; the answers do not depend on it."""
    monkeypatch.setattr(batches, "free_memory", lambda _device: free)
    regions = tuple(cond(float(value), 7, strength=1.0 + value) for value in range(10))
    expected, _ = predicted(regions, batch=1)

    answers, calls = predicted(regions, batch=1, memory=20)

    assert [len(call) for call in calls] == sizes
    torch.testing.assert_close(answers[0], expected[0])


# Options


def guided(scale: float, **options: object) -> tuple[Cfg, Recorder]:
    model = Recorder(guidance=Guidance(**options))  # type: ignore[arg-type]
    return Cfg(model, (cond(1.0, 7),), (cond(-1.0, 7),), scale), model  # type: ignore[arg-type]


def test_both_sides_can_be_had_whatever_the_scale_is() -> None:
    guider, model = guided(1.0)

    pair = guider.pair(torch.zeros(1, 1, 2, 2), torch.ones(()))

    assert [side.mean().item() for side in (pair.denoised, pair.cond, pair.uncond)] == [1.0, 1.0, -1.0]
    assert len(model.calls[0]) == 2


def test_a_model_may_ask_for_both_sides_at_every_scale() -> None:
    guider, model = guided(1.0, always_both=True)

    guider(torch.zeros(1, 1, 2, 2), torch.ones(()))

    assert len(model.calls[0]) == 2


def test_what_a_model_combines_with_and_what_comes_after_have_their_turn_in_order() -> None:
    def middle(asked: Asked) -> Tensor:
        return (asked.cond + asked.uncond) / 2 + asked.scale

    def double(denoised: Tensor, _asked: Asked) -> Tensor:
        return denoised * 2

    def towards_cond(denoised: Tensor, asked: Asked) -> Tensor:
        return denoised + asked.cond

    guider, _ = guided(3.0, combine=middle, after=(double, towards_cond))
    x, sigma = torch.zeros(1, 1, 2, 2), torch.ones(())

    assert guider(x, sigma).mean().item() == pytest.approx(3.0 * 2 + 1.0)
    assert torch.equal(guider.pair(x, sigma).denoised, guider(x, sigma))


def test_what_comes_before_changes_what_is_combined_and_what_is_told_of_both_sides() -> None:
    def halve(asked: Asked) -> Asked:
        return replace(asked, cond=asked.cond / 2)

    def swap(asked: Asked) -> Asked:
        return replace(asked, cond=asked.uncond, uncond=asked.cond)

    guider, _ = guided(3.0, before=(halve, swap))

    pair = guider.pair(torch.zeros(1, 1, 2, 2), torch.ones(()))

    assert [side.mean().item() for side in (pair.cond, pair.uncond)] == [-1.0, 0.5]
    assert pair.denoised.mean().item() == pytest.approx(0.5 + 3.0 * (-1.0 - 0.5))


def test_options_around_others_enclose_them_the_first_outermost() -> None:
    order: list[str] = []

    def around_guider(name: str) -> object:
        def around(x: Tensor, sigma: Tensor, /, model: Model, sampling: Sampling, guide: Guide) -> Pair:
            order.append(name)
            return guide(x, sigma)

        return around

    def around(name: str) -> object:
        def around(question: Question, /, evaluate: Evaluate) -> tuple[Tensor, ...]:
            order.append(name)
            return tuple(answer + 1 for answer in evaluate(question))

        return around

    def ask_again(denoised: Tensor, asked: Asked) -> Tensor:
        order.append("after")
        return denoised + predictions(replace(asked.question, branches=(asked.positive,)))[0]

    guider, _ = guided(
        2.0,
        around_guider=(around_guider("A"), around_guider("B")),
        around=(around("a"), around("b")),
        after=(ask_again,),
    )

    answer = guider(torch.zeros(1, 1, 2, 2), torch.ones(()))

    assert order == ["A", "B", "a", "b", "after", "a", "b"]
    assert answer.mean().item() == pytest.approx((1.0 + 2.0 * 2.0) + 3.0)


def test_what_an_option_remembers_lasts_as_long_as_the_run() -> None:
    def count(denoised: Tensor, asked: Asked) -> Tensor:
        memory = asked.question.sampling.memory
        memory[count] = memory.get(count, 0) + 1
        return torch.full_like(denoised, memory[count])

    guider, _ = guided(2.0, after=(count,))
    x, sigma = torch.zeros(1, 1, 2, 2), torch.ones(())

    runs = [guider.during(Sampling(x, x)) for _ in range(2)]

    assert [run(x, sigma).mean().item() for run in (*runs, runs[0])] == [1.0, 1.0, 2.0]
    assert [guider(x, sigma).mean().item() for _ in range(2)] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("scales", "expected"), [((), 3.0), ((None,), 3.0), ((5.0,), 5.0), ((5.0, 7.0), 7.0), ((5.0, None), 5.0)]
)
def test_the_last_option_that_says_a_scale_counts(scales: tuple[float | None, ...], expected: float) -> None:
    scale_at = tuple((lambda _sigma, scale=scale: scale) for scale in scales)
    guider, _ = guided(3.0, scale_at=scale_at)

    answer = guider(torch.zeros(1, 1, 2, 2), torch.ones(()))

    assert answer.mean().item() == pytest.approx(-1.0 + 2.0 * expected)


def test_a_scale_of_1_from_an_option_asks_one_side_too() -> None:
    guider, model = guided(3.0, scale_at=(lambda _sigma: 1.0,))

    guider(torch.zeros(1, 1, 2, 2), torch.ones(()))

    assert len(model.calls[0]) == 1


def test_options_add_up_and_the_later_counts_where_there_is_one() -> None:
    def around(question: Question, /, evaluate: Evaluate) -> tuple[Tensor, ...]:
        return evaluate(question)

    def first(asked: Asked) -> Tensor:
        return asked.cond

    def second(asked: Asked) -> Tensor:
        return asked.uncond

    one = Guidance(around=(around,), combine=first, always_both=True)
    both = one.and_then(Guidance(around=(around,), combine=second, windows=around))

    assert (len(both.around), both.combine, both.always_both, both.windows) == (2, second, True, around)
    assert both.and_then(Guidance()) == both
    assert Guidance().and_then(both) == both
