"""The smallest edit of a workflow file: another value for an input, or a node that is bypassed, muted or enabled.

    changed = with_settings(read("flow.json"), [setting("KSampler.steps=30")], [Switch("Upscale", "bypass")])
    changed.document          # spliced into the text, so that git shows the line that changed
    changed.said              # "3 (KSampler) steps: 20 -> 30"

A value is written to the place that decides: an input of a subgraph may get it from the instance, from the instance
around that, or from the widget inside (see `graph/flatten/instances.py`). What is written is looked at again as a
graph, so that nothing is reported as set which a run would not see, and nothing else has another value.
"""

from wftools.setting.apply import Changed, with_settings
from wftools.setting.switches import Switch

__all__ = ["Changed", "Switch", "with_settings"]
