"""How a small site with rules is served, and who answers where a Worker is in front of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.site.asset_hash import asset_hash

if TYPE_CHECKING:
    from tests.live.cloud import Cloud

FILES = {
    "index.html": "<h1>home</h1>\n",
    "404.html": "<h1>not here</h1>\n",
    "about.html": "<h1>about</h1>\n",
    "plain.txt": "plain\n",
    "app.js": "export {};\n",
    "data.json": "{}\n",
    "docs/index.html": "<h1>docs</h1>\n",
    "docs/404.html": "<h1>no such page of docs</h1>\n",
    "docs/intro.html": "<h1>intro</h1>\n",
    "ünï cödé.html": "<h1>odd</h1>\n",
    "_redirects": (
        "/old /about 301\n"
        "/moved/* /docs/:splat 302\n"
        "/shown /about 200\n"
        "/away https://example.com/there?a=1 307\n"
        "/gone/:year /archive/:year 308\n"
    ),
    "_headers": (
        "/*\n  X-Contract: all\n"
        "/docs/*\n  X-Contract: docs\n"
        "/plain.txt\n  ! X-Contract\n  Cache-Control: public, max-age=60\n"
    ),
}
ODD = "/%C3%BCn%C3%AF%20c%C3%B6d%C3%A9"
HTML, TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"
CACHED = "public, max-age=0, must-revalidate"
# As Cloudflare's documentation and its own asset server have it: docs/live.md.
PAGE = {
    "content-type": HTML,
    "cache-control": CACHED,
    "access-control-allow-origin": "*",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-content-type-options": "nosniff",
    "x-contract": "all",
}
ANSWERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/", {"status": 200, "body": FILES["index.html"], **PAGE}),
    ("/index.html", {"status": 308, "location": "/"}),
    ("/index?a=1", {"status": 308, "location": "/?a=1"}),
    ("/about", {"status": 200, "body": FILES["about.html"], **PAGE}),
    ("/about.html", {"status": 308, "location": "/about"}),
    ("/about/", {"status": 308, "location": "/about"}),
    ("/docs", {"status": 308, "location": "/docs/"}),
    ("/docs/", {"status": 200, "body": FILES["docs/index.html"], "x-contract": "all, docs"}),
    ("/docs/intro", {"status": 200, "body": FILES["docs/intro.html"], "x-contract": "all, docs"}),
    (ODD, {"status": 200, "body": FILES["ünï cödé.html"], **PAGE}),
    (f"{ODD}.html", {"status": 308, "location": ODD}),
    ("/app.js", {"status": 200, "content-type": "application/javascript"}),
    ("/data.json", {"status": 200, "content-type": "application/json"}),
    (
        "/plain.txt",
        {"status": 200, "content-type": TEXT, "cache-control": "public, max-age=60"},
    ),
    (
        "/nothing",
        {
            "status": 404,
            "body": FILES["404.html"],
            "content-type": HTML,
            "cache-control": "no-store",
            "x-contract": "all",
        },
    ),
    ("/docs/nothing", {"status": 404, "body": FILES["docs/404.html"]}),
    ("/_redirects", {"status": 404}),
    ("/_headers", {"status": 404}),
    ("/old", {"status": 301, "location": "/about", "x-contract": "all"}),
    ("/old?a=1", {"status": 301, "location": "/about?a=1"}),
    ("/moved/intro", {"status": 302, "location": "/docs/intro"}),
    ("/shown", {"status": 200, "body": FILES["about.html"]}),
    ("/away", {"status": 307, "location": "https://example.com/there?a=1"}),
    ("/gone/1999", {"status": 308, "location": "/archive/1999"}),
)
FUNCTIONS = {
    "hello.js": (
        "export const onRequestGet = ({ request }) =>\n"
        "  Response.json({ method: request.method, path: new URL(request.url).pathname },\n"
        "    { status: 201, headers: { 'X-Worker': 'yes' } });\n"
    )
}


def test_site(cloud: Cloud) -> None:
    with cloud.checks("serving", is_new_site=True) as checks:
        url = cloud.deploy(FILES, branch="serving").deployment.url
        home = {"status": 200, "body": FILES["index.html"]}
        checks.eventually(f"GET {url}/", home, partial(cloud.visit, url))
    with cloud.checks("serving") as checks:
        for path, expected in ANSWERS:
            checks.eventually(f"GET {url}{path}", expected, partial(cloud.visit, url, path))


def test_methods_and_conditions(cloud: Cloud) -> None:
    key = asset_hash([FILES["index.html"].encode()], "/index.html")
    with cloud.checks("methods and conditions", is_new_site=True) as checks:
        url = cloud.deploy(FILES, branch="serving").deployment.url
        tag = {"status": 200, "etag": f'"{key}"'}
        checks.eventually(f"GET {url}/: the tag", tag, partial(cloud.visit, url))
        checks.equal(
            f"HEAD {url}/",
            {"status": 200, "body": "", "etag": f'"{key}"', "content-type": HTML},
            cloud.visit(url, method="HEAD"),
        )
        for value in (f'"{key}"', f'W/"{key}"'):
            checks.equal(
                f"GET {url}/ with If-None-Match: {value}",
                {"status": 304, "body": ""},
                cloud.visit(url, If_None_Match=value),
            )
        checks.equal(
            f"GET {url}/ with another tag in If-None-Match",
            {"status": 200, "body": FILES["index.html"]},
            cloud.visit(url, If_None_Match='"0"'),
        )
        for path in ("/", "/nothing"):
            checks.equal(
                f"POST {url}{path}", {"status": 405}, cloud.visit(url, path, method="POST")
            )
        checks.equal(
            f"GET {url}/ with Range: bytes=0-1",
            {"status": 200, "body": FILES["index.html"]},
            cloud.visit(url, Range="bytes=0-1"),
        )


def test_search_engines(cloud: Cloud) -> None:
    def robots(url: str) -> dict[str, Any]:
        return {"x-robots-tag": None, **cloud.visit(url)}

    with cloud.checks("search engines", is_new_site=True) as checks:
        marked = {**FILES, "index.html": f"<h1>{cloud.run}</h1>\n"}
        home = {"status": 200, "body": marked["index.html"]}
        preview = cloud.deploy(marked, branch="serving").deployment.url
        cloud.deploy(marked)
        production = cloud.client.projects.get(cloud.project_name).production_url.rstrip("/")
        for url, value in ((preview, "noindex"), (production, None)):
            checks.eventually(
                f"GET {url}/: X-Robots-Tag",
                {**home, "x-robots-tag": value},
                partial(robots, url),
            )


def test_site_of_one_page(cloud: Cloud) -> None:
    """Without a `404.html` the home page answers everywhere."""
    files = {"index.html": FILES["index.html"], "app.js": FILES["app.js"]}
    with cloud.checks("site of one page", is_new_site=True) as checks:
        url = cloud.deploy(files, branch="one-page").deployment.url
        expected = {"status": 200, "body": files["index.html"], "content-type": HTML}
        for path in ("/", "/any/where", "/missing.js"):
            checks.eventually(f"GET {url}{path}", expected, partial(cloud.visit, url, path))


def test_worker(cloud: Cloud) -> None:
    with cloud.checks("Worker", is_new_site=True) as checks:
        made = cloud.deploy(FILES, branch="worker", functions=FUNCTIONS).deployment
        document = cloud.document(f"/deployments/{made.id}")
        checks.equal("GET /deployments/ID: uses_functions", True, document["uses_functions"])
        url = made.url
        home = {"status": 200, "body": FILES["index.html"]}
        checks.eventually(f"GET {url}/, which is no route", home, partial(cloud.visit, url))
    with cloud.checks("Worker", is_new_site=True) as checks:
        if cloud.visit(url, "/hello").get("x-emulator-worker") == "not-run":
            pytest.skip("the emulator keeps this Worker and does not run it")
        body = '{"method":"GET","path":"/hello"}'
        answer = {"status": 201, "body": body, "x-worker": "yes"}
        checks.eventually(f"GET {url}/hello", answer, partial(cloud.visit, url, "/hello"))
        checks.equal(
            f"POST {url}/hello, for which there is no handler",
            {"status": 405},
            cloud.visit(url, "/hello", method="POST"),
        )
