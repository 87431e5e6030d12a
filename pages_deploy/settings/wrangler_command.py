"""The command of a workflow that comes from wrangler-action, read as options of ours.

`pages deploy DIR --project-name=X --branch=Y ...` is understood in each of its names; whatever else
wrangler can do is refused by name rather than left undone. Flags are read as yargs reads them for
wrangler: anywhere, in both spellings (`--project-name`, `--projectName`), a switch with or without
its value, and a flag whose value some template left empty is not set.
https://developers.cloudflare.com/workers/wrangler/commands/pages/#deploy
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pages_deploy.errors import SettingsError
from pages_deploy.settings import options
from pages_deploy.settings.command_words import has_several_commands, split_words

if TYPE_CHECKING:
    from pages_deploy.settings.option import Option

COMMANDS = (("pages", "deploy"), ("pages", "publish"), ("pages", "deployment", "create"))
FLAGS: dict[str, Option] = {
    "--project-name": options.PROJECT_NAME,
    "--branch": options.BRANCH,
    "--commit-hash": options.COMMIT_HASH,
    "--commit-message": options.COMMIT_MESSAGE,
    "--commit-dirty": options.COMMIT_DIRTY,
    "--skip-caching": options.SKIP_CACHING,
    "--bundle": options.BUNDLE,
    "--no-bundle": options.NO_BUNDLE,
    "--upload-source-maps": options.UPLOAD_SOURCE_MAPS,
    "--cwd": options.WORKING_DIRECTORY,
}
WITHOUT_EFFECT = frozenset({"--force"})
# What a habit puts before the command, where wrangler-action itself calls wrangler.
RUNNERS = frozenset({"npx", "bunx", "pnpm", "yarn", "npm", "bun", "exec", "dlx", "x", "--yes"})
REMEDY = "Give the options as inputs of their own, or use wrangler-action for what is not Pages."
ONE_COMMAND = (
    "Give one command, in one line (`command: >-` folds several), and each other one a step of its "
    "own."
)
# What to do instead, by how the command begins; the first that fits.
REMEDIES = {
    ("pages", "project", "create"): "The input createProject (true) makes the project with the "
    "deployment where it is missing, with the branch of productionBranch.",
    ("pages", "project"): "Run `pages-deploy projects` in a step of its own.",
    ("pages", "deployment"): "Run `pages-deploy deployments` in a step of its own.",
    ("pages", "dev"): "Run `pages-deploy preview` on your machine.",
    ("whoami",): "Run `pages-deploy doctor` in a step of its own.",
}
# Of flags that Pages itself refuses, what wrangler says.
REFUSED_FLAGS = {
    "--env": "Pages has no environments to choose: the branch decides between production and "
    "preview (--branch).",
    "--config": "Pages reads the configuration file of the working directory alone (--cwd).",
}
REFUSED_FLAGS |= {"-e": REFUSED_FLAGS["--env"], "-c": REFUSED_FLAGS["--config"]}
_FLAG = re.compile(r"--.+|-[A-Za-z]")


def read_command(text: str) -> dict[str, str]:
    """Return the values of a wrangler command by option name.

    Raises SettingsError for any other command, for several, and for a flag that is not known.
    """
    if has_several_commands(text):
        raise SettingsError(
            "COMMAND is several commands (more than one line, or joined by &&, ;, | or ||), and "
            "only one 'pages deploy' can be run here.",
            ONE_COMMAND,
        )
    values, others, unknown = _read_words(_without_runner(split_words(text.strip())))
    command = next((name for name in COMMANDS if tuple(others[: len(name)]) == name), None)
    if command is None:
        raise _other_command(others or unknown)
    if unknown:
        remedy = REFUSED_FLAGS.get(unknown[0], REMEDY)
        raise SettingsError(f"COMMAND has {unknown[0]}, which is not known here.", remedy)
    for directory in others[len(command) :]:
        _set(values, options.DIRECTORY, directory)
    return values


def _read_words(words: list[str]) -> tuple[dict[str, str], list[str], list[str]]:
    """Return the values of the flags, the words that belong to none, and the unknown flags."""
    values: dict[str, str] = {}
    others, unknown = [], []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if _FLAG.match(word) is None:
            others.append(word)
            continue
        written, equals, value = word.partition("=")
        name = _with_hyphens(written)
        opposite = FLAGS.get("--" + name.removeprefix("--no-")) if "--no-" in name else None
        if option := FLAGS.get(name):
            _set(values, option, value if equals else _value_of(option, rest))
        elif opposite is not None and opposite.kind == "switch" and not equals:
            _set(values, opposite, "false")
        elif name not in WITHOUT_EFFECT:
            unknown.append(written)
    return values, others, unknown


def _without_runner(words: list[str]) -> list[str]:
    """Take `wrangler`, and what would run it, from the beginning."""
    for number, word in enumerate(words):
        if word.partition("@")[0] == "wrangler":
            return words[number + 1 :]
        if word not in RUNNERS:
            break
    return words


def _with_hyphens(name: str) -> str:
    return re.sub("[A-Z]", lambda capital: "-" + capital[0].lower(), name)


def _value_of(option: Option, rest: list[str]) -> str:
    """Take the value of a flag from the words behind it; empty where there is none."""
    if option.kind == "switch":
        return rest.pop(0) if rest and rest[0] in {"true", "false"} else "true"
    return "" if not rest or _FLAG.match(rest[0]) else rest.pop(0)


def _other_command(words: list[str]) -> SettingsError:
    remedy = next(
        (remedy for known, remedy in REMEDIES.items() if tuple(words[: len(known)]) == known),
        REMEDY,
    )
    shown = " ".join(words[:2])
    return SettingsError(f"COMMAND is '{shown}'; only 'pages deploy' can be run here.", remedy)


def _set(values: dict[str, str], option: Option, value: str) -> None:
    if option.name in values:
        raise SettingsError(
            f"COMMAND gives {option.name} twice: '{values[option.name]}' and '{value}'.", REMEDY
        )
    values[option.name] = value
