"""Paths that a Worker would answer, over HTTP."""

from __future__ import annotations

import contextlib
import http.client
from typing import TYPE_CHECKING

from tests.emulator.worker_code import JAVASCRIPT, bundle, rules

if TYPE_CHECKING:
    from tests.emulator.direct_upload import DirectUpload

FILES = {"/index.html": b"home", "/api/static.txt": b"static", "/caf\u00e9": b"asset"}


def is_of_worker(client: DirectUpload, path: str, method: str = "GET") -> bool:
    """Ask with the path as it stands here, which other clients would tidy up first."""
    connection = http.client.HTTPConnection("127.0.0.1", client.emulator.port, timeout=20)
    with contextlib.closing(connection):
        connection.request(method, path, headers={"Host": "demo.localhost"})
        answer = connection.getresponse()
        answer.read()
    is_page = answer.headers.get("X-Emulator-Worker") == "not-run"
    assert (answer.status == 203) is is_page
    return is_page


def test_rules_tell_the_worker_from_the_assets(client: DirectUpload) -> None:
    routes = rules("/api/*", "/only", exclude=("/api/static.txt",))
    client.deploy(FILES, **{"_worker.bundle": bundle(), "_routes.json": routes})
    assert client.visit("demo", "/").content == b"home"
    assert client.visit("demo", "/api/static.txt").content == b"static"
    for path in ("/api", "/api/", "/api/x?y=1", "/only/", "/x/../api/y", "/%2e/only"):
        assert is_of_worker(client, path), path
    for path in ("/API", "/apis", "//api/x", "/only/x", "/api/../x"):
        assert not is_of_worker(client, path), path


def test_a_worker_without_rules_answers_everything(client: DirectUpload) -> None:
    client.deploy(FILES, **{"_worker.bundle": bundle()})
    for method in ("GET", "POST", "OPTIONS", "PROPFIND"):
        assert is_of_worker(client, "/", method)
    head = client.visit("demo", "/", method="HEAD")
    assert (head.headers["X-Emulator-Worker"], head.content) == ("not-run", b"")


def test_the_page_says_what_it_is_and_shows_modules_and_rules(client: DirectUpload) -> None:
    modules = {"index.js": (JAVASCRIPT, b"x"), "<b>&.txt": ("text/plain", b"four")}
    routes = rules("/a/*", "/{b}", exclude=("/a/b",))
    client.deploy(FILES, **{"_worker.bundle": bundle(modules), "_routes.json": routes})
    page = client.visit("demo", "/a/").text
    assert "does not run it" in page
    assert "index.js (application/javascript+module, 1 bytes), the main module" in page
    assert "&lt;b&gt;&amp;.txt (text/plain, 4 bytes)" in page
    for said in ("/a/* reaches the Worker", "/{b} reaches the Worker", "/a/b does not"):
        assert said in page


def test_each_deployment_has_its_own_worker(client: DirectUpload) -> None:
    with_worker = client.deploy(FILES, **{"_worker.bundle": bundle()})
    client.deploy(FILES)
    assert client.visit("demo", "/").content == b"home"
    assert client.visit(with_worker["url"], "/").status_code == 203
