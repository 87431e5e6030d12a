"""What answers at an address, told by names and rules alone."""

from __future__ import annotations

import pytest

from pages_deploy.rules.answers import Answer, Answers
from pages_deploy.rules.redirects import read_redirects
from pages_deploy.rules.routes_json import RoutesRules

FILES = ("/index.html", "/404.html", "/about.html", "/docs/index.html", "/docs/404.html", "/a.txt")


def answers(rules: str = "", *files: str, worker: RoutesRules | None = None) -> Answers:
    return Answers(
        files or FILES, read_redirects(rules), worker_rules=worker, hosts=["www.Example.com"]
    )


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/", Answer("file", "/", "/index.html")),
        ("/about", Answer("file", "/about", "/about.html")),
        ("/about.html", Answer("file", "/about", "/about.html")),
        ("/about/", Answer("file", "/about", "/about.html")),
        ("/docs", Answer("file", "/docs/", "/docs/index.html")),
        ("/docs/index", Answer("file", "/docs/", "/docs/index.html")),
        ("/%61.txt", Answer("file", "/%61.txt", "/a.txt")),
        ("/About", Answer("dead", "/About", "/404.html")),
        ("/docs/x", Answer("dead", "/docs/x", "/docs/404.html")),
        ("/x/index", Answer("dead", "/x/", "/404.html")),
    ],
)
def test_files_answer_at_their_addresses(path: str, answer: Answer) -> None:
    assert answers().at(path) == answer


@pytest.mark.parametrize(
    ("rule", "answer"),
    [
        ("/x /about 301", Answer("file", "/about", "/about.html")),
        ("/x /about.html 302", Answer("file", "/about", "/about.html")),
        ("/x /about?a=b#c", Answer("file", "/about", "/about.html")),
        ("/x /about 200", Answer("file", "/x", "/about.html")),
        ("/x /docs 200", Answer("file", "/docs/", "/docs/index.html")),
        ("/x /docs/y 200", Answer("dead", "/x", "/docs/404.html")),
        ("/x /nothing 301", Answer("dead", "/nothing", "/404.html")),
        ("/x /x 301", Answer("loop", "/x")),
        ("/x /y 301\n/y /x 301", Answer("loop", "/x")),
        ("/* /:splat/a 301", Answer("loop", "/x" + "/a" * 21)),
        ("/x https://other.test/ 301", Answer("elsewhere", "/x")),
        ("/x //other.test/about 301", Answer("elsewhere", "/x")),
        ("/x https://www.example.com/about 301", Answer("file", "/about", "/about.html")),
        ("/x https://www.example.com 301", Answer("file", "/", "/index.html")),
        # Which is no address at all.
        ("/x https://h:99999/ 301", Answer("dead", "/x", "/404.html")),
    ],
)
def test_redirects_are_followed_within_the_site(rule: str, answer: Answer) -> None:
    assert answers(rule).at("/x") == answer


def test_a_worker_answers_before_anything_else() -> None:
    site = answers("/api/* /about 301\n/old /api/x 301", worker=RoutesRules(("/api/*",)))
    assert site.at("/api/x") == Answer("worker", "/api/x")
    assert site.at("/old") == Answer("worker", "/api/x")
    assert site.at("/x").kind == "dead"
    assert not site.has_no_rules


def test_without_an_error_page_the_home_page_answers_for_all_that_is_missing() -> None:
    site = answers("", "/index.html", "/docs/404.html")
    assert site.has_fallback
    assert site.at("/x") == Answer("fallback", "/x", "/index.html")
    assert site.at("/docs/x") == Answer("dead", "/docs/x", "/docs/404.html")
    assert not site.at("/x").is_there


def test_a_site_without_a_home_page_has_nothing_to_fall_back_on() -> None:
    site = answers("", "/a.txt")
    assert not site.has_fallback
    assert site.at("/x") == Answer("dead", "/x")


def test_other_rules_change_only_the_rules() -> None:
    site = answers(worker=RoutesRules(("/api/*",))).with_redirects(
        read_redirects("/x https://www.example.com/about")
    )
    assert site.at("/x").file == "/about.html"
    assert site.at("/api/x").kind == "worker"
