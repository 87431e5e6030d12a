"""What Sphinx gets of the documentation; `make docs` itself checks every link of the site."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from scripts import docs_site

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    docs_site.stage(tmp_path)
    return tmp_path


def test_every_page_is_in_a_table_of_contents(site: Path) -> None:
    listed = {
        (page.parent / name).relative_to(site)
        for page in (site / "index.md", site / "docs/index.md")
        for name in page.read_text("utf-8").partition(":hidden:\n\n")[2].split("\n```")[0].split()
    }
    pages = {page.relative_to(site).with_suffix("") for page in site.rglob("*.md")}
    assert {name.as_posix() for name in pages - listed} == {"index"}


def test_no_link_leads_out_of_the_site(site: Path) -> None:
    for page in site.rglob("*.md"):
        for _, target in docs_site.LINK.findall(page.read_text("utf-8")):
            if not re.match(r"[a-z]+:|#", target):
                assert (page.parent / target.partition("#")[0]).is_file(), (page, target)
