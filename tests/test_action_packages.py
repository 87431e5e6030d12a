"""What the Action trusts before it has packages: the lock file, and no directory, variable or path.

tests/acceptance/test_action.py runs the whole of it.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
import yaml

from scripts.action_packages import (
    ACTION as ROOT,
)
from scripts.action_packages import (
    LOCK_FILE,
    WHEELS,
    Lock,
    entries_of,
    environ_of_pip,
    fits,
    read_lock,
    shared,
    unpack,
    wanted,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

needs_owners = pytest.mark.skipif(sys.platform == "win32", reason="no owners and modes there")
TOKENS = {
    "INPUT_APITOKEN": "secret",
    "CLOUDFLARE_API_TOKEN": "secret",
    "GITHUB_TOKEN": "secret",
    "ACTIONS_RUNTIME_TOKEN": "secret",
}
HOSTILE = dict.fromkeys(
    (
        *("PIP_PYTHON", "PIP_ROOT", "PIP_PREFIX", "PIP_TARGET", "PIP_DEST", "PIP_USER"),
        *("PIP_PLATFORM", "PIP_PYTHON_VERSION", "PIP_ABI", "PIP_IMPLEMENTATION", "PIP_DRY_RUN"),
        *("PIP_NO_DEPS", "PIP_CONSTRAINT", "PIP_REQUIREMENT", "PIP_EDITABLE", "PIP_CONFIG_FILE"),
        *("PIP_NO_BINARY", "PIP_REQUIRE_HASHES", "PIP_LOG", "PIP_SRC", "PIP_BUILD_CONSTRAINT"),
        *("PIP_DRY-RUN", "pip_target", "PIP_A_SETTING_OF_TOMORROW"),
        *("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "PYTHONWARNINGS"),
        *("LD_PRELOAD", "BASH_ENV", "GIT_SSH_COMMAND"),
    ),
    "x",
)
WELCOME = {
    "PIP_INDEX_URL": "https://packages.example/simple",
    "PIP_EXTRA_INDEX_URL": "https://more.example/simple",
    "PIP_TRUSTED_HOST": "packages.example",
    "PIP_PROXY": "http://proxy.example:3128",
    "PIP_TIMEOUT": "3",
    "PIP_RETRIES": "1",
    "PIP_NO_INDEX": "1",
    "https_proxy": "http://proxy.example:3128",
    "NO_PROXY": "localhost",
    "HOME": "/home/runner",
    "SYSTEMROOT": "C:\\Windows",
    "PROCESSOR_ARCHITECTURE": "ARM64",
}


def wheel(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("folder/", b"")
        for name, text in files.items():
            archive.writestr(f"{name}/__init__.py", text)
    return content.getvalue()


ONE, TWO = wheel(one="1", other="other"), wheel(two="2")
LOCK = Lock(
    frozenset({"one"}),
    {hashlib.sha256(ONE).hexdigest(): "one", hashlib.sha256(TWO).hexdigest(): "two"},
)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    directory = tmp_path / "packages"
    (directory / WHEELS).mkdir(parents=True)
    directory.chmod(0o700)
    for name, content in {"one.whl": ONE, "two.whl": TWO}.items():
        (directory / WHEELS / name).write_bytes(content)
    unpack([ONE, TWO], directory)
    return directory


@needs_owners
def test_the_step_starts_no_bash_of_the_checkout(tmp_path: Path) -> None:
    for name, words in {"bash": "theirs", "action/scripts/action.sh": "ours"}.items():
        program = tmp_path / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\necho {words}\n", "utf-8")
        program.chmod(0o755)
    (step,) = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["runs"]["steps"]
    bash = shutil.which("bash")
    assert bash is not None
    done = subprocess.run(
        [bash, "-c", step["run"]],
        cwd=tmp_path,
        env={"PATH": f".{os.pathsep}/usr/bin", "GITHUB_ACTION_PATH": str(tmp_path / "action")},
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert done.stdout == "ours\n"


def test_a_directory_that_this_action_has_made_is_used_again(installed: Path) -> None:
    assert fits(installed, LOCK)


CHANGES: dict[str, Callable[[Path], object]] = {
    "another content": lambda at: (at / "one/__init__.py").write_text("!", "utf-8"),
    "a longer file": lambda at: (at / "one/__init__.py").write_text("1!", "utf-8"),
    "a file more": lambda at: (at / "sitecustomize.py").write_text("", "utf-8"),
    "a path file": lambda at: (at / "evil.pth").write_text("import evil", "utf-8"),
    "byte-code": lambda at: (at / "one/__init__.pyc").write_bytes(b""),
    "a file less": lambda at: (at / "two/__init__.py").unlink(),
    "a wheel less": lambda at: (at / WHEELS / "one.whl").unlink(),
    "a wheel twice": lambda at: (at / WHEELS / "again.whl").write_bytes(ONE),
    "a wheel of nobody": lambda at: (at / WHEELS / "evil.whl").write_bytes(wheel(evil="")),
    "no wheel": lambda at: (at / WHEELS / "two.whl").write_bytes(b"no zip"),
    "no wheels": lambda at: (at / WHEELS).rename(at / "wheels"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_directory_whose_content_is_not_that_of_the_lock_is_not(
    installed: Path, change: Callable[[Path], object]
) -> None:
    change(installed)
    assert not fits(installed, LOCK)


@needs_owners
def test_a_link_is_not_followed(installed: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(installed)
    assert fits(installed, LOCK)
    assert not fits(link, LOCK)


@needs_owners
@pytest.mark.parametrize("name", ["one/__init__.py", "one", WHEELS, f"{WHEELS}/one.whl"])
def test_a_link_inside_is_not_followed(installed: Path, tmp_path: Path, name: str) -> None:
    (installed / name).rename(tmp_path / "moved")
    (installed / name).symlink_to(tmp_path / "moved")
    assert not fits(installed, LOCK)


@needs_owners
def test_a_pipe_is_not_waited_for(installed: Path) -> None:
    (installed / "one/__init__.py").unlink()
    os.mkfifo(installed / "one/__init__.py")
    assert not fits(installed, LOCK)


@needs_owners
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o755, 0o1777])
def test_a_directory_that_others_get_into_is_not_used(installed: Path, mode: int) -> None:
    installed.chmod(mode)
    assert not fits(installed, LOCK)


@needs_owners
@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
def test_a_directory_of_somebody_else_is_not_used(installed: Path) -> None:
    os.chown(installed, 12345, -1)
    assert not fits(installed, LOCK)


def test_what_is_no_directory_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert not fits(tmp_path / "file", LOCK)
    assert not fits(tmp_path / "absent", LOCK)


def test_the_lock_file_is_read_whole() -> None:
    text = LOCK_FILE.read_text("utf-8")
    lock = read_lock(text)
    assert len(lock.packages) == text.count("--hash=sha256:")
    assert all(re.fullmatch(r"[0-9a-f]{64}", one) for one in lock.packages)
    names = set(re.findall(r"^([\w.-]+)==", text, flags=re.MULTILINE))
    assert set(lock.packages.values()) == names
    # Of one package it depends on the version of Python, of one on the machine.
    assert lock.required == names - {"typing-extensions", "ahocorasick-rs"}


def test_pip_gets_what_tells_how_an_index_is_reached_and_no_token(tmp_path: Path) -> None:
    given = environ_of_pip({**TOKENS, **HOSTILE, **WELCOME}, tmp_path)
    assert given == {**WELCOME, "PATH": "", "PIP_REQUIRE_VIRTUALENV": "0"}


@needs_owners
def test_pip_finds_no_program_in_the_checkout(tmp_path: Path) -> None:
    checkout = tmp_path / "site"
    folders = ["", ".", "bin", str(checkout), str(checkout / "bin"), "/usr/bin", f"{checkout}-2"]
    given = environ_of_pip({"PATH": os.pathsep.join(folders)}, checkout)
    assert given["PATH"] == f"/usr/bin{os.pathsep}{checkout}-2"


def test_paths_of_the_checkout_are_still_its_own_where_pip_runs(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    given = environ_of_pip(
        {
            "PIP_CERT": "ca.pem",
            "PIP_CACHE_DIR": str(tmp_path / "cache"),
            "PIP_FIND_LINKS": "wheels https://more.example/",
            "PIP_CLIENT_CERT": "",
        },
        tmp_path,
    )
    assert given["PIP_CERT"] == str(tmp_path / "ca.pem")
    assert given["PIP_CACHE_DIR"] == str(tmp_path / "cache")
    assert given["PIP_FIND_LINKS"] == f"{tmp_path / 'wheels'} https://more.example/"
    assert given["PIP_CLIENT_CERT"] == ""


def in_new_process(program: str) -> set[str]:
    """Run a program that may import `scripts`; return the words that it prints."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stdout.split())


IMPORTS = (
    "import sys; from scripts.action_packages import import_until; "
    "before = [*sys.path], [*sys.meta_path]; "
    "import_until({is_over}); assert ([*sys.path], [*sys.meta_path]) == before; print(*sys.modules)"
)


# As an editable installation has it.
FINDER = """\
import importlib.machinery, sys
class Finder:
    def find_spec(name, path, target=None):
        return importlib.machinery.PathFinder.find_spec(name, PATH)
PATH = [one for one in sys.path if one.endswith("site-packages")]
sys.meta_path.append(Finder)
"""


@pytest.mark.parametrize("before", ["", FINDER, "import site; site.getsitepackages = list\n"])
def test_what_waits_for_pip_is_imported_but_no_package_of_the_machine(before: str) -> None:
    found = in_new_process(before + IMPORTS.format(is_over="lambda: False"))
    assert {"ssl", "pages_deploy.rules.redirects", "pages_deploy.ci.github"} <= found
    # This environment has them all.
    assert {name.partition(".")[0] for name in found} & {
        *("requests", "urllib3", "click", "dotenv", "blake3", "pybase64", "tomli"),
        "ahocorasick_rs",
    } == set()


COMPILED_ONCE = f"""\
import importlib.machinery, sys
ours = {str(ROOT / "pages_deploy")!r}
from scripts.action_packages import import_until
import_until(lambda: False)
assert "pages_deploy.deploy.run" not in sys.modules
assert "pages_deploy.site.asset_hash" not in sys.modules
def get_code(loader, name):
    if loader.path.startswith(ours) and not loader.path.endswith("__init__.py"):
        raise AssertionError(name + " is compiled once more")
    return original(loader, name)
original = importlib.machinery.SourceFileLoader.get_code
importlib.machinery.SourceFileLoader.get_code = get_code
sys.path.insert(0, ".")
import pages_deploy.deploy.run, pages_deploy.site.asset_hash
print(*sys.modules)
"""


def test_what_needs_the_packages_is_compiled_meanwhile_and_not_once_more() -> None:
    assert "pages_deploy.deploy.run" in in_new_process(COMPILED_ONCE)


@pytest.mark.parametrize(
    ("suffix", "has_a_wheel"),
    [
        (".cpython-311-x86_64-linux-gnu.so", True),
        (".cpython-314-aarch64-linux-gnu.so", True),
        (".cpython-313-darwin.so", True),
        (".cp312-win_amd64.pyd", True),
        (".cp312-win_arm64.pyd", False),
        (".cp312-win32.pyd", False),
        (".cpython-312-x86_64-linux-musl.so", False),
        (".cpython-313t-x86_64-linux-gnu.so", False),
        (".cpython-311-arm-linux-gnueabihf.so", False),
    ],
)
def test_one_package_is_asked_for_where_it_has_a_wheel(suffix: str, *, has_a_wheel: bool) -> None:
    entries = entries_of(LOCK_FILE.read_text("utf-8"))
    asked = wanted(entries, suffix)
    left_out = [entry.partition("==")[0] for entry in entries if entry not in asked]
    assert left_out == ([] if has_a_wheel else ["ahocorasick-rs"])


def test_the_pips_share_all_packages_and_each_has_about_as_much_to_look_at() -> None:
    entries = entries_of(LOCK_FILE.read_text("utf-8"))
    shares = shared(entries)
    assert sorted(one for share in shares for one in share) == sorted(entries)
    sizes = [sum(map(len, share)) for share in shares]
    assert max(sizes) < 1.2 * min(sizes)


def test_nothing_more_is_imported_once_pip_has_ended() -> None:
    found = in_new_process(IMPORTS.format(is_over="lambda: 'ssl' in sys.modules"))
    assert "ssl" in found
    assert "pages_deploy" not in found
