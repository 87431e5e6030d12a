"""The overview and the page of a project."""

from __future__ import annotations

import pytest

from pages_deploy.emulator import EmulatorSettings
from tests.emulator.clock import Clock
from tests.emulator.direct_upload import HOME, SOURCE, DirectUpload, running
from tests.emulator.pages.reading import Page, read


def cards(page: Page) -> list[tuple[str, bool]]:
    """The short ids of the deployments of a page, in order, and whether each is marked as live."""
    shown = (item.split() for item in page.items)
    return [(words[0], "live" in words[1:3]) for words in shown]


def test_the_overview_tells_of_each_project(client: DirectUpload) -> None:
    client.deploy(HOME)
    live = client.deploy(HOME)
    client.deploy(HOME, branch="x")
    page = read(client.emulator)
    assert page.links["demo"] == "/projects/demo"
    host = f"demo.localhost:{client.emulator.port}"
    assert page.links[host] == f"http://{host}/"
    assert page.links[live["short_id"]] == f"/projects/demo/deployments/{live['id']}"
    assert (page.fact("Deployments"), page.fact("Production branch")) == ("3", "main")
    assert page.fact("Live deployment") == f"{live['short_id']}, just now"


def test_a_project_without_a_live_deployment_says_none(client: DirectUpload) -> None:
    client.deploy(HOME, branch="x")
    assert read(client.emulator).fact("Live deployment") == "none"
    assert read(client.emulator, "/projects/demo").fact("Live deployment") == "none"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (3_599, "59 minutes ago"),
        (7_200, "2 hours ago"),
        (86_400, "1 day ago"),
        (40 * 86_400, "40 days ago"),
    ],
)
def test_ages_are_told_as_people_say_them(seconds: float, words: str) -> None:
    clock = Clock()
    with running(EmulatorSettings(clock=clock)) as client:
        client.create_project()
        clock.now += seconds
        assert read(client.emulator).fact("Created") == words


def test_a_project_lists_its_deployments_newest_first_with_the_live_one_marked(
    client: DirectUpload,
) -> None:
    first = client.deploy(HOME)
    second = client.deploy({**HOME, "/a.txt": b"a"}, commit_hash="ab" * 20)
    client.emulator.outcome_next(stage="build", status="failure")
    failed = client.deploy(HOME)
    preview = client.deploy(HOME, branch="fix/it", commit_message="Mend it\n\nWith reasons")
    page = read(client.emulator, "/projects/demo")
    made = (preview, failed, second, first)
    assert cards(page) == [(one["short_id"], one is second) for one in made]
    newest, broken, live, _ = page.items
    port = client.emulator.port
    assert "preview" in newest
    assert "deploy success" in newest
    assert "Mend it" in newest
    assert "With reasons" not in newest
    assert f"fix-it.demo.localhost:{port}" in newest
    assert "build failure" in broken
    assert "Answers at" not in broken
    assert "abababab" in live
    assert f"{second['short_id']}.demo.localhost:{port}, demo.localhost:{port}" in live
    assert [value for name, value in page.facts if name == "Files"] == ["1", "1", "2", "1"]
    for one in made:
        assert page.links[one["short_id"]] == f"/projects/demo/deployments/{one['id']}"


def test_a_rollback_moves_the_mark(client: DirectUpload) -> None:
    first, second = client.deploy(HOME), client.deploy(HOME)
    client.call("POST", f"{{projects}}/demo/deployments/{first['id']}/rollback")
    page = read(client.emulator, "/projects/demo")
    assert cards(page) == [(second["short_id"], False), (first["short_id"], True)]


def test_of_many_deployments_a_page_shows_25(client: DirectUpload) -> None:
    made = [client.submit({}).json()["result"]["short_id"] for _ in range(51)][::-1]
    pages = [read(client.emulator, f"/projects/demo?page={number}") for number in (1, 2, 3)]
    assert [[name for name, _ in cards(page)] for page in pages] == [
        made[:25],
        made[25:50],
        made[50:],
    ]
    ways = [(page.links.get("Previous"), page.links.get("Next")) for page in pages]
    assert ways == [(None, "?page=2"), ("?page=1", "?page=3"), ("?page=2", None)]
    assert "Part 2 of 3" in pages[1].text


@pytest.mark.parametrize("number", ["0", "-1", "x", "", "²", "1" * 4_000, "99"])
def test_a_page_number_that_is_none_shows_a_page_all_the_same(
    client: DirectUpload, number: str
) -> None:
    made = client.deploy(HOME)
    page = read(client.emulator, f"/projects/demo?page={number}")
    assert cards(page) == [(made["short_id"], True)]


def test_without_a_deployment_the_next_command_is_told(client: DirectUpload) -> None:
    client.change_project({"production_branch": "trunk"})
    page = read(client.emulator, "/projects/demo")
    assert "pages-deploy dist --project-name demo --branch trunk" in page.blocks


def test_custom_domains_are_told_with_their_status_and_its_reason(client: DirectUpload) -> None:
    client.emulator.store.add_domain("demo", "www.example.test")
    client.emulator.domain_outcome_next(status="error", verification_error="The name leads away")
    client.call("POST", "{projects}/demo/domains", json={"name": "shop.example.test"})
    assert read(client.emulator, "/projects/demo").rows == [
        ["Domain", "Status"],
        ["www.example.test", "active"],
        ["shop.example.test", "error: The name leads away"],
    ]


def test_without_a_custom_domain_the_next_command_is_told(client: DirectUpload) -> None:
    page = read(client.emulator, "/projects/demo")
    assert "pages-deploy domains add www.example.com --project-name demo" in page.blocks


def test_of_many_custom_domains_the_others_are_counted(client: DirectUpload) -> None:
    for number in range(101):
        client.emulator.store.add_domain("demo", f"n{number}.example.test")
    page = read(client.emulator, "/projects/demo")
    assert len(page.rows) == 101
    assert "And 1 more domain." in page.text


def test_where_the_files_of_a_project_come_from(client: DirectUpload) -> None:
    body = {"name": "git", "production_branch": "main", "source": SOURCE}
    client.call("POST", "{projects}", json=body)
    assert read(client.emulator, "/projects/git").fact("Files come by") == "a Git repository"
    assert read(client.emulator, "/projects/demo").fact("Files come by") == "Direct Upload"
