"""The same requests, side by side, to `wrangler pages dev` on the same directory.

Left out is what `pages dev` answers from its disk, and Pages never would: a file's name used as a
directory, two slashes in a row, a name that is too long (each a vector of its own instead).
"""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import socket
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from pages_deploy.emulator import Emulator
from pages_deploy.emulator.state.asset_keys import asset_key, extension
from pages_deploy.emulator.state.assets import UploadedAsset
from pages_deploy.emulator.state.submissions import Submission
from pages_deploy.site.content_types import content_type_of
from tests.acceptance.processes import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.acceptance.conftest import Wrangler

pytestmark = [pytest.mark.wrangler, pytest.mark.slow]
# Of the handler; the rest is the connection's, and `x-server-env` says that it is `pages dev`.
COMPARED = (
    *("location", "content-type", "etag", "cache-control", "access-control-allow-origin"),
    *("referrer-policy", "x-content-type-options", "x-robots-tag", "link", "x-a", "x-b", "x-c"),
)
# The newest that this wrangler's runtime knows may be older than today.
COMPATIBILITY_DATE = "2026-01-01"
FOLDERS = ("", "guide/", "guide/deep/er/", "api/v1.2/", "über uns/", "blog/2026/")
NAMES = (
    "index.html",
    "about.html",
    "404.html",
    "a b.txt",
    "é+&.css",
    "plain",
    "x.tar.gz",
    "app.js",
)
RULES = {
    "_redirects": """\
# Moved
/old /guide/ 301
/old-page.html /guide/about 308
/gone https://other.test/gone 302
/blog/:year/:slug /blog/2026/:slug?y=:year 303
/posts/* /blog/:splat 307
/shown/* /guide/:splat 200
/home / 200
/frag /guide/#part
/q /guide/?own=1
/bad
/loop/* /loop/index.html 200
/ünï /guide/ 301
/late /guide/about
""",
    "_headers": """\
/*
  X-A: all
/guide/*
  X-A: guide
  X-B: :splat
  ! Access-Control-Allow-Origin
/api/:version/*
  X-C: v-:version
  Cache-Control: public, max-age=60
/*.css
  Content-Type: text/x-other
/nothing
no colon here
""",
}


@dataclass(frozen=True)
class Question:
    method: str
    path: str
    fields: tuple[tuple[str, str], ...] = ()


Answer = tuple[int, dict[str, str], bytes]


def site_of(folders: tuple[str, ...], pages: int) -> dict[str, bytes]:
    """Return a site like a documentation's, the same each time."""
    files = {
        f"{folder}{name}": f"<h1>{folder}{name}</h1>".encode()
        for folder in folders
        for name in NAMES
        if not (name == "404.html" and folder == "api/v1.2/")
    }
    drawn = random.Random(4)
    while len(files) < pages:
        folder = "/".join(f"s{drawn.randrange(9)}" for _ in range(drawn.randrange(1, 4)))
        name = drawn.choice(["index", f"page-{drawn.randrange(999)}", f"v1.{drawn.randrange(99)}"])
        kind = drawn.choice(["html", "html", "html", "png", "js", "css", "svg", "json", "txt"])
        files[f"docs/{folder}/{name}.{kind}"] = drawn.randbytes(drawn.randrange(300))
    return files


def questions_of(files: Mapping[str, bytes], count: int) -> list[Question]:
    """Return what visitors might ask of a site, and some things that only a few would."""
    asked = []
    for name, content in files.items():
        path = "/" + quote(name)
        tag = f'"{asset_key(content, extension(name))}"'
        asked += [
            Question("GET", path),
            Question("HEAD", path),
            Question("GET", path + "?a=1&b={c}"),
            Question("GET", path, (("If-None-Match", tag),)),
            Question("GET", path, (("If-None-Match", f"W/{tag}"), ("Range", "bytes=0-1"))),
            Question("POST", path),
            Question("GET", path + "x"),
        ]
        if name.endswith(".html"):
            short = path.removesuffix("index.html").removesuffix(".html")
            asked += [
                Question("GET", short),
                Question("GET", short, (("If-None-Match", tag),)),
                Question("GET", short.rstrip("/") + "/"),
                Question("GET", short.rstrip("/") or "/"),
                Question("GET", short.upper()),
                Question("PUT", short),
            ]
    sources: tuple[str, ...] = (
        "/old",
        "/old-page.html",
        "/gone",
        "/blog/2020/x",
        "/posts/a/b?c=d",
        "/shown/about",
    )
    sources += ("/shown/", "/home", "/frag?x=1", "/q?other=2", "/loop/x", "/%C3%BCn%C3%AF", "/late")
    sources += ("/guide/../old", "/%6fld", "/old?", "/posts/%20/%C3%A9")
    drawn = random.Random(7).sample(asked, min(count, len(asked)))
    return [*drawn, *(Question(method, path) for path in sources for method in ("GET", "POST"))]


def answers(port: int, host: str, questions: list[Question]) -> list[Answer]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    with contextlib.closing(connection):
        return [_answer(connection, host, question) for question in questions]


def _answer(connection: http.client.HTTPConnection, host: str, question: Question) -> Answer:
    connection.putrequest(question.method, question.path, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", host)
    for name, value in question.fields:
        connection.putheader(name, value)
    if question.method in {"POST", "PUT"}:
        connection.putheader("Content-Length", "0")
    connection.endheaders()
    response = connection.getresponse()
    found = {name.lower(): value for name, value in response.getheaders()}
    return (
        response.status,
        {name: found[name] for name in COMPARED if name in found},
        response.read(),
    )


@contextlib.contextmanager
def pages_dev(wrangler: Wrangler, directory: Path) -> Iterator[int]:
    """Run `wrangler pages dev`; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    process = subprocess.Popen(
        [
            *(*wrangler.command, "pages", "dev", str(directory), "--ip", "127.0.0.1"),
            *("--port", str(port), "--compatibility-date", COMPATIBILITY_DATE),
        ],
        cwd=directory.parent,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(directory.parent),
            "CI": "true",
            "WRANGLER_SEND_METRICS": "false",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answers(port, f"127.0.0.1:{port}", [Question("GET", "/")])
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


@pytest.mark.parametrize(
    ("folders", "pages", "rules", "count"),
    [(FOLDERS, 1063, {}, 1500), (FOLDERS, 60, RULES, 900)],
    ids=["documentation", "rules"],
)
def test_it_answers_as_pages_dev_does(
    wrangler: Wrangler,
    tmp_path: Path,
    folders: tuple[str, ...],
    pages: int,
    rules: dict[str, str],
    count: int,
) -> None:
    files = site_of(folders, pages)
    directory = tmp_path / "site"
    for name, content in {**files, **{n: text.encode() for n, text in rules.items()}}.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content)
    questions = questions_of(files, count)
    with pages_dev(wrangler, directory) as port:
        theirs = answers(port, f"127.0.0.1:{port}", questions)
    with Emulator() as emulator:
        store = emulator.store
        project = store.projects.create(emulator.account_id, "demo", production_branch="main")
        keys = {f"/{name}": asset_key(files[name], extension(name)) for name in files}
        store.assets.put(
            UploadedAsset(
                key=keys[f"/{name}"], content=content, content_type=content_type_of(f"/{name}")
            )
            for name, content in files.items()
        )
        special = {name: text.encode() for name, text in rules.items()}
        store.deployments.create(
            project, Submission(manifest=keys, branch="main", special_files=special)
        )
        ours = answers(emulator.port, f"demo.localhost:{emulator.port}", questions)
    different = [
        (question, mine, other)
        for question, mine, other in zip(questions, ours, theirs, strict=True)
        if mine != other
    ]
    assert different == []
    assert {200, 304, 308, 404, 405} <= {status for status, _, _ in ours}
