"""wftools.imaging.histogram: counts. A recorded case tests the numbers."""

import torch

from wftools.imaging.histogram import histograms


def test_every_pixel_of_the_first_picture_is_counted_once() -> None:
    image = torch.rand(2, 5, 7, 4)

    counts = histograms(image)

    assert [sum(each) for each in counts[1:]] == [35] * 4
    assert all(len(each) == 256 for each in counts)


def test_values_outside_count_at_the_ends() -> None:
    counts = histograms(torch.tensor([-1.0, 0.5, 2.0]).reshape(1, 1, 3, 1).expand(-1, -1, -1, 3))

    assert [(level, count) for level, count in enumerate(counts.luminance) if count] == [(0, 1), (127, 1), (255, 1)]
    assert counts.rgb == counts.red == counts.green == counts.blue
