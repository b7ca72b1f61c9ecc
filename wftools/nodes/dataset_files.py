"""Nodes for data sets in folders: pictures and videos with captions come in, and go out."""

from typing import TYPE_CHECKING, Annotated, cast

from wftools.catalog.declare import (
    CONTEXT,
    EXTRA_PNGINFO,
    IMAGE,
    IS_LIST,
    OPTIONAL,
    PROMPT,
    STRING,
    VIDEO,
    Int,
    Socket,
    String,
    choice,
    files,
    node,
)
from wftools.context import Context
from wftools.errors import RunError
from wftools.nodes._files import state_of
from wftools.values import Video

if TYPE_CHECKING:
    from torch import Tensor

InputFolder = Annotated[str, files("input:subfolders")]
Mode = Annotated[str, choice(("overwrite", "increment"))]
AnySeed = Annotated[int, Int(0, 2**64 - 1)]
Length = Annotated[int, Int(1, 99_999)]

Images = Annotated[list["Tensor"], Socket("IMAGE"), IS_LIST]
Texts = Annotated[list[str], Socket("STRING"), IS_LIST]
Videos = Annotated[list[Video], Socket("VIDEO"), IS_LIST]


@node(
    "LoadImageDataSetFromFolder",
    category="image",
    display_name="Load Image (from Folder)",
    outputs=("images",),
    experimental=True,
    changed=state_of("folder"),
)
def load_image_data_set_from_folder(*, folder: InputFolder, context: CONTEXT) -> Images:
    """The pictures of a folder, by name; without alpha, and not turned as their EXIF says."""
    from wftools.imaging.load import load_rgb
    from wftools.media.data_sets import PICTURES, files_in

    return [load_rgb(path) for path in files_in(context.folders.folder(folder), PICTURES)]


@node(
    "LoadImageTextDataSetFromFolder",
    category="image",
    display_name="Load Image-Text (from Folder)",
    outputs=("images", "texts"),
    experimental=True,
    changed=state_of("folder"),
)
def load_image_text_data_set_from_folder(*, folder: InputFolder, context: CONTEXT) -> tuple[Images, Texts]:
    """The pictures of a folder and of those in it, with their captions; those of a folder `3_fox` three times."""
    from wftools.imaging.load import load_rgb
    from wftools.media.data_sets import PICTURES, captioned_in

    found = captioned_in(context.folders.folder(folder), PICTURES)
    images = {path: load_rgb(path) for path, _ in found}
    return [images[path] for path, _ in found], [caption for _, caption in found]


@node(
    "LoadVideoDataSetFromFolder",
    category="video",
    display_name="Load Video (from Folder)",
    outputs=("videos",),
    experimental=True,
    changed=state_of("folder"),
)
def load_video_data_set_from_folder(*, folder: InputFolder, context: CONTEXT) -> Videos:
    """Handles on the videos of a folder, by name."""
    from wftools.media.data_sets import VIDEOS, files_in
    from wftools.media.video import VideoFile

    return [VideoFile(path) for path in files_in(context.folders.folder(folder), VIDEOS)]


@node(
    "LoadVideoTextDataSetFromFolder",
    category="video",
    display_name="Load Video-Text (from Folder)",
    outputs=("videos", "texts"),
    experimental=True,
    changed=state_of("folder"),
)
def load_video_text_data_set_from_folder(*, folder: InputFolder, context: CONTEXT) -> tuple[Videos, Texts]:
    """Handles on the videos of a folder and of those in it, with their captions; of a folder `3_fox` three times."""
    from wftools.media.data_sets import VIDEOS, captioned_in
    from wftools.media.video import VideoFile

    found = captioned_in(context.folders.folder(folder), VIDEOS)
    return [VideoFile(path) for path, _ in found], [caption for _, caption in found]


def _save(images: "list[Tensor]", texts: list[str], place: str, mode: str, context: Context) -> None:
    """Write each image as a PNG without metadata, and beside it its text, as long as there are texts."""
    from wftools.imaging.save import DEFAULT, png

    for index, batch in enumerate(images):
        if len(batch) != 1:
            raise RunError(f"item {index} of the list is a batch of {len(batch)} images", hint="each must be one image")
        data = png(batch[0], {}, DEFAULT)
        if mode == "overwrite":
            context.replace(f"{place}_{index:05}.png", data)
        else:
            context.write(place, f"_{index:05}.png", [data])
        image = context.saved[-1].path
        if index < len(texts) and image is not None:
            name = image.with_suffix(".txt").relative_to(context.folders.output).as_posix()
            context.replace(name, texts[index].encode())


def _place(folder: list[str], prefix: list[str]) -> str:
    return "/".join(part for part in (folder[0], prefix[0]) if part)


@node(
    "SaveImageDataSetToFolder",
    category="image",
    display_name="Save Image (to Folder) (DEPRECATED)",
    output_node=True,
    is_input_list=True,
    deprecated=True,
    experimental=True,
)
def save_image_data_set_to_folder(
    *,
    images: IMAGE,
    folder_name: STRING = "dataset",
    filename_prefix: STRING = "image",
    mode: Mode = "overwrite",
    prompt: PROMPT = None,  # noqa: ARG001  pictures for training carry no metadata
    extra_pnginfo: EXTRA_PNGINFO = None,  # noqa: ARG001
    context: CONTEXT,
) -> None:
    """Write the images of a list into a folder of the output, numbered from 0."""
    place = _place(cast("list[str]", folder_name), cast("list[str]", filename_prefix))
    _save(cast("list[Tensor]", images), [], place, mode[0], context)


@node(
    "SaveImageTextDataSetToFolder",
    category="image",
    display_name="Save Image-Text (to Folder)",
    output_node=True,
    is_input_list=True,
    experimental=True,
)
def save_image_text_data_set_to_folder(
    *,
    images: IMAGE,
    folder_name: STRING = "dataset",
    filename_prefix: STRING = "image",
    mode: Mode = "overwrite",
    texts: Annotated[str | None, String(forceInput=True), OPTIONAL] = None,
    prompt: PROMPT = None,  # noqa: ARG001  pictures for training carry no metadata
    extra_pnginfo: EXTRA_PNGINFO = None,  # noqa: ARG001
    context: CONTEXT,
) -> None:
    """Write the images of a list into a folder of the output, numbered from 0, and their texts beside them."""
    place = _place(cast("list[str]", folder_name), cast("list[str]", filename_prefix))
    _save(cast("list[Tensor]", images), cast("list[str]", texts or []), place, mode[0], context)


@node(
    "VideoFrameSample",
    category="video",
    display_name="Sample Video Frame",
    outputs=("video",),
    experimental=True,
)
def video_frame_sample(
    *,
    video: VIDEO,
    num_frames: Annotated[int, Int(1, 9999)] = 16,
    strategy: Annotated[str, choice(("uniform", "head", "tail", "random"))] = "uniform",
    seed: AnySeed = 0,
) -> VIDEO:
    """Some frames of a video: the first, the last, at equal distances, or any."""
    from wftools.media.data_sets import sampled

    return sampled(video, num_frames, strategy, seed)


@node(
    "VideoTemporalCrop",
    category="video/transform",
    display_name="Crop Video (Temporal)",
    outputs=("video",),
    experimental=True,
)
def video_temporal_crop(*, video: VIDEO, start_frame: Annotated[int, Int(0, 99_999)] = 0, length: Length = 16) -> VIDEO:
    """So many frames of a video from a frame on; as many as there are, but at least one."""
    from wftools.media.data_sets import cropped

    return cropped(video, start_frame, length)


@node(
    "VideoRandomTemporalCrop",
    category="video/transform",
    display_name="Crop Video (Temporal Random)",
    outputs=("video",),
    experimental=True,
)
def video_random_temporal_crop(*, video: VIDEO, length: Length = 16, seed: AnySeed = 0) -> VIDEO:
    """So many frames of a video in a row, from any frame on."""
    from wftools.media.data_sets import randomly_cropped

    return randomly_cropped(video, length, seed)


@node(
    "ShuffleVideoDataset",
    category="video/batch",
    display_name="Shuffle Videos List",
    is_input_list=True,
    outputs=("videos",),
    experimental=True,
)
def shuffle_video_dataset(*, videos: VIDEO, seed: AnySeed = 0) -> Videos:
    """The videos of a list in another order."""
    from wftools.imaging.collection import shuffled

    return shuffled(cast("list[Video]", videos), cast("list[int]", seed)[0])


@node(
    "ShuffleVideoTextDataset",
    category="dataset/video",
    display_name="Shuffle Pairs of Video-Text",
    is_input_list=True,
    outputs=("videos", "texts"),
    experimental=True,
)
def shuffle_video_text_dataset(*, videos: VIDEO, texts: STRING, seed: AnySeed = 0) -> tuple[Videos, Texts]:
    """The videos of a list in another order, and their texts in the same."""
    from wftools.imaging.collection import shuffled

    order, handles = cast("list[int]", seed)[0], cast("list[Video]", videos)
    return shuffled(handles, order), shuffled(cast("list[str]", texts), order, len(handles))
