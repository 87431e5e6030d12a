"""The chart of docs/performance.md, drawn as an SVG: how long a first deployment takes."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.parts import Bar

WIDTH, LEFT, ROW, TOP = 640, 150, 26, 20
# Room for the figure behind the longest bar.
LONGEST = WIDTH - LEFT - 80
DARK, GRAY, PALE, GREEN = "#1f2328", "#57606a", "#d1d9e0", "#1a7f37"
OURS = "pages-deploy"
PICTURE = """\
<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" \
xmlns="http://www.w3.org/2000/svg" font-family="system-ui, Noto Sans, DejaVu Sans, sans-serif">
<title>Seconds of a first deployment</title>
<rect x="1" y="1" width="{inner_width}" height="{inner_height}" rx="8" fill="#fff" stroke="{pale}"/>
{parts}
</svg>
"""


def drawn(bars: Sequence[Bar]) -> str:
    """Return the picture: a group of bars for each site, the fastest first."""
    longest = max(bar.seconds for bar in bars)
    parts = []
    y = TOP
    for site, group in groups(bars):
        y += ROW
        parts.append(_text(20, y - 6, DARK, f"Seconds of a first deployment of {site}", bold=True))
        for bar in group:
            y += ROW
            length = max(2, round(LONGEST * bar.seconds / longest))
            color = GREEN if bar.tool == OURS else GRAY
            parts += [
                _text(20, y - 6, DARK, bar.tool),
                f'<rect x="{LEFT}" y="{y - 19}" width="{length}" height="18" fill="{color}"/>',
                _text(LEFT + length + 8, y - 6, DARK, f"{bar.seconds:.1f}"),
            ]
        y += ROW // 2
    height = y + 8
    return PICTURE.format(
        width=WIDTH,
        height=height,
        inner_width=WIDTH - 2,
        inner_height=height - 2,
        pale=PALE,
        parts="\n".join(parts),
    )


def groups(bars: Sequence[Bar]) -> list[tuple[str, list[Bar]]]:
    """Return each site with its bars, the fastest first."""
    ordered = sorted(bars, key=lambda bar: bar.seconds)
    return [
        (site, [bar for bar in ordered if bar.site == site])
        for site in dict.fromkeys(bar.site for bar in bars)
    ]


def _text(x: int, y: int, color: str, words: str, *, bold: bool = False) -> str:
    weight = "bold" if bold else "normal"
    return (
        f'<text x="{x}" y="{y}" font-size="14" font-weight="{weight}" fill="{color}">'
        f"{escape(words)}</text>"
    )
