"""Green means live for visitors: what they get at Pages' own address and at custom domains."""

from __future__ import annotations

import importlib
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.deployed import UnservedDeploymentError, UnservedDomainError
from pages_deploy.deploy.plan import Plan
from pages_deploy.deploy.purge import Purge
from pages_deploy.emulator.http.faults import Answer
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from pages_deploy.errors import Interrupted
from pages_deploy.proof.proof import NO_PROOF
from pages_deploy.reporting.outputs import verified
from pages_deploy.site.manifest import build_manifest
from tests.making import ids, served
from tests.world import PROJECT, Notes, asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pages_deploy.api.client import PagesClient
    from pages_deploy.deploy.deployed import Deployed
    from pages_deploy.deploy.plan import DomainsMode
    from pages_deploy.emulator.http.host_answers import HostAnswer
    from pages_deploy.proof.proof import ProofMode
    from tests.world import BuildSite, FakeTime

WWW = "www.demo.localhost"
OWN = "demo.localhost"
BEFORE = {"index.html": "before", "a.css": "a{}", "old.js": "1"}
AFTER = {"index.html": "after", "a.css": "a{}", "new.js": "2"}
LIST = "*/pages/projects/demo/domains"
PROJECT_CALL = "*/pages/projects/demo"
# Whatever anybody means to be as it is, or that nobody is there.
UNSEEN: Mapping[HostAnswer, str] = {
    "access": "the login page of Cloudflare Access",
    "challenge": "a challenge for browsers",
    "parking": "nothing that it serves is marked as Pages marks it",
    "redirect": "a redirect to elsewhere.example.test",
    "nothing": "HTTP 522",
}


@pytest.fixture
def emulator(fake_time: FakeTime) -> Iterator[Emulator]:
    """An emulator whose time passes by the client's sleeping."""
    with Emulator(settings=EmulatorSettings(clock=fake_time.read)) as running:
        yield running


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def after(client: PagesClient, emulator: Emulator, site: BuildSite) -> Path:
    """A site to deploy where another version of it is live, at Pages' address and at a domain."""
    deploy(client, build_manifest(site(BEFORE, name="before")), Plan(PROJECT, "main"))
    emulator.store.add_domain(PROJECT, WWW)
    return site(AFTER, name="after")


def run(
    client: PagesClient,
    directory: Path,
    notes: Notes,
    domains: DomainsMode = "fail",
    # Any: fields of a plan.
    **changes: Any,
) -> Deployed:
    given = {"branch": "main", "proof": "sample", "verifies_domains": domains, **changes}
    return deploy(client, build_manifest(directory), Plan(PROJECT, **given), notes)


def url_of(emulator: Emulator, host: str) -> str:
    return f"http://{host}:{emulator.port}"


def steps_about(notes: Notes, url: str) -> list[str]:
    return [step for step in notes.steps if url in step]


def test_visitors_are_proved_to_get_it_at_every_address(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes
) -> None:
    deployed = run(client, after, notes)
    assert verified(deployed) == "true"
    for host in (OWN, WWW):
        (step,) = steps_about(notes, url_of(emulator, host))
        assert step.endswith(": 3 files are served as they were sent")
        assert {request.path for request in asked(emulator, "HEAD", f"{host}/*")} >= {
            f"{host}/new.js",
            f"{host}/a.css",
        }
    assert notes.warnings == []
    assert asked(emulator, "GET", f"{WWW}/*") == []


@pytest.mark.parametrize("host", [OWN, WWW])
def test_an_address_that_is_stale_for_five_seconds_is_waited_for(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes, host: str
) -> None:
    emulator.lag(host, seconds=5)
    assert verified(run(client, after, notes)) == "true"
    assert notes.warnings == []
    assert steps_about(notes, url_of(emulator, host))


@pytest.mark.parametrize("domains", ["warn", "fail"])
def test_a_domain_that_stays_stale_is_wrong_and_told_with_its_remedy(
    client: PagesClient,
    emulator: Emulator,
    after: Path,
    notes: Notes,
    fake_time: FakeTime,
    domains: DomainsMode,
) -> None:
    emulator.lag(WWW)
    url = url_of(emulator, WWW)
    if domains == "warn":
        assert verified(run(client, after, notes, domains)) == "true"
        (told,) = notes.warnings
    else:
        with pytest.raises(UnservedDomainError) as info:
            run(client, after, notes, domains, rolls_back=True)
        told = f"{info.value.message} {info.value.hint}"
        assert info.value.exit_code == 6
        assert verified(info.value.deployed) == "false"
        # What its own address proves is not enough.
        assert info.value.deployed.proof == NO_PROOF
        assert info.value.deployed.rolled_back_to == ""
        assert notes.warnings == []
    assert told.startswith(f"{url} does not serve what was sent: ")
    assert "/new.js (expected content" in told
    # Without a 404 page, the older version has its home page in the place of what it lacks.
    assert "found content" in told
    newest = client.deployments.get(PROJECT, ids(emulator)[-1])
    for remedy in ("Purge", "Cache Everything", newest.url):
        assert remedy in told
    assert 59 < sum(fake_time.slept) < 62
    # Neither sent again nor taken back.
    assert len(ids(emulator)) == 2
    assert served(emulator) == b"after"
    assert not asked(emulator, "POST", "*/rollback")
    assert steps_about(notes, url_of(emulator, OWN))


def test_several_domains_are_waited_for_side_by_side(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes, fake_time: FakeTime
) -> None:
    hosts = [f"www{number}.demo.localhost" for number in range(5)]
    for host in hosts:
        emulator.store.add_domain(PROJECT, host)
        emulator.lag(host)
    with pytest.raises(UnservedDomainError, match=hosts[0]):
        run(client, after, notes)
    told = zip(hosts[1:], notes.warnings, strict=True)
    assert [host for host, text in told if url_of(emulator, host) not in text] == []
    assert 59 < sum(fake_time.slept) < 62


@pytest.mark.parametrize("answer", UNSEEN)
@pytest.mark.parametrize("host", [OWN, WWW])
def test_what_cannot_be_seen_is_a_warning_that_names_the_address(
    client: PagesClient,
    emulator: Emulator,
    after: Path,
    notes: Notes,
    host: str,
    answer: HostAnswer,
) -> None:
    emulator.domain_answers(host, answer)
    deployed = run(client, after, notes, rolls_back=True)
    assert verified(deployed) == "true"
    (told,) = notes.warnings
    assert told.startswith(f"Could not check whether {url_of(emulator, host)} serves what was sent")
    assert UNSEEN[answer] in told
    assert len(ids(emulator)) == 2


@pytest.mark.parametrize("answer", ["access", "challenge", "redirect"])
def test_what_somebody_means_to_be_as_it_is_is_not_waited_for(
    client: PagesClient,
    emulator: Emulator,
    after: Path,
    notes: Notes,
    fake_time: FakeTime,
    answer: HostAnswer,
) -> None:
    emulator.domain_answers(WWW, answer)
    run(client, after, notes)
    assert sum(fake_time.slept) < 1


def test_other_content_of_pages_is_wrong_whosever_it_is(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes
) -> None:
    """A domain that is this project's shows other files: which project's, no answer tells."""
    emulator.domain_answers(WWW, "another project")
    with pytest.raises(UnservedDomainError, match="0123456789abcdef"):
        run(client, after, notes)


def test_pages_without_a_mark_are_no_proof_and_no_failure(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes
) -> None:
    """A parked name answers with HTML for a page, as a page would that is rewritten on the way."""
    emulator.store.add_domain(PROJECT, WWW)
    emulator.domain_answers(WWW, "parking")
    run(client, site({"index.html": "a", "b.html": "b"}), notes)
    (told,) = notes.warnings
    assert WWW in told
    assert not steps_about(notes, url_of(emulator, WWW))


def test_pages_that_are_challenged_are_named_and_the_rest_is_the_proof(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes
) -> None:
    challenge = Answer(status=403, headers={"cf-mitigated": "challenge"})
    emulator.fail_next("*", f"{WWW}/", challenge, times=None)
    emulator.fail_next("*", f"{WWW}/index.html", challenge, times=None)
    assert verified(run(client, after, notes)) == "true"
    assert steps_about(notes, url_of(emulator, WWW))[0].endswith(
        "2 files are served as they were sent"
    )
    (told,) = notes.warnings
    assert told == (
        f"Not all of {url_of(emulator, WWW)} could be checked: for 1 other file it answers with a "
        "challenge for browsers."
    )


def test_a_part_behind_a_login_is_no_news(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes
) -> None:
    login = "https://team.cloudflareaccess.com/cdn-cgi/access/login/x"
    emulator.fail_next(
        "*", f"{WWW}/new.js", Answer(status=302, headers={"Location": login}), times=None
    )
    run(client, after, notes)
    assert notes.warnings == []


@pytest.mark.parametrize("status", [404, 500])
def test_what_a_domain_lacks_or_fails_at_is_wrong(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes, status: int
) -> None:
    emulator.fail_next("*", f"{WWW}/new.js", Answer(status=status), times=None)
    with pytest.raises(UnservedDomainError, match=f"/new.js .* found HTTP {status}"):
        run(client, after, notes)


def test_an_address_that_leads_to_another_of_the_project_is_no_warning(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes
) -> None:
    """As Cloudflare recommends for the address of Pages, and many do between www and no www."""
    url = url_of(emulator, WWW)
    emulator.fail_next(
        "*", f"{OWN}/*", Answer(status=301, headers={"Location": f"{url}/"}), times=None
    )
    run(client, after, notes)
    assert notes.warnings == []
    assert f"{url_of(emulator, OWN)} leads to {WWW}:{emulator.port}" in notes.steps


def test_a_site_that_comes_up_late_is_waited_for(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes, fake_time: FakeTime
) -> None:
    """Nothing that it shows at first is wrong: nobody is there."""
    emulator.domain_answers(WWW, "nothing")
    fake_time.on_sleep = lambda _seconds: emulator.stop_failing()
    run(client, after, notes)
    assert steps_about(notes, url_of(emulator, WWW))
    assert notes.warnings == []


def test_addresses_that_lead_to_each_other_are_a_warning_each(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes
) -> None:
    for host, other in ((OWN, WWW), (WWW, OWN)):
        headers = {"Location": f"{url_of(emulator, other)}/"}
        emulator.fail_next("*", f"{host}/*", Answer(status=301, headers=headers), times=None)
    run(client, after, notes)
    assert len(notes.warnings) == 2


def test_pending_domains_are_not_asked(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes
) -> None:
    emulator.domain_outcome_next(status="pending")
    client.domains.add(PROJECT, "slow.demo.localhost")
    run(client, after, notes)
    assert asked(emulator, "*", "slow.demo.localhost/*") == []
    assert asked(emulator, "HEAD", "slow.demo.localhost/*") == []
    assert notes.warnings == []


def test_wrong_at_pages_own_address_is_an_error_without_another_upload(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes
) -> None:
    emulator.fail_next("*", f"{OWN}/a.css", Answer(status=500), times=None)
    with pytest.raises(UnservedDeploymentError, match="HTTP 500") as info:
        run(client, after, notes, "off")
    assert info.value.message.startswith(url_of(emulator, OWN))
    assert not isinstance(info.value, UnservedDomainError)
    assert "pages-deploy verify" in info.value.hint
    assert verified(info.value.deployed) == "false"
    assert len(ids(emulator)) == 2


def test_wrong_at_pages_own_address_is_taken_back_where_that_is_asked_for(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes
) -> None:
    emulator.lag(OWN)
    purge = Purge(emulator.zone_id, "everything")
    with pytest.raises(UnservedDeploymentError) as info:
        run(client, after, notes, rolls_back=True, purge=purge)
    assert info.value.deployed.rolled_back_to == ids(emulator)[0]
    # Once before the proof, and once what the cache took up meanwhile.
    assert len(emulator.store.purges.all()) == 2


def test_a_domain_that_is_wrong_too_is_told_before_what_is_wrong_at_pages(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes
) -> None:
    emulator.lag(OWN)
    emulator.lag(WWW)
    with pytest.raises(UnservedDeploymentError, match=url_of(emulator, OWN)):
        run(client, after, notes)
    assert [url_of(emulator, WWW) in text for text in notes.warnings] == [True]


def test_the_cache_is_purged_before_visitors_are_asked_for(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes
) -> None:
    run(client, after, notes, purge=Purge(emulator.zone_id, "everything"))
    order = [
        request.path.partition("/")[0] or request.path
        for request in emulator.requests
        if request.path.startswith((WWW, "/zones"))
    ]
    assert order[0].startswith("/zones")
    assert set(order[1:]) == {WWW}


@pytest.mark.parametrize(
    ("proof", "domains", "hosts"),
    [
        ("sample", "off", {OWN}),
        ("off", "warn", {WWW}),
        ("off", "off", set()),
        ("all", "fail", {OWN, WWW}),
    ],
)
def test_pages_own_address_belongs_to_verify_and_domains_to_their_own_option(
    client: PagesClient,
    emulator: Emulator,
    after: Path,
    notes: Notes,
    proof: ProofMode,
    domains: DomainsMode,
    hosts: set[str],
) -> None:
    run(client, after, notes, domains, proof=proof)
    found = {request.path.partition("/")[0] for request in asked(emulator, "HEAD", "*")}
    assert found & {OWN, WWW} == hosts


def test_a_preview_has_no_visitors_and_one_listing_for_the_address_of_production(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes
) -> None:
    deployed = run(client, after, notes, branch="topic")
    assert asked(emulator, "HEAD", f"{OWN}/*") + asked(emulator, "HEAD", f"{WWW}/*") == []
    assert deployed.production_url == url_of(emulator, WWW)
    assert len(asked(emulator, "GET", LIST)) == 1


def test_the_domains_are_listed_while_files_are_uploaded(
    client: PagesClient, after: Path, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module("pages_deploy.deploy.run")
    listed, listing, sending = threading.Event(), module.active_domains, module.send_missing
    seen: list[bool] = []

    def listed_then(*given: object, **named: object) -> object:
        listed.set()
        return listing(*given, **named)

    def sent_then(*given: object) -> object:
        seen.append(listed.wait(10))
        return sending(*given)

    monkeypatch.setattr(module, "active_domains", listed_then)
    monkeypatch.setattr(module, "send_missing", sent_then)
    run(client, after, notes)
    assert seen == [True]


def test_production_is_shared_at_the_first_active_domain(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes
) -> None:
    emulator.store.add_domain(PROJECT, "second.demo.localhost")
    deployed = run(client, after, notes)
    assert deployed.production_url == deployed.alias == url_of(emulator, WWW)
    assert len(asked(emulator, "GET", LIST)) == 1
    client.domains.delete(PROJECT, WWW)
    emulator.domain_outcome_next(status="blocked")
    client.domains.add(PROJECT, WWW)
    again = run(client, after, notes)
    assert again.production_url == url_of(emulator, "second.demo.localhost")


def test_without_a_domain_nobody_lists_them(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes
) -> None:
    deployed = run(client, site(AFTER), notes)
    assert deployed.production_url == url_of(emulator, OWN)
    assert asked(emulator, "GET", LIST) == []


@pytest.mark.parametrize(
    ("branch", "domains", "is_news"),
    [("main", "fail", True), ("main", "off", False), ("topic", "fail", False)],
)
def test_a_refused_listing_is_news_only_where_domains_were_to_be_proved(
    client: PagesClient,
    emulator: Emulator,
    after: Path,
    notes: Notes,
    branch: str,
    domains: DomainsMode,
    is_news: bool,
) -> None:
    emulator.fail_next("GET", LIST, Answer.error(403, 10000), times=None)
    # What the project says of its production branch counts, not what a new one would get.
    deployed = run(client, after, notes, domains, branch=branch, production_branch="trunk")
    assert deployed.production_url == url_of(emulator, OWN)
    assert verified(deployed) == "true"
    told = notes.warnings if is_news else notes.details
    assert [text.startswith("The custom domains could not be read. ") for text in told] == [True]
    assert notes.warnings == (told if is_news else [])


@pytest.mark.parametrize(("status", "times"), [(503, 3), (400, 1)])
def test_a_listing_that_nothing_depends_on_is_tried_no_more_than_three_times(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes, status: int, times: int
) -> None:
    emulator.fail_next("GET", LIST, Answer(status=status), times=None)
    run(client, after, notes)
    assert len(asked(emulator, "GET", LIST)) == times
    (told,) = notes.warnings
    # With a hint and without one.
    assert told.endswith(".")


def test_a_name_of_the_api_that_no_address_has_is_left_alone(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes
) -> None:
    listed = [{"name": name, "status": "active"} for name in ("[x", "a b.test", "u@c.test", "\\")]
    body = {"success": True, "errors": [], "messages": [], "result": listed}
    emulator.fail_next("GET", LIST, Answer(status=200, body=json.dumps(body)))
    deployed = run(client, after, notes)
    assert deployed.production_url == url_of(emulator, OWN)
    assert notes.warnings == []


def test_another_runs_newer_deployment_is_no_failure_of_this_one(
    client: PagesClient,
    emulator: Emulator,
    after: Path,
    notes: Notes,
    site: BuildSite,
    fake_time: FakeTime,
) -> None:
    others = build_manifest(site({"index.html": "others"}, name="others"))
    newer: list[str] = []

    def deploy_beside(text: str) -> None:
        if text.startswith("Verified: "):
            newer.append(deploy(client, others, Plan(PROJECT, "main")).deployment.id)

    notes.on_step = deploy_beside
    deployed = run(client, after, notes, rolls_back=True)
    assert verified(deployed) == "true"
    (told,) = notes.warnings
    assert newer[0] in told
    assert deployed.deployment.id in told
    assert sum(fake_time.slept) < 1
    assert served(emulator) == b"others"


def test_a_project_that_still_names_the_deployment_before_names_no_other_runs(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes, fake_time: FakeTime
) -> None:
    def lag(text: str) -> None:
        if text.startswith("Verified: "):
            client.deployments.rollback(PROJECT, ids(emulator)[0])

    def catch_up(_seconds: float) -> None:
        client.deployments.rollback(PROJECT, ids(emulator)[-1])

    notes.on_step, fake_time.on_sleep = lag, catch_up
    assert verified(run(client, after, notes)) == "true"
    assert steps_about(notes, url_of(emulator, WWW))
    assert notes.warnings == []


def test_the_first_deployment_of_all_has_none_before_it(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes
) -> None:
    emulator.lag(OWN)
    with pytest.raises(UnservedDeploymentError, match="HTTP 404"):
        run(client, site(AFTER), notes)


def test_a_project_that_cannot_be_asked_is_no_excuse(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes
) -> None:
    emulator.lag(WWW)
    notes.on_step = lambda text: (
        emulator.fail_next("GET", PROJECT_CALL, Answer.error(403, 10000), times=None)
        if text.startswith("Verified: ")
        else None
    )
    with pytest.raises(UnservedDomainError):
        run(client, after, notes)


def test_files_other_than_html_come_first_into_the_sample(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes, site: BuildSite
) -> None:
    pages = {f"{number:02}.html": str(number) for number in range(30)}
    scripts = {f"z{number:02}.js": f"z{number}" for number in range(15)}
    run(client, site({**AFTER, **pages, **scripts}, name="after"), notes)
    paths = {request.path.partition("/")[2] for request in asked(emulator, "HEAD", f"{WWW}/*")}
    assert set(scripts) <= paths
    assert len(paths & set(pages)) == 20 - len(scripts) - len({"new.js"})


@pytest.mark.parametrize(("proof", "is_whole"), [("sample", False), ("all", True)])
def test_of_each_address_as_much_is_asked_for_as_of_the_deployments_own(
    client: PagesClient,
    emulator: Emulator,
    after: Path,
    notes: Notes,
    proof: ProofMode,
    is_whole: bool,
) -> None:
    """Of what was there before a sample has one file of each type."""
    (after / "b.css").write_text("a{}")
    run(client, after, notes, proof=proof)
    for host in (OWN, WWW):
        assert bool(asked(emulator, "HEAD", f"{host}/b.css")) is is_whole


def test_where_nothing_can_be_compared_nobody_is_asked_for_it(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes
) -> None:
    (after / "_redirects").write_text("/* /new 301\n")
    run(client, after, notes)
    assert asked(emulator, "HEAD", f"{WWW}/*") == []
    assert len(notes.warnings) == 1


def test_an_interrupt_says_what_is_known(
    client: PagesClient, emulator: Emulator, after: Path, notes: Notes, fake_time: FakeTime
) -> None:
    emulator.lag(WWW)

    def interrupt(_seconds: float) -> None:
        raise Interrupted

    fake_time.on_sleep = interrupt
    with pytest.raises(Interrupted) as info:
        run(client, after, notes)
    assert "The check of what visitors get did not finish." in info.value.notice
