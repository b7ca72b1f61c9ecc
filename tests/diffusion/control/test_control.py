from dataclasses import dataclass, field, replace

import pytest
import torch
from torch import Tensor

from wftools.diffusion.control import Shown, for_batch, shown_to
from wftools.diffusion.patches import Control
from wftools.nodes.controlnet import UNION_TYPES, control_net_apply, set_union_control_net_type
from wftools.values import Cond, Hint, Model, NetworkInputs

IMAGE = torch.zeros(1, 16, 16, 3)
X, INPUTS = torch.zeros(2, 4, 2, 2), NetworkInputs({})


@dataclass(frozen=True)
class Adds:
    """A control network that adds a number to the middle, and notes what it is asked to look at."""

    number: float = 1.0
    looked: list[tuple[int, int]] = field(default_factory=list)
    kind: int | None = None

    def with_type(self, kind: int | None) -> "Adds":
        return replace(self, kind=kind)

    def seen(self, hint: Hint, height: int, width: int, model: Model) -> float:
        self.looked.append((height, width))
        return self.number

    def control(
        self, seen: float, x: Tensor, sigma: Tensor, inputs: NetworkInputs, model: Model, *, calls: int
    ) -> Control:
        return Control(middle=torch.full((1,), seen), skips=(torch.full((1,), seen), None))


def cond(**fields: object) -> Cond:
    return Cond(torch.zeros(1, 1, 1), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("percents", "at", "counts"),
    [
        ((0.0, 1.0), 0.5, True),
        ((0.0, 1.0), 0.0, True),
        ((0.2, 0.6), 0.1, False),
        ((0.2, 0.6), 0.2, True),  # both borders belong to it
        ((0.2, 0.6), 0.6, True),
        ((0.2, 0.6), 0.7, False),
        ((0.8, 0.2), 0.5, False),
    ],
)
def test_a_control_counts_on_its_part_of_the_way(
    model: Model, percents: tuple[float, float], at: float, counts: bool
) -> None:
    levels = model.parametrisation.levels
    sigma = torch.tensor([levels.at_percent(at) if at else float(levels.sigmas[-1])])

    control = Shown(Adds(), Hint(IMAGE), start=percents[0], end=percents[1])(X, sigma, INPUTS, model, calls=1)

    assert (control is not None) == counts


def test_controls_in_a_row_add_up(model: Model) -> None:
    first = Shown(Adds(1.0), Hint(IMAGE), strength=0.5)
    second = Shown(Adds(10.0), Hint(IMAGE), strength=2.0, before=first)

    control = second(X, torch.ones(2), INPUTS, model, calls=1)

    assert control is not None
    assert control.middle == 20.5
    assert [None if skip is None else float(skip) for skip in control.skips] == [20.5, None]


def test_a_picture_is_looked_at_once_for_latents_of_a_size(model: Model) -> None:
    net = Adds()
    shown = Shown(net, Hint(IMAGE))

    for x in (X, X, torch.zeros(1, 4, 3, 5)):
        shown(x, torch.ones(len(x)), INPUTS, model, calls=1)

    assert net.looked == [(2, 2), (3, 5)]


def test_another_handle_looks_for_itself(model: Model) -> None:
    net = Adds()
    shown = Shown(net, Hint(IMAGE))

    for each in (shown, replace(shown, hint=Hint(1 - IMAGE))):
        each(X, torch.ones(2), INPUTS, model, calls=1)

    assert net.looked == [(2, 2), (2, 2)]


def test_entries_that_were_controlled_alike_stay_one_batch() -> None:
    other = Shown(Adds(), Hint(IMAGE))

    (first, controlled), (second,) = shown_to(
        [(cond(), cond(control=other)), (cond(),)], Adds(), Hint(IMAGE), strength=1
    )

    assert first.control is second.control
    assert isinstance(controlled.control, Shown)
    assert controlled.control.before is other


def test_a_strength_of_0_changes_nothing() -> None:
    conditioning = (cond(),)

    assert shown_to([conditioning], Adds(), Hint(IMAGE), strength=0) == (conditioning,)
    assert control_net_apply(conditioning=conditioning, control_net=Adds(), image=IMAGE, strength=0) == conditioning


@pytest.mark.parametrize(
    ("pictures", "size", "calls", "expected"),
    [
        (1, 4, 2, [0]),
        (2, 4, 2, [0, 1, 0, 1]),
        (2, 6, 2, [0, 1, 0, 0, 1, 0]),
        (3, 4, 2, [0, 1, 0, 1]),
        (2, 3, 1, [0, 1, 0]),
    ],
)
def test_each_call_of_a_batch_sees_the_pictures_from_the_first(
    pictures: int, size: int, calls: int, expected: list[float]
) -> None:
    assert for_batch(torch.arange(float(pictures)), size, calls).tolist() == expected


@pytest.mark.parametrize(("name", "kind"), [("auto", None), ("openpose", 0), ("repaint", 7)])
def test_a_kind_of_pictures_has_a_number(name: str, kind: int | None) -> None:
    told = set_union_control_net_type(control_net=Adds(), type=name)

    assert isinstance(told, Adds)
    assert told.kind == kind
    assert len(UNION_TYPES) == 8
