"""Sites by host, over HTTP."""

from __future__ import annotations

import http.client
import socket

import requests

from tests.emulator.direct_upload import DirectUpload, key_of


def test_each_host_leads_to_its_deployment(client: DirectUpload) -> None:
    first = client.deploy({"/index.html": b"first"})
    client.deploy({"/index.html": b"second"})
    preview = client.deploy({"/index.html": b"preview"}, branch="Fix/It")
    assert client.visit(first["url"]).content == b"first"
    assert client.visit("demo").content == b"second"
    assert client.visit("fix-it.demo").content == b"preview"
    assert client.visit(preview["url"]).content == b"preview"


def test_custom_domain_leads_to_production(client: DirectUpload) -> None:
    client.emulator.store.add_domain("demo", "www.example.test")
    client.deploy({"/index.html": b"home"})
    assert client.visit("www.example.test").content == b"home"


def test_host_without_deployment(client: DirectUpload) -> None:
    for label in ("demo", "nobody", "x.demo", "a.b.demo"):
        answer = client.visit(label)
        assert answer.status_code == 404
        assert "Nothing is here yet" in answer.text
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_failed_deployment_changes_nothing(client: DirectUpload) -> None:
    client.deploy({"/index.html": b"good"})
    client.emulator.outcome_next(status="failure")
    failed = client.deploy({"/index.html": b"bad"})
    assert client.visit("demo").content == b"good"
    assert client.visit(failed["url"]).status_code == 404


def test_asset_with_its_header_fields(client: DirectUpload) -> None:
    client.deploy({"/a.txt": b"text"})
    answer = client.visit("demo", "/a.txt?query=1")
    assert answer.content == b"text"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["ETag"] == f'"{key_of("/a.txt", b"text")}"'


def test_not_modified(client: DirectUpload) -> None:
    client.deploy({"/a.txt": b"text"})
    tag = f'"{key_of("/a.txt", b"text")}"'
    answer = client.visit("demo", "/a.txt", If_None_Match=tag)
    assert (answer.status_code, answer.content) == (304, b"")


def test_head_has_the_fields_of_get_and_no_body(client: DirectUpload) -> None:
    client.deploy({"/a.txt": b"text"})
    answer = client.visit("demo", "/a.txt", method="HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == "4"


def test_empty_404_has_no_content_type(client: DirectUpload) -> None:
    client.deploy({})
    answer = client.visit("demo", "/x")
    assert (answer.status_code, answer.content) == (404, b"")
    assert "Content-Type" not in answer.headers


def test_unlike_names_and_contents(client: DirectUpload) -> None:
    files = {
        "/a b+é%41.txt": b"odd name",
        "/empty.txt": b"",
        "/bytes.bin": bytes(range(256)),
        "//double": b"double",
    }
    client.deploy(files)
    assert client.visit("demo", "/a%20b+%C3%A9%2541.txt").content == b"odd name"
    assert client.visit("demo", "/empty.txt").content == b""
    assert client.visit("demo", "/bytes.bin").content == bytes(range(256))
    assert client.visit("demo", "//double").content == b"double"


def test_raw_bytes_in_the_target(client: DirectUpload) -> None:
    client.deploy({"/é.txt": b"accent"})
    with socket.create_connection(("127.0.0.1", client.emulator.port), timeout=20) as connection:
        connection.sendall(b"GET /\xc3\xa9.txt HTTP/1.1\r\nHost: demo.localhost\r\n\r\n")
        with http.client.HTTPResponse(connection) as answer:
            answer.begin()
            assert answer.read() == b"accent"


def test_emulator_as_a_proxy(client: DirectUpload) -> None:
    """The way in for clients that cannot resolve names below `.localhost`."""
    made = client.deploy({"/index.html": b"home"})
    proxies = {"http": f"http://127.0.0.1:{client.emulator.port}"}
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"{made['url']}/", proxies=proxies, timeout=20)
    assert answer.content == b"home"


def test_site_has_paths_below_the_prefix_of_the_api(client: DirectUpload) -> None:
    client.deploy({"/client/v4/accounts": b"mine"})
    assert client.visit("demo", "/client/v4/accounts").content == b"mine"


def test_no_rule_changes_how_an_answer_is_sent(client: DirectUpload) -> None:
    """Nor does one of Cloudflare's, whose connections are its edge's."""
    fields = "Transfer-Encoding: chunked\nConnection: upgrade\nUpgrade: h2c\nKeep-Alive: 1\nTE: x\n"
    rules = f"/*\n{fields}Trailer: x\nProxy-Connection: x\nContent-Length: 1\nServer: mine\n"
    client.deploy({"/a.txt": b"text"}, _headers=rules.encode())
    answer = client.visit("demo", "/a.txt")
    assert answer.content == b"text"
    assert "Transfer-Encoding" not in answer.headers
    assert {"Connection", "Upgrade", "Keep-Alive", "TE", "Trailer"}.isdisjoint(answer.headers)
    assert (answer.headers["Content-Length"], answer.headers["Server"]) == ("4", "mine")


def test_rules_for_the_hosts_of_pages_count_at_their_places_here(client: DirectUpload) -> None:
    rules = """\
https://:project.pages.dev/*
  X-At: :project
https://:version.:project.pages.dev/*
  X-At: :version of :project
https://www.example.test/*
  X-At: www
"""
    home = "/home https://demo.pages.dev/ 301\n"
    files = {"/index.html": b"x"}
    given = {"_headers": rules.encode(), "_redirects": home.encode()}
    client.emulator.store.add_domain("demo", "www.example.test")
    client.deploy(files, **given)
    client.deploy(files, branch="fix", **given)
    at = {host: client.visit(host).headers["X-At"] for host in ("demo", "fix.demo")}
    assert at == {"demo": "demo", "fix.demo": "fix of demo"}
    assert client.visit("www.example.test").headers["X-At"] == "www"
    assert client.visit("demo", "/home").headers["Location"] == "/"
    assert client.visit("fix.demo", "/home").headers["Location"] == "https://demo.pages.dev/"
