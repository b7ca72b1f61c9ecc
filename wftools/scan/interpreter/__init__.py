"""Python source -> the values that its names would have, without running any of it.

    interpreter = Interpreter(Path("custom_nodes/some_pack"), foreign={"folder_paths": foreign_module(…)})
    module = interpreter.load()
    mappings = interpreter.attribute(module, "NODE_CLASS_MAPPINGS")

`values` says what a value is, and how what is unknown is told; `limits`, what a pack may cost. From there down:
`interpreter` (what is asked) · `statements`, `expressions`, `patterns` (syntax) · `calls`, `classes`, `attributes`,
`containers`, `operators`, `texts` (what values do) · `imports`, `files` (modules, and the pack's folder) · `doubt`
(code of which nobody knows whether it runs) · `builtin`, `standard` (Python's own types, functions and library).
"""

from wftools.scan.interpreter.interpreter import Interpreter
from wftools.scan.interpreter.limits import Bound, Limits
from wftools.scan.interpreter.values import (
    MISSING,
    BoundMethod,
    ClassValue,
    FileMarker,
    Foreign,
    FunctionValue,
    Instance,
    ModuleValue,
    Raised,
    Undecided,
    Unknown,
    foreign_module,
    partly,
    plain,
)

__all__ = [
    "MISSING",
    "Bound",
    "BoundMethod",
    "ClassValue",
    "FileMarker",
    "Foreign",
    "FunctionValue",
    "Instance",
    "Interpreter",
    "Limits",
    "ModuleValue",
    "Raised",
    "Undecided",
    "Unknown",
    "foreign_module",
    "partly",
    "plain",
]
