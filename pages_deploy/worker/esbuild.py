"""Bundling by esbuild's own program: TypeScript, JSX, packages, JSON, bare names of Node's modules.

1. The program is found, or the error says which file needs it, why, and how to get it.
2. It runs once, with the options that wrangler gives to it, in the working directory, and writes
   into a directory of its own. It gets no token to see.
3. Files that are no JavaScript are copied beside the main module, which imports them: each becomes
   a module of the bundle.
4. What it complains of is raised, at file, line and column.

https://esbuild.github.io/api/ and workers-sdk, `packages/wrangler/src/deployment-bundle/bundle.ts`.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pages_deploy.errors import WorkerError
from pages_deploy.worker.esbuild_messages import errors_of, failure, warnings_of
from pages_deploy.worker.esbuild_output import METAFILE, Written
from pages_deploy.worker.module_tree import KINDS
from pages_deploy.worker.node_modules import BARE_NAMES, has_navigator, takes_bare_names
from pages_deploy.worker.programs import Program, Search, Tool, find_program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pages_deploy.worker.module_tree import Need
    from pages_deploy.worker.modules import Script

TIMEOUT_SECONDS = 120.0
TARGET, OLDER_TARGET = "es2024", "es2022"
# Where the command line of a system has the least room, it has 32767 characters.
MAX_ARGUMENT_CHARACTERS = 24_000
ESBUILD = Program(
    "esbuild",
    "ESBUILD",
    {
        **{
            system: f"@esbuild/{system}/bin/esbuild"
            for system in ("linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64")
        },
        **{system: f"@esbuild/{system}/esbuild.exe" for system in ("win32-x64", "win32-arm64")},
    },
)
_JSX_LOADERS = tuple(f"--loader:{extension}=jsx" for extension in (".js", ".mjs", ".cjs"))
_OPTIONS = (
    "--bundle",
    "--format=esm",
    f"--target={TARGET}",
    "--charset=utf8",
    "--keep-names",
    "--conditions=workerd,worker,browser",
    "--external:node:*",
    "--external:cloudflare:*",
    "--external:workerd:*",
    "--external:__STATIC_CONTENT_MANIFEST",
    *_JSX_LOADERS,
    *(f"--loader:{extension}=copy" for extension in KINDS if KINDS[extension] != "esm"),
    "--asset-names=[hash]-[name]",
    '--define:process.env.NODE_ENV="production"',
    "--log-limit=0",
    "--color=false",
)


@dataclass(frozen=True)
class Bundling:
    """How a Worker is bundled."""

    name: str
    """The main module's name: `functionsWorker.js`, `bundledWorker.mjs`."""
    compatibility_date: str = ""
    compatibility_flags: tuple[str, ...] = ()
    source_map: bool = False
    siblings: Path | None = None
    """A `_worker.js` directory, whose modules stay what they are, and are imported."""


@dataclass(frozen=True)
class Bundled:
    """A Worker that was bundled."""

    script: Script
    warnings: tuple[str, ...] = ()
    """What esbuild finds odd, each beginning with its place."""


def find_esbuild(search: Search, needs: Sequence[Need]) -> Tool:
    """Return esbuild, to be run in the working directory.

    Raises WorkerError, which names the first of `needs`, where there is none; SettingsError where
    the one that an option names cannot be started.
    """
    found = find_program(ESBUILD, search)
    if found is not None:
        return found
    first, others = needs[0], len(needs) - 1
    more = f" (and {others} more)" if others else ""
    raise WorkerError(
        f"{first.file}: {first.reason}{more}, so the Worker has to be bundled. That needs "
        "esbuild, which is neither on PATH nor in node_modules.",
        "Install it before this step with `npm install --save-dev esbuild`, set its path with "
        "ESBUILD, or use the image of pages-deploy, which contains it.",
    )


def bundle(esbuild: Tool, entry: Path | bytes, bundling: Bundling) -> Bundled:
    """Bundle a Worker from its entry file, or from an entry's text that imports from `./`.

    Files are named from the working directory, which is where esbuild runs and where an entry's
    text has its imports. Raises WorkerError for what esbuild refuses, at file, line and column.
    """
    with tempfile.TemporaryDirectory(prefix="pages-deploy-") as made:
        output = Path(made).resolve()
        options = _options(bundling, output)
        stem = Path(bundling.name).stem
        if isinstance(entry, bytes):
            options += [f"--sourcefile={bundling.name}", f"--entry-names={stem}"]
            entered = entry
        else:
            options.append(f"{stem}={_from(esbuild.directory, entry)}")
            entered = b""
        said = _run(esbuild, options, entered)
        written = Written(output, esbuild.directory, bundling.name, bundling.siblings)
        return Bundled(written.script(), tuple(warnings_of(said)))


def exports_of(esbuild: Tool, files: Iterable[Path]) -> dict[Path, frozenset[str]]:
    """Return the names that each file's own text exports, `export * from` left aside.

    Raises WorkerError for a file that esbuild cannot read, at its line and column.
    """
    found: dict[Path, frozenset[str]] = {}
    for batch in _batches([(file, _from(esbuild.directory, file)) for file in files]):
        with tempfile.TemporaryDirectory(prefix="pages-deploy-") as made:
            output = Path(made).resolve()
            entries = [f"{index}={name}" for index, (_, name) in enumerate(batch)]
            options = ["--format=esm", "--log-limit=0", "--color=false", f"--outdir={output}"]
            options += _JSX_LOADERS
            _run(esbuild, [*entries, *options, f"--metafile={output / METAFILE}"], b"")
            outputs = json.loads((output / METAFILE).read_bytes())["outputs"]
        by_index = {Path(name).stem: one["exports"] for name, one in outputs.items()}
        for index, (file, _) in enumerate(batch):
            found[file] = frozenset(by_index[str(index)])
    return found


def _options(bundling: Bundling, output: Path) -> list[str]:
    date, flags = bundling.compatibility_date, bundling.compatibility_flags
    options = [
        *_OPTIONS,
        f"--outdir={output}",
        f"--metafile={output / METAFILE}",
        f"--out-extension:.js={Path(bundling.name).suffix}",
    ]
    if takes_bare_names(date, flags):
        options += [f"--alias:{name}=node:{name}" for name in BARE_NAMES]
    if has_navigator(date, flags):
        options.append('--define:navigator.userAgent="Cloudflare-Workers"')
    if bundling.source_map:
        options.append("--sourcemap")
    if bundling.siblings is not None:
        options += [
            f"--external:{bundling.siblings.absolute()}{os.sep}*{extension}"
            for extension in KINDS
            if extension != ".json"
        ]
    return options


def _run(esbuild: Tool, options: Sequence[str], entered: bytes) -> str:
    code, said = esbuild.run(*options, entered=entered, timeout_seconds=TIMEOUT_SECONDS)
    if code and f'Invalid target "{TARGET}"' in said:
        # Before 0.23, which many a project still has for its other tools.
        older = [option.replace(TARGET, OLDER_TARGET) for option in options]
        code, said = esbuild.run(*older, entered=entered, timeout_seconds=TIMEOUT_SECONDS)
    metafile = next(
        option.partition("=")[2] for option in options if option.startswith("--metafile=")
    )
    # Whatever else may be called esbuild writes none.
    if code or errors_of(said) or not Path(metafile).is_file():
        raise failure(said)
    return said


def _from(directory: Path, file: Path) -> str:
    """Name a file from the working directory, so that esbuild does the same; never a package."""
    relative = os.path.relpath(file, directory).replace(os.sep, "/")
    return relative if relative.startswith("../") else f"./{relative}"


def _batches(named: Sequence[tuple[Path, str]]) -> Iterator[list[tuple[Path, str]]]:
    """Divide files into as many calls as the length of a command line asks for; mostly one."""
    batch: list[tuple[Path, str]] = []
    length = 0
    for one in named:
        if batch and length + len(one[1]) > MAX_ARGUMENT_CHARACTERS:
            yield batch
            batch, length = [], 0
        batch.append(one)
        length += len(one[1]) + 8
    if batch:
        yield batch
