"""wftools.nodes.video: videos come in, are cut, and go out as files or as pictures and sound."""

from fractions import Fraction

import pytest
import torch

from tests.media.conftest import counted, numbers, video
from wftools.context import Context
from wftools.document.containers import read_texts
from wftools.errors import RunError
from wftools.media.video import VideoOfImages
from wftools.nodes.video import (
    create_video,
    get_video_components,
    load_video,
    save_video,
    save_webm,
    video_slice,
)


@pytest.mark.parametrize(
    ("format_", "name"),
    [
        ({"format": "auto", "codec": {"codec": "auto"}}, "x_32x16_00001_.mp4"),
        ({"format": "mkv", "codec": {"codec": "h264"}}, "x_32x16_00001_.mkv"),
        (
            {
                "format": "mp4",
                "codec": {"codec": "h264", "encoding": {"encoding": "re-encode", "crf": 20.0, "color_space": "HDR"}},
            },
            "x_32x16_00001_.mp4",
        ),
    ],
)
def test_a_saved_video_is_loaded_again(context: Context, format_: dict[str, object], name: str) -> None:
    made = create_video(images=counted(4), fps=8.0, audio=video(4).audio)

    given = save_video(
        video=made, filename_prefix="x_%width%x%height%", format=format_, prompt={"1": {}}, context=context
    )

    assert given is made
    (saved,) = context.saved
    assert saved.path.name == name
    with saved.path.open("rb") as file:
        assert read_texts(file)["prompt"] == '{"1": {}}'
    loaded = load_video(file=f"{name} [output]", context=context)
    images, audio, fps, bit_depth, color_space = get_video_components(video=loaded)
    assert numbers(images) == [1, 2, 3, 4]
    assert audio.waveform.shape[:2] == (1, 2)
    is_hdr = "encoding" in format_["codec"]  # type: ignore[operator]
    assert (fps, bit_depth, color_space) == (8.0, 10 if is_hdr else 8, "HDR" if is_hdr else "sRGB")


def test_the_codec_may_stand_beside_the_format(context: Context) -> None:
    """As in files of older versions."""
    save_video(video=video(2), format={"format": "webm"}, codec={"codec": "av1"}, context=context)

    assert context.saved[0].path.suffix == ".webm"


def test_a_part_that_is_too_short_is_refused_only_if_it_must_not_be(context: Context) -> None:
    save_video(video=video(8), filename_prefix="x", format={"format": "mp4"}, context=context)
    loaded = load_video(file="x_00001_.mp4 [output]", context=context)

    part = video_slice(video=loaded, start_time=0.5, duration=9.0)
    assert numbers(get_video_components(video=part)[0]) == [5, 6, 7, 8]
    with pytest.raises(RunError, match=r"too few for 9 from 0\.5 on"):
        video_slice(video=loaded, start_time=0.5, duration=9.0, strict_duration=True)


def test_created_videos_keep_what_they_are_made_of() -> None:
    images = torch.rand(3, 4, 4, 3)

    made = create_video(images=images, fps=29.97, bit_depth=10)

    parts: tuple[object, ...] = get_video_components(video=made)
    assert parts == (images, None, 29.97, 10, "sRGB")
    assert made.fps == Fraction(29.97)
    assert isinstance(made, VideoOfImages)


def test_images_become_a_webm_file(context: Context) -> None:
    images = counted(2, channels=4)

    assert save_webm(images=images, filename_prefix="a/x", codec="vp9", context=context) is images

    assert context.saved[0].path == context.folders.output / "a/x_00001_.webm"
