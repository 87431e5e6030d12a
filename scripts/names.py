"""What the Action and the image are called in every document and sample.

Only a name that is ours may be written there: somebody else could register any other, and would be
given the tokens of whoever copied it. Until there is a release, the documents show what works
without one: the Action copied into the user's repository, and the image in a registry of the user's
own (example.com belongs to nobody). docs/install.md tells how to get both.

Usage, once a name is ours:
  python scripts/names.py ACTION OWNER/REPOSITORY@v1
  python scripts/names.py IMAGE REGISTRY/OWNER/REPOSITORY:1
It writes the name into this file, and into every document in place of the old one.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ACTION = "./.github/actions/pages_deploy"
IMAGE = "registry.example.com/pages-deploy:1"


def documents() -> list[Path]:
    """Return the files that users read or copy."""
    below = (
        file
        for folder in ("docs", "examples/ci", "examples/github", "templates")
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and file.suffix not in {".png", ".svg"}
    )
    return [ROOT / "README.md", *sorted(below)]


def main(which: str, new: str) -> None:
    old = {"ACTION": ACTION, "IMAGE": IMAGE}[which]
    for file in (Path(__file__), *documents()):
        text = file.read_text("utf-8")
        if old in text:
            file.write_text(text.replace(old, new), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
