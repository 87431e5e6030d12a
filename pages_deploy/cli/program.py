"""The program's first word: which command it is, or what it was meant to be.

1. No word, on a terminal, where nothing is set: the help. Elsewhere all comes from the environment.
2. A command, or an option of the program.
3. A directory, or a path: `deploy` of it.
4. Anything else is refused, with what it was meant to be. In CI only where a command was meant: a
   build directory that is missing there is a failed deployment, which pull requests are told of.
"""

from __future__ import annotations

import importlib
import os
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pages_deploy import __version__
from pages_deploy.cli.commands import COMMANDS
from pages_deploy.cli.frameworks import FRAMEWORKS
from pages_deploy.cli.helpful import HELP, HelpfulGroup, complete_directory
from pages_deploy.cli.runtime import Runtime
from pages_deploy.cli.suggestions import closest
from pages_deploy.errors import SettingsError
from pages_deploy.settings import options
from pages_deploy.settings.nothing_set import is_nothing_set
from pages_deploy.settings.sources import Sources

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

PROGRAM = "pages-deploy"
DEFAULT_COMMAND = "deploy"
OWN_OPTIONS = HELP | {"--version"}
USUAL_DIRECTORIES = sorted({framework.directory for framework in FRAMEWORKS})
LIKE_A_COMMAND = re.compile(r"\w[\w-]{0,100}")
NO_COMMAND = f"If it is the build directory, run the build first. Commands: {PROGRAM} help"
COMPLETION = """\
Completion, for the start-up file of your shell:

\b
bash: eval "$(_PAGES_DEPLOY_COMPLETE=bash_source pages-deploy)"
zsh:  eval "$(_PAGES_DEPLOY_COMPLETE=zsh_source pages-deploy)"
fish: _PAGES_DEPLOY_COMPLETE=fish_source pages-deploy | source
"""


class Commands(HelpfulGroup):
    """A group whose first word may be left out: then it is `deploy`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of `--help`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command; None where there is none of this name."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above is wrong otherwise
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command where none is named; raises UsageError for a mistyped one."""
        runtime = ctx.find_object(Runtime)
        if not args:
            if ctx.resilient_parsing:
                # The first word is being completed: it may still become any.
                return super().parse_args(ctx, args)
            args = ["--help"] if runtime and _is_a_first_look(runtime) else [DEFAULT_COMMAND]
        elif args[0] not in COMMANDS and args[0] not in OWN_OPTIONS:
            if runtime and not ctx.resilient_parsing:
                _refuse_mistyped(args, runtime, ctx)
            args = [DEFAULT_COMMAND, *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the first word: a command, or, of the default one, an option or a directory."""
        items = super().shell_complete(ctx, incomplete)
        command = self.get_command(ctx, DEFAULT_COMMAND)
        assert command is not None  # noqa: S101 - the table has it
        default = command.make_context(DEFAULT_COMMAND, [], parent=ctx, resilient_parsing=True)
        known = {item.value for item in items}
        items += [
            item for item in command.shell_complete(default, incomplete) if item.value not in known
        ]
        return [*items, *complete_directory(ctx, None, incomplete)]


def _is_a_first_look(runtime: Runtime) -> bool:
    """Whether somebody at a terminal has typed the program's name alone, with nothing set."""
    at_terminal = runtime.stdin.isatty() and runtime.stdout.isatty()
    if not at_terminal or runtime.platform.name != "none":
        return False
    return is_nothing_set(runtime.environ, runtime.current_directory)


def _refuse_mistyped(args: list[str], runtime: Runtime, ctx: click.Context) -> None:
    word = args[0]
    if not LIKE_A_COMMAND.fullmatch(word):
        # A path, whether it is there or not: the command says what is wrong with it.
        return
    root = _working_directory(args, runtime)
    if root is None or os.path.lexists(root / word):
        return
    meant = closest(word, COMMANDS)
    if not meant and runtime.platform.name != "none":
        return
    kind = "command" if meant else "directory"
    meant = meant or closest(word, [one for one in USUAL_DIRECTORIES if (root / one).is_dir()])
    advice = f"Did you mean the {kind} '{meant}'?" if meant else NO_COMMAND
    raise click.UsageError(f"'{word}' is neither a command nor a directory here. {advice}", ctx)


def _working_directory(args: list[str], runtime: Runtime) -> Path | None:
    """Return where a directory would be looked for; None where that cannot be told yet."""
    flag = options.WORKING_DIRECTORY.flag_name
    flags = [word.partition("=")[2] for word in args if word.startswith(f"{flag}=")]
    flags += [value for name, value in pairwise(args) if name == flag]
    sources = Sources(
        flags={options.WORKING_DIRECTORY.name: flags[-1] if flags else ""}, environ=runtime.environ
    )
    try:
        found = sources.find(options.WORKING_DIRECTORY)
    except SettingsError:
        return None
    return runtime.current_directory / (found.value if found else "")


@click.group(
    cls=Commands,
    subcommand_metavar="[COMMAND | DIRECTORY] ...",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Deploy a built directory to Cloudflare Pages, and look whether it is served. Without a "
    "command, `deploy` is meant; in CI everything may come from the environment.",
    epilog=COMPLETION,
)
@click.version_option(__version__, prog_name=PROGRAM)
def commands() -> None:
    pass
