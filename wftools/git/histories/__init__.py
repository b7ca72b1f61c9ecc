"""The history of a workflow by its facts: what each commit did to it, and which commit set what."""

from wftools.git.histories.blame import Blame, Blamed, blame
from wftools.git.histories.log import Entry, log

__all__ = ["Blame", "Blamed", "Entry", "blame", "log"]
