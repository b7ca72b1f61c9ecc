"""Nodes of the category "video"."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any

from wftools.catalog.declare import (
    AUDIO,
    BOOLEAN,
    CONTEXT,
    EXTRA_PNGINFO,
    FLOAT,
    IMAGE,
    INT,
    OPTIONAL,
    PROMPT,
    STRING,
    VIDEO,
    Float,
    Int,
    Socket,
    choice,
    files,
    node,
)
from wftools.catalog.dynamic import DynamicCombo
from wftools.catalog.signature import COMBO
from wftools.errors import RunError
from wftools.nodes._files import state_of
from wftools.nodes.image import size_of


def _codecs(*names: str, **more: Any) -> Socket:
    """A combo of codecs, each with what can be said when it encodes again."""
    color_space = choice(("auto", "sRGB", "HDR", "HDR PQ"), default="auto")
    crf = {"h264": Float(0.0, 51.0, step=1.0, default=23.0), "av1": Float(0.0, 63.0, step=1.0, default=30.0)}
    encoding = {
        name: DynamicCombo({"auto": {}, "re-encode": {"crf": crf[name], "color_space": color_space}}) for name in names
    }
    return DynamicCombo(
        {"auto": {}, **{name: {"encoding": Annotated[Any, each, OPTIONAL]} for name, each in encoding.items()}}, **more
    )


Format = Annotated[
    Mapping[str, Any],
    DynamicCombo(
        {
            "auto": {"codec": _codecs("h264", "av1")},
            "mp4": {"codec": _codecs("h264", "av1")},
            "mkv": {"codec": _codecs("h264", "av1")},
            "webm": {"codec": _codecs("av1")},
        }
    ),
]
OldCodec = Annotated[Mapping[str, Any] | None, _codecs("h264", "av1", hidden=True), OPTIONAL]


@node("LoadVideo", category="video", display_name="Load Video", changed=state_of("file"))
def load_video(*, file: Annotated[str, files("input:video", video_upload=True)], context: CONTEXT) -> VIDEO:
    """A handle on a video file, which is decoded where it is needed."""
    from wftools.media.video import VideoFile

    return VideoFile(context.folders.file(file))


@node("CreateVideo", category="video", display_name="Create Video")
def create_video(
    *,
    images: IMAGE,
    fps: Annotated[float, Float(1.0, 120.0, step=1.0)] = 30.0,
    audio: Annotated[AUDIO | None, OPTIONAL] = None,
    bit_depth: Annotated[int, Int(8, 10, step=2), OPTIONAL] = 8,
) -> VIDEO:
    """Images as a video, with a sound; `bit_depth` is that of the file that it is saved to."""
    from wftools.media.video import VideoOfImages

    return VideoOfImages(images, Fraction(fps), audio, bit_depth)


@node(
    "GetVideoComponents",
    category="video",
    display_name="Get Video Components",
    outputs=("images", "audio", "fps", "bit_depth", "color_space"),
)
def get_video_components(*, video: VIDEO) -> tuple[IMAGE, AUDIO, FLOAT, INT, Annotated[str, Socket(COMBO)]]:
    """The frames of a video, its sound (None if it has none), and what is known of it."""
    parts = video.components()
    return parts.images, parts.audio, float(parts.fps), video.bit_depth, video.color_space  # type: ignore[return-value]


@node("Video Slice", category="video", display_name="Trim Video")
def video_slice(
    *,
    video: VIDEO,
    start_time: Annotated[float, Float(-100_000.0, 100_000.0, step=0.001)] = 0.0,
    duration: Annotated[float, Float(0.0, step=0.001)] = 0.0,
    strict_duration: BOOLEAN = False,
) -> VIDEO:
    """A part of a video: so many seconds, 0 for all, from a second on, which is counted from the end if negative."""
    part = video.trimmed(start_time, duration)
    if strict_duration and part.duration < duration:
        raise RunError(
            f"the video has {video.duration:g} seconds, too few for {duration:g} from {start_time:g} on",
            hint="turn strict_duration off to take what there is",
        )
    return part


@node("SaveVideo", category="video", display_name="Save Video", output_node=True, outputs=("video",))
def save_video(
    *,
    video: VIDEO,
    filename_prefix: STRING = "video/ComfyUI",
    format: Format,  # noqa: A002  (ComfyUI's name)
    codec: OldCodec = None,
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> VIDEO:
    """Write a video: one from a file that is only to be copied is not encoded again. Returns the video."""
    from wftools.media.encoding import Encoding

    chosen = format.get("codec") or codec or {}
    details = chosen.get("encoding") or {}
    color_space = details.get("color_space", "auto")
    encoding = Encoding(
        format["format"],
        chosen.get("codec", "auto"),
        details.get("crf"),
        None if color_space == "auto" else color_space,
    )
    texts = context.provenance(prompt, extra_pnginfo)
    contents = [lambda stream: video.write(stream.name, encoding, texts)]
    context.write(filename_prefix, f"_.{encoding.suffix}", contents, size=video.size)
    return video


@node("SaveWEBM", category="video", display_name="Save WEBM", output_node=True, outputs=("images",), experimental=True)
def save_webm(
    *,
    images: IMAGE,
    filename_prefix: STRING = "ComfyUI",
    codec: Annotated[str, choice(("vp9", "av1"))],
    fps: Annotated[float, Float(0.01, 1000.0, step=0.01)] = 24.0,
    crf: Annotated[float, Float(0, 63.0, step=1)] = 32.0,
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> IMAGE:
    """Write images as a WebM file, with their alpha channel if the codec is vp9. Returns the images."""
    from wftools.media.encoding import write_webm

    texts = context.provenance(prompt, extra_pnginfo)
    contents = [lambda stream: write_webm(stream.name, images, codec=codec, fps=fps, crf=crf, texts=texts)]
    context.write(filename_prefix, "_.webm", contents, size=size_of(images))
    return images
