"""Where to put nodes on a canvas: left to right along the flow, in columns, without overlaps.

    from wftools.layout import Box, Edge, place

    corners = place([Box("1", 210, 60), Box("2", 210, 120)], [Edge("1", "2")])
    corners["2"]          # (270.0, 0.0): the upper left corner

The method is Sugiyama's (Sugiyama, Tagawa and Toda 1981): layers along the flow, an order in each layer with few
crossings, then coordinates. It knows boxes and edges, not workflows, and gives the same result for every order of them.
"""

from wftools.layout.boxes import Box, Edge, Spacing
from wftools.layout.groups import Frame, place_in_groups
from wftools.layout.place import place

__all__ = ["Box", "Edge", "Frame", "Spacing", "place", "place_in_groups"]
