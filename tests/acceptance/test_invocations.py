"""Steps that were written for other actions, and command lines: each does what its author needs.

tests/data/invocations.json says what comes in and what must come of it; action.yml says how an
input reaches the program.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from pages_deploy.api.client import PagesClient
from tests import platform_readers as read
from tests.acceptance.workflows import outputs_in
from tests.forge.forges import REPOSITORY, TOKEN, FakeGitHub, running
from tests.world import inherited

if TYPE_CHECKING:
    from pages_deploy.emulator.server import Emulator

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
VECTORS = json.loads((ROOT / "tests/data/invocations.json").read_text("utf-8"))["vectors"]
# How long a busy machine may take for anything at all.
PATIENCE_SECONDS = 60.0
# What the vectors call the repository, and its owner.
OWNER, NAME = "o", "o/r"


@dataclass(frozen=True)
class Done:
    """What a step has left behind."""

    exit_code: int
    log: str
    outputs: dict[str, str]
    unexpected_inputs: list[str]


@dataclass(frozen=True)
class Step:
    """A vector in a world of its own."""

    vector: Any
    emulator: Emulator
    hub: FakeGitHub
    home: Path

    @property
    def workspace(self) -> Path:
        return self.home / "work"

    def run(self) -> Done:
        """Run the vector as its form has it."""
        for path, content in self.vector["files"].items():
            file = self.workspace / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, "utf-8")
        output = self.home / "output"
        output.write_text("", "utf-8")
        environ = {**inherited(), **self._github(), "GITHUB_OUTPUT": str(output)}
        unexpected: list[str] = []
        if self.vector["form"] == "action":
            inputs, unexpected = as_the_action_maps(self.vector["inputs"])
            environ |= {name: self._filled(value) for name, value in inputs.items()}
            environ["CLOUDFLARE_API_BASE_URL"] = self.emulator.api_base_url
        else:
            environ |= self.emulator.environ()
        done = subprocess.run(
            [
                *(sys.executable, "-I", str(ROOT / "entrypoint.py")),
                *map(self._filled, self.vector.get("argv", ())),
            ],
            cwd=self.workspace,
            env=environ,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        log = done.stdout + done.stderr
        return Done(done.returncode, log, outputs_in(output), unexpected)

    def _github(self) -> dict[str, str]:
        event = self.home / "event.json"
        text = json.dumps(self.vector.get("event", {}))
        for name, of_the_hub in ((NAME, REPOSITORY), (OWNER, REPOSITORY.partition("/")[0])):
            text = text.replace(json.dumps(name), json.dumps(of_the_hub))
        event.write_text(text, "utf-8")
        says = {f"GITHUB_{name.upper()}": text for name, text in self.vector["github"].items()}
        return {
            **says,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.hub.url,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_WORKSPACE": str(self.workspace),
        }

    def _filled(self, text: str) -> str:
        known = {
            "TOKEN": self.emulator.api_token,
            "ACCOUNT": self.emulator.account_id,
            "GITHUB": TOKEN,
            "WORKSPACE": str(self.workspace),
        }
        return re.sub(rf"\$({'|'.join(known)})\b", lambda found: known[found[1]], text)


def as_the_action_maps(given: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the variables that action.yml makes of inputs, and those that it does not have.

    GitHub takes no notice of the case of an input's name.
    """
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    (step,) = action["runs"]["steps"]
    by_name = {name.lower(): value for name, value in given.items()}
    variables = {}
    for variable, expression in step["env"].items():
        (name,) = re.findall(r"^\$\{\{ inputs\.(\w+) \}\}$", expression)
        variables[variable] = by_name.get(name.lower(), "")
    declared = {name.lower() for name in action["inputs"]}
    return variables, [name for name in given if name.lower() not in declared]


def refused(step: Step, expect: Any) -> None:
    before = step.emulator.requests
    done = step.run()
    assert done.exit_code == expect["exit_code"], done.log
    (error,) = (found for found in read.github_commands(done.log) if found.name == "error")
    for name in expect["names"]:
        assert name in error.data
    assert step.emulator.requests == before
    assert step.hub.asked == []


def deployed(step: Step, expect: Any) -> None:
    done = step.run()
    assert done.exit_code == 0, done.log
    emulator = step.emulator
    project = emulator.store.projects.get(emulator.account_id, expect["project"])
    (deployment,) = emulator.store.deployments.all(project)
    trigger = deployment.trigger
    assert trigger.branch in expect["branch"]
    assert deployment.environment == expect["environment"]
    assert deployment.file_count == len(expect["paths"])
    for path in expect["paths"]:
        assert emulator.store.deployments.asset_at(deployment, path) is not None
    for name in ("commit_hash", "commit_message", "commit_dirty"):
        if name in expect:
            assert getattr(trigger, name) == expect[name]
    assert [name for name in expect.get("outputs", ()) if not done.outputs.get(name)] == []
    assert done.outputs["id"] == deployment.id
    # An address that somebody looks for in the words of wrangler.
    assert done.outputs["url"] in done.outputs["command-output"].split()
    assert done.unexpected_inputs == expect.get("unexpected_inputs", [])
    for text in expect.get("says", ()):
        assert text in done.log


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_an_invocation_does_what_its_author_needs(
    vector: Any, emulator: Emulator, tmp_path: Path
) -> None:
    with (
        running(FakeGitHub()) as hub,
        PagesClient(
            emulator.api_token, emulator.account_id, base_url=emulator.api_base_url
        ) as client,
    ):
        client.projects.create("site", production_branch="main")
        check = {"deployed": deployed, "refused": refused}[vector["expect"]["result"]]
        check(Step(vector, emulator, hub, tmp_path), vector["expect"])
