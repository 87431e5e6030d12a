"""Ten deployments of one project at once, by ten processes that know nothing of each other."""

from __future__ import annotations

import contextlib
import itertools
import threading
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.emulator.http.faults import LostAnswer
from pages_deploy.emulator.server import Emulator
from tests.acceptance.processes import PATIENCE_SECONDS, started
from tests.acceptance.truth import deployments, files_served, wrong_in
from tests.world import DEPLOYMENTS, PROJECT, asked, connected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pages_deploy.emulator.http.request_log import RecordedRequest
    from tests.world import BuildSite, FakeTime

RUNS = range(10)
DOMAIN = "www.demo.localhost"


@pytest.fixture
def directories(site: BuildSite) -> list[Path]:
    """Ten sites, each with a page of its own and a file that all have."""
    return [
        site(
            {
                "index.html": f"the site {number}",
                f"page-{number}.html": f"page {number}",
                "shared.css": "shared",
                "_headers": f"/*\n  X-Site: {number}\n",
            },
            name=f"site-{number}",
        )
        for number in RUNS
    ]


@contextlib.contextmanager
def meeting_point() -> Iterator[Emulator]:
    """Give an emulator where each run waits for the others when it is about to create."""
    barrier = threading.Barrier(len(RUNS))
    lists = itertools.count()

    def meet(request: RecordedRequest) -> None:
        is_list = request.method == "GET" and request.path.endswith("/deployments")
        if is_list and next(lists) < len(RUNS):
            barrier.wait(PATIENCE_SECONDS)

    with Emulator(on_request=meet) as emulator:
        yield emulator


def commit_of(number: int) -> str:
    return f"{number:040x}"


@pytest.mark.parametrize("are_answers_lost", [False, True], ids=["answered", "answers lost"])
@pytest.mark.parametrize("is_one_branch", [True, False], ids=["one branch", "ten branches"])
def test_each_of_ten_runs_reports_its_own_deployment(
    fake_time: FakeTime, directories: list[Path], is_one_branch: bool, are_answers_lost: bool
) -> None:
    branches = ["main" if is_one_branch or not number else f"branch-{number}" for number in RUNS]
    with meeting_point() as emulator:
        with connected(emulator, fake_time) as client:
            client.domains.add(PROJECT, DOMAIN)
        if are_answers_lost:
            emulator.fail_next("POST", DEPLOYMENTS, LostAnswer(), times=len(RUNS))
        reported = run_all(emulator, directories, branches)
        found = {deployment.id: deployment for deployment in deployments(emulator)}
        assert len(found) == len(RUNS)
        assert {outputs["id"] for outputs in reported} == set(found)
        assert len(asked(emulator, "POST", DEPLOYMENTS)) == len(RUNS)
        for number, outputs in enumerate(reported):
            deployment, directory = found[outputs["id"]], directories[number]
            assert deployment.trigger.commit_hash == commit_of(number)
            assert deployment.trigger.branch == branches[number]
            assert wrong_in(emulator, deployment, directory) == []
            # Of ten runs to production one has the last word.
            shared = set() if is_one_branch else {outputs["alias"]}
            for address in {outputs["url"]} | shared:
                assert files_served(address, directory) == 3
        assert asked(emulator, "DELETE", "*") == []
        assert purged_pages(emulator) == [[n] for n in RUNS if branches[n] == "main"]


def run_all(
    emulator: Emulator, directories: Sequence[Path], branches: Sequence[str]
) -> list[Mapping[str, Any]]:
    """Deploy all directories at once, and return what each run reports."""
    with contextlib.ExitStack() as stack:
        runs = [
            stack.enter_context(
                started(
                    emulator,
                    directories[number],
                    f"--branch={branches[number]}",
                    f"--commit-hash={commit_of(number)}",
                    f"--zone-id={emulator.zone_id}",
                    "--purge=files",
                )
            )
            for number in RUNS
        ]
        return [run.end().outputs for run in runs]


def purged_pages(emulator: Emulator) -> list[list[int]]:
    """Return whose pages each purge was about, sorted."""
    site = f"https://{DOMAIN}:{emulator.port}"
    found = []
    for purge in emulator.store.purges.all():
        urls = purge.body["files"]
        assert isinstance(urls, list)
        found.append([number for number in RUNS if f"{site}/page-{number}" in urls])
    return sorted(found)
