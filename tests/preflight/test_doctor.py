"""The doctor's findings: each thing that a deployment needs, as it is and as it can be wrong."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from pages_deploy.api.call import Credentials
from pages_deploy.api.client import PagesClient
from pages_deploy.emulator.http.faults import Answer, ConnectionReset
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.project_configs import ProjectConfigs
from pages_deploy.emulator.state.settings import ALL_PERMISSIONS, EmulatorSettings
from pages_deploy.preflight.doctor import Doctor
from tests.world import PROJECT, FakeTime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pages_deploy.emulator.state.records import JsonObject
    from pages_deploy.preflight.diagnosis import Diagnosis

TOKEN = "token-of-this-test"
ORDER = ["network", "clock", "token", "account", "project", "permission", "branch", "site"]


@contextmanager
def cloudflare(
    fake_time: FakeTime,
    *,
    permissions: frozenset[str] = ALL_PERMISSIONS,
    account_owned: bool = False,
    clock_skew_seconds: float = 0,
    source: JsonObject | None = None,
) -> Iterator[Emulator]:
    """Run an emulator that has the project `demo` and knows one token."""
    settings = EmulatorSettings(
        api_tokens={TOKEN: permissions},
        account_owned_tokens=frozenset({TOKEN} if account_owned else ()),
        clock=fake_time.read,
        clock_skew_seconds=clock_skew_seconds,
    )
    with Emulator(settings=settings) as emulator:
        emulator.store.projects.create(
            emulator.account_id,
            PROJECT,
            production_branch="main",
            configs=ProjectConfigs(source=source or {}),
        )
        yield emulator


def examine(
    emulator: Emulator,
    fake_time: FakeTime,
    *,
    credentials: str | Credentials = TOKEN,
    account_id: str = "",
    project_name: str = PROJECT,
    branch: str = "main",
    zone_id: str = "",
) -> dict[str, Diagnosis]:
    """Return the findings by subject, in their order."""
    with PagesClient(
        credentials,
        account_id or emulator.account_id,
        base_url=emulator.api_base_url,
        timer=fake_time.timer,
    ) as client:
        doctor = Doctor(
            client,
            is_legacy_key=not isinstance(credentials, str),
            project_name=project_name,
            branch=branch,
            zone_id=zone_id,
            ca_bundle=None,
        )
        return {finding.subject: finding for finding in doctor.examine()}


def last(findings: dict[str, Diagnosis]) -> Diagnosis:
    """Return the bad finding that ended it, after making sure that it is the only one."""
    *before, end = findings.values()
    assert all(finding.fine for finding in before)
    assert not end.fine
    assert end.words
    assert end.remedy
    return end


def test_where_all_is_well_every_finding_is_good_and_in_order(fake_time: FakeTime) -> None:
    with cloudflare(fake_time) as emulator:
        findings = examine(emulator, fake_time)
    assert list(findings) == ORDER
    assert [finding for finding in findings.values() if not finding.fine or finding.remedy] == []
    assert {finding.exit_code for finding in findings.values()} == {0}
    words = {subject: finding.words for subject, finding in findings.items()}
    assert words["network"].endswith("/client/v4 answers")
    assert words["token"] == "active, belongs to a user"
    assert words["account"].endswith("(Emulated account)")
    assert "production is branch 'main' at http://demo.localhost" in words["project"]
    assert words["permission"] == "the token may deploy"
    assert words["branch"] == "'main' would be production"
    # There is no deployment yet, which is no reason to complain.
    assert words["site"].endswith("/ answers with HTTP 404")


def test_nothing_is_changed(fake_time: FakeTime) -> None:
    with cloudflare(fake_time) as emulator:
        examine(emulator, fake_time, zone_id=emulator.zone_id)
        assert {request.method for request in emulator.requests} <= {"GET", "HEAD"}


@pytest.mark.parametrize(
    ("branch", "words"),
    [
        ("feature/x", "'feature/x' would be a preview"),
        ("", "not known here; without one a deployment goes to production"),
    ],
)
def test_it_is_said_where_the_branch_would_land(
    fake_time: FakeTime, branch: str, words: str
) -> None:
    with cloudflare(fake_time) as emulator:
        assert examine(emulator, fake_time, branch=branch)["branch"].words == words


def test_a_wrong_token_is_found_after_the_network_was_good(fake_time: FakeTime) -> None:
    with cloudflare(fake_time) as emulator:
        findings = examine(emulator, fake_time, credentials="token-that-is-wrong")
    assert list(findings) == ["network", "clock", "token"]
    end = last(findings)
    assert end.exit_code == 3
    assert "Cloudflare Pages > Edit" in end.remedy
    assert "token-that-is-wrong" not in end.words + end.remedy


@pytest.mark.parametrize("status", ["expired", "disabled"])
def test_a_token_that_is_no_longer_good_is_a_matter_of_authentication(
    fake_time: FakeTime, status: str
) -> None:
    result = {"id": "1", "status": status}
    body = json.dumps({"success": True, "result": result, "errors": [], "messages": []})
    with cloudflare(fake_time) as emulator:
        emulator.fail_next("GET", "/user/tokens/verify", Answer(status=200, body=body), times=2)
        end = last(examine(emulator, fake_time))
    assert (end.subject, end.words) == ("token", f"The API token is {status}.")
    assert end.exit_code == 3


def test_a_token_that_an_account_owns_is_good(fake_time: FakeTime) -> None:
    with cloudflare(fake_time, account_owned=True) as emulator:
        findings = examine(emulator, fake_time)
    assert list(findings) == ORDER
    assert findings["token"].words == "active, belongs to an account"


def test_a_legacy_key_is_good_but_a_token_is_advised(fake_time: FakeTime) -> None:
    with cloudflare(fake_time) as emulator:
        key = Credentials.of_key(emulator.settings.api_key, emulator.settings.api_email)
        findings = examine(emulator, fake_time, credentials=key)
    assert list(findings) == ORDER
    assert findings["token"].fine
    assert "legacy key" in findings["token"].words
    assert "Make an API token" in findings["token"].remedy


def test_a_wrong_legacy_key_is_found(fake_time: FakeTime) -> None:
    with cloudflare(fake_time) as emulator:
        key = Credentials.of_key("wrong-key", "user@example.test")
        end = last(examine(emulator, fake_time, credentials=key))
    assert (end.subject, end.exit_code) == ("token", 3)


def test_a_token_that_may_only_read_may_not_deploy(fake_time: FakeTime) -> None:
    permissions = frozenset({"account:read", "pages:read"})
    with cloudflare(fake_time, permissions=permissions) as emulator:
        end = last(examine(emulator, fake_time))
    assert (end.subject, end.exit_code) == ("permission", 3)
    assert "Cloudflare Pages > Edit" in end.remedy


def test_a_token_that_cannot_list_accounts_may_still_deploy(fake_time: FakeTime) -> None:
    with cloudflare(fake_time, permissions=frozenset({"pages:edit"})) as emulator:
        findings = examine(emulator, fake_time)
    assert list(findings) == ORDER
    assert "cannot list" in findings["account"].words


def test_a_project_that_does_not_exist_is_named(fake_time: FakeTime) -> None:
    with cloudflare(fake_time) as emulator:
        end = last(examine(emulator, fake_time, project_name="nowhere"))
    assert (end.subject, end.exit_code) == ("project", 1)
    assert "'nowhere'" in end.words


@pytest.mark.parametrize(("account_id", "exit_code"), [("f" * 32, 3), ("not-an-id", 1)])
def test_an_account_that_is_not_the_tokens_is_named(
    fake_time: FakeTime, account_id: str, exit_code: int
) -> None:
    with cloudflare(fake_time) as emulator:
        end = last(examine(emulator, fake_time, account_id=account_id))
    assert (end.subject, end.exit_code) == ("project", exit_code)
    assert account_id in end.words


def test_a_project_that_pages_builds_itself_and_takes_no_uploads_is_told(
    fake_time: FakeTime,
) -> None:
    with cloudflare(fake_time, source={"type": "gitlab", "config": {}}) as emulator:
        end = last(examine(emulator, fake_time))
    assert end.subject in {"project", "permission"}
    assert end.exit_code > 0
    assert "Git repository" in end.words or "gitlab" in end.words


@pytest.mark.parametrize("skew", [3600, -3600, 61, -61])
def test_a_clock_that_is_wrong_is_told(fake_time: FakeTime, skew: float) -> None:
    with cloudflare(fake_time, clock_skew_seconds=skew) as emulator:
        findings = examine(emulator, fake_time)
    assert findings["clock"].words == f"differs from the API's by {skew} s"
    assert "Set this machine's clock" in findings["clock"].remedy
    # Nobody knows that a deployment would fail for it.
    assert list(findings) == ORDER


@pytest.mark.parametrize("skew", [0, 59, -59])
def test_a_clock_that_is_nearly_right_is_right(fake_time: FakeTime, skew: float) -> None:
    with cloudflare(fake_time, clock_skew_seconds=skew) as emulator:
        finding = examine(emulator, fake_time)["clock"]
    assert finding.words == f"agrees with the API's within {max(1, abs(skew))} s"
    assert finding.remedy == ""


def test_a_zone_is_looked_up(fake_time: FakeTime) -> None:
    with cloudflare(fake_time) as emulator:
        findings = examine(emulator, fake_time, zone_id=emulator.zone_id)
    assert list(findings) == [*ORDER[:-1], "zone", "site"]
    assert findings["zone"].words.startswith("example.test;")


@pytest.mark.parametrize("zone_id", ["f" * 32, "not-an-id"])
def test_a_zone_that_cannot_be_looked_at_may_still_be_purged(
    fake_time: FakeTime, zone_id: str
) -> None:
    with cloudflare(fake_time) as emulator:
        finding = examine(emulator, fake_time, zone_id=zone_id)["zone"]
    assert finding.fine
    assert zone_id in finding.words
    assert "Zone > Cache Purge > Purge" in finding.remedy


def test_a_server_that_does_not_answer_is_the_first_finding(fake_time: FakeTime) -> None:
    with cloudflare(fake_time) as emulator:
        emulator.fail_next("GET", "*", ConnectionReset(), times=None)
        findings = examine(emulator, fake_time)
    end = last(findings)
    assert (end.subject, end.exit_code) == ("network", 1)
    assert "network of this machine" in end.remedy


def test_a_site_that_cannot_be_reached_from_here_is_no_obstacle(fake_time: FakeTime) -> None:
    with cloudflare(fake_time) as emulator:
        emulator.fail_next("HEAD", "demo.localhost/", ConnectionReset(), times=None)
        finding = examine(emulator, fake_time)["site"]
    assert finding.fine
    assert "cannot be reached from here" in finding.words
    assert "Deploying works all the same" in finding.remedy


def test_a_site_behind_a_login_is_no_failure_and_says_access(fake_time: FakeTime) -> None:
    login = {"Location": "https://team.cloudflareaccess.com/cdn-cgi/access/login/x"}
    with cloudflare(fake_time) as emulator:
        emulator.fail_next("HEAD", "demo.localhost/", Answer(status=302, headers=login))
        end = examine(emulator, fake_time)["site"]
    assert end.fine
    assert "the login page of Cloudflare Access (HTTP 302)" in end.words


def test_a_proxy_that_cannot_be_one_is_the_networks_trouble(
    fake_time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "socks5h://127.0.0.1:1080")
    with cloudflare(fake_time) as emulator:
        findings = examine(emulator, fake_time)
        assert len(emulator.requests) == 0
    assert list(findings) == ["network"]
    assert last(findings).exit_code == 2
    assert "PySocks" in last(findings).words
    assert "NO_PROXY" in last(findings).remedy
