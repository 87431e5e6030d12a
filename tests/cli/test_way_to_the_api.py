"""CA files and proxies that lead nowhere: named at once, and nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.reading import complaint
from tests.making import ids
from tests.raw_server import make_certificate, needs_openssl

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, FakeTime, RunCli

pytestmark = pytest.mark.usefixtures("client")
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")
PROXIES = {
    "socks5h://127.0.0.1:1080": "PySocks",
    "http://proxy.test": "names no port",
    "ftp://proxy.test:21": "not a scheme of a proxy",
    "http://:3128": "names no host",
}


@pytest.fixture(params=["deploy", "doctor", "projects list"])
def arguments(request: pytest.FixtureRequest, site: BuildSite) -> list[str]:
    root = str(site({"index.html": "home"}))
    return ["deploy", root] if request.param == "deploy" else str(request.param).split()


def told(run_cli: RunCli, arguments: list[str], environ: dict[str, str]) -> str:
    """Return what a command says that ends with exit code 2."""
    outcome = run_cli(*arguments, environ=environ)
    if arguments[0] != "doctor":
        return complaint(outcome, 2)
    assert outcome.exit_code == 2
    assert "FAIL" in outcome.stdout
    return outcome.stdout


@pytest.mark.parametrize("variable", CA_VARIABLES)
@pytest.mark.parametrize("kind", ["missing", "tilde", "empty", "text", "directory"])
def test_a_ca_file_that_is_none_is_named_at_once(
    run_cli: RunCli,
    environ: dict[str, str],
    arguments: list[str],
    emulator: Emulator,
    tmp_path: Path,
    variable: str,
    kind: str,
) -> None:
    file = tmp_path / "ca.pem"
    if kind == "directory":
        file.mkdir()
    elif kind in {"empty", "text"}:
        file.write_text("" if kind == "empty" else "no certificate")
    before = len(emulator.requests)
    path = "~/ca.pem" if kind == "tilde" else str(file)
    text = told(run_cli, arguments, {**environ, variable: path})
    assert f"{variable} names '{path}'" in text
    assert len(emulator.requests) == before


@needs_openssl
def test_a_ca_file_that_is_one_and_an_empty_variable_are_fine(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, site: BuildSite, tmp_path: Path
) -> None:
    certificate, _ = make_certificate(tmp_path)
    environ |= {"REQUESTS_CA_BUNDLE": " ", "SSL_CERT_FILE": "", "CURL_CA_BUNDLE": str(certificate)}
    assert run_cli(str(site({"index.html": "home"})), environ=environ).exit_code == 0
    assert len(ids(emulator)) == 1


@pytest.mark.parametrize("variable", ["ALL_PROXY", "all_proxy", "http_proxy"])
@pytest.mark.parametrize("proxy", PROXIES)
def test_a_proxy_that_cannot_be_one_is_named_at_once(
    run_cli: RunCli,
    environ: dict[str, str],
    arguments: list[str],
    emulator: Emulator,
    fake_time: FakeTime,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    proxy: str,
) -> None:
    before = len(emulator.requests)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, proxy)
    text = told(run_cli, arguments, environ)
    assert variable in text
    assert f"'{proxy}'" in text
    assert PROXIES[proxy] in text
    assert "token" not in text
    assert len(emulator.requests) == before
    assert fake_time.slept == []
