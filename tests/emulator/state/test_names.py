"""Names of projects and custom domains, aliases of branches."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages_deploy.emulator.state.names import (
    branch_alias,
    is_domain_name,
    is_project_name,
    without_port,
)


@pytest.mark.parametrize(
    ("branch", "alias"),
    [
        ("dependabot/npm_and_yarn/dustjs-linkedin-3.0.0", "dependabot-npm-and-yarn-dust"),
        ("Feature/Login", "feature-login"),
        ("staging", "staging"),
        ("a//b", "a--b"),
        ("--x--", "x"),
        ("ünïcode", "n-code"),
        ("a" * 27 + "/tail", "a" * 27 + "-"),
    ],
)
def test_alias_of_a_branch(branch: str, alias: str) -> None:
    assert branch_alias(branch) == alias


def test_branch_without_usable_characters_gets_a_random_alias() -> None:
    assert re.fullmatch(r"branch-[a-z0-9]{10}", branch_alias("//"))


@given(st.text())
def test_every_alias_is_a_short_host_label(branch: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]{1,28}", branch_alias(branch))


@pytest.mark.parametrize("name", ["a", "demo", "0-demo", "a-", "x" * 58])
def test_project_name_that_pages_takes(name: str) -> None:
    assert is_project_name(name)


@pytest.mark.parametrize("name", ["", "-a", "Demo", "a_b", "a.b", "ä", "x" * 59, "a\n"])
def test_project_name_that_pages_refuses(name: str) -> None:
    assert not is_project_name(name)


@pytest.mark.parametrize("name", ["example.test", "a.b.example.co.uk", "xn--nxasmq6b.xn--p1ai"])
def test_domain_name_that_pages_takes(name: str) -> None:
    assert is_domain_name(name)


@pytest.mark.parametrize(
    "name", ["example", "a.-b.test", "a.b-.test", "1.2.3.4", "a.test\n", "ä.de"]
)
def test_domain_name_that_pages_refuses(name: str) -> None:
    assert not is_domain_name(name)


@pytest.mark.parametrize(
    ("authority", "host"),
    [("Demo.localhost:80", "demo.localhost"), ("localhost", "localhost"), ("[::1]:8", "[::1]")],
)
def test_host_without_port(authority: str, host: str) -> None:
    assert without_port(authority) == host
