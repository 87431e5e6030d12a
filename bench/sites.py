"""The sites that are deployed: Debian's documentation packages, or generated ones of that kind.

They are kept outside the repository, each made whole or not at all:

1. A package is fetched by apt-get and unpacked by dpkg-deb; links to other packages are left out.
2. Where that is not to be had, a generator writes as many pages, from a seed: sizes of real pages
   (1 to 60 KB, small ones more often), words that were made up, some images.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pages-deploy-bench"
# The first that apt-get knows is taken: about 10,000 files, and about 32,000.
MIDDLE_PACKAGES = ("openjdk-17-doc", "openjdk-21-doc", "openjdk-25-doc")
BIG_PACKAGES = ("rust-doc",)
APT_TIMEOUT_SECONDS = 300
# The names of generated sites carry it: another generator writes other sites.
GENERATOR = 1
LEAST_BYTES, MOST_BYTES = 1_000, 60_000
FILES_OF_A_FOLDER = 200
LARGE_FILE_BYTES = 20_000_000
HEAD = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title><link rel="stylesheet" href="/style.css"></head>
<body>
<nav><a href="/">Contents</a> <a href="page-{next}.html">Next</a></nav>
<h1>{title}</h1>
"""


@dataclass(frozen=True)
class Site:
    """A build directory."""

    root: Path
    name: str
    files: int
    size_bytes: int

    @property
    def words(self) -> str:
        return f"{self.name}: {self.files:,} files, {self.size_bytes / 1e6:,.0f} MB"


def middle() -> Site:
    """Return a site of about 10,000 files."""
    return _documentation(MIDDLE_PACKAGES) or generated(10_000)


def big() -> Site:
    """Return a site of about 32,000 files."""
    return _documentation(BIG_PACKAGES) or generated(32_000)


def generated(files: int) -> Site:
    """Return a site of so many pages, images and other files."""
    return _kept(f"generated-{files}-{GENERATOR}", lambda root: _write_pages(root, files))


def large(files: int) -> Site:
    """Return a site of large files that cannot be compressed."""

    def write(root: Path) -> None:
        source = random.Random(files)
        for number in range(files):
            (root / f"film-{number}.mp4").write_bytes(source.randbytes(LARGE_FILE_BYTES))

    return _kept(f"large-{files}-{GENERATOR}", write)


def _documentation(packages: tuple[str, ...]) -> Site | None:
    for package in packages:
        found = next(iter(sorted(CACHE.glob(f"{package}_*"))), None)
        if found:
            return _look_at(found)
    if shutil.which("apt-get") and shutil.which("dpkg-deb"):
        for package in packages:
            site = _unpacked(package)
            if site:
                return site
    return None


def _unpacked(package: str) -> Site | None:
    """Fetch and unpack a package; None where apt-get does not know it or cannot reach it."""
    with tempfile.TemporaryDirectory() as scratch:
        if not _does(["apt-get", "download", "-qq", package], scratch):
            return None
        file = next(Path(scratch).glob("*.deb"))
        unpacked = Path(scratch) / "unpacked"
        if not _does(["dpkg-deb", "--extract", str(file), str(unpacked)], scratch):
            return None

        def move(root: Path) -> None:
            shutil.copytree(unpacked / "usr/share/doc", root, symlinks=True, dirs_exist_ok=True)
            for path in list(root.rglob("*")):
                if path.is_symlink():
                    path.unlink()

        name, version, _ = file.name.split("_")
        return _kept(f"{name}_{version.replace('%3a', ':')}", move)


def _does(command: list[str], folder: str) -> bool:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, timeout=APT_TIMEOUT_SECONDS, check=False
    )
    return done.returncode == 0


def _kept(name: str, write: Callable[[Path], None]) -> Site:
    target = CACHE / name
    if not target.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix="new-", dir=CACHE))
        try:
            write(fresh)
            fresh.chmod(0o755)
            fresh.rename(target)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return _look_at(target)


@cache
def _look_at(root: Path) -> Site:
    """Read each file once, so that no measured run is the first to take them from the disk."""
    sizes = [len(path.read_bytes()) for path in root.rglob("*") if path.is_file()]
    return Site(root, root.name.replace("_", " "), len(sizes), sum(sizes))


def _write_pages(root: Path, files: int) -> None:
    source = random.Random(files)
    words = ["".join(source.choices("aeiounrtslmdp", k=source.randint(2, 9))) for _ in range(3000)]
    paragraphs = [
        f"<p>{' '.join(source.choices(words, k=source.randint(20, 120)))}.</p>\n"
        for _ in range(1000)
    ]
    for number in range(files):
        folder = root / f"part-{number // FILES_OF_A_FOLDER}"
        if number % FILES_OF_A_FOLDER == 0:
            folder.mkdir()
        # As many of 1 to 2 KB as of 30 to 60 KB.
        size = round(LEAST_BYTES * (MOST_BYTES / LEAST_BYTES) ** source.random())
        if number % 20 == 0:
            (folder / f"picture-{number}.png").write_bytes(source.randbytes(size))
        else:
            title = f"{' '.join(source.choices(words, k=4)).capitalize()} {number}"
            text = [HEAD.format(title=title, next=number + 1)]
            written = len(text[0])
            while written < size:
                text.append(source.choice(paragraphs))
                written += len(text[-1])
            (folder / f"page-{number}.html").write_text("".join(text), "ascii")
