"""UI workflows for tests, in few words."""

from __future__ import annotations

LINK_KEYS = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")


def node(id_, type_, inputs=(), outputs=(), values=None, **more):
    """Inputs are (name, type, link); those of widgets are marked by a star before the name."""
    slots = [
        {
            "name": name.lstrip("*"),
            "type": kind,
            "link": link,
            **({"widget": {"name": name[1:]}} if name.startswith("*") else {}),
        }
        for name, kind, link in inputs
    ]
    outs = [{"name": kind, "type": kind, "links": []} for kind in outputs]
    made = {"id": id_, "type": type_, "inputs": slots, "outputs": outs}
    return {**made, **({} if values is None else {"widgets_values": values}), **more}


def workflow(nodes, links, **more):
    return {"last_node_id": 50, "last_link_id": 50, "nodes": nodes, "links": links, "version": 0.4, **more}


def subgraph(id_, nodes, links, inputs=(), outputs=(), **more):
    def slot(name, kind, ids):
        return {"id": name, "name": name, "type": kind, "linkIds": list(ids)}

    rows = [dict(zip(LINK_KEYS, row, strict=True)) for row in links]
    return {
        "id": id_,
        "name": id_,
        "version": 1,
        "nodes": nodes,
        "links": rows,
        "inputNode": {"id": -10},
        "outputNode": {"id": -20},
        "inputs": [slot(*each) for each in inputs],
        "outputs": [slot(*each) for each in outputs],
        **more,
    }
