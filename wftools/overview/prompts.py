"""What is encoded as the positive and the negative prompt: conditioning, followed back to the texts it is made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from wftools.graph.model import Linked
from wftools.overview.model import From, Prompt
from wftools.overview.sampling import helpers
from wftools.overview.texts import POPULATED
from wftools.overview.ways import Slot, is_bundle, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wftools.graph.model import Node
    from wftools.overview.model import Told
    from wftools.overview.texts import Texts
    from wftools.overview.ways import Ways

Side = Literal["positive", "negative"]
_OTHER: Final[Mapping[Side, Side]] = {"positive": "negative", "negative": "positive"}

# Inputs that conditioning comes through, where they are not called by a side.
_WITHOUT_SIDE: Final = ("conditioning", "cond", "embeds")  # it is what is wanted
_MORE: Final = ("cond1", "cond2")  # the same, beside a negative one
_BOTH: Final = ("text_embeds", "prompt_embeds", "text_embed")  # it is both

# What conditioning is not made of texts with.
_NO_CONDITIONING: Final = frozenset(
    {
        "MODEL",
        "CLIP",
        "VAE",
        "LATENT",
        "IMAGE",
        "MASK",
        "VIDEO",
        "AUDIO",
        "INT",
        "FLOAT",
        "BOOLEAN",
        "STRING",
        "COMBO",
        "CONTROL_NET",
        "CLIP_VISION",
        "NOISE",
        "SAMPLER",
        "CLIP_VISION_OUTPUT",
        "STYLE_MODEL",
        "GLIGEN",
        "UPSCALE_MODEL",
        "SIGMAS",
        "MODEL_PATCH",
        "HOOKS",
        "HOOK_KEYFRAMES",
        "AUDIO_ENCODER_OUTPUT",
        "WANVIDEOMODEL",
        "WANVIDIMAGE_EMBEDS",
        "WANTEXTENCODER",
        "PHOTOMAKER",
        "INSIGHTFACE",
        "FACEANALYSIS",
        "INSTANTID",
    }
)
_NOTHING: Final = frozenset({"ConditioningZeroOut", "ImpactNegativeConditioningPlaceholder"})
"""Types whose conditioning says nothing, whatever it was made of."""

_WORDS: Final = re.compile(
    r"text|prompt|pos|neg|clip_|t5|bert|llama|tags|lyrics|caption|wildcard|string", re.IGNORECASE
)
_ASIDE: Final = re.compile(r"system|template|wildcard_text|embed_name|parser|file|path", re.IGNORECASE)


class Encoded(NamedTuple):
    """What one side of a node's conditioning is made of."""

    prompts: tuple[Prompt, ...]
    guidance: Told | None = None  # that travels with it


class Prompts:
    """The prompts of a view."""

    def __init__(self, ways: Ways, texts: Texts) -> None:
        self._ways = ways
        self._texts = texts

    def of(self, node: Node, side: Side) -> Encoded:
        """What a node that samples is given on one side: by itself, by its guider, or in a pipe."""
        for _, here in helpers(self._ways, node):
            starts = self._starts(here, side)
            if starts is not None:
                return self._walk(starts, side)
            if any(_side(name) for name in self._texts.inputs(here)):  # it encodes both by itself
                return Encoded(tuple(self._encoded(here, self._prompt_inputs(here, side))))
        own = self._prompt_inputs(node, "positive") if side == "positive" else []
        return Encoded(tuple(self._encoded(node, own)))  # what a service is given counts for it, not against it

    def _starts(self, node: Node, side: Side) -> list[Slot] | None:
        """Where the conditioning of a side comes from; None if the node is given none on any side."""
        ways = self._ways
        links = [
            (name, link)
            for name, link in node.links
            if ways.output(link.source, link.slot)[1] not in _NO_CONDITIONING
            and ways.type_of(node, name) not in _NO_CONDITIONING
        ]
        sided = [name for name, _ in links if plain(name) in _OTHER]
        both = [name for name, _ in links if name in _BOTH]
        more = [name for name, _ in links if name in (_MORE if sided else (*_MORE, *_WITHOUT_SIDE))]
        if not (sided or both or more):
            return None
        chosen = [name for name in sided if plain(name) == side] + (both if not sided else [])
        if side == "positive":
            chosen += more
        return [Slot(link.source, link.slot, side) for name, link in links if name in chosen]

    def _walk(self, starts: list[Slot], side: Side) -> Encoded:
        """Depth first, so that texts come in the order of the inputs that they are combined by."""
        ways = self._ways
        found: dict[Prompt, None] = {}
        guidance: Told | None = None
        stack, seen = list(reversed(starts)), set(starts)
        while stack:
            at = stack.pop()
            node = ways.nodes.get(at.node)
            if node is None or node.type in _NOTHING:
                continue
            told = plain(ways.output(at.node, at.slot)[0])
            here: Side = told if told in ("positive", "negative") else side  # type: ignore[assignment]
            if guidance is None and "guidance" in node.given:
                guidance = ways.value(node.given["guidance"])
            chosen = ways.chosen(node)
            own = self._prompt_inputs(node, here) if chosen is None else []
            for prompt in self._encoded(node, own):
                found.setdefault(prompt)
            following = []
            for name, source in ways.needed(at):
                kind = ways.output(source.node, source.slot)[1]
                is_other = plain(name) == _OTHER[here] and chosen is None
                taken = {kind, ways.type_of(node, name)} & _NO_CONDITIONING or name in own
                if not taken and not is_other and "MODEL" not in kind:
                    following.append(Slot(source.node, source.slot, here if is_bundle(kind) else source.field))
            for source in reversed(following):
                if source not in seen:
                    seen.add(source)
                    stack.append(source)
        return Encoded(tuple(found), guidance)

    def _encoded(self, node: Node, names: Iterable[str]) -> list[Prompt]:
        """The texts that some inputs of a node are given, each once."""
        found: dict[Told, None] = {}
        for name in names:
            told = self._texts.told(node.given[name])
            if told != "" and not (isinstance(told, str) and not told.strip()):
                found.setdefault(told)
        return [Prompt(told, node.path) for told in found]

    def _prompt_inputs(self, node: Node, side: Side) -> list[str]:
        """The inputs that hold the prompt of a side: the long texts of a node, or those that are called so."""
        names = self._texts.inputs(node)
        if POPULATED in names:
            return [POPULATED]
        declared = self._ways.declared(node)
        long = [
            name
            for name in names
            if (name in declared and declared[name].options.get("multiline")) or isinstance(node.given[name], Linked)
        ]
        called = [name for name in names if _WORDS.search(name)]
        names = [name for name in long or called or names if not _ASIDE.search(name)]
        sides: dict[str, Side | None] = {name: _side(name) for name in names}
        if side in sides.values():
            return [name for name in names if sides[name] == side]
        is_split = "negative" in sides.values()
        return [name for name in names if sides[name] is None] if not is_split or side == "positive" else []


def _side(name: str) -> Side | None:
    words = set(re.split(r"[^a-z]+", name.lower()))
    if words & {"negative", "neg"}:
        return "negative"
    return "positive" if words & {"positive", "pos"} else None


def shown(prompt: Told) -> str:
    """A prompt's text, as far as there is one."""
    return prompt.text or "" if isinstance(prompt, From) else str(prompt)
