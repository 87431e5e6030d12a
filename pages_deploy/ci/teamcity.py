"""TeamCity: https://www.jetbrains.com/help/teamcity/predefined-build-parameters.html

It says most of what is needed in a file of Java properties.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pages_deploy.ci.build_context import (
    BuildContext,
    first_commit_hash,
    fork_branch,
    pull_request_number,
    slug_of,
    tag_reason,
)
from pages_deploy.ci.platform import Dialect, Platform, WriteLine, variable_names
from pages_deploy.text.escaping import teamcity

if TYPE_CHECKING:
    from collections.abc import Mapping

# https://www.jetbrains.com/help/teamcity/service-messages.html#Reporting+Build+Problems
LONGEST_DESCRIPTION = 4000
# What the branch specification for pull requests makes of their refs.
_PULL_BRANCH = re.compile(r"(?:refs/)?pull/([0-9]+)(?:/(?:head|merge))?")
_TAG_PREFIX = "refs/tags/"
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}


def _build(environ: Mapping[str, str]) -> BuildContext:
    properties = _read(environ.get("TEAMCITY_BUILD_PROPERTIES_FILE", ""))
    properties |= _read(properties.get("teamcity.configuration.properties.file", ""))
    # `<default>` is the default branch, whatever its name; `pull/42` is a pull request's.
    branch = properties.get("teamcity.build.branch", "")
    found = _PULL_BRANCH.fullmatch(branch)
    in_branch = pull_request_number(found[1]) if found else ""
    pull_request = (
        pull_request_number(properties.get("teamcity.pullRequest.number", "")) or in_branch
    )
    if branch == "<default>":
        branch = ""
    source = properties.get("teamcity.pullRequest.source.branch", "")
    # The source branch is only named where it is in the same repository.
    is_fork = bool(pull_request) and not source
    if pull_request:
        branch = source or fork_branch(pull_request=pull_request)
    is_tag = branch.startswith(_TAG_PREFIX)
    return BuildContext(
        platform="TeamCity",
        is_ci=True,
        branch="" if is_tag else branch.removeprefix("refs/heads/"),
        commit_hash=first_commit_hash(environ.get("BUILD_VCS_NUMBER", "")),
        commit_dirty=False,
        no_branch_reason=tag_reason(branch.removeprefix(_TAG_PREFIX)) if is_tag else "",
        pull_request=pull_request,
        is_fork=is_fork,
        run_url=environ.get("BUILD_URL", ""),
        repository=slug_of(properties.get("vcsroot.url", "")),
    )


def _read(path: str) -> dict[str, str]:
    """Read a file of Java properties, of which TeamCity writes the simple form, a pair a line."""
    if not path:
        return {}
    try:
        text = Path(path).read_text("latin-1")
    except (OSError, ValueError):
        return {}
    pairs = {}
    for line in text.splitlines():
        match = re.match(r"\s*+([^#!\s=:](?:\\.|[^\\=:\s])*+)\s*+[=:]\s*+(.*+)", line)
        if match is not None:
            pairs[_plain(match[1])] = _plain(match[2])
    return pairs


def _plain(text: str) -> str:
    def replace(found: re.Match[str]) -> str:
        code = found[1]
        return chr(int(code[1:], 16)) if len(code) > 1 else _CONTROLS.get(code, code)

    # Beyond the first 65,536 characters Java writes two escapes for one.
    return _ESCAPE.sub(replace, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _description(text: str) -> str:
    return teamcity(text[:LONGEST_DESCRIPTION])


def hand_back(outputs: Mapping[str, str], _environ: Mapping[str, str], write: WriteLine) -> None:
    """Set environment variables for later steps."""
    for name, value in variable_names(outputs).items():
        write(f"##teamcity[setParameter name='env.{name}' value='{teamcity(value)}']")


PLATFORM = Platform(
    name="teamcity",
    detect=lambda environ: bool(environ.get("TEAMCITY_VERSION")),
    build=_build,
    secrets_place="the build configuration's Parameters, of the type password",
    dialect=Dialect(
        warning=lambda text: f"##teamcity[message text='{teamcity(text)}' status='WARNING']",
        # Unlike a message it fails the build, and is told on its page.
        error=lambda text: f"##teamcity[buildProblem description='{_description(text)}']",
        open_section=lambda _title, _time: "##teamcity[blockOpened name='pages-deploy']",
        close_section=lambda _time: "##teamcity[blockClosed name='pages-deploy']",
    ),
    hand_back=hand_back,
)
