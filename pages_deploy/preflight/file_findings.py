"""What of a build directory will not be served as its owner may expect, by names and numbers."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pages_deploy.preflight.finding import Finding, Severity
from pages_deploy.rules.addresses import address_of
from pages_deploy.site.limits import DEFAULT_MAX_FILES, MAX_FILES
from pages_deploy.text.amounts import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pages_deploy.rules.answers import Answers
    from pages_deploy.site.manifest import Manifest

# Nine tenths of what the free plan takes.
# https://developers.cloudflare.com/fundamentals/reference/cdn-cgi-endpoint/
OWN_DIRECTORY = "/cdn-cgi/"
MANY_FILES = DEFAULT_MAX_FILES * 9 // 10


def file_findings(manifest: Manifest, answers: Answers) -> Iterator[Finding]:
    """Yield what the names and numbers of a manifest's files tell."""
    yield from _numbers(manifest)
    yield from _left_out(manifest)
    if not answers.at("/").is_there:
        yield _finding(
            "no-index",
            "",
            "There is no index.html here, so the site's address itself shows nothing.",
            "If the build writes its output one directory further in, name that one.",
        )
    files = {asset.path for asset in manifest.assets}
    yield from _unreachable(files)
    yield from _other_case(files)
    yield from _twice(files)


def _numbers(manifest: Manifest) -> Iterator[Finding]:
    count = len(manifest.assets)
    if count > MAX_FILES:
        yield _finding(
            "too-many-files",
            "",
            f"The site has {counted(count, 'file')}; Pages takes at most {MAX_FILES:,}.",
            "Leave some out by .assetsignore, or divide the site among several projects.",
            severity="error",
        )
    elif count > MANY_FILES:
        is_over = count > DEFAULT_MAX_FILES
        yield _finding(
            "many-files",
            "",
            f"The site has {counted(count, 'file')}; the free plan takes at most "
            f"{DEFAULT_MAX_FILES:,}, a paid one {MAX_FILES:,}.",
            "Leave some out by .assetsignore, or see that the account has a paid plan.",
            severity="warning" if is_over else "note",
        )


def _left_out(manifest: Manifest) -> Iterator[Finding]:
    for name in manifest.left_out:
        remedy = "Rename it, if it is to be served."
        if name == "functions":
            remedy = (
                "Worker code belongs into the directory `functions` beside the build directory, "
                "not into it."
            )
        yield _finding(
            "functions-in-output" if name == "functions" else "reserved-name",
            name,
            f"{name} is not deployed: Pages reserves this name.",
            remedy,
        )
    lost = manifest.below_node_modules
    if lost.count:
        yield _finding(
            "node-modules",
            lost.first.removeprefix("/"),
            f"{counted(lost.count, 'file')} below node_modules "
            f"{'is' if lost.count == 1 else 'are'} not deployed, the first {lost.first}: like "
            "wrangler, this leaves out directories of that name.",
            "Let the build put what the site needs of them under another name.",
        )
    if manifest.is_repository:
        yield _finding(
            "repository",
            "",
            "The build directory is the root of a repository: sources and configuration are "
            "published with it.",
            "If the build writes its output elsewhere, name that directory.",
            severity="note",
        )


def _unreachable(files: set[str]) -> Iterator[Finding]:
    """Yield the files that no address shows."""
    for path in files:
        if path.startswith(OWN_DIRECTORY):
            yield _finding(
                "name-unreachable",
                path[1:],
                "No address shows this file: what begins with /cdn-cgi/ is answered by Cloudflare "
                "itself.",
                "Move it to another directory.",
            )
        # Any other page is at its shorter address or, where a file has that, at its own path.
        elif path.endswith("/.html") and address_of(path, files.__contains__) is None:
            yield _finding(
                "name-unreachable",
                path[1:],
                "No address shows this file: Pages redirects its own one, and another file or none "
                "is where that leads.",
                "Rename it.",
            )


def _other_case(files: set[str]) -> Iterator[Finding]:
    """Yield the files whose names differ in the case of letters alone."""
    # Most sites have none: numbers tell so in a third of the memory.
    if len({hash(path.casefold()) for path in files}) == len(files):
        return
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for path in files:
        alike[path.casefold()].append(path)
    for several in sorted(sorted(paths) for paths in alike.values() if len(paths) > 1):
        for path in several[1:]:
            yield _finding(
                "name-case",
                path[1:],
                f"{several[0]} has the same name but for the case of letters. Pages tells the two "
                "apart; many file systems and people do not.",
                "Rename one of them.",
                severity="note",
            )


def _twice(files: set[str]) -> Iterator[Finding]:
    """Yield the pages whose address, as Pages shortens it, another file has already."""
    for path in files:
        if not path.endswith(".html") or path.endswith("/index.html"):
            continue
        short = path.removesuffix(".html")
        if short in files:
            yield _finding(
                "name-collision",
                path[1:],
                f"{short} is a file too, and is what {short} shows; this page is at {path} alone.",
                "Rename one of them.",
            )
        elif f"{short}/index.html" in files:
            yield _finding(
                "name-collision",
                path[1:],
                f"There is {short}/index.html too: {short} shows this page, and {short}/ that one.",
                "Keep one of them.",
                severity="note",
            )


def _finding(
    code: str, file: str, message: str, remedy: str, *, severity: Severity = "warning"
) -> Finding:
    return Finding(severity=severity, code=code, file=file, message=message, remedy=remedy)
