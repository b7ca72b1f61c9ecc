"""A pack in ComfyUI's newer form."""

import torch
from comfy_api.latest import ComfyExtension, io, ui
from typing_extensions import override


class Blend(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        kind = io.MatchType.Template("kind", [io.Image, io.Mask])
        return io.Schema(
            node_id="ModernBlend",
            display_name="Blend (modern)",
            category="modern/picture",
            inputs=[
                io.MatchType.Input("one", template=kind),
                io.MatchType.Input("other", template=kind),
                io.Float.Input("share", default=0.5, min=0.0, max=1.0, step=0.01, display_mode=io.NumberDisplay.slider),
                io.DynamicCombo.Input(
                    "mode",
                    options=[
                        io.DynamicCombo.Option("plain", []),
                        io.DynamicCombo.Option("power", [io.Int.Input("exponent", default=2, min=1, max=4)]),
                    ],
                ),
            ],
            outputs=[io.MatchType.Output(template=kind, display_name="mixed")],
        )

    @classmethod
    def execute(cls, one, other, share, mode):
        exponent = mode.get("exponent", 1)
        return io.NodeOutput(torch.lerp(one, other, share) ** exponent)


class Words(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="ModernWords",
            category="modern/text",
            inputs=[
                io.Autogrow.Input("words", template=io.Autogrow.TemplatePrefix(io.String.Input("word"), prefix="word")),
                io.Combo.Input("between", options=["space", "comma"]),
            ],
            outputs=[io.String.Output("text"), io.Int.Output(display_name="count")],
            hidden=[io.Hidden.unique_id],
            is_output_node=True,
        )

    @classmethod
    def validate_inputs(cls, between):
        return True if between in {"space", "comma", "bar"} else "choose what is put between"

    @classmethod
    async def execute(cls, words, between):
        text = {"space": " ", "comma": ", ", "bar": "|"}[between].join(words.values())
        return io.NodeOutput(f"{cls.hidden.unique_id}: {text}", len(words), ui=ui.PreviewText(text))


class Shown(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="ModernShown",
            category="modern/picture",
            is_output_node=True,
            inputs=[io.Image.Input("image")],
            outputs=[],
            hidden=[io.Hidden.prompt, io.Hidden.extra_pnginfo],
        )

    @classmethod
    def execute(cls, image):
        return io.NodeOutput(ui=ui.PreviewImage(image, cls=cls))


class Extension(ComfyExtension):
    @override
    async def get_node_list(self):
        return [Blend, Words, Shown]


async def comfy_entrypoint():
    return Extension()
