"""What the docstrings below the attributes of models say, as descriptions in their JSON Schemas."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel


def described(model: type[BaseModel], schema: dict[str, Any]) -> None:
    """Put the descriptions of attributes into the schema of a model and of those of its module that it refers to.

    Why not pydantic's `use_attribute_docstrings`: it reads the source of every class when the class is made, which is a
    twentieth of the time that `wftools lint` needs for one file.
    """
    texts = _docstrings(model.__module__)
    for name, part in {model.__name__: schema, **schema.get("$defs", {})}.items():
        owner: Any = getattr(sys.modules[model.__module__], name, None)
        for field, info in getattr(owner, "model_fields", {}).items():  # a type alias has none
            found = [texts[base.__name__, field] for base in owner.__mro__ if (base.__name__, field) in texts]
            if found:
                part["properties"][info.alias or field]["description"] = found[0]


@cache
def _docstrings(module: str) -> Mapping[tuple[str, str], str]:
    """The text below each attribute of the classes of a module, by class and attribute."""
    return {
        (each.name, attribute.target.id): inspect.cleandoc(text.value.value)
        for each in ast.parse(inspect.getsource(sys.modules[module])).body
        if isinstance(each, ast.ClassDef)
        for attribute, text in zip(each.body, each.body[1:], strict=False)
        if isinstance(attribute, ast.AnnAssign)
        and isinstance(attribute.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
