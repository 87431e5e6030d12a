"""The command of a workflow that comes from wrangler-action, read as options of ours.

`pages deploy DIR --project-name=X --branch=Y ...` is understood, and so is its old name
`pages publish`; whatever else wrangler can do is refused by name rather than left undone.
https://developers.cloudflare.com/workers/wrangler/commands/pages/#deploy
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from pages_deploy.errors import SettingsError
from pages_deploy.settings import options
from pages_deploy.settings.option_checks import NO, YES

if TYPE_CHECKING:
    from pages_deploy.settings.option import Option

COMMANDS = (["pages", "deploy"], ["pages", "publish"])
FLAGS: dict[str, Option] = {
    "--project-name": options.PROJECT_NAME,
    "--branch": options.BRANCH,
    "--commit-hash": options.COMMIT_HASH,
    "--commit-message": options.COMMIT_MESSAGE,
    "--commit-dirty": options.COMMIT_DIRTY,
    "--skip-caching": options.SKIP_CACHING,
    "--cwd": options.WORKING_DIRECTORY,
}
# They change how wrangler compiles a Worker, of which there is none here.
WITHOUT_EFFECT = frozenset({"--no-bundle", "--upload-source-maps", "--force"})
REMEDY = "Give the options as inputs of their own, or use wrangler-action for what is not Pages."


def read_command(text: str) -> dict[str, str]:
    """Return the values of a wrangler command by option name.

    Raises SettingsError for any other command, and for a flag that is not known.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise SettingsError(f"COMMAND cannot be read: {error}.", REMEDY) from error
    if words[:1] == ["wrangler"]:
        words = words[1:]
    if words[:2] not in COMMANDS:
        shown = " ".join(words[:2])
        raise SettingsError(f"COMMAND is '{shown}'; only 'pages deploy' can be run here.", REMEDY)
    values: dict[str, str] = {}
    rest = words[2:]
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if not name.startswith("-"):
            _set(values, options.DIRECTORY, name + equals + value)
        elif name in WITHOUT_EFFECT:
            continue
        elif name not in FLAGS:
            raise SettingsError(f"COMMAND has {name}, which is not known here.", REMEDY)
        else:
            option = FLAGS[name]
            _set(values, option, value if equals else _value_of(name, option, rest))
    return values


def _value_of(name: str, option: Option, rest: list[str]) -> str:
    """Take the value of a flag from the words behind it; a switch may stand alone."""
    follows = bool(rest) and not rest[0].startswith("--")
    if option.kind == "switch":
        return rest.pop(0) if follows and rest[0].lower() in YES | NO else "true"
    if not follows:
        raise SettingsError(f"COMMAND gives {name} no value.", REMEDY)
    return rest.pop(0)


def _set(values: dict[str, str], option: Option, value: str) -> None:
    if option.name in values:
        raise SettingsError(f"COMMAND gives {option.name} twice.", REMEDY)
    values[option.name] = value
