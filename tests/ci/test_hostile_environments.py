"""What holds whatever the environment says: a branch's name and the files of a checkout are those
of whoever opens a pull request.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages_deploy.ci.completion import with_git
from pages_deploy.ci.detection import NAMES, read_build
from tests.ci.checkouts import fake_git_dir

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.ci.build_context import BuildContext

pytestmark = pytest.mark.slow

LONG, LONGER = "1" * 40, "a" * 64
BRANCHES = [
    "main",
    "feature/x",
    "HEAD",
    "42/merge",
    "42/head",
    "detached",
    "pull/42",
    "pull/42/head",
]
BRANCHES += ["bob:main", "PR-42", "<default>", f"gh-readonly-queue/main/pr-42-{LONG}", "a b\n::x"]
REFS = [f"refs/{place}" for place in ("heads/main", "tags/v1", "pull/42/merge", "pull/42/head", "")]
TRIGGERS = ["branch/main", "pr/42", "tag/v1", "origin/main", "refs/remotes/origin/HEAD"]
NUMBERS = ["42", "42", "42", "0", "false", "-1", "٤٢", "9" * 30, "a!42,b!7"]
WORDS = ["true", "True", "branch", "tag", "pull_request", "workflow_run", "woodpecker"]
REPOSITORIES = ["acme/site", "bob/site", "bob", "git@x:acme/site.git", "https://u:p@x/bob/site/"]
HASHES = [LONG, LONGER, LONG[:12], LONG + "\n", "g" * 40]
ODD = [
    "",
    " ",
    "\x00",
    "\udcff",
    "\ud800",
    "../..",
    "/",
    "arn:aws:codebuild:a:b:build/c:d",
    "%s{0}",
]
VALUES = [*BRANCHES, *REFS, *TRIGGERS, *NUMBERS, *WORDS, *REPOSITORIES, *HASHES, *ODD]

values = st.sampled_from(VALUES) | st.text(max_size=12)
scalars = st.none() | st.booleans() | st.integers() | st.just(42) | values


def records(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects of JSON that have these fields or not, and now and then no objects at all."""
    return st.fixed_dictionaries({}, optional=fields) | scalars


repositories = records(full_name=scalars)
events = records(
    head_commit=records(message=scalars),
    issue=records(number=scalars, pull_request=records(url=scalars)),
    pull_request=records(number=scalars, head=records(ref=scalars, sha=scalars, repo=repositories)),
    workflow_run=records(head_branch=scalars, head_sha=scalars, head_repository=repositories),
)


class AnyEnvironment(Mapping[str, str]):
    """An environment that has, or has not, whatever it is asked for, and then sticks to it."""

    def __init__(self, data: st.DataObject, known: Mapping[str, str]) -> None:
        self.answers: dict[str, str | None] = dict(known)
        self._data = data

    def __getitem__(self, name: str) -> str:
        if name not in self.answers:
            self.answers[name] = self._data.draw(st.none() | values | values, label=name)
        value = self.answers[name]
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(name for name, value in self.answers.items() if value is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory for files that every example overwrites, and some checkouts."""
    root = tmp_path_factory.mktemp("hostile")
    fake_git_dir(root / "branch", {"HEAD": "ref: refs/heads/main", "refs/heads/main": LONG})
    fake_git_dir(root / "detached", {"HEAD": LONG, "refs/remotes/origin/main": LONG})
    fake_git_dir(root / "merge", {"HEAD": LONG, "refs/remotes/pull/42/merge": LONG})
    (root / "none").mkdir()
    return root


def assert_safe(context: BuildContext) -> None:
    assert not re.fullmatch(r"(?s)HEAD|[0-9]+/(merge|head)|refs/.*", context.branch)
    assert re.fullmatch(r"|[0-9a-f]{40}|[0-9a-f]{64}", context.commit_hash)
    assert re.fullmatch(r"|[1-9][0-9]*", context.pull_request)
    if context.is_fork and context.pull_request:
        assert context.branch in {"", f"pr-{context.pull_request}"}


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data(), event=events)
@settings(max_examples=40, deadline=None)
def test_no_environment_makes_a_fork_look_like_a_branch_of_ours(
    place: Path, name: str, data: st.DataObject, event: Any
) -> None:
    file = place / "event.json"
    file.write_text(json.dumps(event))
    environ = AnyEnvironment(data, {"GITHUB_EVENT_PATH": str(file)})
    directory = place / data.draw(st.sampled_from(["none", "branch", "detached", "merge"]))
    context = read_build(environ, directory, name=name)
    assert_safe(context)
    if context.is_fork:
        told = {value for value in environ.answers.values() if value}
        assert context.branch not in told | {"main"}
    with pytest.MonkeyPatch.context() as patch:
        # Without git, which knows nothing more of these checkouts and takes its time to say so.
        patch.setenv("PATH", "")
        completed = with_git(context, directory, os.environ)
    assert_safe(completed)
    if context.is_fork or context.pull_request:
        assert (completed.branch, completed.commit_hash) == (context.branch, context.commit_hash)


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_every_environment_is_some_platforms(place: Path, data: st.DataObject) -> None:
    context = read_build(AnyEnvironment(data, {}), place / "none")
    assert context.platform
    assert_safe(context)


@given(
    pairs=st.dictionaries(
        st.sampled_from(
            [
                "teamcity.build.branch",
                "teamcity.pullRequest.number",
                "teamcity.pullRequest.source.branch",
                "vcsroot.url",
                "teamcity.configuration.properties.file",
            ]
        ),
        values.filter(lambda text: text.isprintable()) | st.just("\\u0000") | st.just("\\ud800"),
    ),
    rest=st.binary(max_size=40),
)
@settings(max_examples=40, deadline=None)
def test_no_file_of_properties_makes_a_fork_look_like_a_branch_of_ours(
    place: Path, pairs: dict[str, str], rest: bytes
) -> None:
    file = place / "build.properties"
    text = "".join(f"{name}={value}\n" for name, value in pairs.items())
    file.write_bytes(text.encode("latin-1", "replace") + rest)
    environ = {"TEAMCITY_VERSION": "1", "TEAMCITY_BUILD_PROPERTIES_FILE": str(file)}
    context = read_build(environ, place / "branch")
    assert_safe(context)
    context.branch.encode()
    assert_safe(with_git(context, place / "merge", os.environ))
