"""The dashboard's pages are the same in the program's hints and in the README."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from pages_deploy.api.dashboard import ACCOUNT_PAGE, TOKEN_FORM

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_form_asks_for_the_one_permission_that_a_deployment_needs() -> None:
    given = parse_qs(urlsplit(TOKEN_FORM).query, strict_parsing=True)
    assert json.loads(given["permissionGroupKeys"][0]) == [{"key": "page", "type": "edit"}]
    assert given["accountId"] == ["*"]
    assert given["zoneId"] == ["all"]


def test_the_readme_has_the_same_pages() -> None:
    assert f"]({TOKEN_FORM})" in README
    assert f"]({ACCOUNT_PAGE})" in README
    assert f"]({TOKEN_FORM})" in (ROOT / "docs/permissions.md").read_text("utf-8")
