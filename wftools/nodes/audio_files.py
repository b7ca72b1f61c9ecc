"""Nodes of the category "audio" that write sounds, or take them from a browser."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Annotated, Any

from wftools.catalog.declare import AUDIO, CONTEXT, EXTRA_PNGINFO, PROMPT, STRING, Socket, choice, node
from wftools.catalog.dynamic import DynamicCombo
from wftools.nodes._files import content_of, recorded_by_a_browser
from wftools.nodes.audio import heard, load_audio
from wftools.values import Audio

_MP3 = choice(("V0", "128k", "320k"), default="V0")
_OPUS = choice(("64k", "96k", "128k", "192k", "320k"), default="128k")

Format = Annotated[Mapping[str, Any], DynamicCombo({"flac": {}, "mp3": {"quality": _MP3}, "opus": {"quality": _OPUS}})]


def contents(audio: Audio | None, kind: str, quality: str, texts: Mapping[str, str]) -> Iterator[Callable[..., None]]:
    """What writes the file of each sound of a batch."""
    from wftools.media.sound_files import write

    sound = heard(audio)
    for waveform in sound.waveform:
        yield partial(write, waveform=waveform, sample_rate=sound.sample_rate, kind=kind, quality=quality, texts=texts)


@node(
    "SaveAudio",
    category="audio",
    display_name="Save Audio (FLAC) (DEPRECATED)",
    output_node=True,
    outputs=("audio",),
    deprecated=True,
)
def save_audio(
    *,
    audio: AUDIO,
    filename_prefix: STRING = "audio/ComfyUI",
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> AUDIO:
    """Write each sound as FLAC, which loses nothing but what 16 bits cannot hold. Returns the sounds."""
    context.write(filename_prefix, ".flac", contents(audio, "flac", "", context.provenance(prompt, extra_pnginfo)))
    return audio


@node(
    "SaveAudioMP3",
    category="audio",
    display_name="Save Audio (MP3) (DEPRECATED)",
    output_node=True,
    outputs=("audio",),
    deprecated=True,
)
def save_audio_mp3(
    *,
    audio: AUDIO,
    filename_prefix: STRING = "audio/ComfyUI",
    quality: Annotated[str, _MP3],
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> AUDIO:
    """Write each sound as MP3. Returns the sounds."""
    context.write(filename_prefix, ".mp3", contents(audio, "mp3", quality, context.provenance(prompt, extra_pnginfo)))
    return audio


@node(
    "SaveAudioOpus",
    category="audio",
    display_name="Save Audio (Opus) (DEPRECATED)",
    output_node=True,
    outputs=("audio",),
    deprecated=True,
)
def save_audio_opus(
    *,
    audio: AUDIO,
    filename_prefix: STRING = "audio/ComfyUI",
    quality: Annotated[str, _OPUS],
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> AUDIO:
    """Write each sound as Opus, at the next higher one of its sample rates. Returns the sounds."""
    context.write(filename_prefix, ".opus", contents(audio, "opus", quality, context.provenance(prompt, extra_pnginfo)))
    return audio


@node("SaveAudioAdvanced", category="audio", display_name="Save Audio (Advanced)", output_node=True, outputs=("audio",))
def save_audio_advanced(
    *,
    audio: AUDIO,
    filename_prefix: STRING = "audio/ComfyUI",
    format: Format,  # noqa: A002  (ComfyUI's name)
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> AUDIO:
    """Write each sound as FLAC, MP3 or Opus. Returns the sounds."""
    kind, texts = format["format"], context.provenance(prompt, extra_pnginfo)
    context.write(filename_prefix, f".{kind}", contents(audio, kind, format.get("quality", ""), texts))
    return audio


@node("PreviewAudio", category="audio", display_name="Preview Audio", output_node=True, outputs=("audio",))
def preview_audio(
    *, audio: AUDIO, prompt: PROMPT = None, extra_pnginfo: EXTRA_PNGINFO = None, context: CONTEXT
) -> AUDIO:
    """Write each sound as FLAC into the temp folder. Returns the sounds."""
    texts = context.provenance(prompt, extra_pnginfo)
    context.write(context.preview_prefix(), ".flac", contents(audio, "flac", "", texts), area="temp")
    return audio


@node(
    "RecordAudio",
    category="audio",
    display_name="Record Audio",
    changed=content_of("audio"),
    checks={"audio": recorded_by_a_browser},
)
def record_audio(*, audio: Annotated[str, Socket("AUDIO_RECORD")], context: CONTEXT) -> AUDIO:
    """The sound that a browser has recorded: in a prompt that it has queued, the name of a file."""
    return load_audio(audio=audio, context=context)
