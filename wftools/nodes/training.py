"""Nodes of the category model/training that train."""

from typing import Annotated, Any, cast

from wftools.catalog.declare import (
    BOOLEAN,
    CONDITIONING,
    CONTEXT,
    EXTRA_PNGINFO,
    INT,
    LATENT,
    LORA_MODEL,
    LOSS_MAP,
    MODEL,
    PROMPT,
    STRING,
    Float,
    Int,
    choice,
    files,
    node,
)
from wftools.values import Conditioning, Latent

NO_LORA = "[None]"


def only(values: object) -> Any:
    """The value of an input of a node that is given lists, which has just one."""
    return cast("list[Any]", values)[0]


@node(
    "TrainLoraNode",
    category="model/training",
    display_name="Train LoRA",
    experimental=True,
    is_input_list=True,
    outputs=("lora", "loss_map", "steps"),
)
def train_lora_node(
    *,
    model: MODEL,
    latents: LATENT,
    positive: CONDITIONING,
    batch_size: Annotated[int, Int(1, 10000)] = 1,
    grad_accumulation_steps: Annotated[int, Int(1, 1024)] = 1,
    steps: Annotated[int, Int(1, 100000)] = 16,
    learning_rate: Annotated[float, Float(1e-7, 1.0, step=1e-7)] = 0.0005,
    rank: Annotated[int, Int(1, 128)] = 8,
    optimizer: Annotated[str, choice(("AdamW", "Adam", "SGD", "RMSprop"))] = "AdamW",
    loss_function: Annotated[str, choice(("MSE", "L1", "Huber", "SmoothL1"))] = "MSE",
    seed: Annotated[int, Int(0, 2**64 - 1)] = 0,
    training_dtype: Annotated[str, choice(("bf16", "fp32", "none"))] = "bf16",
    lora_dtype: Annotated[str, choice(("bf16", "fp32"))] = "bf16",
    quantized_backward: BOOLEAN = False,  # noqa: ARG001  nothing is multiplied quantised here
    algorithm: Annotated[str, choice(("LoRA", "LoHa", "LoKr", "OFT"))] = "LoRA",
    gradient_checkpointing: BOOLEAN = True,
    checkpoint_depth: Annotated[int, Int(1, 5)] = 1,
    offloading: BOOLEAN = False,  # noqa: ARG001  weights are brought where they are computed with in any case
    existing_lora: Annotated[str, files("loras", extra_options=[NO_LORA])],
    bucket_mode: BOOLEAN = False,
    bypass_mode: BOOLEAN = False,
    context: CONTEXT,
) -> tuple[LORA_MODEL, LOSS_MAP, INT]:
    """Train an adapter that makes latents without noise of noisy ones, as the data set has them."""
    from wftools.diffusion.training.data import data_set
    from wftools.diffusion.training.lora import Recipe, existing_adapter, train_lora

    recipe = Recipe(
        steps=only(steps),
        batch_size=only(batch_size),
        accumulation=only(grad_accumulation_steps),
        learning_rate=only(learning_rate),
        rank=only(rank),
        optimiser=only(optimizer),
        loss=only(loss_function),
        seed=only(seed),
        training_dtype=only(training_dtype),
        adapter_dtype=only(lora_dtype),
        algorithm=only(algorithm),
        checkpoint_depth=only(checkpoint_depth) if only(gradient_checkpointing) else None,
        is_bypass=only(bypass_mode),
    )
    given = cast("list[Latent]", latents), cast("list[Conditioning]", positive)
    data = data_set([each.samples for each in given[0]], given[1], in_buckets=only(bucket_mode))
    name = only(existing_lora)
    existing, before = ({}, 0) if name == NO_LORA else existing_adapter(name, context)
    trained = train_lora(only(model), data, recipe, context, existing)
    return trained.tensors, {"loss": trained.losses}, only(steps) + before


@node("LossGraphNode", category="model/training", display_name="Plot Loss Graph", output_node=True, experimental=True)
def loss_graph_node(
    *,
    loss: LOSS_MAP,
    filename_prefix: STRING = "loss_graph",  # noqa: ARG001  ComfyUI shows the picture as a preview
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> None:
    """Draw how the loss changed from pass to pass, as a preview."""
    from wftools.imaging.loss_graph import loss_graph
    from wftools.imaging.save import FAST, png

    picture = loss_graph(loss["loss"])
    texts = context.provenance(prompt, extra_pnginfo)
    context.write(context.preview_prefix(), "_.png", [png(picture, texts, FAST)], area="temp")
