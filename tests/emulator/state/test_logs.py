"""Logs of deployments."""

from __future__ import annotations

from pages_deploy.emulator.state.logs import log_lines
from pages_deploy.emulator.state.stages import StagePlan, progress
from tests.emulator.direct_upload import HOME, DirectUpload


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


def test_log_of_a_failure_ends_with_its_reason() -> None:
    seen = progress(StagePlan("build", "failure"), created_on=0.0, now=0.0, polls=0)
    lines = [line for _, line in log_lines(seen, file_count=1, errors=("out of disk",))]
    assert lines[-1] == "Error: out of disk"
    assert "Stage build ended: failure" in lines
