"""`pages-deploy help [COMMAND]...` and `pages-deploy version`."""

from __future__ import annotations

import click

from pages_deploy.cli.helpful import SHOWS_ALL, HelpfulCommand
from pages_deploy.cli.parameters import with_verbosity
from pages_deploy.cli.start import VERSION_LINE


@click.command(
    "help",
    cls=HelpfulCommand,
    help="Show the help of a command, as its own --help does; without one, every command.",
)
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
@click.option("-v", "--verbose", is_flag=True, help="Every option and variable.")
@click.pass_context
def help_command(context: click.Context, /, words: tuple[str, ...], verbose: bool) -> None:
    shown = context.find_root()
    for word in words:
        group = shown.command
        if not isinstance(group, click.Group):
            raise click.UsageError(f"'{shown.command_path}' has no commands.", shown)
        name, command, _rest = group.resolve_command(shown, [word])
        assert command is not None  # noqa: S101 - else it has raised
        shown = click.Context(command, info_name=name, parent=shown)
    shown.meta[SHOWS_ALL] = verbose
    click.echo(shown.get_help())


@click.command("version", cls=HelpfulCommand, help="Show the version, as --version does.")
@with_verbosity
def version_command() -> None:
    click.echo(VERSION_LINE)
