"""`ast`: literals that are read from text. The syntax of a source is not something that nodes are made of."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from wftools.scan.interpreter import imports
from wftools.scan.interpreter.standard.declaring import functions, text

if TYPE_CHECKING:
    from wftools.scan.interpreter.interpreter import Interpreter
    from wftools.scan.interpreter.values import Value


def names(interpreter: Interpreter, module: str) -> dict[str, Value]:
    return functions(literal_eval=_literal)


def _literal(interpreter: Interpreter, source: Value) -> Value:
    tree = imports.parse(interpreter, text(source).strip())
    if len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
        return interpreter.doubt.made(ast.literal_eval(tree.body[0].value))
    raise interpreter.error("SyntaxError", "invalid syntax")
