"""Expressions that pick files."""

from __future__ import annotations

import pytest

from tests.overview.flows import BASE, seen
from wftools.errors import InputError
from wftools.overview.where import FIELDS, parse

LORA = {"model": ["model", 0], "lora_name": "a/Fur.safetensors", "strength_model": 0.8}
SECOND = {
    "second": ["KSampler", {**BASE["sampler"][1], "seed": 6, "sampler_name": "euler", "steps": 8}],
    "decode2": ["VAEDecode", {"samples": ["second", 0], "vae": ["model", 2]}],
    "save2": ["SaveImage", {"images": ["decode2", 0], "filename_prefix": "y"}],
}


@pytest.mark.parametrize(
    ("expression", "is_true"),
    [
        ("seed=5", True),
        ("seed == 5.0", True),
        ("seed!=5", False),
        ("seed<5 or seed>=5", True),
        ("cfg<=7", True),
        ("cfg>7", False),
        ("sampler=DPMPP_2M", True),
        ("sampler=dpmpp", False),
        ("sampler~dpmpp", True),
        ("model=base", True),
        ("model=base.safetensors", True),
        ("checkpoint='sd/base.safetensors'", True),
        ("model=bas", False),
        ("lora", True),
        ("lora=fur", True),
        ("not lora", False),
        ("control", False),
        ("prompt='a fox'", True),
        ('prompt~"A FOX" and negative=blurry', True),
        ("width=512 and height=768 and batch=1", True),
        ("node=KSampler", True),
        ("node~sampler and nodes>7", True),
        ("pack", False),
        ("file~flow and form=api", True),
        ("service", False),
        ("not (seed=5 and cfg=7)", False),
        ("NOT seed=6 AND cfg=7", True),
        ("seed=6 or seed=5 and cfg=8", False),
        ("(seed=6 or seed=5) and cfg=7", True),
        ("steps=many", False),
    ],
)
def test_what_is_true_of_a_picture(expression, is_true):
    overview = seen({"lora": ["LoraLoaderModelOnly", LORA], "sampler": {"model": ["lora", 0]}})

    assert parse(expression).is_true_of(overview) is is_true


def test_the_model_is_what_makes_the_picture():
    """Not what reads the prompt or decodes: flux with its t5xxl is no model of the family XL."""
    overview = seen(
        {"encoder": ["DualCLIPLoader", {"clip_name1": "t5xxl.safetensors"}], "positive": {"clip": ["encoder", 0]}}
    )

    assert parse("encoder~xl and model~base").is_true_of(overview)
    assert not parse("model~xl").is_true_of(overview)


@pytest.mark.parametrize(
    ("expression", "is_true"),
    [("seed=6 and sampler=euler", True), ("seed=5 and steps=20", True), ("seed=5 and sampler=euler", False)],
)
def test_all_of_it_has_to_be_true_of_one_output(expression, is_true):
    assert parse(expression).is_true_of(seen(SECOND)) is is_true


def test_a_file_without_outputs_is_asked_for_itself():
    overview = seen({}, {"1": ["CheckpointLoaderSimple", {"ckpt_name": "x.safetensors"}]})

    assert parse("node=CheckpointLoaderSimple and not seed").is_true_of(overview)


@pytest.mark.parametrize(
    ("expression", "column", "message"),
    [
        ("", 1, "a field is missing"),
        ("seed=", 6, "a value is missing"),
        ("sed=5", 1, "there is no field 'sed'"),
        ("seed=5 cfg=7", 8, "'and' or 'or' is missing"),
        ("seed=5 and", 11, "a field is missing"),
        ("(seed=5", 1, "not closed"),
        ("seed=5)", 7, "nothing is open"),
        ("prompt='a fox", 8, "no end"),
        ("steps>=many", 8, "is no number"),
        ("=5", 1, "a field is missing"),
        ("(" * 100 + "seed" + ")" * 100, 51, "nested"),
    ],
)
def test_what_is_no_expression_is_told_with_its_column(expression, column, message):
    with pytest.raises(InputError) as error:
        parse(expression)

    assert f"column {column}: " in str(error.value)
    assert message in str(error.value)


def test_every_field_is_named_in_the_help():
    from wftools.cli.commands.show import command

    words = set((command.help or "").replace(",", " ").replace(".", " ").split())
    assert set(FIELDS) - words <= {"start", "end", "shift", "clip_skip", "frontend"}


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_can_be_asked_of_every_file(field):
    assert parse(f"{field} or not {field}").is_true_of(seen({}))
