"""Document -> graph: what is linked to what, as it was saved and as it would run.

from wftools.graph import build

graph = build(read("workflow.json"))
graph.flat.nodes["57:3"].given["seed"].value
graph.flat.graph            # a networkx.MultiDiGraph

Nothing changes a node, link, slot or value once it is made. Their classes are not frozen all the same: Python takes
three times as long to make a frozen one, and a large workflow has tens of thousands.
"""

from wftools.graph.build import WorkflowGraph, build
from wftools.graph.model import Given, Link, Linked, Literal, Node, NodePath, View

__all__ = ["Given", "Link", "Linked", "Literal", "Node", "NodePath", "View", "WorkflowGraph", "build"]
