"""Which files can be what servers are trusted by."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from pages_deploy.net.certificates import unusable_bundle
from tests.raw_server import make_certificate, needs_openssl
from tests.world import unprivileged

if TYPE_CHECKING:
    from pathlib import Path

KEY = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n"
BROKEN = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/nowhere/ca.pem", "there is no such file"),
        ("~/ca.pem", "there is no such file: the '~' was not expanded"),
        ("~root/ca.pem", "there is no such file: the '~' was not expanded"),
        ("$HOME/ca.pem", "there is no such file: the variable in it was not expanded"),
        ("%USERPROFILE%/ca.pem", "there is no such file: the variable in it was not expanded"),
        ("'/etc/ca.pem'", "there is no such file: the quotes count as part of its name"),
        ("/dev/null", "it is not a file"),
    ],
)
def test_a_path_that_leads_to_no_file(path: str, reason: str) -> None:
    assert unusable_bundle(path).startswith(reason)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "it is empty"),
        ("no certificate", "it is not a certificate in PEM"),
        (" \n", "it is not a certificate in PEM"),
        (KEY, "it is not a certificate in PEM"),
        (BROKEN, "it is not a certificate in PEM"),
        ("\x00\x01", "it is not a certificate in PEM"),
    ],
)
def test_a_file_that_holds_no_certificate(tmp_path: Path, content: str, reason: str) -> None:
    file = tmp_path / "ca.pem"
    file.write_text(content)
    assert unusable_bundle(str(file)) == reason


def test_a_file_that_may_not_be_read(public_directory: Path) -> None:
    file = public_directory / "ca.pem"
    file.write_text(BROKEN)
    file.chmod(0)
    with unprivileged():
        assert unusable_bundle(str(file)) == "Permission denied"


def test_a_directory_is_none(tmp_path: Path) -> None:
    assert unusable_bundle(str(tmp_path)) == "it is a directory, not a file"


@needs_openssl
def test_a_certificate_is_one_and_so_is_a_directory_that_openssl_reads(tmp_path: Path) -> None:
    certificate, _ = make_certificate(tmp_path)
    assert unusable_bundle(str(certificate)) == ""
    hashed = tmp_path / "certs"
    hashed.mkdir()
    shutil.copy(certificate, hashed / "0a1b2c3d.0")
    assert unusable_bundle(str(hashed)) == ""


def test_a_file_that_was_mended_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    assert unusable_bundle(str(file)) == "there is no such file"
    file.write_text("nothing", "utf-8")
    assert unusable_bundle(str(file)) == "it is not a certificate in PEM"
    file.write_bytes(b"")
    assert unusable_bundle(str(file)) == "it is empty"
