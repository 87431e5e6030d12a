"""What people change by the page, and that nobody else changes it for them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.direct_upload import HOME, DirectUpload
from tests.emulator.pages.reading import Form, read, send

FIRST, SECOND = {"/index.html": b"first"}, {"/index.html": b"second"}


def url_of(made: Any) -> str:
    return f"/projects/demo/deployments/{made['id']}"


def form_of(client: DirectUpload, made: Any, end: str) -> Form:
    return read(client.emulator, url_of(made)).form(end)


def ends(client: DirectUpload, made: Any) -> list[str]:
    """The forms that the page of a deployment has."""
    forms = read(client.emulator, url_of(made)).forms
    return [form.action.rpartition("/")[2] for form in forms]


def served(client: DirectUpload) -> bytes:
    return bytes(client.visit("demo").content)


def exists(client: DirectUpload, made: Any) -> bool:
    return client.emulator.store.deployments.find(made["id"]) is not None


def test_a_rollback_by_the_form_changes_what_is_served(client: DirectUpload) -> None:
    first = client.deploy(FIRST)
    client.deploy(SECOND)
    assert served(client) == b"second"
    form = form_of(client, first, "/rollback")
    answer = send(client.emulator, "POST", form.action, fields=form.fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, url_of(first))
    assert answer.headers["Cache-Control"] == "no-store"
    assert served(client) == b"first"


def test_a_deletion_by_the_form_needs_its_box(client: DirectUpload) -> None:
    first = client.deploy(FIRST)
    client.deploy(SECOND)
    form = form_of(client, first, "/delete")
    assert form.boxes == ["confirmed"]
    refused = send(client.emulator, "POST", form.action, fields=form.fields)
    assert (refused.status_code, exists(client, first)) == (400, True)
    assert "tick the box" in refused.text
    fields = {**form.fields, "confirmed": "yes"}
    answer = send(client.emulator, "POST", form.action, fields=fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/projects/demo")
    assert not exists(client, first)
    assert read(client.emulator, url_of(first)).status == 404


def test_a_deployment_with_an_alias_needs_a_second_box(client: DirectUpload) -> None:
    made = client.deploy(HOME, branch="x")
    form = form_of(client, made, "/delete")
    assert form.boxes == ["confirmed", "force"]
    fields = {**form.fields, "confirmed": "yes"}
    refused = send(client.emulator, "POST", form.action, fields=fields)
    assert refused.status_code == 400
    assert "You cannot delete an aliased deployment" in refused.text
    assert exists(client, made)
    fields["force"] = "yes"
    assert send(client.emulator, "POST", form.action, fields=fields).status_code == 303
    assert not exists(client, made)


def test_forms_are_there_where_pages_would_do_what_they_ask(client: DirectUpload) -> None:
    first = client.deploy(FIRST)
    live = client.deploy(SECOND)
    preview = client.deploy(HOME, branch="x")
    client.emulator.outcome_next(status="failure")
    failed = client.deploy(HOME)
    assert ends(client, first) == ["rollback", "delete"]
    assert ends(client, live) == []
    assert ends(client, preview) == ends(client, failed) == ["delete"]


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("delete", "You cannot delete the active production deployment"),
        ("rollback", "Only a successful production deployment can be rolled back to"),
    ],
)
def test_what_pages_refuses_is_told_in_its_own_words(
    client: DirectUpload, end: str, words: str
) -> None:
    """The page may have been open for a while."""
    client.emulator.outcome_next(status="failure")
    failed = client.deploy(HOME)
    older, live = client.deploy(FIRST), client.deploy(SECOND)
    fields = {**form_of(client, older, "/delete").fields, "confirmed": "yes"}
    made = live if end == "delete" else failed
    answer = send(client.emulator, "POST", f"{url_of(made)}/{end}", fields=fields)
    assert (answer.status_code, words in answer.text) == (400, True)
    assert served(client) == b"second"


def refused_headers(client: DirectUpload) -> list[dict[str, str]]:
    port = client.emulator.port
    return [
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": f"http://demo.localhost:{port}"},
        {"Origin": f"http://127.0.0.1:{port}"},
        {"Origin": f"https://localhost:{port}"},
        {"Origin": "http://localhost"},
        {"Origin": f"http://localhost:{port + 1}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": f"http://localhost:{port}", "Sec-Fetch-Site": "cross-site"},
    ]


@pytest.mark.parametrize("end", ["rollback", "delete"])
def test_a_form_that_another_page_sends_changes_nothing(client: DirectUpload, end: str) -> None:
    first = client.deploy(FIRST)
    client.deploy(SECOND)
    form = form_of(client, first, f"/{end}")
    fields = {**form.fields, "confirmed": "yes"}
    for headers in refused_headers(client):
        answer = send(client.emulator, "POST", form.action, fields=fields, headers=headers)
        assert answer.status_code == 403, headers
        assert "sent from another page" in answer.text
    assert (served(client), exists(client, first)) == (b"second", True)
    ours = {
        "Origin": f"http://LocalHost:{client.emulator.port}",
        "Sec-Fetch-Site": "same-origin",
    }
    answer = send(client.emulator, "POST", form.action, fields=fields, headers=ours)
    assert answer.status_code == 303


@pytest.mark.parametrize("token", [None, "", "x", "é", "\0"])
def test_a_form_without_the_secret_of_this_run_changes_nothing(
    client: DirectUpload, token: str | None
) -> None:
    first = client.deploy(FIRST)
    client.deploy(SECOND)
    fields = {} if token is None else {"token": token}
    action = f"{url_of(first)}/rollback"
    answer = send(client.emulator, "POST", action, fields=fields)
    assert (answer.status_code, served(client)) == (403, b"second")


def test_the_secret_is_another_with_each_run_and_in_no_address(client: DirectUpload) -> None:
    made = client.deploy(HOME, branch="x")
    token = form_of(client, made, "/delete").fields["token"]
    with_query = send(client.emulator, "POST", f"{url_of(made)}/delete?token={token}&confirmed=yes")
    assert with_query.status_code == 403
    client.emulator.close()
    client.emulator.start()
    client.create_project()
    again = client.deploy(HOME, branch="x")
    assert form_of(client, again, "/delete").fields["token"] != token
    fields = {"token": token, "confirmed": "yes", "force": "yes"}
    answer = send(client.emulator, "POST", f"{url_of(again)}/delete", fields=fields)
    assert (answer.status_code, exists(client, again)) == (403, True)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
@pytest.mark.parametrize("end", ["rollback", "delete"])
def test_a_form_is_sent_by_post_alone(client: DirectUpload, method: str, end: str) -> None:
    first = client.deploy(FIRST)
    client.deploy(SECOND)
    fields = {**form_of(client, first, f"/{end}").fields, "confirmed": "yes"}
    answer = send(client.emulator, method, f"{url_of(first)}/{end}", fields=fields)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert (served(client), exists(client, first)) == (b"second", True)


def test_a_form_of_megabytes_is_not_read(client: DirectUpload) -> None:
    made = client.deploy(HOME, branch="x")
    form = form_of(client, made, "/delete")
    fields = {**form.fields, "confirmed": "yes", "more": "x" * 2_000_000}
    answer = send(client.emulator, "POST", form.action, fields=fields)
    assert (answer.status_code, exists(client, made)) == (413, True)
