"""How one deployment answers, without any HTTP around it."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import Headers

from pages_deploy.emulator.sites.serving import SiteAnswer, SiteRequest, answer, decode_path
from pages_deploy.emulator.state.records import Asset

SITE = {
    "/index.html": Asset(key="1" * 32, content_type="text/html"),
    "/404.html": Asset(key="2" * 32, content_type="text/html"),
    "/blog/404.html": Asset(key="3" * 32, content_type="text/html"),
    "/blog/index.html": Asset(key="4" * 32, content_type="text/html; charset=latin1"),
    "/app.js": Asset(key="5" * 32, content_type="application/javascript"),
    "/a b+é.txt": Asset(key="6" * 32, content_type="text/plain"),
    "/100%.txt": Asset(key="7" * 32, content_type="text/plain"),
}


def ask(path: str, *, method: str = "GET", site: dict[str, Asset] | None = None) -> SiteAnswer:
    request = SiteRequest(method=method, path=path, headers=Headers())
    return answer(request, (SITE if site is None else site).get)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/", "/index.html"),
        ("/index.html", "/index.html"),
        ("/blog/", "/blog/index.html"),
        ("/a%20b+%C3%A9.txt", "/a b+é.txt"),
        ("/%61pp.js", "/app.js"),
        ("/100%.txt", "/100%.txt"),
        ("/blog%2Findex.html", "/blog/index.html"),
    ],
)
def test_path_that_has_an_asset(path: str, found: str) -> None:
    assert ask(path).status == 200
    assert ask(path).asset == SITE[found]


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/nothing", "/404.html"),
        ("/blog", "/404.html"),
        ("/blog/nothing", "/blog/404.html"),
        ("/blog/nothing/at/all/", "/blog/404.html"),
        ("/APP.js", "/404.html"),
        ("//app.js", "/404.html"),
        ("/app.js/", "/404.html"),
    ],
)
def test_path_without_asset_gets_the_nearest_404_page(path: str, page: str) -> None:
    found = ask(path)
    assert (found.status, found.asset) == (404, SITE[page])
    assert dict(found.headers) == {"Content-Type": "text/html; charset=utf-8"}


def test_without_404_page_the_answer_is_empty() -> None:
    assert ask("/x/y", site={}) == SiteAnswer(status=404)


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/blog/", "text/html; charset=latin1"),
        ("/app.js", "application/javascript"),
    ],
)
def test_text_gets_a_charset(path: str, content_type: str) -> None:
    assert dict(ask(path).headers)["Content-Type"] == content_type


def test_etag_is_the_key_in_quotes() -> None:
    assert dict(ask("/").headers)["ETag"] == f'"{"1" * 32}"'


@pytest.mark.parametrize("condition", [f'"{"1" * 32}"', f'W/"{"1" * 32}"'])
def test_known_etag_is_not_sent_again(condition: str) -> None:
    headers = Headers({"If-None-Match": condition})
    request = SiteRequest(method="GET", path="/", headers=headers)
    assert answer(request, SITE.get) == SiteAnswer(status=304)


@pytest.mark.parametrize("condition", ["1" * 32, "*", f'"{"1" * 32}", "other"', f'"{"2" * 32}"'])
def test_other_conditions_do_not_match(condition: str) -> None:
    headers = Headers({"If-None-Match": condition})
    request = SiteRequest(method="GET", path="/", headers=headers)
    assert answer(request, SITE.get).status == 200


def test_methods() -> None:
    assert ask("/", method="HEAD") == ask("/")
    assert ask("/", method="POST") == SiteAnswer(status=405)


@pytest.mark.parametrize(
    ("path", "decoded"),
    [("/%2520", "/%20"), ("/%zz%20", "/%zz%20"), ("/%ff%20", "/%ff%20"), ("/a%", "/a%")],
)
def test_decoding_happens_once_and_wholly_or_not_at_all(path: str, decoded: str) -> None:
    assert decode_path(path) == decoded
