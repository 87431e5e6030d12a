"""Write the tables of docs/ that come from the code; a test keeps them equal.

Usage: python scripts/readme_tables.py
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))


from pages_deploy.reporting.outputs import OUTPUTS  # noqa: E402 - likewise
from pages_deploy.settings.options import OPTIONS  # noqa: E402 - the path has to be right before
from pages_deploy.site.secret_contents import contents  # noqa: E402 - likewise
from pages_deploy.site.secret_names import NAMES  # noqa: E402 - likewise

if TYPE_CHECKING:
    from pages_deploy.settings.option import Option

OPTIONS_PAGE = ROOT / "docs/options.md"
OUTPUTS_PAGE = ROOT / "docs/outputs.md"
SECRETS = ROOT / "docs/secrets.md"

# Which options stand in which table; those that are named nowhere are rare.
GROUPS = {
    "needed": ("API_TOKEN", "ACCOUNT_ID", "PROJECT_NAME", "DIRECTORY"),
    "often": (
        "BRANCH",
        "CREATE_PROJECT",
        "PRODUCTION_BRANCH",
        "WORKING_DIRECTORY",
        "EXPECT",
        "DRY_RUN",
        "VERIFY",
        "VERIFY_DOMAINS",
        "ROLLBACK_ON_FAILURE",
        "IF_OLDER",
        "IF_UNCHANGED",
        "ZONE_ID",
        "PURGE",
        "TIMEOUT",
        "REQUIRE_TOKEN",
    ),
    "forges": (
        "GITHUB_TOKEN",
        "GITLAB_TOKEN",
        "COMMENT",
        "GITHUB_DEPLOYMENT",
        "DEPLOYMENT_NAME",
        "SUMMARY",
        "CHANGES",
    ),
    "files": ("JSON_FILE", "DOTENV_FILE", "PROPERTIES_FILE", "GITLAB_ANNOTATIONS_FILE"),
}
RARE = "rare"


def main() -> None:
    for page, with_tables in (
        (OPTIONS_PAGE, with_options),
        (OUTPUTS_PAGE, with_outputs),
        (SECRETS, with_secrets),
    ):
        page.write_text(with_tables(page.read_text("utf-8")), "utf-8")


def with_options(page: str) -> str:
    """Return the text of docs/options.md with the table of each group as the code has it."""
    of_name = {option.name: option for option in OPTIONS}
    grouped = {group: [of_name.pop(name) for name in names] for group, names in GROUPS.items()}
    for group, options in (grouped | {RARE: list(of_name.values())}).items():
        rows = ["| option | default | what it is |", "|---|---|---|", *map(_option_row, options)]
        page = _replace(page, group, rows)
    return page


def with_outputs(page: str) -> str:
    """Return the text of docs/outputs.md with the table as the code has it."""
    rows = ["| output | what it is |", "|---|---|"]
    rows += [f"| `{name}` | {words} |" for name, words in OUTPUTS.items()]
    return _replace(page, "outputs", rows)


def with_secrets(page: str) -> str:
    """Return the text of docs/secrets.md with both tables as the code has them."""
    rows = ["| what | names | only where the file holds | fine with these endings |"]
    rows += ["|---|---|---|---|"]
    rows += [
        f"| {rule.what} | {_listed(rule.patterns)} | {rule.held} | "
        f"{_listed(rule.harmless_endings)} |"
        for rule in NAMES
    ]
    page = _replace(page, "names", rows)
    rows = ["| what | how it looks |", "|---|---|"]
    forms: dict[str, dict[str, None]] = {}
    for rule in contents():
        # Each form once, in the order of the rules.
        forms.setdefault(rule.what, {})[rule.form] = None
    rows += [f"| {what} | {'; '.join(several)} |" for what, several in forms.items()]
    return _replace(page, "contents", rows)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _option_row(option: Option) -> str:
    places = [f"**{option.name}**"]
    if option.positional:
        places.append("the argument")
    elif option.flag:
        places.append(f"`{option.flag_name}`")
    if option.input:
        places.append(f"`{option.input}`")
    others = ", ".join(f"`{name}`" for name in option.variables)
    cells = (
        "<br>".join(places),
        f"`{option.default}`" if option.default else "",
        f"{option.help} Also {others}." if others else option.help,
    )
    return "| " + " | ".join(cells) + " |"


def _replace(text: str, name: str, rows: list[str]) -> str:
    pattern = re.compile(rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
    changed, count = pattern.subn(lambda found: found[1] + "\n".join(rows) + "\n" + found[2], text)
    if count != 1:
        raise SystemExit(f"There are {count} places for the table of {name}")
    return changed


if __name__ == "__main__":
    main()
