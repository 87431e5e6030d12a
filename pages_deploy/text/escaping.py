"""Text from outside, made harmless for each place it goes to: one function a target.

Commit messages, branch and file names and the words of servers may contain anything: commands of a
CI platform, line breaks, markup, mentions, letters that are not seen. No function here changes what
a harmless text says.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

# Invisible; in the middle of a mention or a reference it breaks that and nothing else.
BREAK = "\u200b"
# After what a command breaks: GitHub's (`::` begins a line), of GitHub, Azure and TeamCity (`##[`,
# `##vso[`, `##teamcity[`), GitLab's and Travis'; and before what Buildkite's lines break.
_COMMANDS = re.compile(
    r"^\s*:(?=:)|#(?=#\w*\[)|section(?=_(?:start|end):)|travis(?=_(?:fold|time):)"
    r"|^(?=(?:---|\+\+\+|~~~|\^\^\^)(?:\s|$))",
    re.IGNORECASE,
)
# The letters of the same that JSON can spell otherwise; no line of it begins as Buildkite's do.
_JSON_COMMANDS = re.compile(
    r"(?<=:):|(?<=#)#|(?<=section)_(?=(?:start|end):)|(?<=travis)_(?=(?:fold|time):)",
    re.IGNORECASE,
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Letters that turn the direction of others, and such as have no width: by them a text can look like
# another. Of Unicode's format characters all but those that are seen.
_UNSEEN = re.compile(
    r"[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f]"
)
# What a forge would make a link; what may end a sentence ends no address, and a bracket, which
# could begin a command of a log (`##[`), is none of its letters.
_ADDRESS = re.compile(
    r"((?:https?|ftp)://[^\s<>`|\\\[\]]*[^\s<>`|\\\[\].,:;!?)'\"\u2026])", re.IGNORECASE
)
_LINKED = re.compile(r"https?://[^\s<>()\[\]|`\\\"']+")
_LONGEST_CELL = 300


def log_line(text: str) -> str:
    """One line for a log: no control characters, nothing that a CI platform obeys.

    What cannot be seen is spelled out; a backslash stands where a command is broken.
    """
    flat = shown(_CONTROLS.sub(" ", text)).rstrip()
    return _COMMANDS.sub(r"\g<0>\\", flat)


def shown(text: str) -> str:
    """Spell out what has no width or turns the direction of a text: `\\u202e`."""
    return _UNSEEN.sub(lambda found: _spelled(found[0]), text)


def _spelled(letter: str) -> str:
    code = ord(letter)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON in ASCII in which no CI platform finds a command; whoever parses it gets the values.

    What is no value of JSON, such as a moment, becomes the text that `str` makes of it.
    """
    text = json.dumps(value, indent=indent, default=str)
    return _JSON_COMMANDS.sub(lambda found: _spelled(found[0]), text)


def github_data(text: str) -> str:
    """The message of a workflow command.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def github_property(text: str) -> str:
    """A property of a workflow command, such as a file name."""
    return github_data(text).replace(":", "%3A").replace(",", "%2C")


def azure_data(text: str) -> str:
    """The value of a logging command.

    https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands
    """
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def azure_property(text: str) -> str:
    """A property of a logging command."""
    return azure_data(text).replace("]", "%5D").replace(";", "%3B")


def teamcity(text: str) -> str:
    """A value of a service message.

    https://www.jetbrains.com/help/teamcity/service-messages.html#Escaped+Values
    """
    escapes = {"|": "||", "'": "|'", "\n": "|n", "\r": "|r", "[": "|[", "]": "|]"}
    return "".join(escapes.get(letter) or _teamcity_letter(letter) for letter in text)


def _teamcity_letter(letter: str) -> str:
    if letter.isascii() and letter.isprintable():
        return letter
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"|0x{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def java_property(text: str) -> str:
    """A value in a file of Java properties.

    https://docs.oracle.com/javase/8/docs/api/java/util/Properties.html#load-java.io.Reader-
    """
    escapes = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}
    escapes |= {letter: f"\\{letter}" for letter in "\\=:#!"}
    escaped = "".join(escapes.get(letter) or _java_letter(letter) for letter in text)
    return f"\\{escaped}" if escaped.startswith(" ") else escaped


def _java_letter(letter: str) -> str:
    if " " <= letter <= "~":
        return letter
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def shell_word(text: str) -> str:
    """One word in a file that a shell reads."""
    return shlex.quote(text)


def dotenv_value(text: str) -> str | None:
    """A value in a dotenv report, where nothing can be quoted; None where it cannot stand there.

    https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv
    """
    return None if _CONTROLS.search(text) else text


def markdown_text(text: str) -> str:
    """Text in a comment or summary: no markup, no HTML, no mention, no line of its own."""
    return _prose(_cell(text))


def markdown_sentence(text: str) -> str:
    """Words of ours, as `markdown_text`; an address in them is no link either, but can be copied.

    It stands in a code span.
    """
    parts = _ADDRESS.split(_cell(text))
    # Of what is split at a group, every second one is the group's.
    return "".join(f"`{part}`" if at % 2 else _prose(part) for at, part in enumerate(parts))


def markdown_link(words: str, url: str) -> str:
    """A link to an address of ours; the words are escaped, the address must be http(s).

    Words that are the address itself, with or without its scheme, can be copied as they are shown.
    """
    if not _LINKED.fullmatch(url) or shown(url) != url:
        return markdown_text(words)
    flat = _cell(words)
    is_address = url.rstrip("/").endswith(f"//{re.sub('^https?://', '', flat).rstrip('/')}")
    # In a link nothing becomes another; a mention may, where a forge looks at the words alone.
    return f"[{_plain(flat) if is_address else _prose(flat)}]({url})"


def html_text(text: str) -> str:
    """Text in a block of HTML, where Markdown is not read: as `markdown_text` else."""
    return _entities(_broken(_cell(text)))


def html_link(words: str, url: str) -> str:
    """A link in a block of HTML to an address of ours, which must be http(s)."""
    if not _LINKED.fullmatch(url) or shown(url) != url:
        return html_text(words)
    return f'<a href="{_entities(url)}">{html_text(words)}</a>'


def _cell(text: str) -> str:
    flat = shown(_CONTROLS.sub(" ", text)).strip()
    return flat if len(flat) <= _LONGEST_CELL else flat[: _LONGEST_CELL - 1] + "\u2026"


def _prose(text: str) -> str:
    return _plain(_broken(text))


def _broken(text: str) -> str:
    # Mentions, references to issues, and addresses that would become links; before the escaping,
    # whose backslashes a forge may not see.
    text = re.sub(r"[@#]", rf"\g<0>{BREAK}", text)
    text = re.sub(r"(?i)(gh)(?=-\d)", rf"\1{BREAK}", text)
    return re.sub(r"(?i)(?:https?|ftp|www)(?=[:.])|[a-z0-9](?=://)", rf"\g<0>{BREAK}", text)


def _plain(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]()#+!|~])", r"\\\1", _entities(text))


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
