"""The page about the Python client: every example runs and has its types, no call is missing."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy import errors
from pages_deploy.api.accounts import Accounts
from pages_deploy.api.deployments import Deployments
from pages_deploy.api.domains import Domains
from pages_deploy.api.projects import Projects
from pages_deploy.api.zones import Zones
from tests.making import made, served
from tests.type_checkers import CHECKERS

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Deployment
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite

FILE = Path(__file__).parent.parent / "docs" / "client.md"
PAGE = FILE.read_text("utf-8")
RESOURCES = {
    "accounts": Accounts,
    "projects": Projects,
    "deployments": Deployments,
    "domains": Domains,
    "zones": Zones,
}
CALLS = [
    f"client.{resource}.{name}("
    for resource, kind in RESOURCES.items()
    for name, _ in inspect.getmembers(kind, inspect.isfunction)
    if not name.startswith("_")
]


# What a user of the emulator has, as on the page.
DEMO = "client-demo"
LONGEST_SCRIPT_LINES = 14
SCRIPTS_FROM, SCRIPTS_TO = "\n## Four everyday scripts\n", "\n## Connecting\n"


def blocks(start: int, end: int) -> list[str]:
    """Return the Python of a part of the page, each below as many empty lines as are before it."""
    found = []
    for match in re.finditer(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL):
        if start <= match.start() < end:
            lines_before = PAGE.count("\n", 0, match.start(1))
            found.append("\n" * lines_before + match[1])
    return found


SCRIPTS = dict(
    zip(
        ("newest", "wait", "purge", "health"),
        blocks(PAGE.index(SCRIPTS_FROM), PAGE.index(SCRIPTS_TO)),
        strict=True,
    )
)


def examples() -> list[str]:
    """Return the examples that form one program."""
    return blocks(PAGE.index(SCRIPTS_TO), len(PAGE))


@pytest.fixture
def in_environment(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in emulator.environ().items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def demo(client: PagesClient) -> PagesClient:
    """A client of an account that has the project of the page besides `demo`."""
    client.projects.create(DEMO, production_branch="main")
    return client


def made_in_demo(client: PagesClient, branch: str = "main") -> Deployment:
    return client.deployments.create(DEMO, manifest={}, branch=branch)


def run(name: str) -> None:
    exec(compile(SCRIPTS[name], str(FILE), "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_everyday_script_is_short(name: str) -> None:
    assert len(SCRIPTS[name].strip().splitlines()) <= LONGEST_SCRIPT_LINES


@pytest.mark.usefixtures("in_environment")
def test_the_newest_production_url_is_that_of_the_last_that_ended_well(
    demo: PagesClient, emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="Nothing has been deployed"):
        run("newest")
    made_in_demo(demo)
    good = made_in_demo(demo)
    made_in_demo(demo, "feature/x")
    emulator.outcome_next(stage="deploy", status="failure")
    made_in_demo(demo)
    run("newest")
    assert capsys.readouterr().out == f"{good.url}\n"


@pytest.mark.usefixtures("in_environment")
def test_the_newest_deployment_is_waited_for(
    demo: PagesClient, emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    good = made_in_demo(demo)
    run("wait")
    assert capsys.readouterr().out == f"{good.url}\n"
    emulator.outcome_next(stage="deploy", status="failure")
    made_in_demo(demo)
    with pytest.raises(SystemExit, match="failed in stage 'deploy'"):
        run("wait")


@pytest.mark.usefixtures("in_environment")
def test_the_zone_of_a_domain_is_purged(
    emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    run("purge")
    assert [(purge.zone_id, dict(purge.body)) for purge in emulator.store.purges.all()] == [
        (emulator.zone_id, {"purge_everything": True})
    ]
    assert capsys.readouterr().out == "Purged example.test\n"


@pytest.mark.usefixtures("in_environment")
def test_the_health_of_every_project_is_told(
    demo: PagesClient, emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment = made(demo)
    run("health")
    lines = dict(line.split(" ", 1) for line in capsys.readouterr().out.splitlines())
    assert lines == {"demo": f"success {deployment.created_on}", DEMO: "never deployed "}
    emulator.outcome_next(stage="deploy", status="failure")
    made_in_demo(demo)
    with pytest.raises(SystemExit, match="failed"):
        run("health")
    assert "client-demo failure" in capsys.readouterr().out


@pytest.mark.parametrize("code", [*SCRIPTS.values(), *examples()])
def test_the_package_is_imported_from_its_root_alone(code: str) -> None:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith("pages_deploy.")
        elif isinstance(node, ast.Import):
            assert not any(alias.name.startswith("pages_deploy") for alias in node.names)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Write the scripts, and the program that the examples form, as a user has them."""
    programs = {**SCRIPTS, "examples": "\n".join(example.strip() for example in examples())}
    found = []
    for name, program in programs.items():
        file = tmp_path / f"{name}.py"
        file.write_text(program.strip() + "\n", "utf-8")
        found.append(file)
    return found


@pytest.mark.parametrize("checker", CHECKERS)
def test_every_program_has_its_types_right(checker: str, files: list[Path]) -> None:
    assert CHECKERS[checker](files) == ""


def test_every_example_runs_in_the_order_of_the_page(
    emulator: Emulator,
    site: BuildSite,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    in_environment: None,
) -> None:
    directory = site({"index.html": "from the page"}, name="dist")
    monkeypatch.chdir(directory.parent)
    # Types of the examples' own classes are looked up in a module's name.
    namespace: dict[str, Any] = {"__name__": "client_page"}
    for example in examples():
        exec(compile(example, str(FILE), "exec"), namespace)
    assert served(emulator, "client-demo") == b"from the page"
    projects = emulator.store.projects.all(emulator.account_id)
    assert [project.name for project in projects] == ["client-demo"]
    printed = capsys.readouterr().out
    assert "no-such-project" in printed
    assert "None" not in printed.splitlines()


@pytest.mark.parametrize("call", CALLS)
def test_every_call_has_an_example(call: str) -> None:
    assert call in "\n".join(examples())


def test_every_error_that_a_caller_may_meet_is_named() -> None:
    kinds = [
        name
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.PagesDeployError)
    ]
    table = PAGE.partition("## Errors")[2].partition("\n## ")[0]
    assert [name for name in kinds if f"`{name}`" not in table] == []


def test_every_link_within_the_page_leads_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", PAGE, flags=re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    links = re.findall(r"\]\(#([^)]+)\)", PAGE)
    assert links
    assert set(links) <= anchors
