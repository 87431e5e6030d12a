"""Runs a workflow's jobs as far as the samples need it; actionlint and zizmor look at the rest.

1. The contexts of expressions are the test's own; an expression that is none of theirs is an error.
2. A script is run by bash; our Action by its entrypoint, with its inputs as INPUT_*; an artifact is
   a copy; a checkout is what the test has prepared.
3. What fails stops the job, but for steps whose condition says otherwise.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import yaml

from scripts import names
from tests.acceptance.samples import COMMIT, ROOT, path_of
from tests.world import inherited

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OURS = names.ACTION
REPOSITORY = "octo/site"
# A text, a status function, a context, or an operator that Python spells otherwise.
_PART = re.compile(r"'[^']*'|!?[a-z]+\(\)|[A-Za-z_][\w.-]*|&&|\|\|")
_OPERATORS = {"&&": "and", "||": "or", "!cancelled()": "True"}


def load(file: Path) -> Any:
    # YAML 1.1 takes the key `on` for a truth value.
    return yaml.safe_load(re.sub(r"^on:", '"on":', file.read_text("utf-8"), flags=re.MULTILINE))


def steps_of_ours(workflow: Any) -> list[Any]:
    return [
        step
        for job in workflow["jobs"].values()
        for step in job["steps"]
        if step.get("uses", "") == OURS
    ]


@dataclass
class Runner:
    """A runner with a checkout, which knows what GitHub would know."""

    checkout: Path
    contexts: dict[str, Any]
    environ: dict[str, str]
    artifacts: dict[str, Path] = field(default_factory=dict)
    log: str = ""

    def run(self, file: Path) -> bool:
        """Run every job of a workflow; tell whether all went well."""
        went_well = True
        for job in load(file)["jobs"].values():
            rows = job.get("strategy", {}).get("matrix", {}).get("include", [{}])
            for row in rows:
                self.contexts["matrix"] = row
                went_well &= self._job(job)
        return went_well

    def _job(self, job: Any) -> bool:
        if not self._holds(job.get("if", "true")):
            return True
        environ = {**self.environ, **self._expanded(job.get("env", {}))}
        self.contexts["steps"] = {}
        went_well = True
        for number, step in enumerate(job["steps"]):
            name = step.get("id", str(number))
            condition = step.get("if", "")
            if not (self._holds(condition) if condition else went_well):
                self.contexts["steps"][name] = {"conclusion": "skipped", "outputs": {}}
                continue
            done, outputs = self._step(step, {**environ, **self._expanded(step.get("env", {}))})
            self.log += done.stdout + done.stderr
            went_well &= done.returncode == 0
            conclusion = "success" if done.returncode == 0 else "failure"
            self.contexts["steps"][name] = {"conclusion": conclusion, "outputs": outputs}
        return went_well

    def _step(
        self, step: Any, environ: dict[str, str]
    ) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
        if "run" in step:
            assert "${{" not in step["run"]
            command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
            folder = self.checkout / self._text(step.get("working-directory", ""))
            return self._process(command, environ, folder), {}
        used, given = step["uses"], self._expanded(step.get("with", {}))
        if used == OURS:
            file = self.checkout.parent / "output"
            file.write_text("", "utf-8")
            inputs = {f"INPUT_{name.upper()}": value for name, value in given.items()}
            command = [sys.executable, "-I", str(ROOT / "entrypoint.py")]
            done = self._process(
                command, {**environ, **inputs, "GITHUB_OUTPUT": str(file)}, self.checkout
            )
            return done, outputs_in(file)
        if "/upload-artifact@" in used:
            kept = self.checkout.parent / f"artifact-{given['name']}"
            shutil.copytree(self.checkout / given["path"], kept)
            self.artifacts[given["name"]] = kept
        elif "/download-artifact@" in used:
            target = self.checkout / given["path"]
            shutil.copytree(self.artifacts[given["name"]], target, dirs_exist_ok=True)
        else:
            assert used.startswith("actions/checkout@"), used
        return subprocess.CompletedProcess((), 0, "", ""), {}

    def _process(
        self, command: list[str], environ: Mapping[str, str], folder: Path
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=folder,
            env={**inherited(), "PATH": path_of(self.checkout), **environ},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def _expanded(self, mapping: Mapping[str, Any]) -> dict[str, str]:
        return {name: self._text(value) for name, value in mapping.items()}

    def _text(self, value: Any) -> str:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(self._value(found[1])), text)

    def _holds(self, condition: str) -> bool:
        return bool(self._value(condition.strip().removeprefix("${{").removesuffix("}}")))

    def _value(self, expression: str) -> Any:
        python = _PART.sub(lambda found: self._in_python(found[0]), expression)
        return eval(python.strip())

    def _in_python(self, part: str) -> str:
        if part.startswith("'"):
            return part
        if part in _OPERATORS:
            return f" {_OPERATORS[part]} "
        value: Any = {**self.contexts, "true": True}
        for name in part.split("."):
            value = value[name]
        return repr(value)


def outputs_in(file: Path) -> dict[str, str]:
    """Read the outputs of a step; none of ours has more than one line."""
    found = re.findall(r"^(.+?)<<(.+)\n(.*)\n\2$", file.read_text("utf-8"), flags=re.MULTILINE)
    return {name: value for name, _, value in found}


class MakeRunner(Protocol):
    def __call__(
        self,
        event_name: str,
        event: Mapping[str, Any],
        *,
        environ: Mapping[str, str],
        has_secrets: bool = True,
    ) -> Runner:
        """Make a runner for an event of the repository."""


def push(runner: MakeRunner) -> Runner:
    ref = {"GITHUB_REF": "refs/heads/main", "GITHUB_REF_NAME": "main", "GITHUB_REF_TYPE": "branch"}
    return runner("push", {}, environ={"GITHUB_SHA": COMMIT, **ref})


def pull_request(
    runner: MakeRunner,
    *,
    source: str = REPOSITORY,
    branch: str = "feature",
    event_name: str = "pull_request",
) -> Runner:
    head = {"ref": branch, "sha": COMMIT, "repo": {"full_name": source}}
    event = {"pull_request": {"number": 42, "head": head}}
    environ = {"GITHUB_HEAD_REF": branch}
    has_secrets = source == REPOSITORY or event_name == "pull_request_target"
    return runner(event_name, event, environ=environ, has_secrets=has_secrets)


def workflow_run(runner: MakeRunner, built: Runner, *, source: str, branch: str) -> Runner:
    event = {
        "id": 9,
        "conclusion": "success",
        "head_branch": branch,
        "head_sha": COMMIT,
        "head_repository": {"full_name": source},
        "pull_requests": [],
    }
    environ = {"GITHUB_REF_NAME": "main"}
    made = runner("workflow_run", {"workflow_run": event}, environ=environ)
    # Nothing is checked out.
    made.checkout = made.checkout.parent / "workspace"
    made.checkout.mkdir()
    made.artifacts = built.artifacts
    return made
