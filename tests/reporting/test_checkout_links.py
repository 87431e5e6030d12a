"""Nothing is written through a link of the checkout; the machine's own links are followed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pages_deploy.errors import SettingsError
from pages_deploy.reporting.checkout_links import is_in_checkout, open_without_link


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of which `inside` is a directory, beside a directory `outside`."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "checkout" / "inside" / "deep").mkdir(parents=True)
    return tmp_path / "checkout"


@pytest.mark.parametrize(
    ("link", "target", "path"),
    [
        ("out.json", "../outside/file", "out.json"),
        ("out.json", "inside/other.json", "out.json"),
        ("out.json", "nowhere", "out.json"),
        ("out.json", "out.json", "out.json"),
        ("results", "../outside", "results/out.json"),
        ("results", "../outside", "results/../checkout/out.json"),
        ("inside/results", "../../outside", "inside/results/out.json"),
        ("results", "..", "results/outside/out.json"),
        ("results", "/", "results/tmp/out.json"),
    ],
)
def test_a_link_of_the_checkout_is_refused_by_its_name(
    checkout: Path, link: str, target: str, path: str
) -> None:
    (checkout / link).symlink_to(target)
    with pytest.raises(SettingsError) as info:
        is_in_checkout(checkout / path, [checkout])
    assert f"{checkout / link} is a link of the checkout, to {target}" in info.value.message


def test_links_that_stay_in_the_checkout_may_lead_a_directory(checkout: Path) -> None:
    (checkout / "results").symlink_to("inside/deep")
    assert is_in_checkout(checkout / "results" / "out.json", [checkout])
    # As the system has it: from where the link has led.
    assert is_in_checkout(checkout / "results" / ".." / "out.json", [checkout])


def test_from_the_working_directory_no_link_leads_to_the_rest_of_the_checkout(
    checkout: Path,
) -> None:
    (checkout / "inside" / "results").symlink_to("..")
    with pytest.raises(SettingsError):
        is_in_checkout(
            checkout / "inside" / "results" / "out.json", [checkout / "inside", checkout]
        )


def test_links_outside_are_the_machines_own(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to("checkout")
    (tmp_path / "outside" / "link.json").symlink_to("file")
    assert not is_in_checkout(tmp_path / "outside" / "link.json", [checkout])
    assert is_in_checkout(tmp_path / "alias" / "out.json", [checkout])
    assert is_in_checkout(checkout / "out.json", [tmp_path / "alias"])
    assert not is_in_checkout(checkout / ".." / "outside" / "out.json", [checkout])
    # At the root of the file system, every link of the machine would be one of the checkout.
    assert not is_in_checkout(Path("/dev/stdout"), [Path("/")])
    assert not is_in_checkout(tmp_path / "outside" / "link.json", [])


def test_a_link_that_comes_in_between_is_not_followed(checkout: Path) -> None:
    (checkout / "out.json").symlink_to("inside/file")
    with pytest.raises(OSError, match="ymbolic link"):
        open_without_link(str(checkout / "out.json"), os.O_WRONLY | os.O_CREAT)
    assert not (checkout / "inside" / "file").exists()
