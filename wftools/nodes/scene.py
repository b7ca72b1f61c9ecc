"""Nodes of the category "3d": models from files, what a browser has shown of them, and previews.

What is seen of a model is drawn by a browser: it says it in a widget, whose value here is that of the prompt.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from wftools.catalog.declare import (
    CONTEXT,
    EXTRA_PNGINFO,
    IMAGE,
    INT,
    MASK,
    OPTIONAL,
    PROMPT,
    STRING,
    Int,
    Socket,
    files,
    node,
)
from wftools.context import Context, Saved
from wftools.errors import RunError, shown
from wftools.values import File3D

_CATEGORY: Final = "3d"
_NONE: Final = frozenset({"", "none"})  # the choice of no model
_MODELS: Final = "FILE_3D_GLB,FILE_3D_GLTF,FILE_3D_FBX,FILE_3D_OBJ,FILE_3D_STL,FILE_3D_USDZ,FILE_3D"
_OUTPUTS: Final = ("model_3d", "model_3d_info", "camera_info", "width", "height")

Side = Annotated[int, Int(1, 4096, step=1)]
ModelFile = Annotated[str, files("input/3d:model3d", file_upload=True)]
View = Annotated[Mapping[str, Any], Socket("LOAD_3D")]
Camera = Annotated[Any, Socket("LOAD3D_CAMERA")]
Info = Annotated[Any, Socket("LOAD3D_MODEL_INFO")]
Model3D = Annotated[File3D | None, Socket("FILE_3D")]
Splat = Annotated[File3D, Socket("FILE_3D_SPLAT_ANY")]
Cloud = Annotated[File3D, Socket("FILE_3D_POINT_CLOUD_ANY")]


def seen_by_a_browser(view: Any) -> None:
    """Raise RunError for a widget in which no browser has said what it shows."""
    if not isinstance(view, Mapping):
        raise RunError(
            "needs a browser, which draws the model when a workflow is queued",
            hint="give the value of a prompt that the web editor has queued",
        )


def _seen(view: Mapping[str, Any], name: str) -> Any:
    if name not in view:
        raise RunError(f"what the browser has shown says nothing of {name!r}: {shown(dict(view))}")
    return view[name]


def _model(name: str, context: Context) -> File3D | None:
    return None if name in _NONE else File3D(context.folders.file(name))


@node(
    "Load3D",
    category=_CATEGORY,
    display_name="Load 3D & Animation",
    outputs=(
        "image",
        "mask",
        "mesh_path",
        "normal",
        "camera_info",
        "recording_video",
        "model_3d",
        "model_3d_info",
    ),
    experimental=True,
    checks={"image": seen_by_a_browser},
)
def load_3d(
    *,
    model_file: ModelFile,
    image: View,
    width: Side = 1024,  # noqa: ARG001  the browser's
    height: Side = 1024,  # noqa: ARG001
    context: CONTEXT,
) -> tuple[IMAGE, MASK, STRING, IMAGE, Camera, Annotated[Any, Socket("VIDEO")], Model3D, Info]:
    """A model from a file, and the pictures that a browser has drawn of it; a recording, if it has made one."""
    from wftools.imaging.load import load
    from wftools.media.video import VideoFile

    picture, mask, normal = (load(context.folders.file(_seen(image, name))) for name in ("image", "mask", "normal"))
    recording = image.get("recording")
    return (
        picture.image,
        mask.mask,
        "" if model_file in _NONE else model_file,
        normal.image,
        _seen(image, "camera_info"),
        VideoFile(context.folders.file(recording)) if recording else None,
        _model(model_file, context),
        image.get("model_3d_info", []),
    )


@node(
    "Load3DAdvanced",
    category=_CATEGORY,
    display_name="Load 3D (Advanced)",
    outputs=_OUTPUTS,
    experimental=True,
    checks={"viewport_state": seen_by_a_browser},
)
def load_3d_advanced(
    *, model_file: ModelFile, viewport_state: View, width: Side = 1024, height: Side = 1024, context: CONTEXT
) -> tuple[Model3D, Info, Camera, INT, INT]:
    """A model from a file, and how a browser has looked at it."""
    view = viewport_state
    return _model(model_file, context), view.get("model_3d_info", []), _seen(view, "camera_info"), width, height


@node("Preview3D", category=_CATEGORY, display_name="Preview 3D & Animation", output_node=True, experimental=True)
def preview_3d(
    *,
    model_file: Annotated[Any, Socket(f"STRING,{_MODELS}", {"widgetType": "STRING"})] = "",
    camera_info: Annotated[Any, Socket("LOAD3D_CAMERA"), OPTIONAL] = None,  # noqa: ARG001  the browser's
    bg_image: Annotated[Any, Socket("IMAGE"), OPTIONAL] = None,
    prompt: PROMPT = None,  # noqa: ARG001
    extra_pnginfo: EXTRA_PNGINFO = None,  # noqa: ARG001
    context: CONTEXT,
) -> None:
    """Put a model into the output folder and its background into the temp folder; the name of a file is told."""
    from wftools.imaging.save import FAST, at_least_one, png

    if isinstance(model_file, File3D):
        context.write("preview3d", model_file.path.suffix, [model_file.path.read_bytes()])
    else:
        context.saved.append(Saved("text", text=str(model_file)))
    if bg_image is not None:
        contents = [png(at_least_one(bg_image)[0], {}, FAST)]
        context.write(context.preview_prefix("bg"), "_.png", contents, area="temp")


def _put(model: File3D, context: Context, start: str) -> None:
    """Put a model into the temp folder."""
    context.write(context.preview_prefix(start), model.path.suffix, [model.path.read_bytes()], area="temp")


def _looked_at(view: Mapping[str, Any], info: Any, camera: Any) -> tuple[Any, Any]:
    """What is known of a model and how it is looked at: what is linked counts before what the browser says."""
    return (
        view.get("model_3d_info", []) if info is None else info,
        _seen(view, "camera_info") if camera is None else camera,
    )


@node(
    "Preview3DAdvanced",
    category=_CATEGORY,
    display_name="Preview 3D (Advanced)",
    output_node=True,
    outputs=_OUTPUTS,
    experimental=True,
    checks={"viewport_state": seen_by_a_browser},
)
def preview_3d_advanced(
    *,
    model_3d: Annotated[File3D, Socket(_MODELS)],
    viewport_state: View,
    width: Side = 1024,
    height: Side = 1024,
    model_3d_info: Annotated[Any, Socket("LOAD3D_MODEL_INFO"), OPTIONAL] = None,
    camera_info: Annotated[Any, Socket("LOAD3D_CAMERA"), OPTIONAL] = None,
    prompt: PROMPT = None,  # noqa: ARG001
    extra_pnginfo: EXTRA_PNGINFO = None,  # noqa: ARG001
    context: CONTEXT,
) -> tuple[Model3D, Info, Camera, INT, INT]:
    """Put a model into the temp folder, and pass it on with how it is looked at."""
    _put(model_3d, context, "preview3d_advanced")
    return model_3d, *_looked_at(viewport_state, model_3d_info, camera_info), width, height


@node(
    "PreviewGaussianSplat",
    category=_CATEGORY,
    display_name="Preview Splat",
    output_node=True,
    outputs=_OUTPUTS,
    experimental=True,
    checks={"viewport_state": seen_by_a_browser},
)
def preview_gaussian_splat(
    *,
    model_3d: Annotated[File3D, Socket("FILE_3D_SPLAT_ANY,FILE_3D_PLY,FILE_3D_SPLAT,FILE_3D_SPZ,FILE_3D_KSPLAT")],
    viewport_state: View,
    width: Side = 1024,
    height: Side = 1024,
    model_3d_info: Annotated[Any, Socket("LOAD3D_MODEL_INFO"), OPTIONAL] = None,
    camera_info: Annotated[Any, Socket("LOAD3D_CAMERA"), OPTIONAL] = None,
    prompt: PROMPT = None,  # noqa: ARG001
    extra_pnginfo: EXTRA_PNGINFO = None,  # noqa: ARG001
    context: CONTEXT,
) -> tuple[Splat, Info, Camera, INT, INT]:
    """Put a Gaussian splat into the temp folder, and pass it on with how it is looked at."""
    _put(model_3d, context, "preview_splat")
    return model_3d, *_looked_at(viewport_state, model_3d_info, camera_info), width, height


@node(
    "PreviewPointCloud",
    category=_CATEGORY,
    display_name="Preview Point Cloud",
    output_node=True,
    outputs=_OUTPUTS,
    experimental=True,
    checks={"viewport_state": seen_by_a_browser},
)
def preview_point_cloud(
    *,
    model_3d: Annotated[File3D, Socket("FILE_3D_POINT_CLOUD_ANY,FILE_3D_PLY")],
    viewport_state: View,
    width: Side = 1024,
    height: Side = 1024,
    model_3d_info: Annotated[Any, Socket("LOAD3D_MODEL_INFO"), OPTIONAL] = None,
    camera_info: Annotated[Any, Socket("LOAD3D_CAMERA"), OPTIONAL] = None,
    prompt: PROMPT = None,  # noqa: ARG001
    extra_pnginfo: EXTRA_PNGINFO = None,  # noqa: ARG001
    context: CONTEXT,
) -> tuple[Cloud, Info, Camera, INT, INT]:
    """Put a point cloud into the temp folder, and pass it on with how it is looked at."""
    _put(model_3d, context, "preview_pointcloud")
    return model_3d, *_looked_at(viewport_state, model_3d_info, camera_info), width, height
