"""wftools.nodes.audio, audio_files: sounds come in, are changed and go out."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import torch

from wftools.context import Context
from wftools.document.containers import read_texts
from wftools.errors import RunError
from wftools.nodes._files import recorded_by_a_browser
from wftools.nodes.audio import (
    audio_adjust_volume,
    audio_concat,
    audio_equalizer_3_band,
    audio_merge,
    empty_audio,
    join_audio_channels,
    load_audio,
    split_audio_channels,
    trim_audio_duration,
)
from wftools.nodes.audio_files import (
    preview_audio,
    record_audio,
    save_audio,
    save_audio_advanced,
    save_audio_mp3,
    save_audio_opus,
)
from wftools.values import Audio

PROMPT = {"1": {"class_type": "SaveAudio", "inputs": {}}}
AUDIO = Audio(torch.rand(2, 2, 4000) - 0.5, 48000)


@pytest.mark.parametrize(
    ("save", "suffix"),
    [
        (save_audio, ".flac"),
        (lambda **given: save_audio_mp3(quality="V0", **given), ".mp3"),
        (lambda **given: save_audio_opus(quality="64k", **given), ".opus"),
        (lambda **given: save_audio_advanced(format={"format": "flac"}, **given), ".flac"),
        (lambda **given: save_audio_advanced(format={"format": "mp3", "quality": "128k"}, **given), ".mp3"),
        (lambda **given: save_audio_advanced(format={"format": "opus", "quality": "96k"}, **given), ".opus"),
    ],
)
def test_each_sound_of_a_batch_is_a_file(context: Context, save: Callable[..., Any], suffix: str) -> None:
    assert save(audio=AUDIO, filename_prefix="a/x%batch_num%", prompt=PROMPT, context=context) is AUDIO

    assert [saved.path.name for saved in context.saved] == [f"x0_00001{suffix}", f"x1_00002{suffix}"]
    for saved in context.saved:
        with saved.path.open("rb") as file:
            assert json.loads(read_texts(file)["prompt"]) == PROMPT


def test_previews_are_lossless_and_for_a_while(context: Context) -> None:
    preview_audio(audio=AUDIO, context=context)

    assert [(saved.kind, saved.path.name) for saved in context.saved] == [
        ("temp", "ComfyUI_temp_57-3_00001.flac"),
        ("temp", "ComfyUI_temp_57-3_00002.flac"),
    ]


def test_a_saved_sound_is_loaded_again(context: Context) -> None:
    save_audio(audio=AUDIO, filename_prefix="x", context=context)

    for number, waveform in enumerate(AUDIO.waveform, 1):
        loaded = load_audio(audio=f"x_0000{number}.flac [output]", context=context)
        torch.testing.assert_close(loaded.waveform[0], waveform, atol=2**-15, rtol=0)
        assert record_audio(audio=f"x_0000{number}.flac [output]", context=context).sample_rate == 48000


def test_what_was_not_recorded_needs_a_browser() -> None:
    recorded_by_a_browser("audio/1234.webm [temp]")
    with pytest.raises(RunError, match="browser"):
        recorded_by_a_browser("")
    with pytest.raises(RunError, match="browser"):
        recorded_by_a_browser({"url": "x"})


@pytest.mark.parametrize("save", [save_audio, preview_audio, split_audio_channels, audio_adjust_volume])
def test_a_video_without_sound_is_one_error(context: Context, save: Callable[..., Any]) -> None:
    given = {"context": context} if save in (save_audio, preview_audio) else {}

    with pytest.raises(RunError, match="there is no sound"):
        save(audio=None, **given)


def test_the_nodes_name_what_they_do() -> None:
    """Each is one call: the laws are tested where they are computed."""
    silence = empty_audio(duration=0.5, sample_rate=100, channels=1)
    ramp = Audio(torch.linspace(-0.5, 0.5, 50)[None, None], 100)

    assert silence.waveform.shape == (1, 1, 50)
    assert torch.equal(trim_audio_duration(audio=ramp, start_index=0.1).waveform, ramp.waveform[..., 10:])
    both = join_audio_channels(audio_left=ramp, audio_right=silence)
    assert torch.equal(split_audio_channels(audio=both)[0].waveform, ramp.waveform)
    assert torch.equal(audio_concat(audio1=ramp, audio2=silence).waveform[0, 0, :50], ramp.waveform[0, 0])
    before = audio_concat(audio1=ramp, audio2=silence, direction="before")
    assert torch.equal(before.waveform[0, 1, 50:], ramp.waveform[0, 0])
    assert torch.equal(audio_merge(audio1=ramp, audio2=silence, merge_method="add").waveform, ramp.waveform)
    assert torch.equal(audio_equalizer_3_band(audio=ramp).waveform, ramp.waveform)
    assert audio_equalizer_3_band(audio=ramp, low_freq=20, low_gain_dB=6.0).waveform.max() > 0.5
