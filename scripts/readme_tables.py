"""Write the tables of README.md and docs/secrets.md from the code; a test keeps them equal.

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

README = ROOT / "README.md"
SECRETS = ROOT / "docs/secrets.md"


def main() -> None:
    README.write_text(with_tables(README.read_text("utf-8")), "utf-8")
    SECRETS.write_text(with_secrets(SECRETS.read_text("utf-8")), "utf-8")


def with_tables(readme: str) -> str:
    """Return the README's text with both tables as the code has them."""
    rows = [
        "| option | flag | input | other variables | default | what it is |",
        "|---|---|---|---|---|---|",
        *map(_option_row, OPTIONS),
    ]
    readme = _replace(readme, "options", rows)
    rows = ["| output | what it is |", "|---|---|"]
    rows += [f"| `{name}` | {words} |" for name, words in OUTPUTS.items()]
    return _replace(readme, "outputs", rows)


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
    flag = "the argument" if option.positional else f"`{option.flag_name}`" if option.flag else ""
    cells = [
        f"`{option.name}`",
        flag,
        f"`{option.input}`" if option.input else "",
        ", ".join(f"`{name}`" for name in option.variables),
        f"`{option.default}`" if option.default else "",
        option.help,
    ]
    return "| " + " | ".join(cells) + " |"


def _replace(text: str, name: str, rows: list[str]) -> str:
    pattern = re.compile(rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
    changed, count = pattern.subn(lambda found: found[1] + "\n".join(rows) + "\n" + found[2], text)
    if count != 1:
        raise SystemExit(f"There are {count} places for the table of {name}")
    return changed


if __name__ == "__main__":
    main()
