"""How torch's threads share the cores of a machine."""

from __future__ import annotations

import os


def share_cores() -> None:
    """Let torch's threads sleep soon when they wait. To be called before torch is imported.

    They spin by default, for so long that on a machine with other work a run takes 50 times its time. Where there is
    no other work, sleeping soon costs a few percent of a small model's time, and nothing of a large one's.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "1000")
