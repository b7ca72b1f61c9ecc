from random import Random

import pytest
import torch

from wftools.mini.render import distance_field, render
from wftools.mini.scene import COLOURS, PIXELS, PLACES, RICH, SHAPES, SIZES, Words, arranged, scene

WHITE_ON_BLACK = Words(shape="circle", colour="white", fill="solid", count="one", ground="black")


def test_a_seed_is_a_scene_for_ever() -> None:
    assert scene(0).words == Words(
        shape="heart", colour="red", fill="solid", count="one", size="medium", place="bottom", ground="pink"
    )


def test_a_picture_does_not_depend_on_its_batch() -> None:
    scenes = [scene(seed, RICH) for seed in range(8)]

    together = render(scenes)

    assert together.shape == (8, PIXELS, PIXELS, 3)
    for one, picture in zip(scenes, together, strict=True):
        assert torch.equal(render([one])[0], picture)


def test_colours_stay_in_range() -> None:
    pictures = render([scene(seed, RICH) for seed in range(32)])

    assert pictures.min() >= 0
    assert pictures.max() <= 1


@pytest.mark.parametrize("shape", SHAPES)
def test_an_object_is_as_large_as_its_scene_says(shape: str) -> None:
    """The longest side of the bounding box; sharp corners lose what covers less than half a pixel."""
    one = arranged(Words(**{**WHITE_ON_BLACK.said(), "shape": shape, "size": "large", "place": "center"}), Random(0))
    covered = render([one])[0].mean(-1) > 0.5

    columns, rows = (torch.nonzero(covered.any(axis))[:, 0] for axis in (0, 1))
    longest = max(int(along[-1] - along[0]) + 1 for along in (columns, rows))

    assert longest == pytest.approx(one.diameter, abs=2)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("place", PLACES)
def test_objects_are_whole(size: str, place: str) -> None:
    """Nothing touches the frame, which the judge takes the ground from."""
    words = Words(**{**WHITE_ON_BLACK.said(), "size": size, "place": place})
    scenes = [arranged(words, Random(seed)) for seed in range(20)]

    for one in scenes:
        for coordinate in one.centres[0]:
            assert one.diameter / 2 < coordinate < PIXELS - one.diameter / 2


def test_a_distance_is_negative_inside_and_grows_outwards() -> None:
    field = distance_field("circle")
    middle = len(field) // 2

    along = field[middle, middle:]

    assert field[middle, middle] == pytest.approx(-0.5, abs=0.01)
    assert (along.diff() > 0).all()


def test_colours_are_far_apart() -> None:
    """Further than the jitter and a coarse decoder can blur."""
    palette = torch.tensor(list(COLOURS.values()))

    distances = torch.cdist(palette, palette) + torch.eye(len(palette))

    assert distances.min() > 0.35
