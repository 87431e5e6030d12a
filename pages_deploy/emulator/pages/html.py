"""HTML that is safe by its making, and the frame that all pages share.

Text becomes part of a page only as an argument of `Markup.format` or `Markup.join`, which escape
it. No page has a script, and its `Content-Security-Policy` allows none.

https://markupsafe.palletsprojects.com/en/stable/escaping/
"""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from markupsafe import Markup
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

Text = str | Markup
"""What is escaped, or is HTML already."""

_STYLE: Final = (resources.files(__package__) / "style.css").read_text("utf-8")
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# An orange dot, so that no browser asks for one.
_ICON: Final = "data:image/svg+xml," + quote(
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'>"
    "<circle cx='4' cy='4' r='3' fill='#c2410c'/></svg>"
)

FIELDS: Final = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: with that one browsers send `Origin: null` along with the page's own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""The header fields of every page."""

_FRAME: Final = Markup("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - Pages emulator</title>
<link rel="icon" href="{icon}">
<style>{style}</style>
</head>
<body>
<header>
<nav aria-label="Where you are">{trail}</nav>
</header>
<main>
<h1>{heading}</h1>
{body}
</main>
</body>
</html>
""")


def page(
    title: str,
    *body: Text,
    heading: Text = "",
    trail: Iterable[tuple[str, str]] = (),
    status: int = 200,
) -> Response:
    """A whole page; `trail` is the URL and the name of each page above it but the first one."""
    steps = [link(url, name) for url, name in (("/", "Pages emulator"), *trail)]
    text = _FRAME.format(
        title=title,
        icon=_ICON,
        # Ours, and inside of this element nothing is decoded.
        style=Markup(_STYLE),  # noqa: S704 - as just said
        trail=Markup(' <span aria-hidden="true">/</span> ').join(steps),
        heading=heading or title,
        body=lines(body),
    )
    # Half a character of two, which JSON can spell, has no bytes.
    content = text.encode(errors="replace")
    answer = Response(content, status=status, content_type="text/html; charset=utf-8")
    answer.headers.update(FIELDS)
    return answer


def lines(parts: Iterable[Text]) -> Markup:
    """Parts below each other."""
    return Markup("\n").join(part for part in parts if part)


def link(url: str, text: Text) -> Markup:
    """A link; the URL is one of the emulator's own."""
    return Markup('<a href="{}">{}</a>').format(url, text)


def code(text: str) -> Markup:
    """Text as it stands in a file or is typed."""
    return Markup("<code>{}</code>").format(text)


def whole(text: str) -> Markup:
    """A few words that stay on one line."""
    return Markup('<span class="whole">{}</span>').format(text)


def paragraph(text: Text) -> Markup:
    """A paragraph."""
    return Markup("<p>{}</p>").format(text)


def command(line: str) -> Markup:
    """A line to type."""
    return Markup("<pre>{}</pre>").format(line)


def text_block(name: str, text: str) -> Markup:
    """Text of several lines; a long one scrolls, by the keyboard too, so it has a name."""
    return Markup('<pre tabindex="0" role="region" aria-label="{}">{}</pre>').format(name, text)


def badge(text: str, kind: str = "") -> Markup:
    """A short word that stands out; `kind` is `good`, `bad`, `busy` or none of them."""
    return Markup('<span class="badge {}">{}</span>').format(kind, text)


def facts(rows: Iterable[tuple[str, Text]], *, wide: Container[str] = ()) -> Markup:
    """What there is to say about a thing, by name; what is empty is left out.

    Those of the names that are in `wide` have a line of their own.
    """
    row = Markup("<div{}><dt>{}</dt><dd>{}</dd></div>")
    shown = [
        row.format(Markup(' class="wide"') if name in wide else "", name, value)
        for name, value in rows
        if value
    ]
    return Markup("<dl>\n{}\n</dl>").format(lines(shown))


def section(title: str, *body: Text) -> Markup:
    """A part of a page under a heading of its own."""
    return Markup("<section>\n<h2>{}</h2>\n{}\n</section>").format(title, lines(body))


def items(texts: Iterable[Text], *, of: str = "") -> Markup:
    """A list; `of` is its class in the stylesheet."""
    shown = [Markup("<li>{}</li>").format(text) for text in texts]
    return Markup('<ul class="{}">\n{}\n</ul>').format(of, lines(shown))


def table(heads: Iterable[str], rows: Iterable[Iterable[Text]]) -> Markup:
    """A table; its columns have heads."""
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(one) for one in heads)
    body = [
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row)
        )
        for row in rows
    ]
    return Markup("<table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody>\n</table>").format(
        head, lines(body)
    )
