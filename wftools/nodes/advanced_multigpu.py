"""Nodes of the category advanced/multigpu: where models are computed."""

from typing import Annotated

from wftools.catalog.declare import CLIP, MODEL, VAE, Int, choice, node


@node("MultiGPU_WorkUnits", category="advanced/multigpu", display_name="MultiGPU CFG Split")
def multigpu_work_units(*, model: MODEL, max_gpus: Annotated[int, Int(1, step=1)] = 2) -> MODEL:  # noqa: ARG001
    """The model as it is: one device computes all, which gives the same pictures."""
    return model


@node("SelectModelDevice", category="advanced/multigpu", display_name="Select Model Device")
def select_model_device(*, model: MODEL, device: Annotated[str, choice(["default", "cpu"])]) -> MODEL:
    """A model on a device: "gpu:0", "gpu:1" and so on are good, too; those that are not there change nothing."""
    from wftools.diffusion.placing import on_chosen_device

    return on_chosen_device(model, device)


@node("SelectCLIPDevice", category="advanced/multigpu", display_name="Select CLIP Device")
def select_clip_device(*, clip: CLIP, device: Annotated[str, choice(["default", "cpu"])]) -> CLIP:
    """Text encoders on a device."""
    from wftools.diffusion.placing import on_chosen_device

    return on_chosen_device(clip, device)


@node("SelectVAEDevice", category="advanced/multigpu", display_name="Select VAE Device")
def select_vae_device(*, vae: VAE, device: Annotated[str, choice(["default"])]) -> VAE:
    """A VAE on a device."""
    from wftools.diffusion.placing import on_chosen_device

    return on_chosen_device(vae, device)
