"""Where a link leads, as a browser reads it."""

from __future__ import annotations

import pytest

from pages_deploy.preflight.link_targets import Base, base_of, path_of_link

HOSTS = {"www.example.com", "localhost:8080"}
HERE = Base("/docs/a/")


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("x", "/docs/a/x"),
        ("./x", "/docs/a/x"),
        ("../x/", "/docs/x/"),
        ("../../../../x", "/x"),
        ("/x?q#f", "/x"),
        (" \n/x\t", "/x"),
        ("/a\nb", "/ab"),
        ("\\x\\y", "/x/y"),
        ("x%20y", "/docs/a/x%20y"),
        ("x y", "/docs/a/x%20y"),
        ("\u00fc", "/docs/a/%C3%BC"),
        ("%c3%bc", "/docs/a/%c3%bc"),
        (".", "/docs/a/"),
        ("..", "/docs/"),
        ("%2e%2E/x", "/docs/x"),
        ("a:b/../x", None),
        ("./a:b", "/docs/a/a:b"),
        ("", None),
        ("#x", None),
        ("?x", None),
        ("mailto:x@y.test", None),
        ("JavaScript:void(0)", None),
        ("data:,x", None),
        ("//other.test/x", None),
        ("https://other.test/x", None),
        ("https://www.example.com/x", "/x"),
        ("HTTPS://u@WWW.example.com:443/x?q", "/x"),
        ("http://www.example.com", "/"),
        ("http:/www.example.com/x", "/x"),
        ("//www.example.com\\x", "/x"),
        ("https:x", "/docs/a/x"),
        ("http://localhost:8080/x", "/x"),
        ("http://localhost/x", None),
    ],
)
def test_a_link_leads_to_a_path(link: str, path: str | None) -> None:
    assert path_of_link(link, HERE, HOSTS) == path


def test_a_page_that_is_shown_anywhere_has_no_relative_links_to_judge() -> None:
    anywhere = Base(None)
    assert path_of_link("x", anywhere, HOSTS) is None
    assert path_of_link("/x", anywhere, HOSTS) == "/x"


@pytest.mark.parametrize(
    ("link", "base"),
    [
        ("/", Base("/")),
        ("/x/y", Base("/x/")),
        ("..", Base("/docs/")),
        ("https://www.example.com/x/", Base("/x/")),
        ("//other.test/", Base("/docs/a/", is_elsewhere=True)),
        ("data:,x", HERE),
        ("", HERE),
        ("#x", HERE),
    ],
)
def test_a_base_changes_what_links_are_relative_to(link: str, base: Base) -> None:
    assert base_of(link, HERE, HOSTS) == base


def test_below_a_base_elsewhere_only_what_names_the_site_is_its_own() -> None:
    elsewhere = Base("/", is_elsewhere=True)
    assert path_of_link("x", elsewhere, HOSTS) is None
    assert path_of_link("/x", elsewhere, HOSTS) is None
    assert path_of_link("https://www.example.com/x", elsewhere, HOSTS) == "/x"


def test_a_base_makes_the_links_of_an_error_page_its_own() -> None:
    assert base_of("/x/", Base(None), HOSTS) == Base("/x/")
    assert base_of("x/", Base(None), HOSTS) == Base(None)
