"""What Cloudflare's own asset server answered, asked of a site here over HTTP."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.emulator import Emulator
from pages_deploy.emulator.sites.serving import Site, SiteRequest, answer
from pages_deploy.emulator.state.asset_keys import asset_key, extension
from pages_deploy.emulator.state.assets import UploadedAsset
from pages_deploy.emulator.state.records import Asset
from pages_deploy.emulator.state.submissions import Submission
from pages_deploy.rules.headers import read_headers
from pages_deploy.rules.redirects import read_redirects
from pages_deploy.rules.requests import read_address
from pages_deploy.site.content_types import content_type_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DATA = json.loads((Path(__file__).parents[2] / "data/serving.json").read_text("utf-8"))
VECTORS = DATA["vectors"]
# Fields of the connection, and those that a server adds whatever it serves.
NOT_COMPARED = {"date", "server", "content-length", "connection"}
PROJECTS = ("proj", "myproject")
# Pages has no certificate for a host as deep as this, so nobody can ask there.
UNREACHABLE = {"a.b.proj.pages.dev"}


def name_of(vector: Any) -> str:
    return str(vector["name"])


def compared(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name not in NOT_COMPARED}


def expected(vector: Any) -> dict[str, str]:
    """Return the fields that have to be there; no other may, a null in the vector included."""
    fields = vector["expect"]["headers"]
    return compared({name: value for name, value in fields.items() if value is not None})


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        for name in PROJECTS:
            store = running.store
            store.projects.create(running.account_id, name, production_branch="main")
        hosts = {vector["request"]["headers"]["host"].partition(":")[0] for vector in VECTORS}
        for host in hosts:
            if not host.endswith(".pages.dev"):
                running.store.add_domain("proj", host)
        yield running


def put(emulator: Emulator, vector: Any) -> None:
    """Deploy a vector's site to every host that a vector asks."""
    store = emulator.store
    files = {path: text.encode() for path, text in DATA["sites"][vector["site"]].items()}
    keys = {path: asset_key(content, extension(path)) for path, content in files.items()}
    store.assets.put(
        UploadedAsset(key=keys[path], content=content, content_type=content_type_of(path))
        for path, content in files.items()
    )
    special = {f"_{kind}": vector.get(kind) for kind in ("headers", "redirects")}
    special_files = {name: text.encode() for name, text in special.items() if text is not None}
    for name in PROJECTS:
        project = store.projects.get(emulator.account_id, name)
        for branch in ("main", "abc123"):
            submission = Submission(manifest=keys, branch=branch, special_files=special_files)
            store.deployments.create(project, submission)


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_a_site_answers_as_cloudflares_server_does(emulator: Emulator, vector: Any) -> None:
    request, wanted = vector["request"], vector["expect"]
    if request["headers"]["host"] in UNREACHABLE:
        pytest.skip("no host of Pages")
    put(emulator, vector)
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=30)
    connection.putrequest(
        request["method"], request["path"], skip_host=True, skip_accept_encoding=True
    )
    for name, value in request["headers"].items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    fields: dict[str, list[str]] = {}
    for name, value in response.getheaders():
        fields.setdefault(name.lower(), []).append(value.encode("latin-1").decode())
    found = compared({name: ", ".join(values) for name, values in fields.items()})
    if "content-type" not in wanted["headers"] and request["path"] == "/.html":
        found.pop("content-type", None)
    assert (response.status, found) == (wanted["status"], expected(vector))
    if wanted["body"] is not None:
        assert body == wanted["body"]


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_the_rules_alone_answer_the_same(vector: Any) -> None:
    """Without HTTP, and so at hosts that nobody can ask."""
    request, wanted = vector["request"], vector["expect"]
    files = DATA["sites"][vector["site"]]
    host = request["headers"]["host"]
    assets = {
        path: Asset(
            key=asset_key(text.encode(), extension(path)), content_type=content_type_of(path)
        )
        for path, text in files.items()
    }
    site = Site(
        lookup=assets.get,
        redirects=read_redirects(vector.get("redirects") or ""),
        headers=read_headers(vector.get("headers") or ""),
        is_indexed=not host.endswith(".pages.dev") or host.count(".") == 2,
    )
    asked = SiteRequest(
        method=request["method"],
        address=read_address(host, request["path"]),
        fields=request["headers"],
    )
    found = answer(asked, site)
    fields = {name.lower(): ", ".join(values) for name, values in found.fields.items()}
    if request["path"] == "/.html":
        fields.pop("content-type", None)
    assert (found.status, compared(fields)) == (wanted["status"], expected(vector))
