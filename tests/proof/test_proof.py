"""Proving that an address serves a manifest, in front of an edge that says what it is told."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from pages_deploy.errors import VerificationError
from pages_deploy.net.sessions import new_session
from pages_deploy.proof.probe import Probe
from pages_deploy.proof.proof import Proof, have_the_same_root, prove, sample_of
from pages_deploy.site.file_rules import FileRules
from pages_deploy.site.manifest import Manifest, build_manifest
from tests.raw_server import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.raw_server import Received
    from tests.world import BuildSite, FakeTime

FILES: dict[str, bytes | str] = {
    "index.html": "<h1>home</h1>",
    "home.txt": "home",
    "docs/a b+é%.txt": "text",
    "docs/page.html": "<p>page</p>",
    "empty.css": b"",
    "x/y/z.bin": b"\0\1",
}
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Edge:
    """Serves a manifest as Pages would, but for what `says` has for a path."""

    manifest: Manifest
    says: dict[str, Callable[[Received], Answer | None]] = field(default_factory=dict)
    etag: str = '"{}"'
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def answer(self, received: Received) -> bytes:
        path = unquote(received.target)
        self.asked.append(f"{received.method} {path}")
        own = self.says.get(path, self.says.get("*", lambda _received: None))(received)
        status, headers, body = self._serve(path) if own is None else own
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join(lines).encode() + b"\r\n\r\n"
        return head if received.method == "HEAD" else head + body

    def _serve(self, path: str) -> Answer:
        pretty = path.removesuffix("index.html") if path.endswith("/index.html") else path
        pretty = pretty.removesuffix(".html")
        if pretty != path:
            return 308, {"Location": pretty}, b""
        for asset in self.manifest.assets:
            if asset.path in {path, f"{path}.html", f"{path}index.html"}:
                headers = {"Content-Type": asset.content_type}
                if self.etag:
                    headers["ETag"] = self.etag.format(asset.hash)
                return 200, headers, (self.manifest.root / asset.path[1:]).read_bytes()
        return 404, {}, b"nothing is here yet"


@contextlib.contextmanager
def edge_of(manifest: Manifest) -> Iterator[Edge]:
    edge = Edge(manifest)
    with serving(edge.answer) as port:
        edge.port = port
        yield edge


@pytest.fixture
def manifest(site: BuildSite) -> Manifest:
    return build_manifest(site(FILES))


@pytest.fixture
def edge(manifest: Manifest) -> Iterator[Edge]:
    with edge_of(manifest) as running:
        yield running


@pytest.fixture
def check(edge: Edge, fake_time: FakeTime) -> Callable[[], Proof]:
    """Prove everything."""

    def run() -> Proof:
        with contextlib.closing(new_session()) as session:
            return prove(
                Probe(session, edge.url, edge.manifest), timer=fake_time.timer, everything=True
            )

    return run


def saying(status: int, body: bytes = b"", **headers: str) -> Callable[[Received], Answer]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _received: (status, named, body)


@pytest.mark.parametrize("etag", ['"{}"', 'W/"{}"'])
def test_the_head_of_each_file_is_enough(edge: Edge, check: Callable[[], Proof], etag: str) -> None:
    edge.etag = etag
    assert check() == Proof(is_proved=True, checked=6)
    assert all(line.startswith("HEAD ") for line in edge.asked)
    assert {"HEAD /", "HEAD /docs/page", "HEAD /docs/a b+é%.txt"} <= set(edge.asked)


def test_without_etags_the_bodies_decide_but_for_pages(
    edge: Edge, check: Callable[[], Proof]
) -> None:
    edge.etag = ""
    assert check().checked == 6
    got = {line for line in edge.asked if line.startswith("GET ")}
    assert got == {"GET /home.txt", "GET /docs/a b+é%.txt", "GET /empty.css", "GET /x/y/z.bin"}


def test_another_body_is_found_without_etags(edge: Edge, check: Callable[[], Proof]) -> None:
    edge.etag = ""
    edge.says["/home.txt"] = saying(200, b"other")
    with pytest.raises(VerificationError, match=r"/home.txt \(expected content"):
        check()


RETYPED = FileRules.read(
    content_types="*.html=application/xhtml+xml\n*.txt=text/html; a=b\n*.bin=a/b"
)


@pytest.mark.parametrize("served", ["text/html; charset=utf-8", "text/plain", "a/b"])
def test_without_etags_a_type_that_was_said_may_be_either(
    site: BuildSite, fake_time: FakeTime, served: str
) -> None:
    """Pages keeps the type of the first upload; served as HTML, a file may have been rewritten."""
    manifest = build_manifest(site(FILES), rules=RETYPED)
    with edge_of(manifest) as edge, contextlib.closing(new_session()) as session:
        edge.etag = ""
        is_page = served.startswith("text/html")
        if is_page:
            for path in ("/home.txt", "/docs/page"):
                edge.says[path] = saying(200, b"rewritten", Content_Type=served)
        probe = Probe(session, edge.url, manifest)
        assert prove(probe, timer=fake_time.timer, everything=True).checked == len(FILES)
        # Another body is no other type, and what is no page at all is never taken for one.
        edge.says["/x/y/z.bin"] = saying(200, b"other", Content_Type=served)
        if not is_page:
            edge.says["/home.txt"] = saying(200, b"other", Content_Type=served)
        with pytest.raises(VerificationError) as info:
            prove(probe, timer=fake_time.timer, everything=True)
        assert "/x/y/z.bin" in info.value.message
        assert ("/home.txt" in info.value.message) is not is_page


def test_a_page_of_another_type_is_found_without_etags(
    edge: Edge, check: Callable[[], Proof]
) -> None:
    edge.etag = ""
    edge.says["/docs/page"] = saying(200, b"{}", Content_Type="application/json")
    with pytest.raises(VerificationError, match="the type application/json"):
        check()


def test_a_server_without_head_is_asked_in_full(edge: Edge, check: Callable[[], Proof]) -> None:
    edge.says["*"] = lambda received: (405, {}, b"") if received.method == "HEAD" else None
    assert check().checked == 6


def test_a_slow_edge_is_waited_for(
    edge: Edge, check: Callable[[], Proof], fake_time: FakeTime
) -> None:
    def late(_received: Received) -> Answer | None:
        return (404, {}, b"nothing is here yet") if sum(fake_time.slept) < 30 else None

    edge.says["*"] = late
    assert check().checked == 6


@pytest.mark.parametrize("path", ["/", "/home.txt"])
def test_what_stays_missing_is_named_after_a_minute(
    edge: Edge, check: Callable[[], Proof], fake_time: FakeTime, path: str
) -> None:
    edge.says[path] = saying(404)
    with pytest.raises(VerificationError) as info:
        check()
    assert info.value.exit_code == 6
    assert "HTTP 404" in info.value.message
    assert info.value.broken == ()
    assert 59 < sum(fake_time.slept) < 61


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (saying(200, ETag='"0123456789abcdef0123456789abcdef"'), "content 0123456789abcdef"),
        (saying(500), "HTTP 500"),
        (saying(503), "HTTP 503"),
        (saying(308, Location="/home.txt"), "too many redirects"),
    ],
)
def test_what_is_served_wrong_can_be_uploaded_again(
    edge: Edge,
    check: Callable[[], Proof],
    answer: Callable[[Received], Answer],
    found: str,
) -> None:
    edge.says["/home.txt"] = answer
    with pytest.raises(VerificationError) as info:
        check()
    [asset] = [asset for asset in edge.manifest.assets if asset.path == "/home.txt"]
    assert info.value.broken == (asset.hash,)
    assert asset.hash in info.value.message
    assert found in info.value.message


def test_a_long_list_of_wrong_files_is_counted(site: BuildSite, fake_time: FakeTime) -> None:
    manifest = build_manifest(site({f"{number}.txt": "x" for number in range(12)}))
    with edge_of(manifest) as edge, contextlib.closing(new_session()) as session:
        edge.says["*"] = saying(404)
        with pytest.raises(VerificationError, match="and 7 more"):
            prove(Probe(session, edge.url, manifest), timer=fake_time.timer, everything=True)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            saying(302, Location="https://team.cloudflareaccess.com/cdn-cgi/access/login/x"),
            "Cloudflare Access",
        ),
        (saying(301, Location="https://www.example.test/"), "a redirect to www.example.test"),
        (saying(403), "HTTP 403"),
        (saying(401), "HTTP 401"),
        (saying(503, cf_mitigated="challenge"), "a challenge"),
    ],
)
def test_a_site_that_lets_nobody_in_proves_nothing(
    edge: Edge,
    check: Callable[[], Proof],
    answer: Callable[[Received], Answer],
    reason: str,
) -> None:
    edge.says["*"] = answer
    proof = check()
    assert not proof.is_proved
    assert reason in proof.reason


def test_a_part_behind_access_does_not_spoil_the_rest(
    edge: Edge, check: Callable[[], Proof]
) -> None:
    login = "https://team.cloudflareaccess.com/cdn-cgi/access/login/x"
    edge.says["/home.txt"] = saying(302, Location=login)
    assert check() == Proof(is_proved=True, checked=5)


def test_a_part_that_is_forbidden_is_not_served(edge: Edge, check: Callable[[], Proof]) -> None:
    edge.says["/home.txt"] = saying(403)
    with pytest.raises(VerificationError, match="HTTP 403"):
        check()


def test_an_address_where_nobody_answers_proves_nothing(
    manifest: Manifest, fake_time: FakeTime
) -> None:
    with edge_of(manifest) as edge:
        url = edge.url
    with contextlib.closing(new_session()) as session:
        proof = prove(Probe(session, url, manifest), timer=fake_time.timer)
    assert not proof.is_proved
    assert "no answer" in proof.reason


def test_what_the_site_itself_redirects_is_not_asked_for(
    site: BuildSite, fake_time: FakeTime
) -> None:
    rules = "/old/* /new 301\n/docs/page /docs/other 302\n"
    manifest = build_manifest(site({**FILES, "old/a.txt": "a", "_redirects": rules}))
    with edge_of(manifest) as edge, contextlib.closing(new_session()) as session:
        proof = prove(Probe(session, edge.url, manifest), timer=fake_time.timer, everything=True)
        assert proof == Proof(is_proved=True, checked=5)
        assert not [line for line in edge.asked if "/old" in line or line.endswith("/docs/page")]


def test_an_etag_of_the_sites_own_is_not_compared(site: BuildSite, fake_time: FakeTime) -> None:
    rules = '/*.txt\n  ETag: "0123456789abcdef0123456789abcdef"\n'
    manifest = build_manifest(site({**FILES, "_headers": rules}))
    with edge_of(manifest) as edge, contextlib.closing(new_session()) as session:
        edge.says["/home.txt"] = saying(200, b"home", ETag='"0123456789abcdef0123456789abcdef"')
        assert prove(
            Probe(session, edge.url, manifest), timer=fake_time.timer, everything=True
        ).is_proved


@pytest.mark.parametrize(
    "rules",
    [
        "/docs/page\n  Content-Type: application/xhtml+xml\n",
        "/docs/*\n  content-type: text/plain\n",
    ],
    ids=["path", "pattern"],
)
def test_a_page_whose_type_is_the_sites_own_is_right(
    site: BuildSite, fake_time: FakeTime, rules: str
) -> None:
    manifest = build_manifest(site({**FILES, "_headers": rules}))
    own = rules.split(": ")[1].strip()
    with edge_of(manifest) as edge, contextlib.closing(new_session()) as session:
        edge.etag = ""
        edge.says["/docs/page"] = saying(200, b"<p>page</p>", Content_Type=own)
        proof = prove(Probe(session, edge.url, manifest), timer=fake_time.timer, everything=True)
        assert proof == Proof(is_proved=True, checked=6)


def test_a_sample_has_the_root_one_of_each_type_and_twenty_new_ones(site: BuildSite) -> None:
    many = {f"p/{number:03}.txt": str(number) for number in range(100)}
    manifest = build_manifest(site({**FILES, **many}))
    hashes = {asset.hash for asset in manifest.assets if asset.path.startswith("/p/")}
    paths = [asset.path for asset in sample_of(manifest.assets, hashes)]
    assert paths[0] == "/index.html"
    assert {"/empty.css", "/x/y/z.bin"} <= set(paths)
    assert sum(path.startswith("/p/") for path in paths) == 20
    assert len(paths) < 30
    unchanged = [asset.path for asset in sample_of(manifest.assets, ())]
    assert len(unchanged) == 4


def test_two_addresses_with_the_same_root_are_found_so(edge: Edge, fake_time: FakeTime) -> None:
    with contextlib.closing(new_session()) as session:
        other = edge.url + "home.txt"
        timer = fake_time.timer
        assert have_the_same_root(session, edge.url, edge.url, timer=timer) is True
        assert have_the_same_root(session, edge.url, other, timer=timer) is False
        edge.etag = ""
        assert have_the_same_root(session, edge.url, edge.url, timer=timer) is None


@pytest.mark.parametrize(
    "name", ["ünï cödé.html", "日本語.html", "…/Å à.html", "ÅÅ\x85.html", "a%20b ü.html"]
)
def test_a_redirect_in_raw_utf8_is_followed(
    site: BuildSite, fake_time: FakeTime, name: str
) -> None:
    """Older asset servers of Pages send the path as it is."""
    manifest = build_manifest(site({name: "<p>page</p>"}))
    with edge_of(manifest) as edge, contextlib.closing(new_session()) as session:
        pretty = f"/{name}".removesuffix(".html")
        edge.says[f"/{name}"] = saying(308, Location=pretty.replace("%", "%25"))
        proof = prove(Probe(session, edge.url, manifest), timer=fake_time.timer, everything=True)
    assert proof == Proof(is_proved=True, checked=1)
    assert edge.asked == [f"HEAD /{name}", f"HEAD {pretty}"]


@pytest.mark.parametrize(
    "answer",
    [
        saying(302, Location="https://team.cloudflareaccess.com/cdn-cgi/access/login/x?kid=1"),
        saying(302, Location="HTTPS://Team.CloudflareAccess.com/"),
        saying(302, Location="/cdn-cgi/access/login?redirect_url=%2F"),
        saying(403, CF_Access_Domain="demo.pages.dev"),
        saying(401, WWW_Authenticate='Cloudflare-Access resource_metadata="https://x"'),
    ],
    ids=["login", "letters", "own host", "403", "401"],
)
def test_a_login_says_access(
    edge: Edge, check: Callable[[], Proof], answer: Callable[[Received], Answer]
) -> None:
    edge.says["*"] = answer
    assert check() == Proof(
        is_proved=False, reason="it answers with the login page of Cloudflare Access"
    )


def test_a_login_is_named_before_other_reasons(edge: Edge, check: Callable[[], Proof]) -> None:
    edge.says["*"] = saying(403)
    login = "https://team.cloudflareaccess.com/cdn-cgi/access/login/x"
    edge.says["/home.txt"] = saying(302, Location=login)
    assert "Access" in check().reason


def test_a_body_that_is_longer_than_the_file_is_other_content(
    edge: Edge, check: Callable[[], Proof]
) -> None:
    edge.etag = ""
    edge.says["/home.txt"] = saying(200, b"home" + b" " * 100_000, Content_Type="text/plain")
    with pytest.raises(VerificationError, match=r"/home.txt \(expected content"):
        check()


def test_a_site_that_never_answers_is_not_asked_for_every_file(
    site: BuildSite, fake_time: FakeTime
) -> None:
    manifest = build_manifest(site({f"{number}.txt": "x" for number in range(200)}))
    over = threading.Event()
    asked: list[str] = []

    def answer(received: Received) -> bytes:
        asked.append(received.target)
        over.wait(20)
        return b""

    with serving(answer) as port, contextlib.closing(new_session()) as session:
        probe = Probe(session, f"http://127.0.0.1:{port}/", manifest, timeout_seconds=0.3)
        proof = prove(probe, timer=fake_time.timer, everything=True, patience_seconds=0)
        over.set()
    assert not proof.is_proved
    assert "the server stopped answering" in proof.reason
    assert len(asked) < 40
