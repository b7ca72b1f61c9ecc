"""The text encoder: CLIP's form and vocabulary, two layers, taught the words of the captions before anything else.

A denoiser is a poor teacher of language. So linear heads read each attribute off the states first, at the end of the
text and at random places of the padding behind it: all that the denoiser will attend to says everything. After that
the encoder stays as it is.

Only tokens of the captions have a vector. All others stay zero, and compress to nothing; the training captions have
words of that kind among them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Final

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from wftools.diffusion.networks.clip_text import ClipText
from wftools.diffusion.text.tokenizer import END, START, tokenize
from wftools.mini.captions import FILLERS, HELD_OUT_PHRASINGS, PHRASINGS, caption, something_of
from wftools.mini.loop import Loop, Rate, Training
from wftools.mini.scene import RICH, VALUES, Words, scene
from wftools.weights.networks.clip_text import ClipTextConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from wftools.mini.captions import Phrasing

TEXT_CONFIG: Final = ClipTextConfig(width=64, layers=2, mlp_width=256, head_dim=32)

TEXT_TRAINING: Final = Training(seed=2, batch=64, rate=Rate(3e-3))
PLACES_READ: Final = 4  # of the padding, for each caption
CHANCE_OF_NOTHING: Final = 0.03
SURVEYED: Final = 20_000  # captions that show which tokens there are


class Heads(nn.Module):
    """What a state says of each attribute: nothing, or one of its values."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = nn.ModuleDict({name: nn.Linear(width, len(values) + 1) for name, values in VALUES.items()})

    def loss(self, states: Tensor, targets: Tensor) -> Tensor:
        """Mean cross entropy; states (N, width), targets (N, attributes)."""
        losses = [F.cross_entropy(head(states), targets[:, i]) for i, head in enumerate(self.heads.values())]
        return torch.stack(losses).mean()

    def right(self, states: Tensor, targets: Tensor) -> Tensor:
        """Whether each attribute is read rightly: (N, attributes)."""
        answers = [head(states).argmax(-1) for head in self.heads.values()]
        return torch.stack(answers, -1) == targets


def padded(text: str) -> list[int]:
    """The 77 ids of a caption, as SD1's text encoder takes them."""
    ids = list(tokenize(text))[: TEXT_CONFIG.positions - 2]
    return [START, *ids, *[END] * (TEXT_CONFIG.positions - 1 - len(ids))]


def encoded(network: ClipText, ids: Tensor) -> Tensor:
    """What a denoiser attends to: ids (B, 77) to states (B, 77, width)."""
    states: Tensor = network.final_layer_norm(network(network.embed(ids))[1])
    return states


@cache
def vocabulary() -> tuple[int, ...]:
    """The tokens that captions have, without the words that mean nothing."""
    surveyed = {START, END}
    for seed in range(SURVEYED):
        random = Random(seed)
        text = caption(something_of(scene(seed, RICH).words, random), random, (*PHRASINGS, *HELD_OUT_PHRASINGS))
        surveyed.update(tokenize(text))
    meaningless = {id_ for filler in FILLERS for id_ in tokenize(filler)}
    return tuple(sorted(surveyed - meaningless))


def train_text(folder: Path, steps: int, report: Callable[[str], None]) -> ClipText:
    """Train, or take up a training that stands in the folder."""
    network, heads = _trained(folder, steps, report)
    unseen = share_read(network, heads, HELD_OUT_PHRASINGS)
    report(
        f"attributes read rightly: {share_read(network, heads, PHRASINGS):.2%}, in phrasings never seen: {unseen:.2%}"
    )
    return _expanded(network).requires_grad_(False).eval()


def _trained(folder: Path, steps: int, report: Callable[[str], None]) -> tuple[ClipText, Heads]:
    torch.manual_seed(TEXT_TRAINING.seed)
    network = ClipText(replace(TEXT_CONFIG, vocabulary=len(vocabulary()) + 1))
    for table in (network.embeddings.token_embedding, network.embeddings.position_embedding):
        nn.init.normal_(table.weight, std=0.1)
    heads = Heads(TEXT_CONFIG.width)
    loop = Loop(folder / "text.pt", steps, TEXT_TRAINING.rate, {"network": network, "heads": heads}, report)
    for step in loop:
        with torch.no_grad():
            network.embeddings.token_embedding.weight[0] = 0  # every token that has no meaning
        loop.learn(heads.loss(*_states_and_targets(network, TEXT_TRAINING.random_at(step), PHRASINGS)))
    with torch.no_grad():
        network.embeddings.token_embedding.weight[0] = 0
    return network, heads


def _states_and_targets(network: ClipText, random: Random, phrasings: Sequence[Phrasing]) -> tuple[Tensor, Tensor]:
    """States at the end and in the padding of a batch of captions, and what they should say."""
    said = [
        Words()
        if random.random() < CHANCE_OF_NOTHING
        else something_of(scene(random.getrandbits(40), RICH).words, random)
        for _ in range(TEXT_TRAINING.batch)
    ]
    ids = torch.tensor([padded(caption(words, random, phrasings) if words.said() else "") for words in said])
    states = encoded(network, _compact_ids()[ids])
    ends = (ids == END).int().argmax(-1)
    places = torch.tensor(
        [[int(end), *(random.randrange(int(end), ids.shape[1]) for _ in range(PLACES_READ))] for end in ends]
    )
    read = states.gather(1, places[..., None].expand(-1, -1, states.shape[-1])).flatten(0, 1)
    targets = torch.tensor([_target(words) for words in said])
    return read, targets.repeat_interleave(PLACES_READ + 1, 0)


def _target(words: Words) -> list[int]:
    """For each attribute 0 if it is not said, else 1 + the index of its value. The usual is the same as not said."""
    said = {name: value for name, value in words.said().items() if value not in ("one", "solid")}
    return [1 + values.index(said[name]) if name in said else 0 for name, values in VALUES.items()]


@cache
def _compact_ids() -> Tensor:
    """Token id -> row of the small table that is trained; 0 for all that is not in the vocabulary."""
    rows = torch.zeros(TEXT_CONFIG.vocabulary, dtype=torch.long)
    rows[list(vocabulary())] = torch.arange(1, len(vocabulary()) + 1)
    return rows


def _expanded(network: ClipText) -> ClipText:
    """The same encoder with the whole vocabulary of CLIP."""
    whole = ClipText(TEXT_CONFIG)
    weights = network.state_dict()
    table = "embeddings.token_embedding.weight"
    weights[table] = weights[table][_compact_ids()]
    whole.load_state_dict(weights)
    return whole


@torch.no_grad()
def share_read(network: ClipText, heads: Heads, phrasings: Sequence[Phrasing], batches: int = 16) -> float:
    """The share of attributes that are read rightly off captions that training has not seen."""
    right = [
        heads.right(*_states_and_targets(network, Random(-1 - batch), phrasings)).float().mean()
        for batch in range(batches)
    ]
    return float(torch.stack(right).mean())
