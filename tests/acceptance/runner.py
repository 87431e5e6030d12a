"""A runner of GitHub's workflows on this machine: act, in a repository of a user of the Action."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.forge.forges import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 180.0
# As `uses:` names it.
ACTION = "pages-deploy/pages_deploy@v1"


@dataclass(frozen=True)
class Ran:
    exit_code: int
    log: str
    results: Path

    @property
    def outputs(self) -> dict[str, str]:
        """What a last step of the workflow has written down."""
        found = json.loads((self.results / "outputs.json").read_text("utf-8"))
        assert isinstance(found, dict)
        return found

    @property
    def outcome(self) -> str:
        return (self.results / "outcome").read_text("utf-8")

    @property
    def records(self) -> list[dict[str, Any]]:
        """The log of a run with `--json`, one record a line."""
        lines = (line for line in self.log.splitlines() if line.startswith("{"))
        return [json.loads(line) for line in lines]

    def outputs_of(self, step: str) -> dict[str, str]:
        """Read from the records which outputs a step had, with or without an `id:`.

        After that step's result act reads the inner step's outputs once more, as those of the
        outer one, declared or not; GitHub does not.
        """
        found: dict[str, str] = {}
        for record in self.records:
            # Within a composite action, the steps have the path to them for an id.
            its_own = record.get("step") == step and len(record.get("stepID", ())) == 1
            if not its_own or record["stage"] != "Main":
                continue
            if "stepResult" in record:
                break
            if record.get("command") == "set-output":
                found[record["name"]] = record["arg"]
        return found

    @property
    def printed(self) -> str:
        """What the steps have printed."""
        return "".join(record["msg"] for record in self.records if record.get("raw_output"))


@dataclass(frozen=True)
class Repository:
    """A user's repository, with a workflow that uses this checkout of the Action."""

    act: str
    root: Path
    # Without a space, which act cannot do; the tests of the script alone have them everywhere.
    home: Path

    def write(self, files: Mapping[str, str]) -> None:
        for name, content in files.items():
            file = self.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, "utf-8")

    def write_action(self, name: str, action: str) -> str:
        """Put an action in the place of somebody else's; returns the option for act."""
        folder = self.home / "stand-ins" / name
        folder.mkdir(parents=True)
        (folder / "action.yml").write_text(action, "utf-8")
        return f"--local-repository={name}={folder}"

    def push(self, workflow: str, *options: str, branch: str = "main") -> Ran:
        self.write({".github/workflows/publish.yml": workflow})
        return self.run("publish.yml", *options, branch=branch)

    def run(self, workflow: str, *options: str, event: str = "push", branch: str = "main") -> Ran:
        """Commit everything and run a workflow, with further options of act."""
        for command in (
            ("init", "--quiet", f"--initial-branch={branch}"),
            ("remote", "add", "origin", f"https://github.com/{REPOSITORY}"),
            ("add", "--all"),
            ("commit", "--quiet", "--message=A site"),
        ):
            subprocess.run(
                ["git", "-c", "user.name=Test", "-c", "user.email=test@example.com", *command],
                cwd=self.root,
                check=True,
            )
        results = self.home / "results"
        results.mkdir()
        done = subprocess.run(
            [
                *(self.act, event, "--workflows", f".github/workflows/{workflow}"),
                *("--platform", "ubuntu-latest=-self-hosted"),
                *("--pull=false", "--action-offline-mode", "--no-cache-server"),
                *("--artifact-server-addr=127.0.0.1", "--cache-server-addr=127.0.0.1"),
                *("--local-repository", f"{ACTION}={self.home / 'action'}"),
                *("--env", f"RESULTS={results}"),
                *options,
            ],
            cwd=self.root,
            env={
                "PATH": os.pathsep.join(
                    [str(self.home / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
                ),
                **{name: value for name, value in os.environ.items() if _is_of_packages(name)},
                "HOME": str(self.home),
            },
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        return Ran(done.returncode, done.stdout + done.stderr, results)


def new_repository(act: str, folder: Path) -> Repository:
    """Return a repository without files, beside a copy of the Action."""
    home = folder / "runner"
    for file in tracked_files():
        target = home / "action" / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, target)
    return Repository(act, folder / "my site", home)


def tracked_files() -> list[str]:
    """Name what a checkout of this repository has, and what is about to be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [file for file in listed.stdout.split("\0") if file and (ROOT / file).is_file()]


def _is_of_packages(name: str) -> bool:
    """Whether a variable says how this machine reaches its package index."""
    return name.startswith(("PIP_", "SSL_")) or name.lower().endswith("_proxy")
