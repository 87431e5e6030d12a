"""What later steps hold after a run, on each platform, read back by that platform's own rules."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pages_deploy.ci import buildkite
from pages_deploy.ci.detection import NAMES
from tests import platform_readers as read
from tests.hostile import COMMANDS, ENDINGS, MARKUP
from tests.world import DEPLOYMENTS, PROJECT, asked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, Outcome, RunCli

pytestmark = pytest.mark.usefixtures("client")

GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_REF_TYPE": "branch", "GITHUB_REF_NAME": "feature/x"}
# How each platform is known; where a file or a variable of it is needed, FILES has it.
PLATFORMS = {
    "github": GITHUB,
    "gitea": {**GITHUB, "GITEA_ACTIONS": "true"},
    "forgejo": {**GITHUB, "GITEA_ACTIONS": "true", "FORGEJO_ACTIONS": "true"},
    "act": {**GITHUB, "ACT": "true"},
    "azure": {"TF_BUILD": "True", "BUILD_SOURCEBRANCH": "refs/heads/feature/x"},
    "teamcity": {"TEAMCITY_VERSION": "2026.1", "PAGES_DEPLOY_BRANCH": "feature/x"},
    "circleci": {"CIRCLECI": "true", "CIRCLE_BRANCH": "feature/x"},
    "bitbucket": {"BITBUCKET_BUILD_NUMBER": "7", "BITBUCKET_BRANCH": "feature/x"},
    "buildkite": {"BUILDKITE": "true", "BUILDKITE_BRANCH": "feature/x"},
}
FILES = {
    "GITHUB_OUTPUT": ("github", "gitea", "forgejo", "act"),
    "BASH_ENV": ("circleci",),
    "BITBUCKET_PIPELINES_VARIABLES_PATH": ("bitbucket",),
}
AGENT = """#!/bin/sh
for word in "$@"; do printf '%s\\0' "$word"; done >> "$0.words"
printf '\\n' >> "$0.words"
cat >> "$0.body"
"""


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[list[str]]]:
    """A buildkite-agent on PATH; returns the arguments of its calls, a body among them."""
    program = tmp_path / "bin" / "buildkite-agent"
    program.parent.mkdir()
    program.write_text(AGENT)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    words, body = Path(f"{program}.words"), Path(f"{program}.body")

    def calls() -> list[list[str]]:
        entries = words.read_text("utf-8").split("\0\n")[:-1] if words.exists() else []
        piped = [body.read_text("utf-8")] if body.exists() and body.read_text("utf-8") else []
        found = [entry.split("\0") for entry in entries]
        return [[*call, *(piped if call[0] == "annotate" else [])] for call in found]

    return calls


@pytest.fixture
def directory(site: BuildSite) -> Path:
    return site({"index.html": "home", "about.html": "about"})


def environ_of(platform: str, emulator: Emulator, tmp_path: Path) -> dict[str, str]:
    files = {
        variable: str(tmp_path / variable.lower())
        for variable, names in FILES.items()
        if platform in names
    }
    named = {"CLOUDFLARE_PROJECT_NAME": PROJECT, "PATH": os.environ["PATH"]}
    return {**emulator.environ(), **named, **PLATFORMS[platform], **files}


def from_shell(file: Path) -> dict[str, str]:
    """Source a file in a shell that has nothing else, and return what it exports."""
    bash = shutil.which("bash") or "bash"
    done = subprocess.run(
        [bash, "-c", '. "$1"; export -p >/dev/null; env -0', "bash", str(file)],
        env={"PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        text=True,
    )
    pairs = (entry.partition("=") for entry in done.stdout.split("\0"))
    return {name: value for name, _, value in pairs if name.startswith("PAGES_DEPLOY_")}


def held(platform: str, outcome: Outcome, tmp_path: Path, agent: list[list[str]]) -> dict[str, str]:
    """Return what later steps get, by the platform's own names."""
    log = outcome.stdout + outcome.stderr
    if platform in FILES["GITHUB_OUTPUT"]:
        return read.github_output((tmp_path / "github_output").read_bytes().decode())
    if platform == "azure":
        return {
            command.properties["variable"]: command.data
            for command in read.azure_commands(log)
            if command.name == "task.setvariable" and command.properties.get("isOutput") == "true"
        }
    if platform == "teamcity":
        return {
            message.properties["name"]: message.properties["value"]
            for message in read.teamcity_messages(log)
            if message.name == "setParameter"
        }
    if platform == "circleci":
        return from_shell(tmp_path / "bash_env")
    if platform == "bitbucket":
        file = tmp_path / "bitbucket_pipelines_variables_path"
        return read.gitlab_dotenv(file.read_text("utf-8"))
    return {call[2]: call[3] for call in agent if call[:2] == ["meta-data", "set"]}


def name_on(platform: str, output: str) -> str:
    variable = "PAGES_DEPLOY_" + output.upper().replace("-", "_")
    prefixes = {"teamcity": "env." + variable, "buildkite": f"pages-deploy:{output}"}
    if platform in {"circleci", "bitbucket"}:
        return variable
    return prefixes.get(platform, output)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("alone", [(), ("--json",), ("--print", "url")], ids=" ".join)
def test_later_steps_hold_every_output(
    run_cli: RunCli,
    emulator: Emulator,
    directory: Path,
    tmp_path: Path,
    agent: Callable[[], list[list[str]]],
    platform: str,
    alone: tuple[str, ...],
) -> None:
    environ = environ_of(platform, emulator, tmp_path)
    outcome = run_cli(str(directory), "--json-file=out.json", *alone, environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    outputs = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert outputs["environment"] == "preview"
    expected = {
        name_on(platform, name): str(value)
        for name, value in outputs.items()
        # The lists of pages are no output.
        if value != "" and name != "changes"
    }
    assert held(platform, outcome, tmp_path, agent()) == expected
    # What is asked for alone has standard output to itself.
    if alone == ("--json",):
        assert json.loads(outcome.stdout) == outputs
    elif alone:
        assert outcome.stdout == f"{outputs['url']}\n"


def test_azure_has_each_output_for_the_steps_of_the_same_job_too(
    run_cli: RunCli, emulator: Emulator, directory: Path, tmp_path: Path
) -> None:
    outcome = run_cli(str(directory), environ=environ_of("azure", emulator, tmp_path))
    variables = {
        command.properties["variable"]
        for command in read.azure_commands(outcome.stdout)
        if command.properties.get("isOutput") is None and command.name == "task.setvariable"
    }
    assert {"PAGES_DEPLOY_URL", "PAGES_DEPLOY_ALIAS", "PAGES_DEPLOY_UPLOADED_FILES"} <= variables


@pytest.mark.parametrize("platform", ["none", "gitlab", "jenkins", "woodpecker", "travis"])
def test_a_platform_without_a_form_of_its_own_gets_the_result_alone(
    run_cli: RunCli, emulator: Emulator, directory: Path, platform: str
) -> None:
    environ = {**emulator.environ(), "PAGES_DEPLOY_CI": platform}
    outcome = run_cli(
        str(directory), f"--project-name={PROJECT}", "--branch=feature/x", environ=environ
    )
    assert outcome.exit_code == 0, outcome.stderr
    names = [line.partition(":")[0] for line in outcome.stdout.splitlines()]
    assert names == ["Environment", "Files", "Verified", "Seconds", "Deployment", "Preview"]


def test_no_output_has_what_github_would_drop_for_a_secret_in_it(
    run_cli: RunCli, emulator: Emulator, directory: Path, tmp_path: Path
) -> None:
    environ = environ_of("github", emulator, tmp_path)
    assert run_cli(str(directory), environ=environ).exit_code == 0
    for value in read.github_output((tmp_path / "github_output").read_text()).values():
        assert emulator.account_id not in value
        assert emulator.api_token not in value


@pytest.mark.parametrize("platform", ["github", "circleci", "bitbucket"])
def test_outputs_that_cannot_be_handed_over_are_an_error_that_has_the_address(
    run_cli: RunCli, emulator: Emulator, directory: Path, tmp_path: Path, platform: str
) -> None:
    environ = environ_of(platform, emulator, tmp_path)
    (variable,) = set(environ) & set(FILES)
    (tmp_path / "there").mkdir()
    outcome = run_cli(
        str(directory), "--print=url", environ={**environ, variable: str(tmp_path / "there")}
    )
    assert outcome.exit_code != 0
    assert "Traceback" not in outcome.stderr
    # Either it was found out before anything was sent, or the address is not lost.
    if asked(emulator, "POST", DEPLOYMENTS):
        assert outcome.exit_code == 1
        assert outcome.stdout.strip() in outcome.stderr
    else:
        assert outcome.exit_code == 2


def test_a_failing_agent_of_buildkite_is_an_error_that_has_the_address(
    run_cli: RunCli,
    emulator: Emulator,
    directory: Path,
    tmp_path: Path,
    agent: Callable[[], list[list[str]]],
) -> None:
    (tmp_path / "bin" / "buildkite-agent").write_text("#!/bin/sh\nexit 1\n")
    outcome = run_cli(
        str(directory), "--print=url", environ=environ_of("buildkite", emulator, tmp_path)
    )
    assert outcome.exit_code == 1
    assert "buildkite-agent failed" in outcome.stderr
    assert f"Its address is {outcome.stdout.strip()}" in outcome.stderr


def test_buildkite_shows_the_summary_as_an_annotation(
    run_cli: RunCli,
    emulator: Emulator,
    directory: Path,
    tmp_path: Path,
    agent: Callable[[], list[list[str]]],
) -> None:
    environ = environ_of("buildkite", emulator, tmp_path)
    assert run_cli(str(directory), environ=environ).exit_code == 0
    (call,) = (words for words in agent() if words[0] == "annotate")
    context = call[call.index("--context") + 1]
    assert context.startswith("pages-deploy")
    assert len(context) <= 100
    (body,) = (word for word in call if "Cloudflare Pages deployments" in word)
    assert len(read.markdown(body).rows) == 2


def test_buildkites_agent_sees_its_own_token_and_none_of_ours(
    agent: Callable[[], list[list[str]]], tmp_path: Path
) -> None:
    (tmp_path / "bin" / "buildkite-agent").write_text(f"#!/bin/sh\nenv > '{tmp_path}/seen'\n")
    environ = {
        "PATH": os.environ["PATH"],
        "BUILDKITE_AGENT_ACCESS_TOKEN": "of-the-agent",
        "BUILDKITE_JOB_ID": "job",
        "BUILDKITE_PLUGIN_X_TOKEN": "not-for-it",
        "CLOUDFLARE_API_TOKEN": "not-for-it",
    }
    buildkite.hand_back({"url": "https://x.test"}, environ, print)
    seen = (tmp_path / "seen").read_text()
    assert "BUILDKITE_AGENT_ACCESS_TOKEN=of-the-agent" in seen
    assert "BUILDKITE_JOB_ID=job" in seen
    assert "not-for-it" not in seen


def test_buildkites_annotation_may_be_as_long_as_buildkite_takes(
    agent: Callable[[], list[list[str]]],
) -> None:
    """A summary of long file names is longer than one argument of a program may be."""
    markdown = "x" * 800_000
    buildkite.show_summary(lambda _: (0, markdown.encode()), {"PATH": os.environ["PATH"]}, print)
    (call,) = agent()
    assert markdown in call


def test_without_an_agent_buildkite_gets_nothing_and_the_run_is_good(
    run_cli: RunCli,
    emulator: Emulator,
    directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    outcome = run_cli(str(directory), environ=environ_of("buildkite", emulator, tmp_path))
    assert outcome.exit_code == 0
    assert "agent" not in outcome.stderr


def test_azure_uploads_the_summary_as_a_file(
    run_cli: RunCli, emulator: Emulator, directory: Path, tmp_path: Path
) -> None:
    temporary = {"AGENT_TEMPDIRECTORY": str(tmp_path)}
    outcome = run_cli(
        str(directory), environ={**environ_of("azure", emulator, tmp_path), **temporary}
    )
    (command,) = (
        command
        for command in read.azure_commands(outcome.stdout)
        if command.name == "task.uploadsummary"
    )
    assert Path(command.data).is_absolute()
    assert len(read.markdown(Path(command.data).read_text("utf-8")).rows) == 2


@pytest.fixture
def on_github(emulator: Emulator, tmp_path: Path) -> dict[str, str]:
    summary = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    return {**environ_of("github", emulator, tmp_path), **summary}


def test_the_summary_is_on_githubs_page(
    run_cli: RunCli, on_github: dict[str, str], directory: Path, tmp_path: Path
) -> None:
    (tmp_path / "summary.md").write_text("# Of another step\n")
    outcome = run_cli(str(directory), "--json", environ=on_github)
    outputs = json.loads(outcome.stdout)
    page = read.markdown((tmp_path / "summary.md").read_text("utf-8"))
    assert [heading.text for heading in page.headings] == [
        "Of another step",
        "Cloudflare Pages deployments",
    ]
    table = dict(zip((cell.text for cell in page.rows[0]), page.rows[1], strict=True))
    assert table["Site"].text == "demo"
    assert table["Address"].links == (outputs["alias"],)
    assert table["Commit"].text.endswith("feature/x")
    assert page.entries[0].links == (outputs["url"],)
    assert [entry.links for entry in page.entries if entry.text.startswith("New: ")] == [
        (f"{outputs['alias']}/",),
        (f"{outputs['alias']}/about",),
    ]


def test_several_sites_in_one_step_are_one_table_and_a_failure_is_a_row_of_it(
    run_cli: RunCli, on_github: dict[str, str], directory: Path, tmp_path: Path, emulator: Emulator
) -> None:
    def deploy_to(name: str) -> int:
        named = {"INPUT_PROJECTNAME": name, "INPUT_CREATEPROJECT": "true"}
        return run_cli(str(directory), environ={**on_github, **named}).exit_code

    assert [deploy_to("site-a"), deploy_to("site-b")] == [0, 0]
    emulator.outcome_next(status="failure", error="No space")
    assert deploy_to("site-c") == 4
    page = read.markdown((tmp_path / "summary.md").read_text("utf-8"))
    assert len(page.headings) == 1
    assert [(row[0].text, row[1].text) for row in page.rows[1:]] == [
        ("site-a", "✅ preview"),
        ("site-b", "✅ preview"),
        ("site-c", "❌ failed"),
    ]
    assert [text.partition(":")[0] for text in page.html if text != "</details>"] == [
        "<details><summary>site-a",
        "<details><summary>site-b",
    ]
    assert page.entries[-2].text.startswith("❌ site-c: ")


def test_a_failed_run_has_a_summary_that_says_so(
    run_cli: RunCli, on_github: dict[str, str], directory: Path, tmp_path: Path, emulator: Emulator
) -> None:
    emulator.outcome_next(status="failure", error="No | space")
    outcome = run_cli(str(directory), environ=on_github)
    assert outcome.exit_code == 4
    page = read.markdown((tmp_path / "summary.md").read_text("utf-8"))
    assert page.rows[1][1].text.endswith("failed")
    assert page.entries[0].text.startswith("❌ demo: ")
    assert page.entries[1].text.startswith("What to do: ")
    assert not (tmp_path / "github_output").exists()
    errors = [
        command.data for command in read.github_commands(outcome.stderr) if command.name == "error"
    ]
    assert len(errors) == 1


@pytest.mark.parametrize("fails", [False, True])
def test_without_a_summary_nothing_is_written(
    run_cli: RunCli,
    on_github: dict[str, str],
    directory: Path,
    tmp_path: Path,
    emulator: Emulator,
    fails: bool,
) -> None:
    if fails:
        emulator.outcome_next(status="failure")
    outcome = run_cli(str(directory), environ={**on_github, "INPUT_SUMMARY": "false"})
    assert outcome.exit_code == (4 if fails else 0)
    assert not (tmp_path / "summary.md").exists()
    assert run_cli(str(directory), "--no-summary", environ=on_github).exit_code == 0
    assert not (tmp_path / "summary.md").exists()


@pytest.mark.parametrize("path", ["", "gone/summary.md"])
def test_a_summary_that_cannot_be_written_is_a_warning(
    run_cli: RunCli, on_github: dict[str, str], directory: Path, tmp_path: Path, path: str
) -> None:
    unwritable = {"GITHUB_STEP_SUMMARY": str(tmp_path / path)}
    outcome = run_cli(str(directory), environ={**on_github, **unwritable})
    assert outcome.exit_code == 0
    warnings = [
        command.data
        for command in read.github_commands(outcome.stderr)
        if command.name == "warning"
    ]
    assert len(warnings) == 1
    assert "summary" in warnings[0]
    assert (tmp_path / "github_output").exists()


def test_a_full_summary_is_a_warning_and_stays_as_it_is(
    run_cli: RunCli, on_github: dict[str, str], directory: Path, tmp_path: Path
) -> None:
    full = b"x" * 1024 * 1024
    (tmp_path / "summary.md").write_bytes(full)
    outcome = run_cli(str(directory), environ=on_github)
    assert outcome.exit_code == 0
    assert "::The summary could not be written: with this row it is longer than" in outcome.stderr
    assert (tmp_path / "summary.md").read_bytes() == full


def obeyed(log: str) -> list[str]:
    """Return the names of everything that any platform would do on reading a log."""
    commands = [*read.github_commands(log), *read.azure_commands(log), *read.teamcity_messages(log)]
    pairs = [*read.gitlab_sections(log), *read.travis_folds(log)]
    return [
        *(command.name for command in commands),
        *read.azure_formats(log),
        *(" ".join(pair) for pair in pairs),
        *read.buildkite_headers(log),
    ]


MESSAGE = "\n".join(["x", *COMMANDS, *ENDINGS, *MARKUP]).replace("\0", "")
MESSAGE = MESSAGE.encode(errors="ignore").decode()


def hostile_run(run_cli: RunCli, directory: Path, environ: Mapping[str, str]) -> Outcome:
    return run_cli(
        str(directory),
        "-v",
        f"--project-name={PROJECT}",
        "--branch=x|`id`<b>@everyone##vso[task.complete]::error::",
        f"--commit-message={MESSAGE}",
        environ=environ,
    )


@pytest.mark.parametrize("platform", NAMES)
@pytest.mark.parametrize("fails", [False, True], ids=["success", "failure"])
def test_a_hostile_commit_makes_no_platform_do_anything(
    run_cli: RunCli,
    emulator: Emulator,
    directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    fails: bool,
) -> None:
    monkeypatch.setenv("PATH", "")
    environ = {
        **emulator.environ(),
        "PAGES_DEPLOY_CI": platform,
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }
    if fails:
        emulator.outcome_next(status="failure", error="No space left", times=1)
    plain = run_cli(
        str(directory),
        "-v",
        f"--project-name={PROJECT}",
        "--branch=x",
        "--commit-message=x",
        environ=environ,
    )
    if fails:
        emulator.outcome_next(status="failure", error=MESSAGE, times=1)
    hostile = hostile_run(run_cli, directory, environ)
    assert hostile.exit_code == plain.exit_code == (4 if fails else 0)
    assert obeyed(hostile.stdout) == obeyed(plain.stdout)
    assert obeyed(hostile.stderr) == obeyed(plain.stderr)
    if (tmp_path / "summary.md").exists():
        page = read.markdown((tmp_path / "summary.md").read_text("utf-8"))
        assert [len(row) for row in page.rows] == [7] * 3


@pytest.mark.parametrize(
    "name", ["a|b`<img src=x>@all #1.html", "x\n::error::.html", "[a](b).html"]
)
def test_a_hostile_file_name_is_a_link_like_any_other(
    run_cli: RunCli, on_github: dict[str, str], site: BuildSite, tmp_path: Path, name: str
) -> None:
    outcome = run_cli(str(site({name: "hostile"}, name="odd")), environ=on_github)
    names = [command.name for command in read.github_commands(outcome.stdout + outcome.stderr)]
    assert outcome.exit_code == 0, outcome.stderr
    assert set(names) <= {"group", "endgroup", "warning"}
    page = read.markdown((tmp_path / "summary.md").read_text("utf-8"))
    (entry,) = (entry for entry in page.entries if entry.text.startswith("New: "))
    assert len(entry.links) == 1
    assert read.mentions(entry.text) == []
