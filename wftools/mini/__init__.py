"""The embedded model: a few megabytes in the layout of a Stable Diffusion 1 checkpoint, trained from nothing.

    scene        what stands in a picture: words and geometry, from a seed
    render       scenes to pictures
    captions     scenes to English, and English back to words
    judge        pictures back to words

    vae  text  unet      one stage of training each
    loop  start          how stages are run, and weights that are computed instead of drawn
    export               the three networks as one checkpoint
    train                the whole recipe: python -m wftools.mini.train
    score                how well a checkpoint does on the fixed prompts: python -m wftools.mini.score

The first four know of no network.
"""
