"""From a build directory to a manifest: what is taken, what is left out, what is refused."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pages_deploy.errors import DirectoryError
from pages_deploy.site.manifest import Manifest, build_manifest
from tests.world import unprivileged

if TYPE_CHECKING:
    from tests.world import BuildSite

# https://developers.cloudflare.com/pages/platform/limits/#file-size
LIMIT = 26_214_400


def paths(manifest: Manifest) -> list[str]:
    return [asset.path for asset in manifest.assets]


def refusal(directory: Path) -> DirectoryError:
    with pytest.raises(DirectoryError) as info:
        build_manifest(directory)
    assert info.value.exit_code == 2
    assert info.value.hint
    return info.value


def test_each_file_becomes_an_asset_in_the_order_of_the_paths(site: BuildSite) -> None:
    root = site({"b.txt": "n\n", "a/z.css": "x", "index.html": "<h1>home</h1>\n", "a.txt": "n\n"})
    manifest = build_manifest(root)
    assert paths(manifest) == ["/a.txt", "/a/z.css", "/b.txt", "/index.html"]
    home = manifest.assets[-1]
    assert home.hash == "260d432292df18555c39749e59348292"
    assert home.content_type == "text/html"
    assert home.size_bytes == 14
    assert manifest.total_bytes == 2 + 1 + 2 + 14


def test_odd_names_are_kept_as_they_are(site: BuildSite) -> None:
    names = ["a b.txt", "ü/é.html", "100%.txt", "?q=1.html", "#x.css", "+&=.js", "日本.txt", "a\\b"]
    names += ["'\".html", " .txt", "...", "-rf", "~", "new\nline.txt"]
    manifest = build_manifest(site(dict.fromkeys(names, "x")))
    assert sorted(paths(manifest)) == sorted(f"/{name}" for name in names)


def test_empty_files_are_assets_and_empty_directories_are_nothing(site: BuildSite) -> None:
    root = site({"empty.txt": b""})
    (root / "empty").mkdir()
    (asset,) = build_manifest(root).assets
    assert asset.path == "/empty.txt"
    assert asset.size_bytes == 0
    assert asset.hash == "f9bc91770fa5e997cbd47fba833629fc"


def test_identical_bytes_are_one_entry_by_hash_and_the_first_path_stands_for_them(
    site: BuildSite,
) -> None:
    manifest = build_manifest(site({"a.txt": "same", "b.txt": "same", "c.css": "same"}))
    assert [asset.path for asset in manifest.by_hash().values()] == ["/c.css", "/a.txt"]
    assert len(manifest.assets) == 3


def test_progress_counts_every_file(site: BuildSite) -> None:
    seen: list[tuple[int, int]] = []
    build_manifest(
        site({"a": "1", "b": "2", "c": "3"}), on_file=lambda done, total: seen.append((done, total))
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    "path",
    [
        "node_modules/x.js",
        "sub/node_modules/x.js",
        "sub/deep/.DS_Store",
        ".DS_Store",
        ".git/config",
        "sub/.git/config",
        "sub/.git",
        ".wrangler/state.json",
    ],
)
def test_what_wrangler_leaves_out_is_left_out(site: BuildSite, path: str) -> None:
    root = site({"index.html": "home", path: "x"})
    assert paths(build_manifest(root)) == ["/index.html"]


@pytest.mark.parametrize(
    "path",
    [
        # Wrangler's patterns do not reach below a directory that starts with a dot.
        ".well-known/.DS_Store",
        ".hidden/node_modules/z.js",
        ".hidden/deep/.git/config",
        ".well-known/security.txt",
        ".env",
        ".gitignore",
        "sub/.wrangler/x",
        "sub/_worker.js",
        "sub/_worker.js/index.js",
        "sub/functions/f.js",
        "sub/_headers",
        "sub/_redirects",
        "sub/_routes.json",
        "Node_Modules/x.js",
        ".ds_store",
        "node_modules.html",
        "_Headers",
    ],
)
def test_what_wrangler_uploads_is_uploaded(site: BuildSite, path: str) -> None:
    root = site({"index.html": "home", path: "x"})
    assert f"/{path}" in paths(build_manifest(root))


def test_special_files_of_the_root_are_set_aside_raw(site: BuildSite) -> None:
    special = {"_headers": b"/*\r\n  A: b", "_redirects": b"/a /b\xff\n", "_routes.json": b"{"}
    manifest = build_manifest(site({"index.html": "home", **special}))
    assert manifest.special_files == special
    assert paths(manifest) == ["/index.html"]
    assert manifest.left_out == ()


@pytest.mark.parametrize(
    ("files", "count", "first"),
    [
        ({}, 0, ""),
        ({"node_modules/b/c.js": "", "node_modules/a.js": ""}, 2, "/node_modules/a.js"),
        (
            {"node_modules/@fontsource/inter/a.woff2": "", "assets/node_modules/x/y/z.js": ""},
            2,
            "/assets/node_modules/x/y/z.js",
        ),
        ({"sub/node_modules": "a file"}, 1, "/sub/node_modules"),
        ({"a/node_modules/b/node_modules/c.js": "", "a/node_modules/z": ""}, 2, None),
        ({"node_modules/.DS_Store": "", ".DS_Store": "", "a/.git/config": ""}, 0, ""),
        ({".hidden/node_modules/z.js": ""}, 0, ""),
    ],
)
def test_what_is_left_out_below_node_modules_is_counted(
    site: BuildSite, files: dict[str, bytes | str], count: int, first: str | None
) -> None:
    left_out = build_manifest(site({"index.html": "home", **files})).below_node_modules
    assert left_out.count == count
    assert first is None or left_out.first == first


def test_links_below_node_modules_are_not_followed(site: BuildSite, tmp_path: Path) -> None:
    outside = site({f"{number}.txt": "x" for number in range(9)}, name="outside")
    root = site({"index.html": "home", "node_modules/a.js": ""})
    (root / "node_modules/linked").symlink_to(outside)
    (root / "sub").mkdir()
    (root / "sub/node_modules").symlink_to(tmp_path)
    assert build_manifest(root).below_node_modules.count == 3


@pytest.mark.parametrize("git", [".git", ".git/config"])
def test_the_root_of_a_repository_is_known(site: BuildSite, git: str) -> None:
    assert build_manifest(site({"index.html": "", git: "x"}, name="one")).is_repository
    assert not build_manifest(site({"index.html": "", f"sub/{git}": ""}, name="two")).is_repository


RULES = "/*\n  X-Frame-Options: DENY\n/a /b\n"


@pytest.mark.parametrize("name", ["_headers", "_redirects", "_routes.json"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_rules_in_another_encoding_are_refused_since_they_would_do_nothing(
    site: BuildSite, name: str, encoding: str
) -> None:
    error = refusal(site({"index.html": "home", name: RULES.encode(encoding)}))
    assert f"/{name} " in error.message
    assert "UTF-8" in error.hint


def test_a_zero_byte_in_a_file_of_rules_is_refused_at_its_line(site: BuildSite) -> None:
    error = refusal(site({"index.html": "home", "_headers": b"/*\n  A: b\n\0\n"}))
    assert "/_headers has a zero byte on line 3" in error.message


def test_rules_with_the_mark_of_utf_8_are_as_good_as_any(site: BuildSite) -> None:
    content = b"\xef\xbb\xbf/a /b \xc3\xa9\n"
    assert build_manifest(site({"_redirects": content})).special_files == {"_redirects": content}


def test_a_special_file_of_more_than_pages_takes_is_refused(site: BuildSite) -> None:
    root = site({"index.html": "home", "_headers": b"x"})
    with (root / "_headers").open("r+b") as file:
        file.truncate(LIMIT + 1)
    assert "/_headers has 26214401 bytes" in refusal(root).message


def test_an_empty_special_file_is_left_out(site: BuildSite) -> None:
    manifest = build_manifest(site({"index.html": "home", "_headers": b""}))
    assert manifest.special_files == {}
    assert paths(manifest) == ["/index.html"]


@pytest.mark.parametrize("path", ["_headers/x.txt", "_redirects/x", "functions"])
def test_an_entry_with_a_reserved_name_is_left_out_and_said_to_be(
    site: BuildSite, path: str
) -> None:
    manifest = build_manifest(site({"index.html": "home", path: "x"}))
    assert paths(manifest) == ["/index.html"]
    assert manifest.left_out == (path.partition("/")[0],)


@pytest.mark.parametrize("path", ["_worker.js", "_worker.js/index.js"])
def test_a_worker_is_no_asset_and_is_not_told_to_be_left_out(site: BuildSite, path: str) -> None:
    manifest = build_manifest(site({"index.html": "home", path: "x"}))
    assert paths(manifest) == ["/index.html"]
    assert manifest.left_out == ()


def test_functions_inside_the_build_directory_are_left_out_and_said_to_be(site: BuildSite) -> None:
    manifest = build_manifest(site({"index.html": "home", "functions/api/hello.js": "x"}))
    assert paths(manifest) == ["/index.html"]
    assert manifest.left_out == ("functions",)


def test_a_directory_that_does_not_exist_is_named(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "dist").message
    (tmp_path / "dist").write_text("x")
    assert "is not a directory" in refusal(tmp_path / "dist").message


@pytest.mark.parametrize("files", [{}, {"node_modules/x.js": "x"}, {"_headers": ""}])
def test_a_directory_with_nothing_to_deploy_is_refused(
    site: BuildSite, files: dict[str, bytes | str]
) -> None:
    assert "no file to deploy" in refusal(site(files)).message


def test_a_file_of_the_very_limit_passes_and_one_byte_more_is_refused(site: BuildSite) -> None:
    root = site({"sub/film.mp4": b""})
    with (root / "sub/film.mp4").open("r+b") as file:
        file.truncate(LIMIT)
        assert build_manifest(root).total_bytes == LIMIT
        file.truncate(LIMIT + 1)
        error = refusal(root)
    assert "/sub/film.mp4 has 26214401 bytes" in error.message


def test_directories_deeper_than_can_be_walked_are_refused(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("a", dir_fd=here)
        below = os.open("a", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    try:
        assert "too deep" in refusal(tmp_path).message
    finally:
        # Too deep for shutil as well.
        subprocess.run(["rm", "-r", tmp_path / "a"], check=True)


def test_links_that_stay_inside_are_followed(site: BuildSite) -> None:
    root = site({"real/page.html": "<h1>home</h1>\n"})
    (root / "copy").symlink_to("real")
    (root / "page.html").symlink_to(root / "real" / "page.html")
    manifest = build_manifest(root)
    assert paths(manifest) == ["/copy/page.html", "/page.html", "/real/page.html"]
    assert {asset.hash for asset in manifest.assets} == {"260d432292df18555c39749e59348292"}


def test_the_build_directory_itself_may_be_a_link(site: BuildSite, tmp_path: Path) -> None:
    root = site({"a/page.html": "x"}, name="real")
    (root / "b").symlink_to("a")
    (tmp_path / "dist").symlink_to("real")
    assert paths(build_manifest(tmp_path / "dist")) == ["/a/page.html", "/b/page.html"]


@pytest.mark.parametrize("name", ["page.html", "sub", "_headers"])
@pytest.mark.parametrize("kind", ["file", "directory", "absolute", "sibling with the same start"])
def test_a_link_that_leaves_the_build_directory_is_refused(
    site: BuildSite, tmp_path: Path, name: str, kind: str
) -> None:
    outside = site({"secret.txt": "secret"}, name="site-of-another")
    root = site({"index.html": "home"})
    target = {
        "file": Path("..") / outside.name / "secret.txt",
        "directory": Path("..") / outside.name,
        "absolute": outside / "secret.txt",
        "sibling with the same start": tmp_path / "site-of-another" / "secret.txt",
    }[kind]
    (root / name).symlink_to(target)
    assert f"/{name} is a link that leaves the build directory" in refusal(root).message


@pytest.mark.parametrize("name", ["page.html", "sub/page.html", "_headers"])
def test_a_link_to_nothing_is_refused(site: BuildSite, name: str) -> None:
    root = site({"index.html": "home", "sub/x": "x"})
    (root / name).symlink_to("gone.html")
    assert f"/{name} is a link to something that does not exist" in refusal(root).message


@pytest.mark.parametrize("name", ["page.html", "_headers", "functions", "_worker.js"])
def test_a_link_to_itself_is_refused(site: BuildSite, name: str) -> None:
    root = site({"index.html": "home"})
    (root / name).symlink_to(name)
    assert name in refusal(root).message


def test_a_directory_that_contains_a_link_to_itself_is_refused(site: BuildSite) -> None:
    root = site({"a/b/page.html": "x"})
    (root / "a/b/again").symlink_to("..")
    assert "/a/b/again is a link to a directory that contains it" in refusal(root).message


def test_directories_that_link_to_each_other_are_refused(site: BuildSite) -> None:
    root = site({"a/page.html": "x", "b/page.html": "x"})
    (root / "a/to-b").symlink_to("../b")
    (root / "b/to-a").symlink_to("../a")
    assert "loop" in refusal(root).message


def test_a_pipe_is_refused_and_not_read(site: BuildSite) -> None:
    root = site({"index.html": "home"})
    os.mkfifo(root / "pipe.txt")
    assert "/pipe.txt is neither a file nor a directory" in refusal(root).message


def test_a_pipe_with_a_special_name_is_not_read(site: BuildSite) -> None:
    root = site({"index.html": "home"})
    os.mkfifo(root / "_headers")
    assert build_manifest(root).left_out == ("_headers",)


def test_a_name_that_is_no_utf_8_is_refused(site: BuildSite) -> None:
    root = site({"index.html": "home"})
    name = os.fsencode(root) + b"/caf\xe9.html"
    try:
        Path(os.fsdecode(name)).touch()
    except OSError:
        pytest.skip("this file system takes UTF-8 names alone")
    error = refusal(root)
    assert r"caf\xe9.html" in error.message
    # The message itself can be printed.
    assert error.message.encode()


@pytest.mark.parametrize("name", ["secret.html", "_headers"])
def test_a_file_that_cannot_be_read_is_named(public_directory: Path, name: str) -> None:
    file = public_directory / name
    file.write_text("secret")
    file.chmod(0)
    with unprivileged():
        error = refusal(public_directory)
    assert f"Cannot read /{name}: Permission denied" in error.message


def test_a_directory_that_cannot_be_read_is_named(public_directory: Path) -> None:
    (public_directory / "secret").mkdir(0)
    with unprivileged():
        error = refusal(public_directory)
    assert "Cannot read /secret: Permission denied" in error.message


@pytest.mark.parametrize("mode", [0, 0o444], ids=["nothing", "reading"])
def test_a_directory_below_one_that_may_not_be_searched_is_told(
    public_directory: Path, mode: int
) -> None:
    (public_directory / "locked" / "site").mkdir(parents=True)
    (public_directory / "locked" / "site" / "index.html").write_text("home")
    (public_directory / "locked").chmod(mode)
    with unprivileged():
        error = refusal(public_directory / "locked" / "site")
    assert "locked/site cannot be read: Permission denied" in error.message


def test_a_directory_that_may_be_read_and_not_searched_is_told(public_directory: Path) -> None:
    locked = public_directory / "locked"
    locked.mkdir()
    (locked / "index.html").write_text("home")
    locked.chmod(0o444)
    with unprivileged():
        assert "Permission denied" in refusal(locked).message
        assert "/locked/index.html" in refusal(public_directory).message


@pytest.mark.parametrize("name", ["x" * 5000, "a/" * 3000, "\0", "x\0y"], ids=range(4))
def test_a_name_that_no_directory_can_have_is_told(tmp_path: Path, name: str) -> None:
    assert "cannot be read" in refusal(tmp_path / name).message


def test_a_file_that_is_gone_is_named_when_it_is_opened(site: BuildSite) -> None:
    manifest = build_manifest(site({"index.html": "home"}))
    (manifest.root / "index.html").unlink()
    with pytest.raises(DirectoryError, match=r"Cannot read /index\.html"):
        manifest.open(manifest.assets[0])
