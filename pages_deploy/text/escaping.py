"""Text from outside, made harmless for each place it goes to: one function a target.

Commit messages, branch and file names and the words of servers may contain anything: commands of a
CI platform, line breaks, markup, mentions. No function here changes what a harmless text says.
"""

from __future__ import annotations

import re
import shlex

# Invisible; in the middle of a command or a mention it breaks that and nothing else.
BREAK = "\u200b"
# What GitHub (the first: at the start of a line), Azure, TeamCity and GitLab take for a command.
_COMMANDS = re.compile(r"^(\s*:)(:)|(#)(#(?:\[|vso\[|teamcity\[))|(section)(_(?:start|end):)")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Letters of either direction and invisible ones, by which a text can look like another.
_DECEPTIVE = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONGEST_CELL = 300


def log_line(text: str) -> str:
    """One line for a log: no control characters, nothing that a CI platform obeys."""
    flat = _CONTROLS.sub(" ", text).rstrip()
    return _COMMANDS.sub(lambda found: BREAK.join(filter(None, found.groups())), flat)


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
    flat = _DECEPTIVE.sub("", _CONTROLS.sub(" ", text)).strip()
    if len(flat) > _LONGEST_CELL:
        flat = flat[: _LONGEST_CELL - 1] + "\u2026"
    flat = flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # Mentions, references to issues, and addresses that would become links; before the escaping,
    # whose backslashes a forge may not see.
    flat = re.sub(r"[@#]", rf"\g<0>{BREAK}", flat)
    flat = re.sub(r"(?i)(gh)(?=-\d)", rf"\1{BREAK}", flat)
    flat = re.sub(r"(?i)(https?|ftp|www)(?=[:.])", rf"\1{BREAK}", flat)
    return re.sub(r"([\\`*_{}\[\]()#+!|~])", r"\\\1", flat)


def markdown_link(words: str, url: str) -> str:
    """A link to an address of ours; the words are escaped, the address must be http(s)."""
    if not re.fullmatch(r"https?://[^\s<>()\[\]|`\\\"']+", url):
        return markdown_text(words)
    return f"[{markdown_text(words)}]({url})"
