"""Lists that are as long as they get in practice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.direct_upload import DirectUpload, key_of

pytestmark = pytest.mark.slow

HOME = b"home"


def walk(client: DirectUpload, path: str, per_page: int) -> list[Any]:
    """All items of a list, page by page as clients read it: until a page is short."""
    items: list[Any] = []
    for number in range(1, 1000):
        answer = client.call("GET", f"{path}?page={number}&per_page={per_page}")
        page = answer.json()["result"]
        items += page
        if len(page) < per_page:
            break
    return items


def test_sixty_projects_are_listed_completely(client: DirectUpload) -> None:
    names = {"demo", *(client.create_project(f"p{number}")["name"] for number in range(59))}
    for per_page in (10, 25):
        listed = walk(client, "{projects}", per_page)
        assert len(listed) == 60
        assert {project["name"] for project in listed} == names


def test_five_hundred_deployments_are_listed_completely(client: DirectUpload) -> None:
    client.upload({"/index.html": HOME})
    manifest = {"/index.html": key_of("/index.html", HOME)}
    ids = []
    for number in range(500):
        branch = "main" if number % 5 == 0 else f"branch-{number % 50}"
        ids.append(client.submit(manifest, branch=branch).json()["result"]["id"])
    listed = walk(client, "{projects}/demo/deployments", 25)
    assert [one["id"] for one in listed] == ids[::-1]
    production = walk(client, "{projects}/demo/deployments", 20)
    assert len(production) == 500
    # One of each branch is what its alias leads to.
    assert sum(one["aliases"] is not None for one in listed) == 40
