"""A page as its reader has it: its words, its links, its forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from pages_deploy.emulator import Emulator


@dataclass
class Form:
    """A form and what it would send."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    """The hidden ones, as they are."""
    boxes: list[str] = field(default_factory=list)
    """The names of those to tick."""


class Page(HTMLParser):
    """One answer, read."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__()
        self.status = answer.status_code
        self.headers = answer.headers
        self.html = answer.text
        self.text = ""
        self.links: dict[str, str] = {}
        """URL by the text of the link; the first one counts."""
        self.facts: list[tuple[str, str]] = []
        """What is said of a thing, by name; of several things one after the other."""
        self.rows: list[list[str]] = []
        """The cells of all tables, heads included."""
        self.items: list[str] = []
        self.blocks: list[str] = []
        """What stands in lines as it was written."""
        self.forms: list[Form] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._link: str | None = None
        self._is_shown = True
        self._place = ""
        self._is_item = False
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        self._is_shown = tag != "style"
        if tag in {"dt", "dd", "td", "th", "pre"}:
            self._place = tag
        if tag == "a":
            self._link = given["href"]
        elif tag == "dt":
            self.facts.append(("", ""))
        elif tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
        elif tag == "li":
            self.items.append("")
            self._is_item = True
        elif tag == "pre":
            self.blocks.append("")
        elif tag == "form":
            self.forms.append(Form(given["action"]))
        elif tag == "input" and given["type"] == "hidden":
            self.forms[-1].fields[given["name"]] = given["value"]
        elif tag == "input":
            self.forms[-1].boxes.append(given["name"])

    def handle_endtag(self, tag: str) -> None:
        self._is_shown = True
        if tag == self._place:
            self._place = ""
        if tag == "a":
            self._link = None
        elif tag == "li":
            self._is_item = False

    def handle_data(self, data: str) -> None:
        if self._is_shown:
            self.text += data
        if self._is_item:
            self.items[-1] += data
        if self._place in {"dt", "dd"}:
            name, value = self.facts[-1]
            self.facts[-1] = (name + data, value) if self._place == "dt" else (name, value + data)
        elif self._place in {"td", "th"}:
            self.rows[-1][-1] += data
        elif self._place == "pre":
            self.blocks[-1] += data
        if self._link is not None:
            self.links.setdefault(data, self._link)

    def fact(self, name: str) -> str:
        """What is said by this name, of one thing alone."""
        (found,) = (value for known, value in self.facts if known == name)
        return found

    def form(self, end: str) -> Form:
        """The form whose action ends so."""
        (found,) = (form for form in self.forms if form.action.endswith(end))
        return found


def read(emulator: Emulator, path: str = "/", **headers: str) -> Page:
    """Ask for a page."""
    return Page(send(emulator, "GET", path, headers=headers))


def send(
    emulator: Emulator,
    method: str,
    path: str,
    *,
    fields: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> requests.Response:
    """Ask as a browser does that shows the page at `localhost`."""
    return requests.request(
        method,
        f"http://127.0.0.1:{emulator.port}{path}",
        data=fields,
        headers={"Host": f"localhost:{emulator.port}", **(headers or {})},
        timeout=20,
        allow_redirects=False,
    )
