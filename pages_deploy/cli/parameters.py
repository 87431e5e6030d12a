"""Command-line parameters made from the table of options, so that each is written once."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import click

from pages_deploy.cli.helpful import MANY_CHOICES, HelpfulCommand, TableOption, complete_directory
from pages_deploy.cli.runtime import Given, Runtime
from pages_deploy.settings.option import Option
from pages_deploy.settings.option_checks import NO, PROJECT_NAME_RULE, YES, is_project_name
from pages_deploy.settings.options import OPTIONS

NAMES = frozenset(option.name for option in OPTIONS)
METAVARS = {"count": "NUMBER", "seconds": "SECONDS", "address": "URL"}

Command = Callable[..., Any]


def project_name(value: str) -> str:
    """Return a project's name from the command line; refuses what Pages takes for none."""
    if not is_project_name(value):
        raise click.BadParameter(f"'{value}' cannot be the name of a project: {PROJECT_NAME_RULE}.")
    return value


class SwitchingCommand(HelpfulCommand):
    """A command whose switches may have their value: `--commit-dirty=true`, as wrangler has it.

    A word behind a switch is its value where it is `true` or `false`, for wrangler's sake too.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give click the switches as it knows them, without values."""
        known = {
            name: parameter
            for parameter in self.params
            if isinstance(parameter, click.Option)
            for name in parameter.opts
            if name.startswith("--")
        }
        plain: list[str] = []
        rest = list(args)
        while rest and rest[0] != "--":
            word = rest.pop(0)
            name, equals, value = word.partition("=")
            option = known.get(name)
            if option is None or not option.is_flag:
                plain.append(word)
                if option is not None and not equals:
                    # The word behind it is its value, whatever it looks like.
                    plain += rest[:1]
                    del rest[:1]
            elif equals or rest[:1] in (["true"], ["false"]):
                plain += _plain_switch(ctx, option, name, value if equals else rest.pop(0))
            else:
                plain.append(word)
        return super().parse_args(ctx, plain + rest)


def _plain_switch(ctx: click.Context, switch: click.Option, name: str, value: str) -> list[str]:
    """Return a switch with a value as click takes it; an empty value is none."""
    if not value:
        return []
    if value.lower() in YES:
        return [name]
    if value.lower() not in NO:
        raise click.BadParameter(f"{value!r} is neither true nor false.", ctx, switch)
    # What has no word for its opposite is told so by what stands in for a flag that is not given.
    ctx.default_map = {**(ctx.default_map or {}), str(switch.name): False}
    return list(switch.secondary_opts[:1])


def with_options(options: Iterable[Option]) -> Callable[[Command], Command]:
    """Add the flags (and the positional argument) of some options to a command.

    The command gets them as one argument, `given`.
    """
    wanted = tuple(options)

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def run(*arguments: Any, **values: Any) -> Any:
            flags = _take_flags(values, wanted)
            return command(*arguments, **values, given=Given(wanted, flags))

        decorated: Command = run
        # For the help, which tells of those without a flag too.
        decorated.rows = wanted  # type: ignore[attr-defined] # a function's own attribute
        for option in reversed(wanted):
            if option.positional:
                decorated = click.argument(
                    option.name, required=False, shell_complete=complete_directory
                )(decorated)
            elif option.flag:
                decorated = _flag(option)(decorated)
        return decorated

    return decorate


def _take_flags(values: dict[str, Any], wanted: Iterable[Option]) -> dict[str, str]:
    """Take the options' values out of a command's, and return those that were given."""
    flags = {}
    for option in wanted:
        value = values.pop(option.name.lower(), None)
        if isinstance(value, bool):
            flags[option.name] = str(value).lower()
        elif option.repeated and value:
            flags[option.name] = "\n".join(value)
        elif value:
            flags[option.name] = str(value)
    return flags


def with_api_options(options: Iterable[Option]) -> Callable[[Command], Command]:
    """Make a command that asks the API and prints records: these options, --json, -q and -v.

    The command gets the runtime as its first argument.
    """

    def decorate(command: Command) -> Command:
        with_flags = with_json(with_verbosity(click.pass_obj(command)))
        return with_options(options)(with_flags)

    return decorate


def with_json(command: Command) -> Command:
    """Add --json."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(
        command
    )


def with_yes(command: Command) -> Command:
    """Add --yes, for commands that ask before they delete."""
    return click.option("--yes", is_flag=True, help="Do not ask; needed where nobody can answer.")(
        command
    )


def with_verbosity(command: Command) -> Command:
    """Add -q and -v, which set up the console before the command runs."""

    def set_up(context: click.Context, parameter: click.Parameter, value: bool) -> None:
        runtime = context.find_object(Runtime)
        if value and runtime is not None:
            setattr(runtime.console, str(parameter.name), True)

    for name, letter, words in (
        ("verbose", "-v", "Tell where each setting came from."),
        ("quiet", "-q", "Print no progress, only warnings, errors and the result."),
    ):
        command = click.option(
            f"--{name}",
            letter,
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=set_up,
            help=words,
        )(command)
    return command


def _flag(option: Option) -> Callable[[Command], Command]:
    name = option.flag_name
    attributes: dict[str, Any] = {"metavar": METAVARS.get(option.kind, "TEXT")}
    if option.kind == "switch":
        # The opposite of some is an option of its own.
        if not name.startswith("--no-") and f"NO_{option.name}" not in NAMES:
            name = f"{name}/--no-{name.removeprefix('--')}"
        attributes = {"is_flag": True, "default": None}
    elif option.kind == "choice":
        attributes = {"type": click.Choice(option.choices)}
        if len(option.choices) > MANY_CHOICES:
            attributes["metavar"] = "NAME"
    elif option.repeated:
        attributes["multiple"] = True
    parameter = option.name.lower()
    return click.option(
        name, parameter, cls=TableOption, row=option, help=option.help, **attributes
    )
