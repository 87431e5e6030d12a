"""The steps of one run as an SVG, drawn from one list; docs/how-it-works.md tells them in full."""

from __future__ import annotations

from html import escape

HERE, CLOUDFLARE = "#57606a", "#b35900"
# The numbers are those of docs/how-it-works.md: who works, what is done, what it means.
STEPS = (
    (HERE, "Walk the directory", "What must not be published stops the run."),
    (HERE, "Hash each file", "A file's hash is its name on Pages."),
    (CLOUDFLARE, "Upload what Pages lacks", "Several requests at once, from disk."),
    (CLOUDFLARE, "Create one deployment", "If the answer is lost, it is looked for."),
    (CLOUDFLARE, "Follow its stages", "Until it has succeeded or failed."),
    (CLOUDFLARE, "Ask its address", "It has to serve what was sent."),
    (CLOUDFLARE, "Purge the cache", "In production, if a zone is given."),
    (CLOUDFLARE, "Ask where visitors are", "pages.dev and each active domain."),
)
WIDTH, STEP_HEIGHT, TOP, LEFT = 460, 58, 62, 40
DARK, PALE, GREEN, WHITE = "#1f2328", "#d1d9e0", "#1a7f37", "#fff"
BOLD_SIZE = 17
PICTURE = """\
<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" \
xmlns="http://www.w3.org/2000/svg" font-family="system-ui, Noto Sans, DejaVu Sans, sans-serif">
<title>The steps of one run</title>
<rect x="1" y="1" width="{inner_width}" height="{inner_height}" rx="8" fill="{white}" \
stroke="{pale}"/>
<path d="M{left} {top}v{line}" stroke="{pale}" stroke-width="3"/>
{parts}
</svg>
"""


def drawn() -> str:
    """Return the picture."""
    line = STEP_HEIGHT * len(STEPS)
    height = TOP + line + 34
    parts = [
        *(_dot(LEFT, 24, 6, HERE), _text(LEFT + 12, 28, 13, HERE, "on your machine")),
        *(_dot(190, 24, 6, CLOUDFLARE), _text(202, 28, 13, HERE, "at Cloudflare")),
    ]
    for number, (color, title, words) in enumerate(STEPS, 1):
        y = TOP + STEP_HEIGHT * (number - 1)
        parts += _mark(y, str(number), color)
        parts.append(_text(LEFT + 30, y, BOLD_SIZE, DARK, title))
        parts.append(_text(LEFT + 30, y + 19, 14, HERE, words))
    parts += _mark(TOP + line, "✓", GREEN)
    parts.append(_text(LEFT + 30, TOP + line + 6, BOLD_SIZE, DARK, "Exit 0: it is live"))
    return PICTURE.format(
        white=WHITE,
        pale=PALE,
        left=LEFT,
        top=TOP,
        width=WIDTH,
        height=height,
        inner_width=WIDTH - 2,
        inner_height=height - 2,
        line=line,
        parts="\n".join(parts),
    )


def _mark(y: int, mark: str, color: str) -> tuple[str, str]:
    text = _text(LEFT, y + 6, BOLD_SIZE, WHITE, mark)
    return _dot(LEFT, y, 15, color), text.replace("<text ", '<text text-anchor="middle" ')


def _dot(x: int, y: int, radius: int, color: str) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{color}"/>'


def _text(x: int, y: int, size: int, color: str, words: str) -> str:
    weight = "bold" if size == BOLD_SIZE else "normal"
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{color}">'
        f"{escape(words)}</text>"
    )
