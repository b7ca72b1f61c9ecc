"""What nodes of the newer form show: pictures, masks and texts, written to the run's folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wftools.nodepacks.running import current

if TYPE_CHECKING:
    from torch import Tensor


class SavedResult(dict[str, Any]):
    """A file that a node wrote."""

    def __init__(self, filename: str, subfolder: str, type: Any) -> None:
        super().__init__(filename=filename, subfolder=subfolder, type=str(getattr(type, "value", type)))


class SavedImages:
    """Pictures that a node wrote."""

    def __init__(self, results: list[SavedResult], is_animated: bool = False) -> None:
        self.results = results
        self.is_animated = is_animated

    def as_dict(self) -> dict[str, Any]:
        """What a browser would be told."""
        return {"images": self.results}


class _Noted:
    """Something that is noted already, since it was written through the run's context."""

    def as_dict(self) -> dict[str, Any]:
        """Nothing more to tell."""
        return {}


class PreviewImage(_Noted):
    """Pictures (B, H, W, C) in the folder of previews."""

    def __init__(self, image: Tensor, animated: bool = False, cls: Any = None, **_options: Any) -> None:
        from wftools.nodes.image import preview_image

        hidden = getattr(cls, "hidden", None)
        preview_image(
            images=image,
            prompt=getattr(hidden, "prompt", None),
            extra_pnginfo=getattr(hidden, "extra_pnginfo", None),
            context=current(),
        )


class PreviewMask(PreviewImage):
    """Masks (B, H, W) as grey pictures in the folder of previews."""

    def __init__(self, mask: Tensor, animated: bool = False, cls: Any = None, **options: Any) -> None:
        from wftools.imaging.mask import to_image

        super().__init__(to_image(mask), animated, cls, **options)


class PreviewText:
    """A text."""

    def __init__(self, value: str, **_options: Any) -> None:
        self.value = value

    def as_dict(self) -> dict[str, Any]:
        """What a browser would be told."""
        return {"text": (self.value,)}


class ImageSaveHelper:
    """Pictures in the folder of results."""

    @staticmethod
    def get_save_images_ui(
        images: Tensor, filename_prefix: str, cls: Any = None, compress_level: int = 4, **_options: Any
    ) -> _Noted:
        """Write pictures as PNG files, the workflow in their metadata."""
        from wftools.imaging.save import png

        hidden, context = getattr(cls, "hidden", None), current()
        texts = context.provenance(getattr(hidden, "prompt", None), getattr(hidden, "extra_pnginfo", None))
        size = (images.shape[2], images.shape[1])
        context.write(filename_prefix, "_.png", (png(each, texts, compress_level) for each in images), size=size)
        return _Noted()
