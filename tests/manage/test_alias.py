"""The alias of a branch: its label, and who has it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages_deploy.manage.alias import MOST_SEARCHED, alias_label, holder_of
from tests.making import made, project_of, put
from tests.world import DEPLOYMENTS, PROJECT, asked

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator

# The first is Cloudflare's own, from the community's answers; the rest follow its words.
LABELS = {
    "dependabot/npm_and_yarn/dustjs-linkedin-3.0.0": "dependabot-npm-and-yarn-dust",
    "feature": "feature",
    "Feature/New--Thing": "feature-new--thing",
    "-/x/-": "x",
    "a" * 28: "a" * 28,
    "a" * 29: "a" * 28,
    f"{'a' * 27}/b": f"{'a' * 27}-",
    f"_{'a' * 27}/b": f"{'a' * 27}-",
    "gr\u00fc\u00dfe": "gr--e",
    "\u65e5\u672c": "",
    "": "",
    "/-_": "",
}


@pytest.mark.parametrize("branch", LABELS)
def test_the_label_is_what_the_documentation_says(branch: str) -> None:
    assert alias_label(branch) == LABELS[branch]


@given(st.text())
def test_a_label_has_nothing_that_a_host_cannot_have(branch: str) -> None:
    assert re.fullmatch("(?:[a-z0-9][a-z0-9-]{0,27})?", alias_label(branch))


@pytest.mark.parametrize("branch", [branch for branch, label in LABELS.items() if label])
def test_a_preview_gets_the_alias_that_was_foretold(client: PagesClient, branch: str) -> None:
    project = client.projects.get(PROJECT)
    assert made(client, branch).aliases == (project.preview_url(alias_label(branch)),)


def test_a_preview_is_asked_for_below_the_projects_own_subdomain() -> None:
    taken = project_of(subdomain="demo-3xk.pages.dev", domains=("demo-3xk.pages.dev",))
    assert taken.preview_url("a") == "https://a.demo-3xk.pages.dev"
    assert project_of(subdomain="demo.localhost:1").preview_url("a") == "http://a.demo.localhost:1"


def test_the_newest_preview_with_the_alias_has_it(client: PagesClient, emulator: Emulator) -> None:
    alias = emulator.site_url("a-b.demo")
    assert holder_of(client, PROJECT, alias) is None
    made(client, "a/b")
    newest = made(client, "a_b")
    made(client, "other")
    made(client, "main")
    holder = holder_of(client, PROJECT, alias)
    assert holder is not None
    assert (holder.id, holder.branch) == (newest.id, "a_b")


def test_only_the_newest_previews_are_searched(client: PagesClient, emulator: Emulator) -> None:
    put(emulator, ["a", *(f"b{number}" for number in range(MOST_SEARCHED - 1))])
    alias = emulator.site_url("a.demo")
    holder = holder_of(client, PROJECT, alias)
    assert holder is not None
    put(emulator, ["c"])
    before = len(asked(emulator, "GET", DEPLOYMENTS))
    assert holder_of(client, PROJECT, alias) is None
    assert len(asked(emulator, "GET", DEPLOYMENTS)) - before == 4
