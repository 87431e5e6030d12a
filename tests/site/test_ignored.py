"""What `.assetsignore` and EXCLUDE leave out of a deployment, and what they cannot."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pages_deploy.errors import DirectoryError
from pages_deploy.site.file_rules import FileRules
from pages_deploy.site.ignored import MOST_LISTED
from pages_deploy.site.manifest import Manifest, build_manifest
from pages_deploy.site.patterns import MAX_BYTES
from tests.site.secrets_made import SeenContents
from tests.world import unprivileged

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import BuildSite

FILES: dict[str, bytes | str] = {
    "index.html": "home",
    "app.js": "1",
    "app.js.map": "2",
    "drafts/a.html": "3",
    "drafts/keep.html": "4",
    "docs/drafts/b.html": "5",
}


def built(root: Path, exclude: str = "") -> Manifest:
    return build_manifest(root, rules=FileRules.read(exclude=exclude))


def paths(manifest: Manifest) -> list[str]:
    return [asset.path for asset in manifest.assets]


def refusal(root: Path, exclude: str = "") -> DirectoryError:
    with pytest.raises(DirectoryError) as info:
        built(root, exclude)
    return info.value


def test_without_patterns_nothing_is_ignored(site: BuildSite) -> None:
    manifest = built(site(FILES))
    assert paths(manifest) == sorted(f"/{path}" for path in FILES)
    assert manifest.ignored.count == 0
    assert manifest.ignored.entries == ()


@pytest.mark.parametrize("content", ["", "# nothing\n\n"])
def test_the_file_of_patterns_itself_is_never_published(site: BuildSite, content: str) -> None:
    manifest = built(site({**FILES, ".assetsignore": content}), "!.assetsignore")
    assert "/.assetsignore" not in paths(manifest)
    assert len(manifest.assets) == len(FILES)


def test_one_below_the_root_is_a_file_like_any(site: BuildSite) -> None:
    manifest = built(site({"index.html": "", "sub/.assetsignore": "*", "sub/a.txt": ""}))
    assert paths(manifest) == ["/index.html", "/sub/.assetsignore", "/sub/a.txt"]


def test_what_patterns_leave_out_is_counted_by_where_they_stand(site: BuildSite) -> None:
    root = site({**FILES, ".assetsignore": "# ours\n*.map\ndrafts/\n"})
    manifest = built(root, "app.*\n")
    assert paths(manifest) == ["/index.html"]
    # The later pattern decides about /app.js.map.
    assert manifest.ignored.words == "3 files ignored by .assetsignore, 2 by EXCLUDE"
    assert [(one.path, one.files, one.origin, one.line) for one in manifest.ignored.entries] == [
        ("/app.js", 1, "EXCLUDE", 1),
        ("/app.js.map", 1, "EXCLUDE", 1),
        ("/docs/drafts/", 1, ".assetsignore", 3),
        ("/drafts/", 2, ".assetsignore", 3),
    ]


def test_the_option_comes_after_the_file_and_brings_back(site: BuildSite) -> None:
    root = site({**FILES, ".assetsignore": "*.map\n/drafts/*\n"})
    assert paths(built(root, "!*.map\n!keep.html")) == [
        *("/app.js", "/app.js.map", "/docs/drafts/b.html", "/drafts/keep.html", "/index.html")
    ]


def test_nothing_below_a_directory_that_is_left_out_is_brought_back(site: BuildSite) -> None:
    manifest = built(site({**FILES, ".assetsignore": "drafts\n!drafts/keep.html\n"}))
    assert not [path for path in paths(manifest) if "drafts" in path]


def test_nothing_that_is_left_out_is_read_or_searched(public_directory: Path) -> None:
    (public_directory / "index.html").write_text("home")
    (public_directory / "closed").mkdir(0)
    (public_directory / "secret.key").write_text("x")
    (public_directory / "secret.key").chmod(0)
    search = SeenContents()
    with unprivileged():
        build_manifest(
            public_directory, rules=FileRules.read(exclude="closed\n*.key"), search=search
        )
    assert search.seen == [("/index.html", b"home")]


def test_what_could_not_be_deployed_can_be_left_out(site: BuildSite) -> None:
    root = site({"index.html": "home"})
    (root / "gone").symlink_to("nowhere")
    (root / "out").symlink_to("/")
    os.mkfifo(root / "pipe")
    with (root / "film.mp4").open("wb") as file:
        file.truncate(30 * 1024 * 1024)
    try:
        (root / os.fsdecode(b"caf\xe9")).touch()
    except OSError:
        pytest.skip("this file system takes UTF-8 names alone")
    manifest = built(root, "gone\nout\npipe\n*.mp4\ncaf?")
    assert paths(manifest) == ["/index.html"]
    assert [one.path for one in manifest.ignored.entries] == [
        *("/caf\N{REPLACEMENT CHARACTER}", "/film.mp4", "/gone", "/out", "/pipe")
    ]


def test_a_link_is_what_it_leads_to(site: BuildSite) -> None:
    root = site({"index.html": "", "real/a.html": ""})
    (root / "copy").symlink_to("real")
    (root / "file").symlink_to("index.html")
    manifest = built(root, "copy/\nfile/")
    assert paths(manifest) == ["/file", "/index.html", "/real/a.html"]
    assert manifest.ignored.count == 1
    (root / "gone").symlink_to("nowhere")
    assert refusal(root, "gone/").code == "link-broken"


def test_the_names_that_are_always_left_out_cannot_be_brought_back(site: BuildSite) -> None:
    manifest = built(site({"index.html": "", "node_modules/a.js": "", ".git": ""}), "!*")
    assert paths(manifest) == ["/index.html"]


SPECIAL = {"_headers": "/*\n  A: b\n", "_redirects": "/a /b\n", "_routes.json": "{}"}


def test_the_file_does_not_touch_what_pages_takes_beside_the_assets(site: BuildSite) -> None:
    """Adapters of frameworks list these, for Cloudflare Workers would publish them."""
    ignoring = "_worker.js\n_routes.json\n_headers\n_redirects\nfunctions\n*.map\n"
    root = site({**FILES, **SPECIAL, "_worker.js/index.js": "", ".assetsignore": ignoring})
    manifest = built(root)
    assert set(manifest.special_files) == set(SPECIAL)
    assert manifest.ignored.count == 1
    assert paths(built(site({".assetsignore": "*", "_worker.js": ""}, "worker"))) == []


def test_the_option_leaves_out_these_too(site: BuildSite) -> None:
    root = site({**FILES, **SPECIAL, "_worker.js/index.js": "", "functions/a.js": ""})
    manifest = built(root, "_headers\n_worker.js/\n/_r*\n!_routes.json\nfunctions")
    assert set(manifest.special_files) == {"_routes.json"}
    assert manifest.left_out == ()
    assert manifest.ignored.counts == {"EXCLUDE": 4}
    assert refusal(site({"_worker.js": ""}, "worker"), "_worker.js").code == "nothing-to-deploy"


def test_where_everything_is_ignored_that_is_said(site: BuildSite) -> None:
    error = refusal(site({**FILES, ".assetsignore": "*"}))
    assert error.message.endswith("no file to deploy: 6 files ignored by .assetsignore.")


@pytest.mark.parametrize(
    ("content", "told", "code"),
    [
        (b"*.map\ncaf\xe9\n", "is not UTF-8 on line 2", "special-file-not-text"),
        ("*.map\n".encode("utf-16"), "is encoded in UTF-16", "special-file-not-text"),
        (b"a\nb\0\n", "has a zero byte on line 2", "special-file-not-text"),
        (b"a\n" * 5_000_000, "has 10000000 bytes", "special-file-too-large"),
        (b"#" * (MAX_BYTES + 1), f"it may have {MAX_BYTES}", "special-file-too-large"),
    ],
    ids=["Latin-1", "UTF-16", "zero", "10 MB", "one byte more"],
)
def test_patterns_that_nobody_means_are_refused(
    site: BuildSite, content: bytes, told: str, code: str
) -> None:
    error = refusal(site({"index.html": "", ".assetsignore": content}))
    assert error.message.startswith("/.assetsignore ")
    assert told in error.message
    assert (error.path, error.code) == ("/.assetsignore", code)


@pytest.mark.parametrize("kind", ["directory", "pipe", "link outside", "broken link"])
def test_what_is_called_like_the_file_and_is_none_is_refused(
    site: BuildSite, tmp_path: Path, kind: str
) -> None:
    root = site({"index.html": ""})
    place = root / ".assetsignore"
    (tmp_path / "patterns").write_text("*")
    if kind == "directory":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to("../patterns" if kind == "link outside" else "nowhere")
    code = {"link outside": "link-outside", "broken link": "link-broken"}.get(kind, "not-a-file")
    assert refusal(root).code == code


def test_a_link_to_patterns_inside_is_followed(site: BuildSite) -> None:
    root = site({"index.html": "", "a.map": "", "patterns.txt": "*.map\n"})
    (root / ".assetsignore").symlink_to("patterns.txt")
    assert paths(built(root)) == ["/index.html", "/patterns.txt"]


def test_the_list_ends_where_the_counts_go_on(site: BuildSite) -> None:
    root = site({"index.html": "", **{f"{number}.map": "" for number in range(MOST_LISTED + 5)}})
    ignored = built(root, "*.map").ignored
    assert (ignored.count, len(ignored.entries)) == (MOST_LISTED + 5, MOST_LISTED)


def test_an_empty_directory_that_is_left_out_is_no_file(site: BuildSite) -> None:
    root = site({"index.html": ""})
    (root / "empty").mkdir()
    assert built(root, "empty").ignored.counts == {}
