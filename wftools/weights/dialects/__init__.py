"""Dialects: how files say that a weight is more than one tensor, such as eight-bit numbers with a scale.

A module of this folder understands one. It claims its keys before the tensors are compared with a network's, so that
a key that nobody understands is still an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from wftools.plugins import Folder

if TYPE_CHECKING:
    from wftools.weights.tensorfile import TensorFile


class Dialect(Protocol):
    """What a module of this package has."""

    def understood(self, file: TensorFile, /) -> TensorFile:
        """The file with sources for the weights that it says in this dialect, and without the keys that say how.

        The same file if it has none. Raises InputError for what is said wrongly, or not read yet.
        """
        ...


DIALECTS: Final[Folder[Dialect]] = Folder("wftools.weights.dialects")


def understood(file: TensorFile) -> TensorFile:
    """A file as networks see it, whatever dialect it speaks. Raises InputError."""
    with file.blamed():
        for dialect in DIALECTS.modules():
            file = dialect.understood(file)
    return file
