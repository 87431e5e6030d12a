"""Which pages differ from production's, in front of a site that serves as Pages does."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Protocol

import pytest

from pages_deploy.net.sessions import new_session
from pages_deploy.proof import baseline, changes, listed
from pages_deploy.proof.changes import Change, Changes, compare_pages
from pages_deploy.proof.pages import Pages
from pages_deploy.rules.routes_json import RoutesRules
from pages_deploy.site.manifest import build_manifest
from tests.making import deployment_of, project_of
from tests.proof.old_site import Answer, OldSite, old_site, saying
from tests.raw_server import broken_off

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.raw_server import Received
    from tests.world import BuildSite, FakeTime

Files = dict[str, bytes | str]
LOGIN = "https://team.cloudflareaccess.com/cdn-cgi/access/login/x"
OLD: Files = {
    "index.html": "home",
    "404.html": "nothing here",
    "about.html": "about",
    "docs/index.html": "docs",
    "\u00fcber uns/index.html": "us",
    "style.css": "a {}",
    "sitemap.xml": "<urlset><url><loc>https://www.example.com/</loc></url></urlset>",
}


class Comparing(Protocol):
    def __call__(
        self,
        files: Mapping[str, bytes | str],
        /,
        *,
        worker_rules: RoutesRules | None = None,
        patience_seconds: float = 20.0,
    ) -> Changes:
        """Compare a new site with the old one."""


@pytest.fixture
def old_files() -> Files:
    """What the old site has; a test may want others."""
    return dict(OLD)


@pytest.fixture
def old(site: BuildSite, old_files: Files) -> Iterator[OldSite]:
    with old_site(build_manifest(site(old_files, name="old"))) as running:
        yield running


@pytest.fixture
def compare(site: BuildSite, old: OldSite, fake_time: FakeTime) -> Comparing:
    def run(
        files: Mapping[str, bytes | str],
        /,
        *,
        worker_rules: RoutesRules | None = None,
        patience_seconds: float = 20.0,
    ) -> Changes:
        pages = Pages(build_manifest(site(files, name="new")), worker_rules=worker_rules)
        project = project_of(
            canonical_deployment=deployment_of(id="before", url=old.url),
            domains=("demo.pages.dev", "www.example.com"),
        )
        with contextlib.closing(new_session()) as session:
            return compare_pages(
                session,
                pages,
                project,
                timer=fake_time.timer,
                patience_seconds=patience_seconds,
            )

    return run


def of_old_files(**others: str | None) -> pytest.MarkDecorator:
    """Give the old site some files more; None takes one away."""
    files = {**OLD, **others}
    kept = {name: content for name, content in files.items() if content is not None}
    return pytest.mark.parametrize("old_files", [kept], ids=["old"])


def sitemap_of(*paths: str, host: str = "https://www.example.com") -> str:
    entries = "".join(f"<url><loc>{host}{path}</loc></url>" for path in paths)
    return f"<urlset>{entries}</urlset>"


def test_new_and_changed_pages_are_told_by_their_addresses(compare: Comparing) -> None:
    found = compare(
        {
            **OLD,
            "about.html": "more about",
            "\u00fcber uns/index.html": "us all",
            "style.css": "b {}",
            "blog/post.html": "post",
            "blog/index.html": "blog",
        }
    )
    assert found == Changes(
        "before", new=("/blog/", "/blog/post"), changed=("/about", "/\u00fcber uns/")
    )


def test_the_same_pages_do_not_differ(compare: Comparing) -> None:
    assert compare(OLD) == Changes("before")


@pytest.mark.parametrize("etag", ['"{}"', 'W/"{}"'])
def test_each_page_is_asked_for_once_at_its_own_address_by_head(
    compare: Comparing, old: OldSite, etag: str
) -> None:
    old.etag = etag
    assert compare(OLD) == Changes("before")
    pages = ["HEAD /", "HEAD /about", "HEAD /docs/", "HEAD /\u00fcber uns/"]
    # Before them the root, what cannot be there, and the sitemap.
    assert {"HEAD /", "GET /sitemap.xml"} < set(old.asked[:3])
    assert sorted(old.asked[3:]) == pages


def test_without_an_earlier_deployment_every_page_is_new(
    site: BuildSite, fake_time: FakeTime
) -> None:
    pages = Pages(build_manifest(site(OLD)))
    with contextlib.closing(new_session()) as session:
        found = compare_pages(session, pages, project_of(), timer=fake_time.timer)
    assert found == Changes("", new=("/", "/about", "/docs/", "/\u00fcber uns/"))


def test_error_pages_and_what_is_no_html_are_no_pages(compare: Comparing) -> None:
    found = compare({**OLD, "404.html": "new", "docs/404.html": "new", "new.txt": "new"})
    assert found == Changes("before")


def test_what_the_new_redirects_answer_for_is_no_page(compare: Comparing) -> None:
    rules = "/about /us 301\n/new/* /docs/ 200\n/@a /docs/\n"
    files = {"about.html": "other", "new/x.html": "new", "@a.html": "new", "_redirects": rules}
    assert compare({**OLD, **files}) == Changes("before")


def test_a_page_beside_a_file_of_its_name_is_asked_for_where_it_is(
    compare: Comparing, old: OldSite
) -> None:
    found = compare({**OLD, "x": "plain", "x.html": "page", "y.html": "y", "y/index.html": "yy"})
    assert found.new == ("/x.html", "/y", "/y/")
    assert old.asked_at("/x") == []


def test_a_page_that_moves_within_its_address_is_compared(compare: Comparing) -> None:
    files = {name: text for name, text in OLD.items() if name != "about.html"}
    found = compare({**files, "about/index.html": "about", "docs.html": "other"})
    # Where `docs/index.html` is, too, both have their own.
    assert found.changed == ("/docs",)
    assert found.new == found.removed == ()


@of_old_files(**{"404.html": None})
def test_where_every_unknown_address_has_the_home_page_new_pages_are_new(
    compare: Comparing,
) -> None:
    found = compare({**OLD, "index.html": "new home", "new.html": "new", "copy.html": "home"})
    assert found.new == ("/new",)
    # The copy shows what was shown there before.
    assert found.changed == ("/",)


@of_old_files(**{"404.html": None})
def test_the_home_page_of_such_a_site_is_changed_and_its_copies_are_new(
    compare: Comparing,
) -> None:
    found = compare({**OLD, "index.html": "new home", "copy.html": "new home"})
    assert (found.new, found.changed) == (("/copy",), ("/",))


@of_old_files(
    **{
        "gone.html": "gone",
        "old/index.html": "old",
        "moved.html": "moved",
        "app/x.html": "app",
        "paper.pdf": "paper",
        "sitemap.xml": sitemap_of(
            "/", "/about.html", "/docs", "/gone", "/old", "/old/", "/moved", "/app/x", "/paper.pdf"
        )
        + sitemap_of("/stale", "/404", host="http://localhost:1313"),
    }
)
def test_removed_pages_are_those_that_were_there_and_lead_nowhere(compare: Comparing) -> None:
    rules = RoutesRules(("/app/*",))
    found = compare({**OLD, "_redirects": "/moved /about\n"}, worker_rules=rules)
    assert found == Changes("before", removed=("/gone", "/old/"))


@of_old_files(
    **{
        "sitemap.xml": sitemap_of("/a%20b/", "/%C3%BC.html?x=1#y"),
        "a b/index.html": "a",
        "\u00fc.html": "u",
    }
)
def test_addresses_of_a_sitemap_are_decoded(compare: Comparing) -> None:
    assert compare(OLD).removed == ("/a b/", "/\u00fc")


@of_old_files(
    **{
        "gone.html": "gone",
        "one.xml": sitemap_of("/about", "/gone"),
        "two.xml": sitemap_of("/"),
        "sitemap.xml": "<sitemapindex><loc>https://www.example.com/one.xml</loc>"
        "<loc>/two.xml</loc><loc>https://www.example.com/sitemap.xml</loc></sitemapindex>",
    }
)
def test_the_children_of_a_sitemap_are_read_each_once(compare: Comparing, old: OldSite) -> None:
    assert compare(OLD) == Changes("before", removed=("/gone",))
    gets = [line for line in old.asked if line.startswith("GET ")]
    assert sorted(gets) == ["GET /one.xml", "GET /sitemap.xml", "GET /two.xml"]


@of_old_files(**{"sitemap.xml": "<sitemapindex><loc>/nothing.xml</loc></sitemapindex>"})
def test_a_sitemap_that_is_listed_and_missing_leaves_a_gap(compare: Comparing) -> None:
    found = compare(OLD)
    assert not found.is_complete
    assert "a sitemap that it lists is missing" in found.gap


@of_old_files(
    **{
        "gone.html": "gone",
        "map.xml": sitemap_of("/gone"),
        "sitemap.xml": None,
        "robots.txt": "User-agent: *\nSitemap: https://www.example.com/map.xml\n",
    }
)
def test_a_sitemap_of_another_name_is_found_by_robots(compare: Comparing) -> None:
    assert compare(OLD) == Changes("before", removed=("/gone",))


@of_old_files(**{"gone.html": "gone", "map.xml": sitemap_of("/gone")})
def test_a_redirect_to_the_sitemap_is_followed(compare: Comparing, old: OldSite) -> None:
    old.says["/sitemap.xml"] = saying(301, Location="/map.xml")
    assert compare(OLD).removed == ("/gone",)


HOME = """
<a href="/gone">1</a> <a href='sub/page.html#x'>2</a> <a href="https://other.test/about">3</a>
<a href="https://www.example.com/ours">4</a> <a href="mailto:a@b.test">5</a> <a href="/login">6</a>
"""


@pytest.mark.parametrize("error_page", ["nothing here", None])
def test_without_a_sitemap_the_links_of_the_home_page_count(
    site: BuildSite, fake_time: FakeTime, error_page: str | None
) -> None:
    files: Files = {
        "index.html": HOME,
        "gone.html": "gone",
        "sub/page.html": "page",
        "ours.html": "ours",
    }
    if error_page is not None:
        files["404.html"] = error_page
    with old_site(build_manifest(site(files, name="old"))) as old:
        old.says["/login"] = saying(302, Location="https://id.example.com/")
        pages = Pages(build_manifest(site({"index.html": HOME}, name="new")))
        before = deployment_of(id="before", url=old.url)
        project = project_of(canonical_deployment=before, domains=("www.example.com",))
        with contextlib.closing(new_session()) as session:
            found = compare_pages(session, pages, project, timer=fake_time.timer)
        assert old.asked_at("/about") == []
    assert found == Changes("before", removed=("/gone", "/ours", "/sub/page"))


@of_old_files(**{"sitemap.xml": None, "index.html": "<a href='/'>home</a> <a href='#top'>top</a>"})
def test_without_sitemap_and_links_the_removed_pages_are_not_known(compare: Comparing) -> None:
    found = compare({**OLD, "new.html": "new"})
    assert found.new == ("/new",)
    assert found.changed == ("/",)
    assert not found.is_complete
    assert "it has no sitemap, and its home page links to no other page" in found.gap


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (saying(302, Location=LOGIN), "the login page of Cloudflare Access"),
        (saying(403, CF_Access_Domain="demo.pages.dev"), "the login page of Cloudflare Access"),
        (saying(301, Location="https://www.example.com/"), "a redirect to www.example.com"),
        (saying(302, Location="/login"), "a redirect to another address"),
        (saying(302, Location="http://["), "a redirect to nowhere"),
        (saying(308), "too many redirects"),
        (saying(403), "HTTP 403"),
        (saying(503), "HTTP 503"),
        (saying(405), "HTTP 405"),
    ],
)
def test_where_nothing_can_be_seen_nothing_is_told_but_why(
    compare: Comparing, old: OldSite, answer: Callable[[Received], Answer], reason: str
) -> None:
    old.says["*"] = answer
    found = compare({**OLD, "new.html": "new"})
    assert found == Changes(
        "before", is_complete=False, gap=f"nothing of production could be seen: {reason}"
    )
    # Nobody asks for the rest.
    assert len(old.asked) <= 8


def test_an_address_where_nobody_answers_is_no_error(compare: Comparing, old: OldSite) -> None:
    old.port = 1
    found = compare(OLD)
    assert not found.is_complete
    assert "no answer (the host cannot be reached)" in found.gap


@pytest.mark.parametrize("url", ["", "nonsense", "http://[", "ftp://x.test"])
def test_an_address_that_is_none_is_no_error(
    site: BuildSite, fake_time: FakeTime, url: str
) -> None:
    pages = Pages(build_manifest(site(OLD)))
    project = project_of(canonical_deployment=deployment_of(url=url))
    with contextlib.closing(new_session()) as session:
        found = compare_pages(session, pages, project, timer=fake_time.timer)
    assert not found.is_complete
    assert found.new == ()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (saying(500), "HTTP 500"),
        (saying(403), "HTTP 403"),
        (saying(302, Location=LOGIN), "the login page of Cloudflare Access"),
        (saying(301, Location="/us"), "a redirect to another address"),
        (saying(200, b"x", ETag='"of-its-own"'), "an answer without the ETag of Pages"),
        (saying(200, b"x", Content_Type="text/html"), "an answer without the ETag of Pages"),
    ],
)
def test_a_page_that_cannot_be_compared_is_left_out_and_counted(
    compare: Comparing, old: OldSite, answer: Callable[[Received], Answer], reason: str
) -> None:
    old.says["/about"] = answer
    found = compare({**OLD, "about.html": "other", "new.html": "new"})
    assert found == Changes(
        "before",
        new=("/new",),
        is_complete=False,
        gap=f"1 page could not be compared: {reason}",
    )


@of_old_files(**{"404.html": None, "sitemap.xml": sitemap_of("/gone"), "gone.html": "gone"})
def test_a_home_page_everywhere_without_etags_tells_nothing(
    compare: Comparing, old: OldSite
) -> None:
    old.etag = ""
    found = compare({"index.html": "other", "new.html": "new"})
    assert (found.new, found.changed, found.removed) == ((), (), ())
    assert "3 pages could not be compared" in found.gap


def test_what_broke_by_chance_is_asked_once_more(compare: Comparing, old: OldSite) -> None:
    def once(_received: Received) -> Answer | None:
        if len(old.asked_at("/about")) == 1:
            raise broken_off(b"HTTP/1.1 ")
        return None

    old.says["/about"] = once
    old.says["/docs/"] = lambda _: (502, {}, b"") if len(old.asked_at("/docs/")) == 1 else None
    assert compare(OLD) == Changes("before")


def test_when_the_time_is_over_what_was_seen_is_told(
    compare: Comparing, old: OldSite, fake_time: FakeTime
) -> None:
    many = {f"{number:03}.html": f"{number}" for number in range(300)}

    def stop() -> None:
        if len(old.asked) == 50:
            fake_time.now += 21

    old.on_asked = stop
    found = compare({**OLD, **many})
    assert not found.is_complete
    assert "could not be compared: the time for it is over" in found.gap
    assert 0 < len(found.new) < 60
    assert len(old.asked) < 60


def test_a_site_that_never_answers_takes_no_longer_than_it_may(
    compare: Comparing, old: OldSite
) -> None:
    over = threading.Event()

    def wait(_received: Received) -> Answer:
        over.wait(20)
        return 200, {}, b""

    old.says["*"] = wait
    found = compare(OLD, patience_seconds=0.3)
    over.set()
    assert "no answer (the server stopped answering)" in found.gap
    assert len(old.asked) == 2


def test_pages_that_the_worker_answers_are_not_asked_for(compare: Comparing, old: OldSite) -> None:
    """Thousands of questions would be thousands of calls of it."""
    found = compare(
        {**OLD, "about.html": "other", "docs/index.html": "other"},
        worker_rules=RoutesRules(("/about", "/api/*")),
    )
    assert found == Changes(
        "before", changed=("/docs/",), is_complete=False, gap="the Worker answers at 1 page"
    )
    assert old.asked_at("/about") == []


@of_old_files(
    **{
        "sitemap.xml": "<sitemapindex>"
        + "".join(f"<loc>/{number}.xml</loc>" for number in range(60))
        + "</sitemapindex>",
        **{f"{number}.xml": sitemap_of(f"/{number}") for number in range(60)},
    }
)
def test_of_very_many_sitemaps_some_are_read(compare: Comparing, old: OldSite) -> None:
    found = compare(OLD)
    assert "it has more than 50 sitemaps" in found.gap
    assert len([line for line in old.asked if line.startswith("GET ")]) == 50


@of_old_files(
    **{
        "sitemap.xml": sitemap_of(*(f"/{number}" for number in range(30))),
        **{f"{number}.html": "gone" for number in range(30)},
    }
)
@pytest.mark.parametrize(
    ("module", "limit", "most", "reason", "removed"),
    [
        (listed, "MOST_SITEMAP_BYTES", 500, "a sitemap is too long", 10),
        (listed, "MOST_ADDRESSES", 20, "a sitemap is too long", 20),
        (changes, "MOST_GONE", 15, "of 30 pages that may be gone, 15 were looked at", 15),
    ],
)
def test_of_what_is_too_much_a_part_is_looked_at(
    compare: Comparing,
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    limit: str,
    most: int,
    reason: str,
    removed: int,
) -> None:
    monkeypatch.setattr(module, limit, most)
    found = compare(OLD)
    assert reason in found.gap
    assert 0 < len(found.removed) <= removed


def test_a_sitemap_that_fails_leaves_a_gap(compare: Comparing, old: OldSite) -> None:
    old.says["/sitemap.xml"] = saying(500)
    found = compare(OLD)
    assert "a sitemap could not be read: HTTP 500" in found.gap
    assert (found.new, found.changed, found.removed) == ((), (), ())


def test_a_home_page_that_fails_leaves_a_gap(compare: Comparing, old: OldSite) -> None:
    old.says["/sitemap.xml"] = saying(404)
    old.says["/"] = lambda received: (500, {}, b"") if received.method == "GET" else None
    assert "its home page could not be read: HTTP 500" in compare(OLD).gap


def test_no_credentials_are_sent(compare: Comparing, old: OldSite) -> None:
    seen: set[str] = set()

    def look(received: Received) -> None:
        seen.update(received.headers)

    old.says["*"] = look
    compare(OLD)
    assert seen
    assert not {name for name in seen if "auth" in name or "cookie" in name}


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((3, 2, 1), "3 new, 2 changed, 1 removed page"),
        ((1, 0, 0), "1 new page"),
        ((0, 0, 2), "2 removed pages"),
        ((1, 0, 2), "1 new, 2 removed pages"),
        ((0, 0, 0), "no difference found"),
    ],
)
def test_the_counts_are_told_in_words(counts: tuple[int, int, int], words: str) -> None:
    new, changed, removed = (tuple(map(str, range(count))) for count in counts)
    found = Changes("b", new, changed, removed)
    assert found.words == words
    assert found.count == sum(counts)


def test_of_many_pages_each_kind_has_its_share() -> None:
    found = Changes("b", tuple(f"/n{n:03}" for n in range(300)), ("/c",), ("/r1", "/r2"))
    listed_first = found.first(5)
    assert listed_first == [
        Change("new", "/n000"),
        Change("new", "/n001"),
        Change("changed", "/c"),
        Change("removed", "/r1"),
        Change("removed", "/r2"),
    ]
    assert len(found.first(25)) == 25
    assert Changes("b", ("/a",), (), ("/a",)).first(25) == [
        Change("new", "/a"),
        Change("removed", "/a"),
    ]


def test_a_request_waits_no_longer_than_a_page_is_worth() -> None:
    assert baseline.SILENCE_SECONDS * baseline.MOST_TRIES <= changes.PATIENCE_SECONDS
