"""Help: examples first, eighty columns, what is rare only when asked for; what was meant."""

from __future__ import annotations

import io
import shlex
from typing import TYPE_CHECKING

import click
import pytest

from pages_deploy import __version__
from pages_deploy.cli.examples import EXAMPLES
from pages_deploy.cli.main import main
from pages_deploy.cli.program import commands
from pages_deploy.cli.runtime import Runtime
from pages_deploy.cli.suggestions import closest
from pages_deploy.settings.options import OPTIONS
from tests.cli.reading import complaint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.cli.reading import AtTerminal
    from tests.world import RunCli

MAX_COLUMNS = 80


def every_command() -> Iterator[tuple[str, ...]]:
    """Yield the words of each command and sub-command; none are those of the program."""
    yield ()
    context = click.Context(commands)
    for name in commands.list_commands(context):
        yield (name,)
        command = commands.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ((name, below) for below in command.list_commands(context))


EVERY_COMMAND = list(every_command())


@pytest.mark.parametrize("words", EVERY_COMMAND, ids=" ".join)
@pytest.mark.parametrize("verbose", [[], ["--verbose"]], ids=["brief", "verbose"])
def test_the_help_of_a_command_begins_with_examples_in_eighty_columns(
    run_cli: RunCli, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], verbose: list[str]
) -> None:
    assert run_cli(*words, "--help", *verbose).exit_code == 0
    text = capsys.readouterr().out
    assert [line for line in text.splitlines() if len(line) > MAX_COLUMNS] == []
    before, _, after = text.partition("\nExamples:\n")
    assert after.startswith("  # ")
    assert ":\n" not in before
    assert f"\n  pages-deploy {' '.join(words[1:])}" in after or words


@pytest.mark.parametrize("words", [(), ("deployments",)], ids=["program", "group"])
def test_the_list_of_commands_cuts_no_sentence(
    run_cli: RunCli, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert run_cli(*words, "--help").exit_code == 0
    listed = capsys.readouterr().out.partition("\nCommands:\n")[2].partition("\n\n")[0]
    assert len(listed.splitlines()) > 5
    assert "..." not in listed


@pytest.mark.parametrize(
    "line", [line for several in EXAMPLES.values() for _words, line in several], ids=str
)
def test_each_example_is_a_command_line_that_is_understood(line: str) -> None:
    program, *words = shlex.split(line)
    assert program == "pages-deploy"
    # As it is when the program runs: a command keeps the names of its help from the first time.
    context = click.Context(commands, **commands.context_settings)
    command: click.Command | None = commands.get_command(context, words[0])
    command = commands.get_command(context, "deploy") if command is None else command
    words = words if commands.get_command(context, words[0]) is None else words[1:]
    while isinstance(command, click.Group):
        command = command.get_command(context, words.pop(0))
    assert command is not None
    command.make_context("command", words, parent=context)


def test_there_are_examples_of_commands_only() -> None:
    assert set(EXAMPLES) == {" ".join(words) for words in EVERY_COMMAND}


def test_the_help_of_deploy_is_short_and_counts_what_it_leaves_out(
    run_cli: RunCli, capsys: pytest.CaptureFixture[str]
) -> None:
    run_cli("deploy", "--help")
    text = capsys.readouterr().out
    assert len(text.splitlines()) < 140
    rare = [option for option in OPTIONS if option.group == "rare"]
    assert f"{len(rare)} more options" in " ".join(text.split())
    for option in OPTIONS:
        if option.flag:
            assert (f"  {option.flag_name}" in text) == (option.group != "rare"), option.name
    places = [text.index(f"\n{heading}:\n") for heading in ("Needed", "Often used", "Files")]
    assert places == sorted(places)


@pytest.mark.parametrize("flags", [["--help", "-v"], ["-v", "--help"], ["-hv"]], ids=" ".join)
def test_the_whole_help_has_every_option_and_all_variables(
    run_cli: RunCli, capsys: pytest.CaptureFixture[str], flags: list[str]
) -> None:
    outcome = run_cli("deploy", *flags)
    assert outcome.exit_code == 0, outcome.stderr
    text = " ".join(capsys.readouterr().out.split())
    assert "--env-file" in text
    assert "PAGES_DEPLOY_ACCOUNT_ID" in text
    assert "more options" not in text


@pytest.mark.parametrize(
    ("words", "same"),
    [
        (["help"], ["--help"]),
        (["help", "deploy"], ["deploy", "--help"]),
        (["help", "projects"], ["projects", "--help"]),
        (["help", "projects", "create"], ["projects", "create", "--help"]),
        (["help", "deploy", "--verbose"], ["deploy", "--help", "--verbose"]),
        (["version"], ["--version"]),
    ],
    ids=str,
)
def test_help_and_version_are_commands_too(
    run_cli: RunCli, capsys: pytest.CaptureFixture[str], words: list[str], same: list[str]
) -> None:
    assert run_cli(*words).exit_code == 0
    found = capsys.readouterr().out
    run_cli(*same)
    assert found == capsys.readouterr().out
    assert found


def test_the_version_command_prints_the_version(
    run_cli: RunCli, capsys: pytest.CaptureFixture[str]
) -> None:
    run_cli("version")
    assert __version__ in capsys.readouterr().out


def test_help_of_what_has_no_commands_says_so(run_cli: RunCli) -> None:
    assert "has no commands" in complaint(run_cli("help", "deploy", "dist"), 2)
    assert "'projects'" in complaint(run_cli("help", "project"), 2)


# Each with what was meant.
MISTYPED = {
    "depoly dist": "'deploy'",
    "dploy": "'deploy'",
    "Deploy dist": "'deploy'",
    "publish dist": "'deploy'",
    "project list": "'projects'",
    "projects lst": "'list'",
    "projects ls": "'list'",
    "deployment list": "'deployments'",
    "deployments rolback": "'rollback'",
    "domains ad": "'add'",
    "domains rm www.example.com": "'delete'",
    "docter": "'doctor'",
    "previw dist": "'preview'",
    "deploy dist --brnch main": "'--branch'",
    "dist --verify al": "'all'",
}


@pytest.mark.parametrize("line", MISTYPED)
@pytest.mark.parametrize("environ", [{}, {"CI": "true"}], ids=["here", "CI"])
def test_a_typing_error_is_answered_with_what_was_meant(
    run_cli: RunCli, tmp_path: Path, line: str, environ: dict[str, str]
) -> None:
    (tmp_path / "dist").mkdir()
    text = complaint(run_cli(*line.split(), environ=environ), 2)
    assert MISTYPED[line] in text
    assert "--help" in text


@pytest.mark.parametrize("word", ["dist", "build", "out", "xyz", "_site"])
def test_a_word_that_is_neither_says_so_and_guesses_nothing(run_cli: RunCli, word: str) -> None:
    text = complaint(run_cli(word), 2)
    assert f"'{word}' is neither a command nor a directory" in text
    assert "Did you mean" not in text


@pytest.mark.parametrize(("word", "made"), [("dsit", "dist"), ("pubilc", "public")])
def test_a_mistyped_directory_is_answered_with_the_one_that_is_there(
    run_cli: RunCli, tmp_path: Path, word: str, made: str
) -> None:
    assert "Did you mean" not in complaint(run_cli(word), 2)
    (tmp_path / made).mkdir()
    assert f"Did you mean the directory '{made}'?" in complaint(run_cli(word), 2)


def test_a_word_like_no_sub_command_is_answered_with_all_of_them(run_cli: RunCli) -> None:
    text = complaint(run_cli("zones", "xyz"), 2)
    assert "list, purge" in text
    assert "Did you mean" not in text


@pytest.mark.parametrize("word", ["depoly", "project"])
def test_a_directory_is_deployed_whatever_command_its_name_is_like(
    run_cli: RunCli, tmp_path: Path, word: str
) -> None:
    (tmp_path / "app" / word).mkdir(parents=True)
    (tmp_path / word).mkdir()
    told = f"DIRECTORY = {word} from the command line"
    assert told in run_cli(word, "-v").stderr
    (tmp_path / word).rmdir()
    for words in (["--working-directory", "app"], ["--working-directory=app"]):
        assert told in run_cli(word, *words, "-v").stderr
    assert told in run_cli(word, "-v", environ={"INPUT_WORKINGDIRECTORY": "app"}).stderr
    assert "'deploy" in run_cli("depoly").stderr


@pytest.mark.parametrize("word", ["./dist", "a/b", "dist.old", "x" * 5000, "\0", "", "/"])
def test_a_path_is_left_to_the_deployment(run_cli: RunCli, word: str) -> None:
    assert "neither a command" not in complaint(run_cli(word), 2)


@pytest.mark.parametrize("word", ["dist", "site", "test", "docs", "public", "web", "app", "pages"])
def test_no_usual_directory_is_taken_for_a_command(word: str) -> None:
    assert closest(word, commands.list_commands(click.Context(commands))) == ""


NOTHING_SET: dict[str, str] = {"HOME": "/", "GITHUB_TOKEN": "of-another-tool"}


def test_the_name_alone_on_a_terminal_shows_five_examples(
    at_terminal: AtTerminal, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = at_terminal(environ=NOTHING_SET, answer="")
    text = capsys.readouterr().out
    assert outcome.exit_code == 0
    assert outcome.stderr == ""
    assert text.count("\n  # ") == 5


@pytest.mark.parametrize(
    "environ",
    [
        {"CLOUDFLARE_API_TOKEN": "t"},
        {"INPUT_PROJECTNAME": "x"},
        {"PLUGIN_DIRECTORY": "x"},
        {"PAGES_DEPLOY_DIRECTORY": "x"},
        {"CI": "true"},
        {"GITLAB_CI": "true"},
    ],
    ids=str,
)
def test_with_anything_set_or_in_ci_no_argument_is_a_deployment(
    at_terminal: AtTerminal, environ: Mapping[str, str]
) -> None:
    outcome = at_terminal(environ=environ, answer="")
    assert outcome.exit_code == 2
    assert "is not set" in outcome.stderr


@pytest.mark.parametrize(
    ("name", "text", "is_set"),
    [
        (".env", "CLOUDFLARE_API_TOKEN=t\n", True),
        (".env", "PORT=3000\n", False),
        ("wrangler.toml", 'name = "x"\npages_build_output_dir = "dist"\n', True),
        ("wrangler.toml", 'name = "worker"\nmain = "index.js"\n', False),
        ("wrangler.toml", "name =\n", True),
    ],
    ids=str,
)
def test_a_file_here_may_set_something_too(
    at_terminal: AtTerminal,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    text: str,
    is_set: bool,
) -> None:
    (tmp_path / name).write_text(text)
    outcome = at_terminal(environ={}, answer="")
    assert outcome.exit_code == (2 if is_set else 0)
    assert ("Examples:" in capsys.readouterr().out) != is_set


def test_without_a_terminal_no_argument_is_a_deployment(run_cli: RunCli) -> None:
    assert "DIRECTORY" in complaint(run_cli(environ=NOTHING_SET), 2)


@pytest.mark.parametrize("group", ["projects", "deployments", "domains", "zones"])
def test_a_group_alone_shows_its_help_as_an_answer_to_a_mistake(
    run_cli: RunCli, capsys: pytest.CaptureFixture[str], group: str
) -> None:
    assert run_cli(group).exit_code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Examples:\n" in shown.err


def completed(capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> list[str]:
    streams = io.StringIO(), io.StringIO()
    runtime = Runtime(environ={}, stdout=streams[0], stderr=streams[1], current_directory=tmp_path)
    assert main([], runtime) == 0
    return capsysbinary.readouterr().out.decode().split()


@pytest.mark.parametrize(
    ("line", "items"),
    [
        ("pages-deploy |", {"plain,deploy", "plain,projects", "plain,help", "dir,"}),
        ("pages-deploy pro|", {"plain,projects", "dir,pro"}),
        ("pages-deploy --proj|", {"plain,--project-name"}),
        ("pages-deploy --ver|", {"plain,--version", "plain,--verify"}),
        ("pages-deploy di|", {"dir,di"}),
        ("pages-deploy deploy |", {"dir,"}),
        ("pages-deploy projects |", {"plain,list", "plain,create"}),
        ("pages-deploy dist --verify |", {"plain,off", "plain,sample", "plain,all"}),
        ("pages-deploy domains add --wa|", {"plain,--wait"}),
    ],
)
def test_a_shell_completes_commands_options_values_and_directories(
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
    tmp_path: Path,
    line: str,
    items: set[str],
) -> None:
    words = line.removesuffix("|")
    count = len(words.split()) - (not words.endswith(" "))
    monkeypatch.setenv("_PAGES_DEPLOY_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(count))
    assert items <= set(completed(capsysbinary, tmp_path))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_a_script_for_each_shell_and_the_help_names_it(
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
    run_cli: RunCli,
    tmp_path: Path,
    shell: str,
) -> None:
    run_cli("--help")
    assert f"_PAGES_DEPLOY_COMPLETE={shell}_source pages-deploy".encode() in (
        capsysbinary.readouterr().out
    )
    monkeypatch.setenv("_PAGES_DEPLOY_COMPLETE", f"{shell}_source")
    assert any("_pages_deploy_completion" in word for word in completed(capsysbinary, tmp_path))
