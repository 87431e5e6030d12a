"""Deployments: what a submission becomes, and how it ends."""

from __future__ import annotations

import re

import pytest

from pages_deploy.emulator import Emulator, EmulatorSettings
from pages_deploy.emulator.state.stages import STAGE_NAMES, EndStatus, StagePolicy
from tests.emulator.direct_upload import DirectUpload, entry_of, error_code, key_of

HOME = {"/index.html": b"<h1>hi</h1>\n"}
MANIFEST = {"/index.html": "17453d0cfb9bacc76d9f30d3cb9ca048"}


def test_new_deployment_has_every_documented_field(client: DirectUpload) -> None:
    port = client.emulator.port
    made = client.deploy(
        HOME, branch="main", commit_hash="abc", commit_message="say hi", commit_dirty="true"
    )
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f-]{27}", made["id"])
    assert made["short_id"] == made["id"][:8]
    assert made["project_name"] == "demo"
    assert made["environment"] == "production"
    assert made["url"] == f"http://{made['short_id']}.demo.localhost:{port}"
    assert made["aliases"] is None
    assert made["deployment_trigger"] == {
        "type": "ad_hoc",
        "metadata": {
            "branch": "main",
            "commit_hash": "abc",
            "commit_message": "say hi",
            "commit_dirty": True,
        },
    }
    assert made["latest_stage"] == made["stages"][-1]
    assert (made["latest_stage"]["name"], made["latest_stage"]["status"]) == ("deploy", "success")
    assert [stage["name"] for stage in made["stages"]] == list(STAGE_NAMES)
    assert made["is_skipped"] is False
    assert made["uses_functions"] is False
    assert {"created_on", "modified_on", "env_vars", "build_config", "source"} <= made.keys()
    assert client.deployment(made["id"]) == made


@pytest.mark.parametrize(
    ("parts", "environment", "branch"),
    [
        ({}, "production", "main"),
        ({"branch": "main"}, "production", "main"),
        ({"branch": "Fix/It"}, "preview", "Fix/It"),
        ({"branch": "MAIN"}, "preview", "MAIN"),
    ],
)
def test_branch_decides_the_environment(
    client: DirectUpload, parts: dict[str, str], environment: str, branch: str
) -> None:
    made = client.deploy(HOME, **parts)
    assert made["environment"] == environment
    assert made["deployment_trigger"]["metadata"]["branch"] == branch


def test_alias_moves_to_the_newest_preview_of_the_branch(client: DirectUpload) -> None:
    older = client.deploy(HOME, branch="Fix/It")
    alias = f"http://fix-it.demo.localhost:{client.emulator.port}"
    assert older["aliases"] == [alias]
    newer = client.deploy(HOME, branch="Fix/It")
    assert newer["aliases"] == [alias]
    assert client.deployment(older["id"])["aliases"] is None


def test_random_alias_stays_with_its_branch(client: DirectUpload) -> None:
    first, second = client.deploy(HOME, branch="//"), client.deploy(HOME, branch="//")
    assert first["aliases"] == second["aliases"]


def test_aliases_of_production_are_the_custom_domains(client: DirectUpload) -> None:
    client.emulator.store.add_domain("demo", "www.example.test")
    assert client.deploy(HOME)["aliases"] == ["https://www.example.test"]


def test_project_shows_its_live_and_its_newest_deployment(client: DirectUpload) -> None:
    live = client.deploy(HOME)
    newest = client.deploy(HOME, branch="x")
    project = client.call("GET", "{projects}/demo").json()["result"]
    assert project["canonical_deployment"]["id"] == live["id"]
    assert project["latest_deployment"]["id"] == newest["id"]


def test_list_is_filtered_paged_and_newest_first(client: DirectUpload) -> None:
    ids = [client.deploy(HOME, branch=branch)["id"] for branch in ("main", "x", "main")]
    path = "{projects}/demo/deployments"
    everything = client.call("GET", path).json()
    assert [one["id"] for one in everything["result"]] == ids[::-1]
    production = client.call("GET", f"{path}?env=production&page=2&per_page=1").json()
    assert [one["id"] for one in production["result"]] == [ids[0]]
    assert production["result_info"]["total_count"] == 2
    preview = client.call("GET", f"{path}?env=preview").json()
    assert [one["id"] for one in preview["result"]] == [ids[1]]


@pytest.mark.parametrize(
    "query",
    [
        "per_page=26",
        "per_page=0",
        "page=0",
        "page=x",
        "per_page=-1",
        "env=staging",
        f"page={10**9}",
    ],
)
def test_bad_list_options(client: DirectUpload, query: str) -> None:
    answer = client.call("GET", f"{{projects}}/demo/deployments?{query}")
    assert (answer.status_code, error_code(answer)) == (400, 8000024)


def test_unknown_deployment(client: DirectUpload) -> None:
    for path in ("x", "x/history/logs"):
        answer = client.call("GET", f"{{projects}}/demo/deployments/{path}")
        assert (answer.status_code, error_code(answer)) == (404, 8000009)


def test_missing_manifest(client: DirectUpload) -> None:
    answer = client.submit(None, branch="main")
    assert (answer.status_code, error_code(answer)) == (400, 8000096)


@pytest.mark.parametrize("manifest", [[], {"no-slash": "0" * 32}, {"/a": 1}, {"/\ud800": "x"}])
def test_unusable_manifest(client: DirectUpload, manifest: object) -> None:
    assert error_code(client.submit(manifest)) == 8000096


def test_manifest_above_the_file_limit() -> None:
    settings = EmulatorSettings(max_file_count=1)
    with Emulator(settings=settings) as emulator, DirectUpload(emulator) as client:
        client.create_project()
        assert client.submit({"/a": "0" * 32}).status_code == 200
        assert client.submit({"/a": "0" * 32, "/b": "0" * 32}).status_code == 400


@pytest.mark.parametrize("message", ["x" * 384, "é" * 192, "a genuine \ufffd"])
def test_commit_message_that_fits(client: DirectUpload, message: str) -> None:
    assert client.submit(MANIFEST, commit_message=message).status_code == 200


def test_commit_message_that_is_too_long(client: DirectUpload) -> None:
    answer = client.submit(MANIFEST, commit_message="é" * 192 + "x")
    assert (answer.status_code, error_code(answer)) == (400, 8000111)


def test_commit_message_that_was_cut_inside_a_character(client: DirectUpload) -> None:
    form = {"manifest": (None, "{}"), "commit_message": (None, "é".encode()[:1])}
    answer = client.call("POST", "{projects}/demo/deployments", files=form)
    assert error_code(answer) == 8000111


def test_deployment_without_files(client: DirectUpload) -> None:
    assert client.deploy({})["latest_stage"]["status"] == "success"


def test_special_files_are_kept(client: DirectUpload) -> None:
    made = client.deploy(
        HOME, **{"_headers": b"/*\n  X: y\n", "_redirects": b"/a /b\n", "_worker.bundle": b"--x"}
    )
    assert made["uses_functions"] is True
    store = client.emulator.store
    project = store.projects.get(client.emulator.account_id, "demo")
    assert store.deployments.special_files(store.deployments.get(project, made["id"])) == {
        "_headers": b"/*\n  X: y\n",
        "_redirects": b"/a /b\n",
        "_worker.bundle": b"--x",
    }


def test_two_kinds_of_worker_exclude_each_other(client: DirectUpload) -> None:
    parts = {"_worker.bundle": b"--x", "_worker.js": b"x"}
    assert client.submit(MANIFEST, **parts).status_code == 400


def test_asset_that_was_never_uploaded_fails_the_deploy_stage(client: DirectUpload) -> None:
    made = client.submit({"/lost.html": "0" * 32}).json()["result"]
    assert (made["latest_stage"]["name"], made["latest_stage"]["status"]) == ("deploy", "failure")
    last = client.log(made["id"])["data"][-1]["line"]
    assert last.startswith("Error: /lost.html")


@pytest.mark.parametrize("path", ["/a.htm", "/a.HTML", "/html"])
def test_right_bytes_under_the_wrong_extension_fail(client: DirectUpload, path: str) -> None:
    client.upload(HOME)
    made = client.submit({**MANIFEST, path: MANIFEST["/index.html"]}).json()["result"]
    assert made["latest_stage"]["status"] == "failure"
    assert client.log(made["id"])["data"][-1]["line"].startswith(f"Error: {path}")


def test_wrong_bytes_under_a_key_fail_even_after_right_ones(client: DirectUpload) -> None:
    assert client.deploy(HOME)["latest_stage"]["status"] == "success"
    wrong = entry_of("/index.html", b"other", key=MANIFEST["/index.html"])
    assert client.assets("upload", [wrong]).status_code == 200
    assert client.submit(MANIFEST).json()["result"]["latest_stage"]["status"] == "failure"
    client.upload(HOME)
    assert client.submit(MANIFEST).json()["result"]["latest_stage"]["status"] == "success"


def test_value_without_the_base64_mark_is_taken_as_it_is(client: DirectUpload) -> None:
    entry = {**entry_of("/index.html", HOME["/index.html"]), "base64": False}
    client.assets("upload", [entry])
    assert client.submit(MANIFEST).json()["result"]["latest_stage"]["status"] == "failure"


def test_long_list_of_wrong_paths_is_cut(client: DirectUpload) -> None:
    manifest = {f"/{number}": f"{number:032x}" for number in range(100)}
    made = client.submit(manifest).json()["result"]
    lines = [entry["line"] for entry in client.log(made["id"])["data"]]
    errors = [line for line in lines if line.startswith("Error: ")]
    assert len(errors) == 21
    assert "100 files" in errors[0]


def test_log_of_a_good_deployment(client: DirectUpload) -> None:
    log = client.log(client.deploy(HOME)["id"])
    assert log["total"] == len(log["data"]) > 5
    assert log["includes_container_logs"] is False
    assert log["data"][0]["ts"].endswith("Z")


@pytest.mark.parametrize("status", ["failure", "canceled"])
def test_ordered_outcome_happens_once(client: DirectUpload, status: EndStatus) -> None:
    client.emulator.outcome_next(stage="build", status=status, error="out of disk")
    made = client.deploy(HOME)
    assert (made["latest_stage"]["name"], made["latest_stage"]["status"]) == ("build", status)
    assert (client.log(made["id"])["data"][-1]["line"] == "Error: out of disk") is (
        status == "failure"
    )
    assert client.deploy(HOME)["latest_stage"]["status"] == "success"


def test_ordered_outcomes_queue_up(client: DirectUpload) -> None:
    client.emulator.outcome_next(status="failure", times=2)
    client.emulator.outcome_next(status="canceled")
    statuses = [client.deploy(HOME)["latest_stage"]["status"] for _ in range(4)]
    assert statuses == ["failure", "failure", "canceled", "success"]


def test_impossible_outcome_is_refused(client: DirectUpload) -> None:
    with pytest.raises(ValueError, match="deploy stage"):
        client.emulator.outcome_next(stage="build", status="success")


def test_end_shows_after_some_polls() -> None:
    settings = EmulatorSettings(stage_policy=StagePolicy(polls=2))
    with Emulator(settings=settings) as emulator, DirectUpload(emulator) as client:
        client.create_project()
        made = client.deploy(HOME, branch="x")
        assert (made["latest_stage"]["name"], made["latest_stage"]["status"]) == (
            "queued",
            "active",
        )
        assert made["aliases"] is None
        client.call("GET", "{projects}/demo/deployments")
        client.log(made["id"])
        assert client.visit(made["url"]).status_code == 404
        assert client.deployment(made["id"])["latest_stage"]["status"] == "active"
        ended = client.deployment(made["id"])
        assert ended["latest_stage"]["status"] == "success"
        assert ended["aliases"] == [f"http://x.demo.localhost:{emulator.port}"]
        assert client.visit(made["url"]).status_code == 200


def test_end_shows_after_some_time() -> None:
    now = [1_000_000.0]
    settings = EmulatorSettings(
        clock=lambda: now[0], stage_policy=StagePolicy(seconds_per_stage=1.0)
    )
    with Emulator(settings=settings) as emulator, DirectUpload(emulator) as client:
        client.create_project()
        made = client.deploy(HOME)
        now[0] += 3.5
        assert client.deployment(made["id"])["latest_stage"]["name"] == "build"
        project = client.call("GET", "{projects}/demo").json()["result"]
        assert project["canonical_deployment"] is None
        now[0] += 1.5
        ended = client.deployment(made["id"])
        assert ended["latest_stage"]["status"] == "success"
        assert ended["modified_on"] > ended["created_on"]


def test_pace_of_one_deployment(client: DirectUpload) -> None:
    client.emulator.outcome_next(policy=StagePolicy(polls=1))
    made = client.deploy(HOME)
    assert made["latest_stage"]["status"] == "active"
    assert client.deployment(made["id"])["latest_stage"]["status"] == "success"


def test_manifest_of_several_megabytes() -> None:
    settings = EmulatorSettings(max_file_count=100_000)
    with Emulator(settings=settings) as emulator, DirectUpload(emulator) as big:
        big.create_project()
        big.upload(HOME)
        key = key_of("/x.html", HOME["/index.html"])
        manifest = {f"/{'directory/' * 15}{number}.html": key for number in range(32_000)}
        made = big.submit(manifest).json()["result"]
        assert made["latest_stage"]["status"] == "success"
