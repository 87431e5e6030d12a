"""Which framework makes the site, so where the built site will be, and how it is built.

1. The first row of the table counts of which a file, or a package in `package.json`, is there.
2. How it is built follows from the lock file, where Node.js does it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

# Far more than people write.
MAX_BYTES = 1024 * 1024
SCRIPT_ENDINGS = ("js", "mjs", "cjs", "ts", "mts")
# Each lock file with what its package manager does; the last where there is none.
PACKAGE_MANAGERS = (
    ("pnpm-lock.yaml", "pnpm install --frozen-lockfile && pnpm run "),
    ("yarn.lock", "yarn install --frozen-lockfile && yarn run "),
    ("bun.lock", "bun install --frozen-lockfile && bun run "),
    ("bun.lockb", "bun install --frozen-lockfile && bun run "),
    ("package-lock.json", "npm ci && npm run "),
    ("", "npm install && npm run "),
)


@dataclass(frozen=True)
class Framework:
    """A framework as it is when nobody has changed its defaults."""

    name: str
    directory: str
    """The built site."""
    files: tuple[str, ...] = ()
    """Files of which one is there; `.*` stands for the endings of a script."""
    package: str = ""
    """Its name in `package.json`; empty where Node.js has no part in it."""
    command: str = ""
    """What builds the site, without Node.js."""
    script: str = "build"
    """Which script of `package.json` does, with it."""
    advice: str = ""
    """What has to be set in the framework for this directory to be made."""
    text: str = ""
    """What the file has to have in it, where others have a file of the same name."""


# Those that others are made with come after them.
FRAMEWORKS = (
    Framework("Docusaurus", "build", ("docusaurus.config.*",), "@docusaurus/core"),
    Framework("Gatsby", "public", ("gatsby-config.*",), "gatsby"),
    Framework("Nuxt", ".output/public", ("nuxt.config.*",), "nuxt", script="generate"),
    Framework(
        "Next.js",
        "out",
        ("next.config.*",),
        "next",
        advice="Next.js makes a directory of files with output: 'export' in its configuration.",
    ),
    Framework("Astro", "dist", ("astro.config.*",), "astro"),
    Framework(
        "SvelteKit",
        "build",
        ("svelte.config.*",),
        "@sveltejs/kit",
        advice="SvelteKit makes a directory of files with @sveltejs/adapter-static.",
    ),
    Framework("Eleventy", "_site", (".eleventy.js", "eleventy.config.*"), "@11ty/eleventy"),
    Framework("Zola", "public", ("config.toml",), command="zola build", text="base_url"),
    Framework(
        "Hugo",
        "public",
        ("hugo.toml", "hugo.yaml", "hugo.json", "config/_default/hugo.toml"),
        command="hugo --minify",
    ),
    Framework("Hugo", "public", ("config.toml",), command="hugo --minify", text="baseURL"),
    Framework("mdBook", "book", ("book.toml",), command="mdbook build"),
    Framework("MkDocs", "site", ("mkdocs.yml", "mkdocs.yaml"), command="mkdocs build"),
    Framework(
        "Sphinx",
        "docs/build/html",
        ("docs/source/conf.py",),
        command="sphinx-build docs/source docs/build/html",
    ),
    Framework(
        "Sphinx",
        "docs/_build/html",
        ("docs/conf.py",),
        command="sphinx-build docs docs/_build/html",
    ),
    Framework("Jekyll", "_site", ("_config.yml",), command="bundle exec jekyll build"),
    Framework("Vite", "dist", ("vite.config.*",), "vite"),
)


def find_framework(root: Path) -> Framework | None:
    """Return the framework of a repository; None where it is none of the table."""
    packages = _packages(root)
    return next((one for one in FRAMEWORKS if _is_of(one, root, packages)), None)


def build_command(framework: Framework, root: Path) -> str:
    """Return the command that builds the site."""
    if framework.command:
        return framework.command
    managers = (start for lock, start in PACKAGE_MANAGERS if not lock or _is_file(root / lock))
    return next(managers) + framework.script


def _is_of(framework: Framework, root: Path, packages: frozenset[str]) -> bool:
    if framework.package and framework.package in packages:
        return True
    for name in framework.files:
        stem = name.removesuffix("*")
        names = [stem + ending for ending in SCRIPT_ENDINGS] if stem != name else [name]
        for file in (root / one for one in names):
            if _is_file(file) and (not framework.text or framework.text in _read(file)):
                return True
    return False


def _packages(root: Path) -> frozenset[str]:
    """Return what a `package.json` names; nothing where there is none that can be read."""
    try:
        data: Any = json.loads(_read(root / "package.json"))
    except (ValueError, RecursionError):
        return frozenset()
    kinds = ("dependencies", "devDependencies")
    several = [data.get(kind) for kind in kinds] if isinstance(data, dict) else []
    return frozenset(name for one in several if isinstance(one, dict) for name in one)


def _is_file(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError:
        return False


def _read(file: Path) -> str:
    try:
        if not file.is_file() or file.stat().st_size > MAX_BYTES:
            return ""
        return file.read_text("utf-8", errors="replace")
    except OSError:
        return ""
