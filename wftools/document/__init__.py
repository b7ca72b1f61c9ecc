"""Workflow files, as documents: bytes to a lossless tree, and back.

from wftools.document import read, dumps

document = read("workflow.json")     # or a picture that ComfyUI saved
document.form                        # "ui" or "api"
document.tree["nodes"]               # what the file says, key by key
document.ui.nodes[0].type            # the same, typed
dumps(document)                      # the text that was read; `edit.py` has what changes it
"""

from wftools.document.document import Document, Form
from wftools.document.read import NotAWorkflowError, NothingEmbeddedError, read, read_json
from wftools.document.source import SourceText, TextDefect
from wftools.document.write import dumpb, dumps

__all__ = [
    "Document",
    "Form",
    "NotAWorkflowError",
    "NothingEmbeddedError",
    "SourceText",
    "TextDefect",
    "dumpb",
    "dumps",
    "read",
    "read_json",
]
