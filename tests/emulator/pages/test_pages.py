"""The pages as a whole: which there are, what each answer has, that nothing in them comes alive."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from pages_deploy.emulator import Emulator, EmulatorSettings
from tests.emulator.direct_upload import HOME, DirectUpload, running
from tests.emulator.pages.reading import Page, read, send

# Everywhere where somebody else's text is shown.
HOSTILE = "<script>alert(1)</script><b title=\"x\" y='z'>&amp;&lt;</b>{0}{x}%s\u202e\x07"


def pages_of(client: DirectUpload, deployment_id: str) -> list[Page]:
    deployment = f"/projects/demo/deployments/{deployment_id}"
    return [read(client.emulator, path) for path in ("/", "/projects/demo", deployment, "/nothing")]


def test_every_page_has_the_fields_that_lock_it_up(client: DirectUpload) -> None:
    for page in pages_of(client, client.deploy(HOME)["id"]):
        policy = dict(
            part.strip().split(" ", 1)
            for part in page.headers["Content-Security-Policy"].split(";")
        )
        assert policy == {
            "default-src": "'none'",
            "style-src": policy["style-src"],
            "img-src": "data:",
            "form-action": "'self'",
            "frame-ancestors": "'none'",
            "base-uri": "'none'",
        }
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert not [name for name in page.headers if name.lower().startswith("access-control")]


def test_the_one_style_is_the_one_that_the_policy_allows(client: DirectUpload) -> None:
    for page in pages_of(client, client.deploy(HOME)["id"]):
        (style,) = re.findall("<style>(.*?)</style>", page.html, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in page.headers["Content-Security-Policy"]
        assert not [given for _, given in page.elements if "style" in given]


def test_no_page_needs_anything_from_elsewhere(client: DirectUpload) -> None:
    for page in pages_of(client, client.deploy(HOME)["id"]):
        assert not {"script", "img", "iframe", "object"} & {tag for tag, _ in page.elements}
        sources = [given["href"] for tag, given in page.elements if tag == "link"]
        assert [source.partition(":")[0] for source in sources] == ["data"]


def test_every_page_tells_its_language_its_title_and_its_one_heading(client: DirectUpload) -> None:
    for page in pages_of(client, client.deploy(HOME)["id"]):
        tags = [tag for tag, _ in page.elements]
        assert ("html", {"lang": "en"}) in page.elements
        assert [tags.count(tag) for tag in ("title", "h1", "main")] == [1, 1, 1]
        assert dict(page.elements)["meta"]["name"] == "viewport"
        # Every box has its label around it.
        assert tags.count("label") == sum(len(form.boxes) for form in page.forms)


def test_text_of_others_stays_text(client: DirectUpload) -> None:
    client.emulator.outcome_next(stage="build", status="failure", error=HOSTILE)
    failed = client.deploy(HOME, branch="x", commit_message=HOSTILE)
    made = client.deploy(
        {**HOME, f"/{HOSTILE}.html": b"x"},
        branch=HOSTILE,
        commit_message=HOSTILE,
        commit_hash=HOSTILE,
        _redirects=f"{HOSTILE}\n/a /b 999{HOSTILE}\n".encode(),
        _headers=HOSTILE.encode(),
        **{"_routes.json": f'{{"version": 1, "include": ["{HOSTILE[:8]}"]}}'.encode()},
    )
    client.emulator.domain_outcome_next(status="error", validation_error=HOSTILE)
    client.call("POST", "{projects}/demo/domains", json={"name": "www.example.test"})
    for page in [*pages_of(client, made["id"]), *pages_of(client, failed["id"])]:
        assert not {"script", "b"} & {tag for tag, _ in page.elements}
        assert not [given for _, given in page.elements if "y" in given]
    shown = read(client.emulator, f"/projects/demo/deployments/{made['id']}")
    assert shown.text.count("<script>alert(1)</script>") > 5


def test_half_characters_are_shown_as_something(client: DirectUpload) -> None:
    made = client.deploy(
        HOME,
        **{
            "_worker.js": b"export default {}",
            "_routes.json": b'{"version": 1, "include": ["/\\ud800"], "exclude": []}',
        },
    )
    page = read(client.emulator, f"/projects/demo/deployments/{made['id']}")
    assert (page.status, "/? reaches the Worker" in page.text) == (200, True)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/projects",
        "/projects/",
        "/projects/nobody",
        "/projects/demo/",
        "/projects/demo/deployments",
        "/projects/demo/deployments/",
        "/projects/demo/deployments/nothing",
        "/projects/demo/deployments/nothing/delete/x",
        "/client",
        "/client/v5",
        "/favicon.ico",
    ],
)
def test_a_page_that_is_not_there_leads_home(client: DirectUpload, path: str) -> None:
    page = read(client.emulator, path)
    assert page.status == 404
    assert page.links["All projects"] == "/"


def test_a_deployment_of_another_project_is_not_there(client: DirectUpload) -> None:
    client.create_project("other")
    made = client.deploy(HOME)
    path = f"/projects/other/deployments/{made['id']}"
    assert read(client.emulator, path).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/projects/demo", "/projects/demo/deployments/{id}"])
def test_pages_are_looked_at_and_nothing_else(client: DirectUpload, method: str, path: str) -> None:
    made = client.deploy(HOME)
    answer = send(client.emulator, method, path.format(id=made["id"]))
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_a_head_is_the_page_without_its_text(client: DirectUpload) -> None:
    whole, head = (send(client.emulator, method, "/") for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.content))


def test_looking_moves_nothing_on(client: DirectUpload) -> None:
    made = client.deploy(HOME)
    store = client.emulator.store
    for _ in range(3):
        read(client.emulator, f"/projects/demo/deployments/{made['id']}")
    found = store.deployments.find(made["id"])
    assert found is not None
    assert found.polls == 0


def test_projects_of_all_accounts_are_there_under_names_of_their_own() -> None:
    settings = EmulatorSettings(accounts={"0" * 32: "First account", "f" * 32: "Second account"})
    with Emulator(settings=settings) as emulator:
        for account in settings.accounts:
            emulator.store.projects.create(account, "demo", production_branch="main")
        home = read(emulator)
        ways = re.findall('href="(/projects/[^"]+)"', home.html)
        shown = [read(emulator, way).text for way in ways]
        for name in settings.accounts.values():
            assert name in home.text
            assert sum(name in text for text in shown) == 1


def test_a_project_is_found_by_its_new_name_too(client: DirectUpload) -> None:
    client.change_project({"name": "renamed"})
    assert read(client.emulator).links["renamed"] == "/projects/demo"
    assert read(client.emulator, "/projects/renamed").status == 200


def test_without_a_project_the_next_command_is_told() -> None:
    with running(EmulatorSettings()) as client:
        page = read(client.emulator)
        assert "pages-deploy dist --project-name my-site --create-project" in page.text


def test_of_many_projects_a_page_shows_25(client: DirectUpload) -> None:
    account = client.emulator.account_id
    for number in range(30):
        name = f"p{number:02}"
        client.emulator.store.projects.create(account, name, production_branch="main")
    first, second = (read(client.emulator, path) for path in ("/", "/?page=2"))
    assert "p29" in first.links
    assert "p05" in first.links
    assert "demo" not in first.links
    assert first.links["Next"] == "?page=2"
    assert "demo" in second.links
    assert second.links["Previous"] == "?page=1"
