"""The guides promise nothing that is not there: links, files, inputs, options, commands, flags."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import click
import pytest
import yaml

from pages_deploy.ci.platform import variable_names
from pages_deploy.cli.frameworks import FRAMEWORKS
from pages_deploy.cli.program import commands
from pages_deploy.reporting.outputs import OUTPUTS
from pages_deploy.settings import wrangler_command
from pages_deploy.settings.options import OPTIONS
from scripts import names

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
SAMPLES = [*sorted((ROOT / "examples/ci").iterdir()), *sorted((ROOT / "examples/github").iterdir())]
BUILT = {framework.directory for framework in FRAMEWORKS}
GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# As the README lists the commands.
ABBREVIATED = re.compile(r"^pages-deploy \w+ +\w+(?:\|\w+)+")
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
OURS = names.ACTION


def text_of(file: Path) -> str:
    return file.read_text("utf-8")


def blocks(file: Path, language: str) -> list[str]:
    found = re.finditer(
        rf"^( *)```{language}\n(.*?)^\1```$", text_of(file), flags=re.MULTILINE | re.DOTALL
    )
    return [match[2] for match in found]


def anchors(file: Path) -> set[str]:
    """Return the anchors that GitHub gives to a page's headings."""
    prose = re.sub(r"^```.*?^```$", "", text_of(file), flags=re.MULTILINE | re.DOTALL)
    found = set()
    for heading in re.findall(r"^#+ (.*)$", prose, flags=re.MULTILINE):
        kept = re.sub(r"[^\w\- ]", "", heading.lower())
        found.add(kept.replace(" ", "-"))
    return found


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
def test_every_link_leads_to_a_file_and_to_a_heading_in_it(file: Path) -> None:
    lost = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(file)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        page = (file.parent / path).resolve() if path else file
        if not page.exists() or (anchor and anchor not in anchors(page)):
            lost.append(target)
    assert lost == []


def test_the_index_links_every_page() -> None:
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", text_of(ROOT / "docs/index.md")))
    assert linked == {file.name for file in (ROOT / "docs").glob("*.md")} - {"index.md"}


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
def test_every_file_that_is_named_exists(file: Path) -> None:
    named = re.findall(
        r"`((?:docs|examples|scripts|templates|tests|\.ci)/[\w./-]+)`", text_of(file)
    )
    # Where a framework puts the site in somebody else's repository.
    named = [name for name in named if name not in BUILT]
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.name)
def test_every_sample_is_among_the_recipes(file: Path) -> None:
    target = f"(../{file.relative_to(ROOT).as_posix()})"
    assert target in text_of(ROOT / "docs/recipes.md")


def with_ours(data: Any) -> Iterator[dict[str, Any]]:
    """Yield the inputs of each step that uses our Action."""
    if isinstance(data, dict):
        if data.get("uses") == OURS:
            yield data.get("with", {})
        for value in data.values():
            yield from with_ours(value)
    elif isinstance(data, list):
        for value in data:
            yield from with_ours(value)


def test_every_input_in_a_workflow_is_one_of_the_action() -> None:
    texts = [text_of(file) for file in SAMPLES if file.suffix == ".yml"]
    texts += [block for guide in GUIDES for block in blocks(guide, "yaml")]
    given = [inputs for text in texts for inputs in with_ours(yaml.safe_load(text))]
    assert len(given) > 10
    # GitHub takes no notice of case there.
    known = {name.lower() for name in ACTION["inputs"]}
    assert {name for inputs in given for name in inputs if name.lower() not in known} == set()


def test_every_output_that_a_workflow_reads_is_one_of_the_action() -> None:
    texts = [text_of(file) for file in (*SAMPLES, *GUIDES)]
    read = {name for text in texts for name in re.findall(r"steps\.\w+\.outputs\.([\w-]+)", text)}
    assert read
    assert read - set(ACTION["outputs"]) == set()


def test_every_variable_of_ours_is_one_of_an_option_or_an_output() -> None:
    known = {variable for option in OPTIONS for variable in option.all_variables}
    known |= set(variable_names(dict.fromkeys(OUTPUTS, "")))
    for file in (*SAMPLES, *GUIDES):
        named = set(
            re.findall(r"\b(?:PAGES_DEPLOY|CLOUDFLARE)_[A-Z0-9_]*[A-Z0-9]\b", text_of(file))
        )
        # What a script of the Action, and not the program, reads.
        assert named - known - {"PAGES_DEPLOY_PYTHON"} == set(), file.name


def sameness(header: str) -> Iterator[tuple[str, str]]:
    """Yield each name in the migration page's tables with this header, and what is said of it."""
    page = text_of(ROOT / "docs/migration.md")
    for table in re.findall(
        rf"^\| {header} \|.*\n\|---.*\n((?:\|.*\n)+)", page, flags=re.MULTILINE
    ):
        for row in table.splitlines():
            names, words = row.strip("| ").split(" | ", 1)
            for name in re.findall("`([^`]+)`", names):
                yield name, words


@pytest.mark.parametrize("header", ["input", "output"])
def test_what_is_the_same_after_migrating_is_there_and_nothing_else(header: str) -> None:
    known = {name.lower() for name in ACTION[f"{header}s"]}
    rows = list(sameness(header))
    assert len(rows) > 7
    for name, words in rows:
        is_there = words.startswith(("yes", "ignored", "names", "refused"))
        assert (name.lower() in known) == is_there, name
        for other in re.findall("is called `([^`]+)`", words):
            assert other.lower() in known


def test_the_migration_page_names_each_flag_of_wranglers_command() -> None:
    named = {name for name, _ in sameness("in the command") if name.startswith("--")}
    assert named == {*wrangler_command.FLAGS, *wrangler_command.WITHOUT_EFFECT}


def command_lines(text: str) -> Iterator[list[str]]:
    """Yield the words of each of our command lines in a text, the program's name left out."""
    # A command that is folded over several lines of YAML.
    folded = re.sub(r" *>-\n((?: +.*\n)+)", lambda found: " ".join(found[1].split()) + "\n", text)
    for line in folded.splitlines():
        if ABBREVIATED.match(line):
            continue
        for found in re.findall(r"(?<![\w/.-])pages-deploy ([a-z\"'-][^\n`|;)&]*)", line):
            words = found.partition(" #")[0].replace('\\"', '"')
            try:
                yield shlex.split(words)
            except ValueError:
                # The closing quote of a string that the command is in.
                yield shlex.split(words.replace("'", "").replace('"', ""))


def unknown_words(words: list[str]) -> list[str]:
    """Return the flags of a command line that its command does not have."""
    command: click.Command = commands
    context = click.Context(commands)
    rest = list(words)
    if not rest or commands.get_command(context, rest[0]) is None:
        rest = ["deploy", *rest]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(context, rest[0])
        if found is None:
            return rest
        command = found
        rest.pop(0)
    flags = {
        name
        for parameter in command.params
        for name in (*parameter.opts, *parameter.secondary_opts)
    }
    flags |= {"--help"}
    return [word for word in rest if word.startswith("-") and word.partition("=")[0] not in flags]


@pytest.mark.parametrize("file", [*GUIDES, *SAMPLES], ids=lambda file: file.name)
def test_every_command_line_is_one_that_the_program_knows(file: Path) -> None:
    for words in command_lines(text_of(file)):
        assert unknown_words(words) == [], words


def test_the_command_lines_are_found_where_they_are() -> None:
    found = [words for file in (*GUIDES, *SAMPLES) for words in command_lines(text_of(file))]
    starts = {" ".join(words[:2]) for words in found}
    assert {"deployments prune", "deployments delete", "dist --project-name"} <= starts
    assert unknown_words(["deployments", "prune", "--no-such-flag"]) == ["--no-such-flag"]
    assert unknown_words(["deployments", "no-such-command"]) == ["no-such-command"]


GITHUB = [*sorted((ROOT / "examples/github").iterdir()), ROOT / "examples/ci/gitea.yml"]
TEMPLATES = sorted((ROOT / "templates").iterdir())


def test_the_samples_pin_every_action_but_ours_by_its_commit() -> None:
    for file in GITHUB:
        for used in re.findall(r"uses: (.*)", text_of(file)):
            assert used == OURS or re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", used), used


@pytest.mark.parametrize("file", [*SAMPLES, *TEMPLATES], ids=lambda file: file.name)
def test_beside_a_token_nothing_is_fetched_that_is_not_pinned(file: Path) -> None:
    text = text_of(file)
    assert not re.search(r"\b(?:pipx|uvx|npx|uv tool|curl|wget)\b", text)
    for line in text.splitlines():
        if "pip install" in line:
            assert "--require-hashes --only-binary=:all: --requirement pages-deploy.txt" in line
    for image in re.findall(r"""image: +["']?([\w./-]+(?::[\w.-]+)?)""", text):
        assert ":" in image.rpartition("/")[2], image


# A step or a job cannot say it there; the repository's settings do.
LIMITED_ELSEWHERE = {"drone.yml", "woodpecker.yml"}
TIME_LIMIT = re.compile(
    r"""^\ +timeout-minutes:\ 15$             # GitHub, Gitea
    | ^\ +timeout:\ (?:15\ minutes|\$\[\[\ inputs\.job-timeout\ ]])$  # GitLab
    | ^\ +(?:timeoutInMinutes|timeout_in_minutes|max-time):\ "?15"?$  # Azure, Buildkite, Bitbucket
    | timeout\(time:\ 15,\ unit:\ 'MINUTES'\)  # Jenkins
    | \bexecutionTimeoutMin\ =\ 15$         # TeamCity
    | \btimeout\ 15m\ pages-deploy\b        # CircleCI, CodeBuild, Travis
    """,
    re.VERBOSE | re.MULTILINE,
)


@pytest.mark.parametrize("file", [*SAMPLES, *TEMPLATES], ids=lambda file: file.name)
def test_every_sample_has_a_limit_of_time(file: Path) -> None:
    has_one = TIME_LIMIT.search(text_of(file)) is not None
    assert has_one == (file.name not in LIMITED_ELSEWHERE)
    if not has_one:
        assert "limit of time" in text_of(file)


def workflows() -> Iterator[Any]:
    """Yield the workflows of the samples and of the guides."""
    texts = [text_of(file) for file in GITHUB]
    texts += [block for guide in GUIDES for block in blocks(guide, "yaml")]
    for text in texts:
        data = yaml.safe_load(text)
        if isinstance(data, dict) and "jobs" in data:
            yield data


def test_every_job_of_a_workflow_has_a_limit_of_time() -> None:
    jobs = [job for workflow in workflows() for job in workflow["jobs"].values()]
    assert len(jobs) > 9
    assert {job["timeout-minutes"] for job in jobs} == {15}


def test_no_checkout_leaves_its_credentials_behind() -> None:
    steps = [
        step
        for workflow in workflows()
        for job in workflow["jobs"].values()
        for step in job["steps"]
        if "/checkout@" in step.get("uses", "")
    ]
    assert len(steps) > 6
    assert [step for step in steps if step["with"]["persist-credentials"] is not False] == []


def test_no_script_of_a_sample_writes_a_file_itself() -> None:
    """A shell follows a link of the checkout; the program's own options do not."""
    for file in (*SAMPLES, *TEMPLATES):
        assert not re.search(r"[^-=>]>>? ?[\w$\"']", re.sub(r"#.*", "", text_of(file))), file.name


def test_the_readme_can_be_read_in_a_few_minutes() -> None:
    assert len(text_of(ROOT / "README.md").splitlines()) <= 130


def test_no_first_workflow_runs_for_a_tag() -> None:
    """A tag has no branch to deploy as, so the run would be red."""
    for workflow in workflows():
        # YAML 1.1 takes the key `on` for a truth value.
        events = workflow.get("on", workflow.get(True))
        if "push" in events:
            assert set(events["push"]) == {"branches"}
