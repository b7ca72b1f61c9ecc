"""The JSON report, as `--output-format json` writes it and `schemas/report-model-verify.json` publishes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.weights.verifying.verify import Verdict


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class VerdictReport(_Part):
    """What is to be said of one model file."""

    file: str
    verdict: Literal["accept", "refuse"]
    codes: list[str]
    """Of the fault that it is refused for, or of all doubts about a file that is accepted; none if it is sound."""
    message: str | None
    offset: int | None
    """The byte of the file that this is about, from 0; none where it is not about one."""


class VerifyReport(_Part):
    """What `wftools model verify` found."""

    files: list[VerdictReport]


def report(verdicts: Iterable[Verdict]) -> VerifyReport:
    """The verdicts, in their order."""
    return VerifyReport(
        files=[
            VerdictReport(
                file=each.file,
                verdict="accept" if each.is_accepted else "refuse",
                codes=list(each.codes),
                message=each.message,
                offset=each.offset,
            )
            for each in verdicts
        ]
    )
