"""Cloudflare's own Python SDK, a client of somebody else's, finds nothing wrong with the emulator.

It makes each of its calls about Pages, and its types validate every answer strictly.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pages_deploy.emulator import Emulator
from tests.emulator.sdk import run_program

pytestmark = [pytest.mark.sdk, pytest.mark.slow]

DRIVER = Path(__file__).with_name("sdk_driver.py")
METHODS = (
    *("assets.check_missing", "assets.upload", "assets.upsert_hashes"),
    *("projects.create", "projects.delete", "projects.edit", "projects.get"),
    *("projects.get_upload_token", "projects.list", "projects.purge_build_cache"),
    *("projects.deployments.create", "projects.deployments.delete", "projects.deployments.get"),
    *("projects.deployments.list", "projects.deployments.retry", "projects.deployments.rollback"),
    "projects.deployments.history.logs.get",
    *("projects.deployments.tails.create", "projects.deployments.tails.delete"),
    *("projects.domains.create", "projects.domains.delete", "projects.domains.edit"),
    *("projects.domains.get", "projects.domains.list"),
)
# The SDK's `Deployment` cannot be without a source, which only a project of a repository has.
# Cloudflare's own answers about direct uploads have none: neither the field nor a null.
KNOWN_MISMATCH = ("source", "missing")
# What Cloudflare answers beyond its own schema: the production branch in its deployments, and
# `"result": null` where a call has no result.
KNOWN_UNKNOWN_FIELDS = {
    "Deployment.production_branch",
    "AssetUploadResponse.result",
    "AssetUpsertHashesResponse.result",
}


def told(python: Path, story: str, emulator: Emulator) -> Any:
    """What the SDK has noted at the end of a story."""
    return run_program(python, str(DRIVER), story, environ=emulator.environ())


def is_known(mismatch: Any) -> bool:
    return (mismatch["place"].rpartition(".")[2], mismatch["why"]) == KNOWN_MISMATCH


@pytest.fixture(scope="module")
def direct(sdk_python: Path) -> Any:
    with Emulator() as emulator:
        return told(sdk_python, "direct", emulator)


def test_every_method_of_the_sdk_is_among_those_that_are_called(
    sdk_python: Path, emulator: Emulator
) -> None:
    """A method that is new in another release of the SDK belongs into the driver's stories."""
    assert set(told(sdk_python, "methods", emulator)) == set(METHODS)
    assert len(METHODS) == 24


@pytest.mark.parametrize("method", METHODS)
def test_the_sdk_takes_the_answer_to(method: str, direct: Any) -> None:
    assert [one for one in direct["mismatches"][method] if not is_known(one)] == []


def test_the_one_known_mismatch_is_there(direct: Any) -> None:
    found = {one["place"] for one in direct["mismatches"]["projects.deployments.get"]}
    assert found == {"result.source"}


def test_the_sdk_takes_everything_of_a_repositorys_project(
    sdk_python: Path, emulator: Emulator
) -> None:
    noted = told(sdk_python, "git", emulator)
    assert [one for several in noted["mismatches"].values() for one in several] == []
    assert set(noted["unknown_fields"]) <= KNOWN_UNKNOWN_FIELDS


def test_no_field_is_made_up(direct: Any) -> None:
    assert set(direct["unknown_fields"]) <= KNOWN_UNKNOWN_FIELDS


def test_the_sdk_takes_every_end_of_a_deployment_and_of_a_domain(
    sdk_python: Path, emulator: Emulator
) -> None:
    emulator.outcome_next(stage="build", status="failure")
    emulator.outcome_next(stage="deploy", status="canceled")
    emulator.outcome_next(stage="queued", status="idle", error="superseded_queued_build")
    emulator.domain_outcome_next(status="pending")
    emulator.domain_outcome_next(status="blocked", verification_error="Not yours.")
    emulator.domain_outcome_next(status="error", validation_error="No certificate.")
    emulator.domain_outcome_next(status="deactivated")
    mismatches = told(sdk_python, "ends", emulator)["mismatches"]
    assert [one for several in mismatches.values() for one in several] == []
