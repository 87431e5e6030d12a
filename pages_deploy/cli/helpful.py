"""The help of every command, and what is said of a command that does not exist.

1. The usage, a sentence, and examples.
2. The options in groups: what is needed, what the command alone has, what is used often.
3. What is rarely used is counted; `--help --verbose` shows it, and every variable and input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from pages_deploy.cli.examples import EXAMPLES
from pages_deploy.cli.suggestions import closest
from pages_deploy.settings.option import PREFIX, Option

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HEADINGS = {
    "needed": "Needed",
    "own": "Options",
    "often": "Often used",
    "forges": "GitHub and other forges",
    "files": "Files",
    "rare": "Rarely used",
    "output": "Output and help",
}
# What nearly every command has, by parameter.
OUTPUT = frozenset({"as_json", "as_json_text", "field", "quiet", "verbose", "version"})
HELP = frozenset({"--help", "-h"})
VERBOSE = frozenset({"-v", "--verbose", "-hv"})
# More of them do not fit into a line of help.
MANY_CHOICES = 4
# Longer than any: a sentence that is cut says too little.
LONGEST_SENTENCE = 1000
SHOWS_ALL = "pages_deploy.help_is_verbose"


class TableOption(click.Option):
    """A flag of an option of the table."""

    def __init__(self, *arguments: Any, row: Option, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.row = row

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the flag, and its sentence with as many places as were asked for."""
        record = super().get_help_record(ctx)
        return None if record is None else (record[0], words_of(self.row, ctx))


def words_of(row: Option, ctx: click.Context) -> str:
    """Return an option's sentence with its best known variable, or with each place to set it."""
    default = f" Default: {row.default}." if row.default else ""
    places: Sequence[str] = row.variables[:1] if row.flag else ()
    if ctx.meta.get(SHOWS_ALL):
        places = [f"input {row.input}"] if row.input else []
        places = [*places, *row.variables, *row.all_variables[:1]]
        if len(row.choices) > MANY_CHOICES:
            default += f" One of: {', '.join(row.choices)}."
    return f"{row.help}{default}" + (f"  [{', '.join(places)}]" if places else "")


class HelpfulCommand(click.Command):
    """A command whose help begins with examples, and shows options by what they are for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Note whether the help, if it is asked for, is to be the whole of it."""
        ctx.meta[SHOWS_ALL] = not VERBOSE.isdisjoint(args)
        return super().parse_args(ctx, args)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sentence and the examples."""
        super().format_help_text(ctx, formatter)
        _write_examples(ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options by groups, and how many more there are."""
        _write_options(self, ctx, formatter)


class HelpfulGroup(click.Group):
    """A group of such commands, which knows what a mistyped word was meant to be."""

    command_class = HelpfulCommand

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Show the help where no command is named, as an answer to a mistake."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(click.UsageError.exit_code)
        ctx.meta[SHOWS_ALL] = not VERBOSE.isdisjoint(args)
        if not HELP.isdisjoint(args[:1]):
            # Whatever else is asked for beside it, such as --verbose.
            args = args[:1]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; raises UsageError with what was meant."""
        word = args[0]
        names = self.list_commands(ctx)
        if word not in names and not word.startswith("-") and not ctx.resilient_parsing:
            meant = closest(word, names)
            advice = f"Did you mean '{meant}'?" if meant else f"It has: {', '.join(names)}."
            raise click.UsageError(f"'{ctx.command_path}' has no command '{word}'. {advice}", ctx)
        return super().resolve_command(ctx, args)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sentence and the examples."""
        super().format_help_text(ctx, formatter)
        _write_examples(ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, which matter more here than the options."""
        self.format_commands(ctx, formatter)
        _write_options(self, ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each command with the whole of its first sentence."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        shown = [(name, one) for name, one in found if one is not None and not one.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, one.get_short_help_str(LONGEST_SENTENCE)) for name, one in shown]
            )


def complete_directory(
    _ctx: click.Context, _parameter: click.Parameter | None, incomplete: str
) -> list[CompletionItem]:
    """Have the shell complete the name of a directory."""
    return [CompletionItem(incomplete, type="dir")]


def rows_of(command: click.Command) -> tuple[Option, ...]:
    """Return the options of the table that a command takes, with and without a flag."""
    return getattr(command.callback, "rows", ())


def _write_examples(ctx: click.Context, formatter: click.HelpFormatter) -> None:
    name = ctx.command_path.partition(" ")[2]
    if name not in EXAMPLES:
        return
    formatter.write_paragraph()
    formatter.write("Examples:\n")
    for words, line in EXAMPLES[name]:
        formatter.write(f"  # {words}\n  {line}\n")


def _write_options(
    command: click.Command, ctx: click.Context, formatter: click.HelpFormatter
) -> None:
    groups: dict[str, list[tuple[str, str]]] = {group: [] for group in HEADINGS}
    for group, record in _records(command, ctx):
        groups[group].append(record)
    rare = [] if ctx.meta.get(SHOWS_ALL) else groups.pop("rare")
    for group, records in groups.items():
        if records:
            with formatter.section(HEADINGS[group]):
                formatter.write_dl(records)
    if rows_of(command):
        formatter.write_paragraph()
        formatter.write_text(_where_else(ctx, len(rare)))


def _where_else(ctx: click.Context, rare: int) -> str:
    words = (
        f"Each option may also be set by a variable, {PREFIX} and its name in upper case. A secret "
        "has no flag, since others can read command lines."
    )
    if ctx.meta.get(SHOWS_ALL):
        return words
    more = f"{rare} more options, and all variables" if rare else "All variables"
    return f"{words} {more}: {ctx.command_path} --help --verbose"


def _records(command: click.Command, ctx: click.Context) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the group and the lines of each option, those of the table in its order."""
    flags = {}
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record is None or isinstance(parameter, click.Argument):
            continue
        if isinstance(parameter, TableOption):
            flags[parameter.row.name] = record
        else:
            is_output = parameter.name in OUTPUT or "--help" in parameter.opts
            yield ("output" if is_output else "own"), record
    for row in rows_of(command):
        left = row.name if row.positional else next(iter(row.variables), row.all_variables[0])
        yield row.group, flags.get(row.name, (left, words_of(row, ctx)))
