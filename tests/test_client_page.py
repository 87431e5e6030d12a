"""The page about the Python client: every example runs, and no call is missing."""

from __future__ import annotations

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
from tests.making import served

if TYPE_CHECKING:
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


def examples() -> list[str]:
    """Return the examples, each below as many empty lines as are before it on the page."""
    found = []
    for match in re.finditer(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL):
        lines_before = PAGE.count("\n", 0, match.start(1))
        found.append("\n" * lines_before + match[1])
    return found


def test_every_example_runs_in_the_order_of_the_page(
    emulator: Emulator,
    site: BuildSite,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    directory = site({"index.html": "from the page"}, name="dist")
    monkeypatch.chdir(directory.parent)
    for name, value in emulator.environ().items():
        monkeypatch.setenv(name, value)
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
        if issubclass(kind, errors.PagesDeployError) and kind is not errors.VerificationError
    ]
    table = PAGE.partition("## Errors")[2].partition("\n## ")[0]
    assert [name for name in kinds if f"`{name}`" not in table] == []


def test_every_link_within_the_page_leads_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", PAGE, flags=re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    links = re.findall(r"\]\(#([^)]+)\)", PAGE)
    assert links
    assert set(links) <= anchors
