"""The chart and its figures as a page: one HTML file that needs nothing else and runs nothing."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from wftools.draw.svg.xml import escaped
from wftools.draw.text import FONT
from wftools.tradeoff.chart import COLOURS, EXPLAINED, chart
from wftools.tradeoff.telling import columns, rows

if TYPE_CHECKING:
    from wftools.tradeoff.measuring import Tradeoff

_STYLE: Final = f"""
body{{font:15px/1.5 {FONT};color:#24292f;background:#fff;max-width:960px;margin:24px auto;padding:0 16px}}
svg{{width:100%;height:auto}}
table{{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}}
th,td{{padding:5px 10px;text-align:right;border-bottom:1px solid #e3e7eb}}
th{{color:#57606a;font-weight:600}}
th:first-child,td:first-child,th:last-child,td:last-child{{text-align:left}}
td:first-child{{font-weight:600}}
{"".join(f".{way}{{color:{colour}}}" for way, colour in COLOURS.items())}
p{{max-width:70ch}}
"""

_EXPLANATION: Final = (
    "Compressing keeps floating-point numbers and gives them fewer bits: each weight is rounded by itself. Quantising "
    "puts weights into blocks, of which each has a scale, and keeps a small whole number for each weight. Both lose "
    "what does not fit; at the same size, quantising mostly loses less, and needs a step of decoding when it runs."
)


def page(tradeoff: Tradeoff) -> bytes:
    """The page."""
    svg = chart(tradeoff)
    inner = svg[svg.index("<style>") + len("<style>") : svg.index("</style>")]
    policy = f"default-src 'none'; style-src {_digest(_STYLE)} {_digest(inner)}; base-uri 'none'; form-action 'none'"
    title = f"{escaped(tradeoff.name)}: what fewer bits cost"
    head = "".join(f"<th>{escaped(each)}</th>" for each in (*columns(tradeoff), ""))
    body = "\n".join(
        f'<tr class="row"><td class="{point.way}">'
        + "</td><td>".join(map(escaped, (*cells, EXPLAINED[point.way].partition(":")[0])))
        + "</td></tr>"
        for point, cells in rows(tradeoff)
    )
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>",
            f"<style>{_STYLE}</style>",
            "</head>",
            "<body>",
            svg,
            f"<p>{_EXPLANATION}</p>",
            f"<table><thead><tr>{head}</tr></thead>",
            f"<tbody>\n{body}\n</tbody></table>",
            "</body>",
            "</html>",
            "",
        )
    ).encode()


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
