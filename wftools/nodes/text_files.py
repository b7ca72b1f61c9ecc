"""Nodes of the category "text" that write files."""

import json
from typing import Annotated

from wftools.catalog.declare import CONTEXT, EXTRA_PNGINFO, PROMPT, STRING, String, choice, node


@node("SaveText", category="text", display_name="Save Text", output_node=True, outputs=("text",))
def save_text(
    *,
    text: Annotated[str, String(forceInput=True)],
    filename_prefix: STRING = "ComfyUI",
    format: Annotated[str, choice(("txt", "csv", "md", "json"))] = "txt",  # noqa: A002  (ComfyUI's name)
    prompt: PROMPT = None,  # noqa: ARG001  texts have no place for metadata
    extra_pnginfo: EXTRA_PNGINFO = None,  # noqa: ARG001
    context: CONTEXT,
) -> STRING:
    """Write a text; JSON is indented, if it is JSON. Returns the text."""
    content = indented(text) if format == "json" else text
    context.write(filename_prefix, f".{format}", [content.encode("utf-8", "surrogatepass")], size=(1, 1))
    return text


def indented(text: str) -> str:
    """JSON with two blanks a level, any other text as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
