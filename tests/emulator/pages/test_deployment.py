"""The page of a deployment."""

from __future__ import annotations

import json
from typing import Any

from pages_deploy.emulator import EmulatorSettings
from pages_deploy.emulator.state.stages import StagePolicy
from tests.emulator.clock import Clock
from tests.emulator.direct_upload import HOME, DirectUpload, running
from tests.emulator.pages.reading import Page, read
from tests.emulator.worker_code import JAVASCRIPT, bundle, rules

ROUTING = {
    "routes": [
        {"routePath": "/api/:x", "method": "GET", "module": ["api/[x].js:onRequestGet"]},
        {"routePath": "/", "method": "", "middleware": ["_middleware.js:onRequest"]},
        "no route",
    ]
}


def shown(client: DirectUpload, made: Any, query: str = "") -> Page:
    return read(client.emulator, f"/projects/demo/deployments/{made['id']}{query}")


def test_a_deployment_is_told_as_it_was_made(client: DirectUpload) -> None:
    made = client.deploy(
        HOME, commit_hash="ab" * 20, commit_dirty="true", commit_message="Mend it\n\nWith reasons"
    )
    page = shown(client, made)
    port = client.emulator.port
    assert page.links["demo"] == "/projects/demo"
    assert (page.fact("Id"), page.fact("Branch")) == (made["id"], "main")
    assert page.fact("Commit") == "ab" * 20 + " and changes that were not committed"
    assert page.fact("Message").splitlines() == ["Mend it", "", "With reasons"]
    assert page.fact("Answers at") == (
        f"{made['short_id']}.demo.localhost:{port}demo.localhost:{port}"
    )
    assert page.links[f"demo.localhost:{port}"] == f"http://demo.localhost:{port}/"


def test_the_address_of_a_branch_is_told_of_its_newest_deployment_alone(
    client: DirectUpload,
) -> None:
    older, newer = client.deploy(HOME, branch="x"), client.deploy(HOME, branch="x")
    address = f"x.demo.localhost:{client.emulator.port}"
    assert address in shown(client, newer).links
    assert address not in shown(client, older).links


def test_stages_and_log_are_those_of_the_api(client: DirectUpload) -> None:
    client.emulator.outcome_next(stage="build", status="failure", error="out of coffee")
    made = client.deploy(HOME)
    page = shown(client, made)
    assert page.items[:5] == [
        "queued success",
        "initialize success",
        "clone_repo success",
        "build failure",
        "deploy idle",
    ]
    (log,) = page.blocks
    lines = [line.partition("  ")[2] for line in log.splitlines()]
    assert lines == [entry["line"] for entry in client.log(made["id"])["data"]]
    assert lines[-1] == "Error: out of coffee"
    assert page.fact("Answers at") == "no address"


def test_a_deployment_under_way_has_no_address_yet() -> None:
    clock = Clock()
    policy = StagePolicy(seconds_per_stage=10)
    with running(EmulatorSettings(clock=clock, stage_policy=policy)) as client:
        client.create_project()
        made = client.deploy(HOME)
        clock.now += 25
        page = shown(client, made)
        assert "clone_repo active" in page.text
        assert page.fact("Answers at") == "no address"
        assert "/index.html" not in page.links
        clock.now += 25
        assert "/index.html" in shown(client, made).links


def test_files_are_told_with_size_and_type_and_lead_to_the_deployment(
    client: DirectUpload,
) -> None:
    files = {"/a b/é?#%.txt": b"x" * 1536, "/index.html": b"h", "/empty.bin": b""}
    made = client.deploy(files)
    page = shown(client, made)
    assert page.rows == [
        ["Path", "Size", "Type"],
        ["/a b/é?#%.txt", "1.5 KiB", "text/plain"],
        ["/empty.bin", "0 bytes", "application/octet-stream"],
        ["/index.html", "1 byte", "text/html"],
    ]
    path = page.links["/a b/é?#%.txt"].removeprefix(made["url"])
    assert client.visit(made["url"], path).content == b"x" * 1536


def test_a_file_that_was_never_uploaded_is_told(client: DirectUpload) -> None:
    made = client.submit({"/a.txt": "0" * 32}).json()["result"]
    assert shown(client, made).rows[1] == ["/a.txt", "", "never uploaded"]


def test_of_many_files_a_page_shows_100(client: DirectUpload) -> None:
    made = client.deploy({f"/{number:03}.txt": b"x" for number in range(250)})
    first, last = shown(client, made), shown(client, made, "?files=3")
    assert "250 files" in first.text
    assert [row[0] for row in first.rows[1:]] == [f"/{number:03}.txt" for number in range(100)]
    assert [row[0] for row in last.rows[1:]] == [f"/{n:03}.txt" for n in range(200, 250)]
    assert (first.links["Next"], last.links["Previous"]) == ("?files=2", "?files=2")


def test_a_deployment_without_files_says_so(client: DirectUpload) -> None:
    assert "manifest of this deployment is empty" in shown(client, client.deploy({})).text


def test_rules_are_shown_as_sent_with_what_pages_leaves_out(client: DirectUpload) -> None:
    redirects = b"/a /b 301\n/c /d 404\n\xff\n"
    headers = b"/*\n  A: b\n  no header\n"
    page = shown(client, client.deploy(HOME, _redirects=redirects, _headers=headers))
    assert page.blocks[1:] == [headers.decode(), redirects.decode(errors="replace")]
    told = [item for item in page.items if item.startswith("_")]
    assert [item.partition(": ")[0] for item in told] == [
        "_headers:3",
        "_redirects:2",
        "_redirects:3",
    ]
    assert told[1] == "_redirects:2: the status '404' is none of 200, 301, 302, 303, 307 and 308"


def test_rules_without_a_mistake_have_no_list_of_them(client: DirectUpload) -> None:
    page = shown(client, client.deploy(HOME, _redirects=b"/a /b\n"))
    assert "do not do what they seem to" not in page.text
    assert "Rules" not in shown(client, client.deploy(HOME)).text


def test_of_many_mistakes_the_others_are_counted(client: DirectUpload) -> None:
    page = shown(client, client.deploy(HOME, _redirects=b"x\n" * 150))
    told = [item for item in page.items if item.startswith("_redirects:")]
    assert len(told) == 100
    assert "and 50 more lines" in page.items


def test_a_file_of_rules_that_is_too_large_is_only_named(client: DirectUpload) -> None:
    page = shown(client, client.deploy(HOME, _headers=b"#" * (512 * 1024 + 1)))
    assert "It has 512.0 KiB, which is too much to be shown here." in page.text
    assert len(page.blocks) == 1


def test_routes_that_pages_does_not_take_are_told_by_line(client: DirectUpload) -> None:
    page = shown(client, client.deploy(HOME, **{"_routes.json": b'{\n"version": 2}'}))
    assert "_routes.json:2: `version` has to be 1." in page.items


def test_a_worker_is_told_with_its_modules_what_reaches_it_and_its_routes(
    client: DirectUpload,
) -> None:
    modules = {"index.js": (JAVASCRIPT, b"x" * 10), "lib/a.wasm": ("application/wasm", b"ab")}
    made = client.deploy(
        HOME,
        **{
            "_worker.bundle": bundle(modules),
            "_routes.json": rules("/api/*", exclude=("/api/static",)),
            "functions-filepath-routing-config.json": json.dumps(ROUTING).encode(),
        },
    )
    page = shown(client, made)
    assert page.rows[2:] == [
        ["Module", "Size", "Type"],
        ["index.js, the main module", "10 bytes", JAVASCRIPT],
        ["lib/a.wasm", "2 bytes", "application/wasm"],
        ["Path", "Method", "Handler"],
        ["/api/:x", "GET", "api/[x].js:onRequestGet"],
        ["/", "any", "_middleware.js:onRequest"],
    ]
    assert page.items[-2:] == ["/api/* reaches the Worker", "/api/static does not"]


def test_a_worker_that_could_not_be_started_is_told_with_the_reason(client: DirectUpload) -> None:
    page = shown(client, client.deploy(HOME, **{"_worker.bundle": b"no bundle"}))
    assert "Failed to publish your Function. Got error: _worker.bundle: the first" in page.text


def test_routes_of_any_other_shape_are_no_failure(client: DirectUpload) -> None:
    for routing in (b"{}", b'{"routes": 1}', b'{"routes": [{"module": 1, "method": [2]}]}'):
        made = client.deploy(
            HOME,
            **{
                "_worker.js": b"export default {}",
                "functions-filepath-routing-config.json": routing,
            },
        )
        assert shown(client, made).status == 200


def test_of_many_modules_the_others_are_counted(client: DirectUpload) -> None:
    modules = {f"{number}.js": (JAVASCRIPT, b"") for number in range(201)}
    page = shown(client, client.deploy(HOME, **{"_worker.bundle": bundle(modules)}))
    assert "And 1 more module." in page.text
