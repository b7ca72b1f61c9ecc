"""Nodes of the category "audio": cut, join and mix sounds."""

from typing import Annotated, Final

from wftools.catalog.declare import AUDIO, CONTEXT, Float, Int, choice, files, node
from wftools.errors import RunError
from wftools.nodes._files import content_of
from wftools.values import Audio

_LONGEST: Final = 2**64 - 1  # seconds

Gain = Annotated[float, Float(-24.0, 24.0, step=0.1)]


def heard(audio: Audio | None) -> Audio:
    """The sound of an input. Raises RunError for what a video without sound gives in its place."""
    if audio is None:
        raise RunError("there is no sound", hint="the video that it comes from has none")
    return audio


@node("LoadAudio", category="audio", display_name="Load Audio", changed=content_of("audio"))
def load_audio(*, audio: Annotated[str, files("input:audio", audio_upload=True)], context: CONTEXT) -> AUDIO:
    """Decode the sound of a file, which may be a video: waveform (1, channels, samples) in -1..1."""
    from wftools.media.sound_files import load

    return load(context.folders.file(audio))


@node("EmptyAudio", category="audio", display_name="Empty Audio")
def empty_audio(
    *,
    duration: Annotated[float, Float(0.0, _LONGEST, step=0.01)] = 60.0,
    sample_rate: Annotated[int, Int(1, 192_000)] = 44_100,
    channels: Annotated[int, Int(1, 2)] = 2,
) -> AUDIO:
    """Silence."""
    from wftools.media.sound import silence

    return silence(duration, sample_rate, channels)


@node("TrimAudioDuration", category="audio", display_name="Trim Audio Duration")
def trim_audio_duration(
    *,
    audio: AUDIO,
    start_index: Annotated[float, Float(-_LONGEST, _LONGEST, step=0.01)] = 0.0,
    duration: Annotated[float, Float(0.0, step=0.01)] = 60.0,
) -> AUDIO:
    """So many seconds from a second on, which is counted from the end if it is negative."""
    from wftools.media.sound import trimmed

    return trimmed(heard(audio), start_index, duration)


@node("SplitAudioChannels", category="audio", display_name="Split Audio Channels", outputs=("left", "right"))
def split_audio_channels(*, audio: AUDIO) -> tuple[AUDIO, AUDIO]:
    """The channels of a stereo sound as two sounds."""
    from wftools.media.sound import split

    return split(heard(audio))


@node("JoinAudioChannels", category="audio", display_name="Join Audio Channels", outputs=("audio",))
def join_audio_channels(*, audio_left: AUDIO, audio_right: AUDIO) -> AUDIO:
    """Two mono sounds as one in stereo."""
    from wftools.media.sound import stereo

    return stereo(heard(audio_left), heard(audio_right))


@node("AudioConcat", category="audio", display_name="Concatenate Audio")
def audio_concat(
    *, audio1: AUDIO, audio2: AUDIO, direction: Annotated[str, choice(("after", "before"))] = "after"
) -> AUDIO:
    """The second sound after or before the first, in stereo, at the higher sample rate."""
    from wftools.media.sound import concatenated

    first, second = heard(audio1), heard(audio2)
    return concatenated(first, second) if direction == "after" else concatenated(second, first)


@node("AudioMerge", category="audio", display_name="Merge Audio")
def audio_merge(
    *,
    audio1: AUDIO,
    audio2: AUDIO,
    merge_method: Annotated[str, choice(("add", "mean", "subtract", "multiply"))],
) -> AUDIO:
    """Both sounds at once, as long as the first; softer where they would be too loud."""
    from wftools.media.sound import mixed

    return mixed(heard(audio1), heard(audio2), merge_method)


@node("AudioAdjustVolume", category="audio", display_name="Adjust Audio Volume")
def audio_adjust_volume(*, audio: AUDIO, volume: Annotated[int, Int(-100, 100)] = 1) -> AUDIO:
    """A sound that is louder by so many dB, or softer."""
    from wftools.media.sound import amplified

    return amplified(heard(audio), volume)


@node("AudioEqualizer3Band", category="audio", display_name="Audio Equalizer (3-Band)", experimental=True)
def audio_equalizer_3_band(
    *,
    audio: AUDIO,
    low_gain_dB: Gain = 0.0,
    low_freq: Annotated[int, Int(20, 500)] = 100,
    mid_gain_dB: Gain = 0.0,
    mid_freq: Annotated[int, Int(200, 4000)] = 1000,
    mid_q: Annotated[float, Float(0.1, 10.0, step=0.1)] = 0.707,
    high_gain_dB: Gain = 0.0,
    high_freq: Annotated[int, Int(1000, 15_000)] = 5000,
) -> AUDIO:
    """Low, middle and high tones louder or softer, each by so many dB."""
    from wftools.media.equaliser import SHELF_Q, Band
    from wftools.media.sound import equalised

    low, high = Band(low_freq, SHELF_Q, low_gain_dB), Band(high_freq, SHELF_Q, high_gain_dB)
    return equalised(heard(audio), low, Band(mid_freq, mid_q, mid_gain_dB), high)
