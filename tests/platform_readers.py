"""What platforms and programs understand of what they are given, by their vendors' rules.

Written from documentation and from the vendors' own parsers, and sharing nothing with the code
under test. .NET compares the starts of commands by culture, which takes no notice of invisible
characters; the readers of GitHub's and Azure's commands do as much.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

IGNORED = "[\u00ad\u200b-\u200d\u2060-\u2064\ufeff]*"
GITHUB_COMMANDS = frozenset(
    {
        "error",
        "warning",
        "notice",
        "debug",
        "group",
        "endgroup",
        "add-mask",
        "stop-commands",
        "set-output",
        "save-state",
        "set-env",
        "add-path",
        "echo",
        "add-matcher",
        "remove-matcher",
        "set-secret",
        "command",
        "section",
    }
)
# Where .NET and Java end a line of a program's output.
_LINE_ENDS = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Command:
    name: str
    properties: dict[str, str]
    data: str


def github_commands(log: str) -> list[Command]:
    """Read workflow commands as the runner does (actions/runner, `ActionCommand.cs`)."""
    lines = (_github_command(line) for line in _LINE_ENDS.split(log))
    return [command for command in lines if command is not None]


def _github_command(line: str) -> Command | None:
    trimmed = line.lstrip()
    if re.match(IGNORED + ":" + IGNORED + ":", trimmed):
        info, separator, data = trimmed[2:].partition("::")
        name, _, properties = info.partition(" ")
        if separator and name.lower() in GITHUB_COMMANDS:
            escapes = {"%0D": "\r", "%0A": "\n", "%25": "%"}
            of_property = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
            return Command(
                name, _properties(properties.strip(), ",", of_property), _plain(data, escapes)
            )
    return _bracketed(line, "##[", ";", GITHUB_COMMANDS)


def azure_commands(log: str) -> list[Command]:
    """Read logging commands as the agent does (azure-pipelines-agent, `Command.cs`)."""
    lines = (_bracketed(line, "##vso[", ";", None) for line in _LINE_ENDS.split(log))
    return [command for command in lines if command is not None]


def azure_formats(log: str) -> list[str]:
    """Read what the web page takes for folding and colors, at the start of a line."""
    return re.findall(r"^##\[([a-z]+)\]", log, re.MULTILINE)


def _bracketed(
    line: str, prefix: str, separator: str, known: frozenset[str] | None
) -> Command | None:
    found = re.search(IGNORED.join(re.escape(letter) for letter in prefix), line)
    if found is None:
        return None
    # Both parsers go on after as many characters as the prefix has, invisible ones or not.
    info, bracket, data = line[found.start() + len(prefix) :].partition("]")
    name, _, properties = info.partition(" ")
    is_command = name.lower() in known if known is not None else re.fullmatch(r"\w+\.\w+", name)
    if not (bracket and is_command):
        return None
    escapes = {"%3B": ";", "%0D": "\r", "%0A": "\n", "%5D": "]", "%AZP25": "%"}
    return Command(name, _properties(properties, separator, escapes), _plain(data, escapes))


def _properties(text: str, separator: str, escapes: dict[str, str]) -> dict[str, str]:
    pairs = (entry.partition("=") for entry in text.split(separator) if entry)
    return {name: _plain(value, escapes) for name, _, value in pairs if value}


def _plain(text: str, escapes: dict[str, str]) -> str:
    for escape, plain in escapes.items():
        text = text.replace(escape, plain)
    return text


def teamcity_messages(log: str) -> list[Command]:
    """Read service messages (https://www.jetbrains.com/help/teamcity/service-messages.html)."""
    value = r"'((?:[^|'\r\n\[\]]|\|(?:0x[0-9a-fA-F]{4}|.))*)'"
    found = re.findall(rf"##teamcity\[(\w+)((?: \w+={value})*)\]", log)
    complete = [
        Command(name, {key: teamcity_plain(text) for key, text in _attributes(rest, value)}, "")
        for name, rest, _ in found
    ]
    # What is begun and not well formed is an error in the build's log.
    assert len(complete) == log.count("##teamcity["), log
    return complete


def _attributes(text: str, value: str) -> list[tuple[str, str]]:
    return [(key, found) for key, found in re.findall(rf" (\w+)={value}", text)]


def teamcity_plain(text: str) -> str:
    letters = {"n": "\n", "r": "\r", "x": "\x85", "l": "\u2028", "p": "\u2029"}

    def plain(escape: re.Match[str]) -> str:
        code = escape[1]
        return chr(int(code, 0)) if len(code) > 1 else letters.get(code, code)

    return _joined(re.sub(r"\|(0x[0-9a-fA-F]{4}|.)", plain, text))


def gitlab_sections(log: str) -> list[tuple[str, str]]:
    """Read the borders of folded sections (https://docs.gitlab.com/ci/jobs/job_logs/)."""
    return re.findall(r"section_(start|end):\d+:([\w.-]+)(?:\[[^\]]*\])?\r\x1b\[0K", log)


def travis_folds(log: str) -> list[tuple[str, str]]:
    return re.findall(r"travis_fold:(start|end):([\w.-]+)\r\x1b\[0K", log)


def buildkite_headers(log: str) -> list[str]:
    """Read groups (https://buildkite.com/docs/pipelines/configure/managing-log-output)."""
    return re.findall(r"^(?:---|\+\+\+|~~~|\^\^\^ \+\+\+)(?= |$)", log, re.MULTILINE)


def github_output(text: str) -> dict[str, str]:
    """Read a file of outputs (actions/runner, `FileCommandManager.cs`)."""
    found: dict[str, str] = {}
    lines = iter(text.removesuffix("\n").split("\n") if text else ())
    for line in lines:
        equals, heredoc = line.find("="), line.find("<<")
        if heredoc >= 0 and (equals < 0 or heredoc < equals):
            name, _, delimiter = line.partition("<<")
            value = []
            for inner in lines:
                if inner == delimiter:
                    break
                value.append(inner)
            else:
                raise AssertionError(f"the delimiter {delimiter} never came")
            found[name] = "\n".join(value)
        else:
            assert equals > 0, f"no name=value: {line!r}"
            name, _, found[name] = line.partition("=")
    return found


def gitlab_dotenv(text: str) -> dict[str, str]:
    """Read a dotenv report: a pair a line, no blank line, nothing is quoted."""
    found: dict[str, str] = {}
    for line in text.removesuffix("\n").split("\n"):
        pair = re.fullmatch(r"([A-Za-z0-9_]+)=([^\r\n]*)", line)
        assert pair is not None, f"GitLab refuses the report: {line!r}"
        found[pair[1]] = pair[2].strip()
    return found


def java_properties(content: bytes) -> dict[str, str]:
    """Load as `java.util.Properties.load(InputStream)`, which reads Latin-1."""
    found: dict[str, str] = {}
    natural = iter(_LINE_ENDS.split(content.decode("latin-1")))
    for start in natural:
        line = start.lstrip(" \t\f")
        if not line or line[0] in "#!":
            continue
        while (len(line) - len(line.rstrip("\\"))) % 2:
            line = line[:-1] + next(natural, "").lstrip(" \t\f")
        pair = re.fullmatch(r"((?:\\.|[^\\ \t\f=:])*)[ \t\f]*[=:]?[ \t\f]*(.*)", line)
        assert pair is not None
        found[_java_plain(pair[1])] = _java_plain(pair[2])
    return found


def _java_plain(text: str) -> str:
    letters = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}

    def plain(escape: re.Match[str]) -> str:
        code = escape[1]
        return chr(int(code[1:], 16)) if len(code) > 1 else letters.get(code, code)

    return _joined(re.sub(r"\\(u[0-9a-fA-F]{4}|.)", plain, text))


def _joined(text: str) -> str:
    """Join UTF-16's pairs; what is not paired stays."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


@dataclass(frozen=True)
class Cell:
    """What a person sees in a piece of Markdown, and where its links lead."""

    text: str
    links: tuple[str, ...] = ()
    # What is not in a code span, where forges look for mentions and addresses.
    prose: str = field(default="", compare=False)


@dataclass(frozen=True)
class Page:
    headings: list[Cell]
    # Of every table, row by row, its head first.
    rows: list[list[Cell]]
    entries: list[Cell]
    html: list[str]


_GFM = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_INLINE = {"text", "code_inline", "link_open", "link_close", "strong_open", "strong_close"}


def markdown(text: str) -> Page:
    """Render as GitHub does, and refuse whatever nobody here has a use for."""
    page = Page([], [], [], [])
    around: list[str] = []
    for token in _GFM.parse(text):
        if token.type == "html_block":
            page.html.append(token.content.strip())
        elif token.type == "inline":
            cell = _cell(token.children or [])
            if "tr_open" in around:
                page.rows[-1].append(cell)
            elif "list_item_open" in around:
                page.entries.append(cell)
            else:
                assert around == ["heading_open"], f"text outside: {cell.text!r}"
                page.headings.append(cell)
        elif token.nesting == 1:
            around.append(token.type)
            if token.type == "tr_open":
                page.rows.append([])
        elif token.nesting == -1:
            around.pop()
        else:
            raise AssertionError(f"unexpected {token.type}")
    # An empty head shows nothing that a reader could take for a fact.
    page.rows[:] = [row for row in page.rows if any(cell.text for cell in row)]
    return page


def _cell(tokens: Sequence[Token]) -> Cell:
    text, prose, links = "", "", []
    for token in tokens:
        assert token.type in _INLINE, f"unexpected {token.type}"
        if token.type == "link_open":
            links.append(str(token.attrs["href"]))
        if token.type in {"text", "code_inline"}:
            text += token.content
        if token.type == "text":
            prose += token.content
    return Cell(text, tuple(links), prose)


def mentions(visible: str) -> list[str]:
    """Find whom GitHub or GitLab would notify; they look at the text after Markdown."""
    return re.findall(r"@[A-Za-z0-9_.][\w./-]*", visible)


def references(visible: str) -> list[str]:
    """Find what GitHub would link as an issue, and note on that issue's own page."""
    return re.findall(r"(?<![&\w])#[0-9]+|[\w-]/[\w.-]+#[0-9]+|\b[Gg][Hh]-[0-9]+", visible)


def web_addresses(visible: str) -> list[str]:
    """Find what would become a link by itself (GFM, "Autolinks (extension)"; cmark-gfm)."""
    schemes = r"(?<![A-Za-z])(?:https?|ftp)://[A-Za-z0-9]"
    return re.findall(rf"(?i){schemes}|(?:^|(?<=[\s*_~(]))www\.", visible)
