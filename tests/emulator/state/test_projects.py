"""Projects."""

from __future__ import annotations

import base64
import json
import re

import pytest

from pages_deploy.emulator import EmulatorSettings
from tests.emulator.direct_upload import DirectUpload, error_code, running


def test_new_project(client: DirectUpload) -> None:
    port = client.emulator.port
    project = client.create_project("new")
    assert re.fullmatch(r"[0-9a-f-]{36}", project["id"])
    assert project["name"] == "new"
    assert project["subdomain"] == f"new.localhost:{port}"
    assert project["domains"] == [f"new.localhost:{port}"]
    assert project["production_branch"] == "main"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", project["created_on"])
    assert "source" not in project
    assert project["canonical_deployment"] is None
    assert project["latest_deployment"] is None
    assert project["deployment_configs"].keys() == {"preview", "production"}
    assert client.project("new") == project


def test_json_of_wrangler_comes_as_plain_text(client: DirectUpload) -> None:
    body = {
        "name": "wrangler",
        "production_branch": "trunk",
        "deployment_configs": {
            "production": {"compatibility_date": "2026-01-01"},
            "preview": {},
        },
    }
    answer = client.call(
        "POST",
        "{projects}",
        data=json.dumps(body),
        headers={"Content-Type": "text/plain;charset=UTF-8"},
    )
    configs = answer.json()["result"]["deployment_configs"]
    assert configs["production"]["compatibility_date"] == "2026-01-01"
    assert configs["preview"]["compatibility_flags"] == []


def test_secret_values_are_not_shown(client: DirectUpload) -> None:
    variables = {
        "OPEN": {"type": "plain_text", "value": "seen"},
        "CLOSED": {"type": "secret_text", "value": "hidden"},
    }
    body = {
        "name": "secrets",
        "production_branch": "main",
        "deployment_configs": {"preview": {"env_vars": variables}},
    }
    answer = client.call("POST", "{projects}", json=body)
    shown = answer.json()["result"]["deployment_configs"]["preview"]["env_vars"]
    assert shown["OPEN"]["value"] == "seen"
    assert "hidden" not in answer.text


def test_name_that_is_taken(client: DirectUpload) -> None:
    body = {"name": "demo", "production_branch": "main"}
    assert error_code(client.call("POST", "{projects}", json=body)) == 8000002


@pytest.mark.parametrize(
    "body",
    [
        {"production_branch": "main"},
        {"name": "Upper", "production_branch": "main"},
        {"name": "fine"},
        {"name": "fine", "production_branch": "main", "deployment_configs": []},
    ],
)
def test_project_that_cannot_be_made(client: DirectUpload, body: dict[str, object]) -> None:
    assert client.call("POST", "{projects}", json=body).status_code == 400


def test_unknown_project(client: DirectUpload) -> None:
    for path in ("", "/upload-token", "/domains", "/deployments"):
        answer = client.call("GET", f"{{projects}}/nobody{path}")
        assert (answer.status_code, error_code(answer)) == (404, 8000007)


def test_taken_subdomain_gets_three_characters_more() -> None:
    settings = EmulatorSettings(taken_subdomains=frozenset({"demo"}))
    with running(settings) as client:
        host = client.create_project()["subdomain"]
        assert re.fullmatch(rf"demo-[a-z0-9]{{3}}\.localhost:{client.emulator.port}", host)
        client.deploy({"/index.html": b"hello"})
        assert client.visit(host).content == b"hello"
        assert client.visit("demo").status_code == 404


def test_list_in_pages(client: DirectUpload) -> None:
    for number in range(11):
        client.create_project(f"p{number}")
    first = client.call("GET", "{projects}").json()
    second = client.call("GET", "{projects}?page=2&per_page=10").json()
    assert first["result_info"] == {
        "page": 1,
        "per_page": 10,
        "count": 10,
        "total_count": 12,
        "total_pages": 2,
    }
    assert first["result"][0]["name"] == "p10"
    assert [project["name"] for project in second["result"]] == ["p0", "demo"]


def test_upload_token_is_a_jwt_with_the_limit(client: DirectUpload) -> None:
    _, payload, _ = client.upload_token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["max_file_count_allowed"] == 20_000
    assert claims["exp"] - claims["iat"] in (300, 301)
    assert (claims["account"], claims["project"]) == (client.emulator.account_id, "demo")
