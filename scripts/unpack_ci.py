"""Write out what is inside the files of CI platforms, so that linters can see it.

Usage: python scripts/unpack_ci.py DIRECTORY

`gitlab-ci.yml` is the component's job with the default of every input in its place; each script of
an action, of the component and of a sample becomes a file of its own.
"""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parent.parent
COMPONENT = ROOT / "templates/pages-deploy.yml"
SAMPLES = ROOT / "examples/ci"
# Variables of platforms that a script uses, for a linter that wants to see them set.
SET_BY_PLATFORMS = ("CI_COMMIT_REF_NAME",)


def main(target: Path) -> None:
    (target / "gitlab-ci.yml").write_text(component({}), "utf-8")
    head = "\n".join(
        ["#!/usr/bin/env bash", "set -e", *(f"export {name}=" for name in SET_BY_PLATFORMS)]
    )
    for name, script in scripts().items():
        (target / f"{name}.sh").write_text(f"{head}\n{script}\n", "utf-8")


def component(inputs: Mapping[str, str]) -> str:
    """Return the component's job with values in place of its inputs, as GitLab interpolates."""
    head, _, job = COMPONENT.read_text("utf-8").partition("\n---\n")
    values = {name: str(entry["default"]) for name, entry in component_inputs(head).items()}
    values = {name: _as_gitlab(value) for name, value in (values | dict(inputs)).items()}
    return re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: values[found[1]], job)


def component_inputs(head: str | None = None) -> dict[str, Any]:
    """Return what the component says of each input."""
    text = COMPONENT.read_text("utf-8").partition("\n---\n")[0] if head is None else head
    spec = yaml.safe_load(text)
    inputs: dict[str, Any] = spec["spec"]["inputs"]
    return inputs


def scripts() -> dict[str, str]:
    """Return every script by the name of its platform, the lines of one job as one."""
    (job,) = yaml.safe_load(component({})).values()
    action = _load(ROOT / "action.yml")
    return {
        "action": "\n".join(step["run"] for step in action["runs"]["steps"]),
        "gitlab": "\n".join(job["script"]),
        "gitlab-review": "\n".join(lines(_load(SAMPLES / "gitlab-review.yml"))),
        **{name: "\n".join(lines(_load(SAMPLES / f"{name}.yml"))) for name in WHOLE},
        **{name.lower(): "\n".join(jenkins_scripts(name)) for name in JENKINSFILES},
        "teamcity": teamcity_script(),
    }


def jenkins_scripts(name: str) -> list[str]:
    text = (SAMPLES / name).read_text("utf-8")
    return [one or other for one, other in re.findall(r"\bsh '(.*)'|script: '(.*)'", text)]


def teamcity_script() -> str:
    text = (SAMPLES / "teamcity.kts").read_text("utf-8")
    (script,) = re.findall(r'scriptContent = """(.*?)"""', text, flags=re.DOTALL)
    return textwrap.dedent(script).strip()


JENKINSFILES = ("Jenkinsfile", "Jenkinsfile.multibranch")
# Whose scripts, one after another, are all that a job does.
WHOLE = (
    "azure-pipelines",
    "bitbucket-pipelines",
    "buildkite",
    "buildspec",
    "circleci",
    "travis",
)
SCRIPT_KEYS = frozenset({"bash", "script", "commands", "command", "install"})


def lines(data: Any) -> Iterator[str]:
    """Yield the texts below the keys that hold scripts, in the order of the file."""
    if isinstance(data, dict):
        for key, value in data.items():
            # A phase of AWS CodeBuild is called `install`, too.
            if key in SCRIPT_KEYS and not isinstance(value, dict):
                yield from [value] if isinstance(value, str) else value
            else:
                yield from lines(value)
    elif isinstance(data, list):
        for value in data:
            yield from lines(value)


def _load(file: Path) -> Any:
    return yaml.safe_load(file.read_text("utf-8"))


def _as_gitlab(value: str) -> str:
    return value.lower() if value in {"True", "False"} else value


if __name__ == "__main__":
    main(Path(sys.argv[1]))
