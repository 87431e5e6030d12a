"""Where an address that is gone may have gone."""

from __future__ import annotations

import pytest

from pages_deploy.preflight import successors
from pages_deploy.preflight.successors import Successors
from pages_deploy.rules.answers import Answers
from pages_deploy.rules.redirects import read_redirects

FILES = (
    *("/index.html", "/404.html", "/About.html", "/blog/post.html", "/blog/2024-05-01-dated.html"),
    *("/docs/index.html", "/docs/guide/intro/index.html", "/old/intro.html", "/files/paper.pdf"),
    *("/ruled.html", "/new/ruled.html", "/index/index.html", "/foo/.html"),
)


def guess(path: str, *files: str) -> str | None:
    answers = Answers(files or FILES, read_redirects("/ruled /nowhere 301"))
    return Successors(files or FILES, answers).of(path)


@pytest.mark.parametrize(
    ("path", "successor"),
    [
        ("/about", "/About"),
        ("/ABOUT.html", "/About"),
        ("/2024/05/01/post/", "/blog/post"),
        ("/blog/2023-01-02-post", "/blog/post"),
        ("/blog/dated", "/blog/2024-05-01-dated"),
        ("/docs/intro", "/docs/guide/intro/"),
        ("/media/paper.pdf", "/files/paper.pdf"),
        # At the nearest one a rule answers.
        ("/x/ruled", "/new/ruled"),
        ("/docs/guide/gone", "/docs/"),
        ("/blog/gone/", "/"),
        ("/404/gone", "/"),
    ],
)
def test_the_likeliest_address_is_guessed(path: str, successor: str) -> None:
    assert guess(path) == successor


def test_of_a_name_that_very_many_have_no_more_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(successors, "_MOST_NAMESAKES", 1)
    assert guess("/b/x/gone", "/a/gone.html", "/b/gone.html") == "/a/gone"


def test_where_nothing_is_above_there_is_no_guess() -> None:
    assert guess("/x/y", "/a.txt") is None


def test_the_nearest_page_above_may_have_no_slash() -> None:
    assert guess("/docs/gone", "/docs.html") == "/docs"
