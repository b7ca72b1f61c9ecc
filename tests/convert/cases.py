"""Small prompts whose ids say that there were subgraphs; each is a workflow that the editor can make."""

from __future__ import annotations

from typing import Any


def node(kind: str, /, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


def text(value: Any) -> dict[str, Any]:
    return node("PrimitiveString", value=value)


def show(source: Any) -> dict[str, Any]:
    return node("PreviewAny", source=source)


def join(one: Any, other: Any) -> dict[str, Any]:
    return node("StringConcatenate", string_a=one, string_b=other, delimiter="")


CASES: dict[str, dict[str, Any]] = {
    "one instance": {"57:3": text("a"), "1": show(["57:3", 0])},
    "two instances of one definition": {
        "57:3": text("a"),
        "58:3": text("a"),
        "1": show(["57:3", 0]),
        "2": show(["58:3", 0]),
    },
    "two instances with values of their own": {
        "57:3": text("a"),
        "58:3": text("b"),
        "1": show(["57:3", 0]),
        "2": show(["58:3", 0]),
    },
    "a link into one instance, a value in the other": {
        "9": text("x"),
        "57:3": text(["9", 0]),
        "58:3": text("b"),
        "1": show(["57:3", 0]),
        "2": show(["58:3", 0]),
    },
    "an instance in an instance": {
        "57:11:4": text("a"),
        "57:5": join(["57:11:4", 0], "z"),
        "1": show(["57:5", 0]),
        "2": show(["57:11:4", 0]),
    },
    "two instances in two instances": {
        "57:11:4": text("a"),
        "57:12:4": text("b"),
        "57:5": join(["57:11:4", 0], ["57:12:4", 0]),
        "58:11:4": text("c"),
        "58:12:4": text("d"),
        "58:5": join(["58:11:4", 0], ["58:12:4", 0]),
        "1": show(["57:5", 0]),
        "2": show(["58:5", 0]),
    },
    "from one instance into another": {
        "8": text("y"),
        "57:3": join(["8", 0], "x"),
        "58:4": join(["57:3", 0], ["57:3", 0]),
        "1": show(["58:4", 0]),
    },
    "out of an instance and back into it": {
        "57:3": text("x"),
        "2": join(["57:3", 0], ""),
        "57:4": join(["2", 0], ""),
        "1": show(["57:4", 0]),
    },
    "a value at an input without a widget": {"57:3": text("x"), "57:4": show("x")},
    "one id in two definitions": {
        "57:3": text("a"),
        "58:3": node("PrimitiveInt", value=3),
        "1": show(["57:3", 0]),
        "2": show(["58:3", 0]),
    },
    "one id in the root and in a definition": {
        "3": text("a"),
        "57:3": text("b"),
        "1": show(["57:3", 0]),
        "2": show(["3", 0]),
    },
    "instances that are wired differently inside": {
        "57:3": text("x"),
        "58:3": text("x"),
        "57:4": join(["57:3", 0], ["58:3", 0]),
        "58:4": join(["57:3", 0], ["58:3", 0]),
        "1": show(["57:4", 0]),
        "2": show(["58:4", 0]),
    },
    "a node and an instance of one id": {"57": text("x"), "57:3": text("y"), "1": show(["57:3", 0])},
    "ids that are no numbers": {"a": text("x"), "b:3": text("y"), "05": text("z"), "1": show(["a", 0])},
    "texts that look like comments and choices": {
        "1": node("CLIPTextEncode", text=r"a {b|c} http://x /* y */ \(z\) }", clip=["2", 0]),
        "2": node("CLIPLoader", clip_name="c.safetensors", type="sd3", device="default"),
    },
    "a text that only an instance can hold": {
        "57:1": node("CLIPTextEncode", text=r"a \{b\}", clip=["2", 0]),
        "2": node("CLIPLoader", clip_name="c.safetensors", type="sd3", device="default"),
    },
}
