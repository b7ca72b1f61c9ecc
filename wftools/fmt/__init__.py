"""One spelling for workflow files, so that `git diff` shows what changed and little else.

    from wftools.fmt import formatted

    formatted(read("workflow.json"))                  # the text of the file, spelled canonically
    formatted(read("workflow.json"), strip=True)      # and without what changes by looking at a workflow

The editor writes nodes in the order in which they were clicked and each coordinate on a line of its own. Here nodes,
links and groups stand in the order of their ids, keys in one order, and each node, slot and link where it is expected:
two people who change different nodes change different lines. Nothing that ComfyUI reads is lost.
"""

from wftools.fmt.format import formatted

__all__ = ["formatted"]
