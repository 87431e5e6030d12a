"""Get the Action's packages, then be its door: what scripts/action.sh starts once it has a Python.

Usage: python -I -B scripts/action_packages.py

1. The packages have a directory in RUNNER_TEMP, whose name tells the lock file and the interpreter.
   One that is there already may be of an earlier step, or of somebody who foretold its name. It is
   used where this run's own user made it, nobody else gets into it, and each file in it is the one
   of a wheel whose hash is in the lock file.
2. Otherwise pip, which knows indexes, proxies and certificates, fetches the wheels into a new
   directory. They are unpacked here, so that no other setting of pip can change what that does.
3. entrypoint.py runs in this process. Python writes no byte-code (-B): it could not be compared.

Everything here is of the standard library: there are no packages yet.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import importlib
import io
import os
import re
import runpy
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from importlib import machinery
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import CodeType

ACTION = Path(__file__).resolve().parent.parent
LOCK_FILE = ACTION / "requirements-action.txt"
PACKAGE = "pages_deploy"
# The rooms of which a deployment needs almost everything, and what its packages need of Python.
ROOMS = ("text", "rules", "ci", "site", "settings", "forge", "preflight", "reporting")
# Rooms that need those packages first.
LATER = (".", "net", "api", "upload", "manage", "proof", "deploy", "cli")
OF_THE_LIBRARY = (
    *("ssl", "http.client", "http.cookiejar", "email.parser", "json", "logging", "inspect"),
    *("importlib.metadata", "importlib.resources", "urllib.request", "mimetypes", "secrets"),
)
# How many pips fetch side by side.
AT_ONCE = 2
# This one only makes things faster, and has wheels for Pythons with these suffixes alone: not for
# Alpine Linux (`linux-musl`), Windows on ARM, or a Python without its lock (`313t`).
NOT_EVERYWHERE = "ahocorasick-rs"
WHERE = re.compile(
    r"\.cpython-3\d+-(?:(?:x86_64|aarch64)-linux-gnu|darwin)\.so|\.cp3\d+-win_amd64\.pyd"
)
# Kept beside what was unpacked, to compare it with.
WHEELS = ".wheels"

# How an index is reached, and no more: others change the interpreter, the target or the rules.
_OF_PIP = frozenset(
    f"PIP_{name}"
    for name in (
        "INDEX_URL",
        "EXTRA_INDEX_URL",
        "NO_INDEX",
        "FIND_LINKS",
        "TRUSTED_HOST",
        "PROXY",
        "CERT",
        "CLIENT_CERT",
        "USE_FEATURE",
        "KEYRING_PROVIDER",
        "CACHE_DIR",
        "NO_CACHE_DIR",
        "TIMEOUT",
        "DEFAULT_TIMEOUT",
        "RETRIES",
        "RESUME_RETRIES",
    )
)
# What programs of any kind need; no token is among it.
_OF_THE_MACHINE = frozenset(
    {
        *("HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "NETRC"),
        *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "LD_LIBRARY_PATH"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
        *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "PATHEXT", "TEMP", "TMP"),
        *("USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA"),
        # By these Python on Windows knows which machine it is on.
        *("PROCESSOR_ARCHITECTURE", "PROCESSOR_ARCHITEW6432"),
    }
)
_PATHS = frozenset(
    {
        *("PIP_CERT", "PIP_CLIENT_CERT", "PIP_CACHE_DIR", "NETRC"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    }
)


@dataclass(frozen=True)
class Lock:
    """A lock file: what has to be there, and which wheels may be it."""

    required: frozenset[str]
    """The packages that every Python needs; others depend on its version or its machine."""

    packages: Mapping[str, str]
    """SHA-256 of a wheel, in hexadecimal -> the package that it is a wheel of."""

    def accepts(self, wheels: Iterable[bytes]) -> bool:
        """Whether these are wheels of the lock, one for each package."""
        names = [self.packages.get(hashlib.sha256(wheel).hexdigest()) for wheel in wheels]
        return None not in names and len(set(names)) == len(names) and self.required <= set(names)


def main() -> None:
    """Run the Action's step in this process."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _frame: os._exit(128 + number))
    # Imports make many objects and no garbage; `cli/start.py` goes on in the same way.
    gc.disable()
    # No variable says where they are: it could be somebody else's.
    sys.path.insert(0, str(_packages(os.environ)))
    entrypoint = str(ACTION / "entrypoint.py")
    sys.argv = [entrypoint]
    runpy.run_path(entrypoint, run_name="__main__")


def _packages(environ: Mapping[str, str]) -> Path:
    text = LOCK_FILE.read_text("utf-8")
    lock = read_lock(text)
    tag = hashlib.sha256((text + machinery.EXTENSION_SUFFIXES[0]).encode()).hexdigest()[:16]
    # The runner empties RUNNER_TEMP after each job.
    home = Path(environ.get("RUNNER_TEMP") or tempfile.mkdtemp()).absolute()
    target = home / f"pages-deploy-{tag}"
    if fits(target, lock):
        return target
    if os.path.lexists(target):
        print(
            f"::warning title=pages-deploy::{target} is not what this Action has installed there, "
            "and is not used. Does another step, or another user, write into RUNNER_TEMP?"
        )
    # Into a name of its own first: a step that is cut off leaves nothing half done, and two steps
    # at once do not meet.
    fresh = _made_below(home, prefix=f"{target.name}.")
    try:
        _fetch(fresh / WHEELS, environ)
        wheels = [file.read_bytes() for file in sorted((fresh / WHEELS).iterdir())]
        if not lock.accepts(wheels):
            _fail(1, f"What pip has fetched is not what {LOCK_FILE.name} names.")
        unpack(wheels, fresh)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return _named(fresh, target, lock)


def _named(fresh: Path, target: Path, lock: Lock) -> Path:
    # Whoever is first gives the name. A virus scanner that still reads the files keeps them where
    # they are.
    try:
        fresh.rename(target)
    except OSError:
        if not fits(target, lock):
            return fresh
        shutil.rmtree(fresh, ignore_errors=True)
    return target


def _made_below(home: Path, *, prefix: str) -> Path:
    try:
        made = Path(tempfile.mkdtemp(prefix=prefix, dir=home))
        (made / WHEELS).mkdir()
    except OSError as error:
        _fail(1, f"Nothing can be written into the temporary directory of the job: {error}")
    return made


def _fetch(wheels: Path, environ: Mapping[str, str]) -> None:
    """Let pip fetch the lock's wheels: by two processes, since each asks for one after another."""
    options = []
    wheelhouse = environ.get("INPUT_WHEELHOUSE")
    if wheelhouse:
        if not Path(wheelhouse).is_dir():
            _fail(2, "The input wheelhouse does not name a directory.")
        options = ["--no-index", "--find-links", str(Path(wheelhouse).absolute())]
    entries = wanted(entries_of(LOCK_FILE.read_text("utf-8")), machinery.EXTENSION_SUFFIXES[0])
    with contextlib.ExitStack() as stack:
        pips = []
        for number, share in enumerate(shared(entries)):
            part = wheels / f"{number}.txt"
            stack.callback(part.unlink)
            part.write_text("\n".join(share), "utf-8")
            pips.append(stack.enter_context(_pip(part, options, environ)))
        import_until(lambda: all(pip.poll() is not None for pip in pips))
    if any(pip.returncode for pip in pips):
        _fail(
            1,
            "The Python packages could not be installed; the lines above say why. A runner without "
            "the network needs the input wheelhouse.",
        )


def _pip(part: Path, options: list[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start pip to fetch what a part of the lock file names, into the directory where that is."""
    return subprocess.Popen(  # noqa: S603 - the interpreter that runs this
        [
            *(sys.executable, "-I", "-m", "pip", "download", "--quiet"),
            *("--disable-pip-version-check", "--no-input", "--no-deps", "--only-binary=:all:"),
            *("--require-hashes", "--requirement", str(part), "--dest", str(part.parent)),
            *options,
        ],
        env=environ_of_pip(environ, Path.cwd()),
        # Windows looks for programs where it is before it looks along PATH.
        cwd=part.parent,
        stdin=subprocess.DEVNULL,
    )


def import_until(is_over: Callable[[], bool]) -> None:
    """Import what is here already of what a deployment needs: from source that takes a while.

    What wants one of those packages is compiled meanwhile, and imported later.
    """
    path, finders = list(sys.path), list(sys.meta_path)
    sys.path.insert(0, str(ACTION))
    # This one stays, for whatever is imported later.
    sys.path_hooks.insert(0, _finder_of_ours)
    sys.meta_path.insert(0, _OursAlone())
    for name in (*OF_THE_LIBRARY, *_modules(ROOMS)):
        if is_over():
            break
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for name, file in _modules(LATER).items():
        if is_over():
            break
        _CompiledOnce(name, str(file)).get_code(name)
    sys.path[:], sys.meta_path[:] = path, finders


def _modules(rooms: Iterable[str]) -> dict[str, Path]:
    files = (file for room in rooms for file in sorted((ACTION / PACKAGE / room).glob("*.py")))
    return {
        ".".join(file.relative_to(ACTION).with_suffix("").parts): file
        for file in files
        if file.stem != "__init__"
    }


class _CompiledOnce(machinery.SourceFileLoader):
    """Keeps what it has compiled, for a module whose import has to wait for a package."""

    _compiled: ClassVar[dict[str, CodeType | None]] = {}

    def get_code(self, name: str) -> CodeType | None:
        """Return a module's code."""
        if name not in self._compiled:
            self._compiled[name] = super().get_code(name)
        return self._compiled[name]


def _finder_of_ours(folder: str) -> machinery.FileFinder:
    """Return what finds modules in a folder of this package; ImportError for any other."""
    if not Path(folder).is_relative_to(ACTION / PACKAGE):
        raise ImportError
    return machinery.FileFinder(folder, (_CompiledOnce, machinery.SOURCE_SUFFIXES))


class _OursAlone:
    """Finds nothing, and lets nobody find what is neither ours nor Python's own.

    Only what is fetched may be taken for our packages, never what the machine has of them, wherever
    it has them: some packages bring a finder of their own.
    """

    def find_spec(self, name: str, _path: object, _target: object = None) -> None:
        """Raise ModuleNotFoundError for a package of somebody else's."""
        if name.partition(".")[0] not in {PACKAGE, *sys.stdlib_module_names}:
            raise ModuleNotFoundError(f"{name} is to be fetched", name=name)


def environ_of_pip(environ: Mapping[str, str], checkout: Path) -> dict[str, str]:
    """The variables that pip gets: no token, no PYTHON..., and no program of the checkout on PATH.

    Relative paths among them are of the checkout, where pip does not run.
    """
    kept = {
        name: str(checkout / value) if name in _PATHS and value else value
        for name, value in environ.items()
        if name in _OF_PIP | _OF_THE_MACHINE or name.lower().endswith("_proxy")
    }
    links = environ.get("PIP_FIND_LINKS", "").split()
    if links:
        kept["PIP_FIND_LINKS"] = " ".join(
            str(checkout / link) if (checkout / link).exists() else link for link in links
        )
    outside = [
        folder
        for folder in environ.get("PATH", "").split(os.pathsep)
        if Path(folder).is_absolute() and checkout not in (Path(folder), *Path(folder).parents[:-1])
    ]
    # Some machines have it in their configuration, which is for what people install.
    return {**kept, "PATH": os.pathsep.join(outside), "PIP_REQUIRE_VIRTUALENV": "0"}


def read_lock(text: str) -> Lock:
    """Read what `uv pip compile --generate-hashes` writes."""
    required, packages = set(), {}
    for entry in entries_of(text):
        requirement, *hashes = entry.split("--hash=sha256:")
        name = requirement.partition("==")[0].strip()
        if ";" not in requirement:
            required.add(name)
        packages.update({one.strip(): name for one in hashes})
    return Lock(frozenset(required), packages)


def entries_of(text: str) -> list[str]:
    """Return the requirements of a lock file, each with its hashes in one line."""
    return text.replace("\\\n", " ").splitlines()


def wanted(entries: Iterable[str], suffix: str) -> list[str]:
    """Return the requirements of a Python whose extension modules have such a suffix."""
    return [
        entry
        for entry in entries
        if WHERE.fullmatch(suffix) or not entry.startswith(f"{NOT_EVERYWHERE}==")
    ]


def shared(entries: Iterable[str]) -> list[list[str]]:
    """Share the requirements among the pips.

    A package takes pip the longer, the more wheels its versions have: it looks at each of them.
    """
    shares: list[list[str]] = [[] for _ in range(AT_ONCE)]
    for entry in sorted(entries, key=len, reverse=True):
        min(shares, key=lambda share: sum(map(len, share))).append(entry)
    return shares


def unpack(wheels: Iterable[bytes], target: Path) -> None:
    """Unpack wheels beside each other. That is all an installer does of those in the lock file."""
    for wheel in wheels:
        with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
            archive.extractall(target)


def fits(directory: Path, lock: Lock) -> bool:
    """Whether a directory is this user's alone and has the files of the lock's wheels alone."""
    with contextlib.suppress(OSError, ValueError):
        return _is_private(directory.lstat()) and _is_of_wheels(dict(_files(directory)), lock)
    return False


def _is_of_wheels(found: Mapping[str, bytes], lock: Lock) -> bool:
    kept = {path: content for path, content in found.items() if Path(path).parts[0] == WHEELS}
    if not lock.accepts(kept.values()):
        return False
    wanted = dict(member for wheel in kept.values() for member in _members(wheel))
    return {**wanted, **kept} == found


def _is_private(status: os.stat_result) -> bool:
    if not stat.S_ISDIR(status.st_mode) or _is_link(status):
        return False
    # On Windows the rights are inherited from RUNNER_TEMP, which is the user's.
    return os.name == "nt" or (status.st_uid == os.getuid() and not status.st_mode & 0o077)


def _is_link(status: os.stat_result) -> bool:
    # Windows has further kinds than symbolic links.
    return stat.S_ISLNK(status.st_mode) or bool(getattr(status, "st_reparse_tag", 0))


def _files(directory: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each file's path below the directory and content. Raises ValueError for a link."""
    for folder, _, names in os.walk(directory, onerror=_raise):
        for name in [".", *names]:
            path = Path(folder, name)
            status = path.lstat()
            is_usual = stat.S_ISDIR(status.st_mode) if name == "." else stat.S_ISREG(status.st_mode)
            if not is_usual or _is_link(status):
                raise ValueError(path)
            if name != ".":
                yield path.relative_to(directory).as_posix(), path.read_bytes()


def _raise(error: OSError) -> NoReturn:
    raise error


def _members(wheel: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        for member in archive.infolist():
            if not member.is_dir():
                yield member.filename, archive.read(member)


def _fail(exit_code: int, message: str) -> NoReturn:
    print(f"::error title=pages-deploy::{message}", flush=True)
    sys.exit(exit_code)


if __name__ == "__main__":
    main()
