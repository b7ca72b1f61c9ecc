"""The same names in the module that some packs import them from."""

from wftools.nodepacks.offered.comfy.comfy_types import IO, CheckLazyMixin, ComfyNodeABC, FileLocator, InputTypeDict

__all__ = ["IO", "CheckLazyMixin", "ComfyNodeABC", "FileLocator", "InputTypeDict"]
