"""Cloudflare's own Python SDK makes every call about Pages, and its types judge each answer.

Usage: PYTHON_WITH_THE_SDK tests/emulator/sdk_driver.py methods|direct|git|ends

`methods` prints the names of the methods that the SDK has below `client.pages`. Each of the others
is a story that is told to the API which the environment names:

1. A call is made with strict validation. Where the SDK refuses the answer, each place that it finds
   wrong is noted under the method's name, and the story goes on with the answer as it came.
2. Fields that the SDK does not know are noted too.
3. What was noted is printed as JSON.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pydantic
from cloudflare import APIResponseValidationError, Cloudflare
from cloudflare._resource import SyncAPIResource

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = b"<h1>hi</h1>\n"
# As wrangler computes it.
KEY = "17453d0cfb9bacc76d9f30d3cb9ca048"
MANIFEST = json.dumps({"/index.html": KEY})
WRAPPERS = {"with_raw_response", "with_streaming_response"}


def methods_of(resource: Any, prefix: str = "") -> Iterator[str]:
    """Yield the names of the methods of a resource and of those below it."""
    for name in dir(type(resource)):
        if name.startswith("_") or name in WRAPPERS:
            continue
        member = getattr(resource, name)
        if isinstance(member, SyncAPIResource):
            yield from methods_of(member, f"{prefix}{name}.")
        elif callable(member):
            yield prefix + name


class Story:
    """Makes the calls of one account, and remembers what is wrong with the answers."""

    def __init__(self) -> None:
        self.client = Cloudflare(
            api_token=os.environ["CLOUDFLARE_API_TOKEN"],
            base_url=os.environ["CLOUDFLARE_API_BASE_URL"],
            max_retries=0,
            _strict_response_validation=True,
        )
        self.account = {"account_id": os.environ["CLOUDFLARE_ACCOUNT_ID"]}
        self.mismatches: dict[str, list[dict[str, Any]]] = {}
        self.unknown_fields: set[str] = set()

    # Any: the SDK has a type for each call, and the story only passes ids on.
    def call(self, method: str, *arguments: Any, upload_token: str = "", **named: Any) -> Any:
        """Make a call; returns the result as JSON, be it right or not."""
        client = self.client.with_options(api_token=upload_token) if upload_token else self.client
        noted = self.mismatches.setdefault(method, [])
        try:
            answer = attrgetter(method)(client.pages)(*arguments, **named)
        except APIResponseValidationError as error:
            if not isinstance(error.__cause__, pydantic.ValidationError):
                raise
            noted += [
                {"place": _place(one["loc"]), "why": one["type"], "found": one["input"]}
                for one in error.__cause__.errors()
            ]
            return error.body["result"]
        # A listing asks for its further pages while it is read.
        result = list(answer) if hasattr(answer, "iter_pages") else answer
        self.unknown_fields |= set(_unknown_fields(result))
        return _plain(result)

    def of_project(self, method: str, *arguments: str, project: str, **named: Any) -> Any:
        """Make a call about something in a project."""
        return self.call(method, *arguments, project_name=project, **self.account, **named)


def _place(location: tuple[str | int, ...]) -> str:
    return ".".join("*" if isinstance(step, int) else step for step in location)


def _unknown_fields(value: Any) -> Iterator[str]:
    if isinstance(value, pydantic.BaseModel):
        yield from (f"{type(value).__name__}.{name}" for name in value.model_extra or {})
        for name in type(value).model_fields:
            yield from _unknown_fields(getattr(value, name, None))
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _unknown_fields(item)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.to_dict(mode="json") if isinstance(value, pydantic.BaseModel) else value


def tell_direct(story: Story) -> None:
    """A project of direct uploads: every method once at the least."""
    name = "direct"
    variables = {
        "A": {"type": "plain_text", "value": "1"},
        "B": {"type": "secret_text", "value": "2"},
    }
    story.call(
        "projects.create",
        **story.account,
        name=name,
        production_branch="main",
        build_config={"destination_dir": "public"},
        deployment_configs={"production": {"env_vars": variables}},
    )
    story.call("projects.get", name, **story.account)
    token = story.call("projects.get_upload_token", name, **story.account)["jwt"]
    missing = story.call("assets.check_missing", hashes=[KEY], upload_token=token)
    entry = {
        "key": KEY,
        "value": base64.b64encode(PAGE).decode(),
        "base64": True,
        "metadata": {"content_type": "text/html"},
    }
    story.call("assets.upload", body=[entry] if missing == [KEY] else [], upload_token=token)
    story.call("assets.upsert_hashes", hashes=[KEY], upload_token=token)

    def create(**parts: Any) -> str:
        made = story.call(
            "projects.deployments.create", name, **story.account, manifest=MANIFEST, **parts
        )
        return str(made["id"])

    first = create()
    second = create(branch="main", commit_hash="a" * 40, commit_message="m", commit_dirty="true")
    preview = create(branch="x", _headers=("_headers", b"/*\n  X-A: 1\n"))
    story.of_project("projects.deployments.rollback", first, project=name)
    story.of_project("projects.deployments.retry", preview, project=name)
    story.of_project("projects.deployments.get", second, project=name)
    story.of_project("projects.deployments.history.logs.get", second, project=name)
    tail = story.of_project("projects.deployments.tails.create", second, project=name)["id"]
    story.of_project("projects.deployments.tails.delete", tail, project=name, deployment_id=second)
    story.call("projects.deployments.list", name, **story.account, env="preview", per_page=1)
    story.of_project("projects.deployments.delete", preview, project=name, force=True)
    story.call("projects.list", **story.account)
    story.call(
        "projects.edit",
        name,
        **story.account,
        deployment_configs={"production": {"env_vars": {"A": None}}},
    )
    story.call("projects.purge_build_cache", name, **story.account)
    tell_domain(story, name, "www.example.test")
    story.call("projects.delete", name, **story.account)


def tell_domain(story: Story, project: str, name: str) -> None:
    """A custom domain, from its beginning to its end."""
    story.call("projects.domains.create", project, **story.account, name=name)
    story.of_project("projects.domains.get", name, project=project)
    story.of_project("projects.domains.edit", name, project=project)
    story.call("projects.domains.list", project, **story.account)
    story.of_project("projects.domains.delete", name, project=project)


def tell_git(story: Story) -> None:
    """A project that Pages builds from a repository."""
    name = "git"
    source = {"type": "github", "config": {"owner": "someone", "repo_name": "site"}}
    story.call(
        "projects.create", **story.account, name=name, production_branch="main", source=source
    )
    built = story.call("projects.deployments.create", name, **story.account)["id"]
    story.call("projects.deployments.create", name, **story.account, branch="x")
    story.of_project("projects.deployments.get", built, project=name)
    story.of_project("projects.deployments.retry", built, project=name)
    story.of_project("projects.deployments.rollback", built, project=name)
    story.call("projects.deployments.list", name, **story.account)
    config = {"preview_deployment_setting": "custom", "preview_branch_includes": ["x"]}
    story.call("projects.edit", name, **story.account, source={"type": "github", "config": config})
    story.call("projects.get", name, **story.account)
    story.call("projects.list", **story.account)


def tell_ends(story: Story) -> None:
    """Deployments and domains that end as the API was told beforehand."""
    name = "ends"
    source = {"type": "gitlab", "config": {"owner": "someone", "repo_name": "site"}}
    story.call(
        "projects.create", **story.account, name=name, production_branch="main", source=source
    )
    for _ in range(4):
        made = story.call("projects.deployments.create", name, **story.account)["id"]
        story.of_project("projects.deployments.get", made, project=name)
        story.of_project("projects.deployments.history.logs.get", made, project=name)
        story.call("projects.get", name, **story.account)
    for number in range(5):
        tell_domain(story, name, f"d{number}.example.test")


def main() -> None:
    """Tell the story that the command line names."""
    (name,) = sys.argv[1:]
    story = Story()
    if name == "methods":
        json.dump(sorted(methods_of(story.client.pages)), sys.stdout)
        return
    {"direct": tell_direct, "git": tell_git, "ends": tell_ends}[name](story)
    noted = {"mismatches": story.mismatches, "unknown_fields": sorted(story.unknown_fields)}
    json.dump(noted, sys.stdout)


if __name__ == "__main__":
    main()
