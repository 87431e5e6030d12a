"""Make the site of the documentation from the files that people read in the repository.

1. Markdown, and the files that it links to, are copied as they lie; the README is the first page.
2. A link to a directory, or to a source file, becomes plain text: the site has neither.
3. Sphinx builds the site, and stops at any link that leads nowhere.

Usage: python scripts/docs_site.py DIRECTORY
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
FOLDERS = ("docs", "examples", "templates")
CONFIGURATION = """
project = "pages_deploy"
extensions = ["myst_parser"]
myst_heading_anchors = 3
html_title = "pages_deploy"
html_show_sphinx = False
html_copy_source = False
html_show_copyright = False
html_static_path = ["static"]
html_css_files = ["site.css"]
html_favicon = "static/icon.svg"
# The workflows' languages are told; what a shell would not understand is meant as it is.
suppress_warnings = ["misc.highlighting_failure"]
"""
# On a phone, what is too wide moves by itself, and not the page.
STYLE = """\
table.docutils { display: block; max-width: 100%; overflow-x: auto; }
div.highlight, pre { max-width: 100%; overflow-x: auto; }
.body p, .body li, .body h1, .body h2, .body h3 { overflow-wrap: anywhere; }
.sphinxsidebar code { color: inherit; background: none; }
@media (max-width: 600px) {
  .body p code, .body p code .pre, .body li code, .body li code .pre { white-space: normal; }
}
.body table.docutils p, .body table.docutils li { overflow-wrap: normal; }
.body table.docutils code, .body table.docutils code .pre { white-space: nowrap; }
.body img { max-width: 100%; height: auto; }
"""
ICON = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<circle cx="16" cy="16" r="16" fill="#1a7f37"/>
<path d="m8 17 5 5L24 11" fill="none" stroke="#fff" stroke-width="4"/>
</svg>
"""
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
TOCTREE = "\n```{{toctree}}\n:hidden:\n\n{}\n```\n"


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        stage(source)
        command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going"]
        done = subprocess.run([*command, str(source), str(target)], check=False)  # noqa: S603 - Sphinx
    raise SystemExit(done.returncode)


def stage(source: Path) -> None:
    """Copy what the site is made of, so that Sphinx understands it."""
    (source / "conf.py").write_text(CONFIGURATION, "utf-8")
    (source / "static").mkdir()
    (source / "static/site.css").write_text(STYLE, "utf-8")
    (source / "static/icon.svg").write_text(ICON, "utf-8")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, source / name)
    for name in PAGES:
        shutil.copy(ROOT / name, source / name)
    shutil.copy(ROOT / "README.md", source / "index.md")
    pages = sorted(source.glob("*.md")) + sorted((source / "docs").rglob("*.md"))
    for page in pages:
        page.write_text(with_links_of_the_site(page, source), "utf-8")
    _append(source / "index.md", ["docs/index", *(name.removesuffix(".md") for name in PAGES)])
    below = [page.relative_to(source / "docs") for page in pages if page.parent != source]
    _append(
        source / "docs/index.md",
        [name.with_suffix("").as_posix() for name in below if name.name != "index.md"],
    )


def with_links_of_the_site(page: Path, source: Path) -> str:
    """Return a page's text, with links to what the site does not have as plain text."""

    def linked(found: re.Match[str]) -> str:
        text, target = found.groups()
        if re.match(r"[a-z]+:|#", target):
            return found[0]
        path, _, anchor = target.partition("#")
        at = (page.parent / path).resolve()
        if at == source.resolve() / "README.md":
            at = source.resolve() / "index.md"
            path = path.replace("README.md", "index.md")
        return f"[{text}]({path}{'#' if anchor else ''}{anchor})" if at.is_file() else text

    return LINK.sub(linked, page.read_text("utf-8"))


def _append(page: Path, names: list[str]) -> None:
    page.write_text(page.read_text("utf-8") + TOCTREE.format("\n".join(names)), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
