"""Break the code in one place after the other, and name the breaks that no test notices.

1. The files: those named, `guarded`, or what differs from where this branch left `--base`.
2. Room by room, a copy of the repository in `build/mutants` is given to mutmut, with the tests that
   mirror the room; `--tests` adds others. It breaks what stands in functions without a decorator.
3. What no test notices is passed over where `tests/mutants.toml` says why it changes nothing.
4. The rest is made once more for a new process: mutmut comes after the imports, too late for a
   function that is called on import or whose results are kept. What survives that, too, is shown.

Sentences for people are left alone: tests should not repeat them word for word.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]
COPY = ROOT / "build/mutants"
PACKAGE = "pages_deploy"
# What decides whether there is one deployment, the right one, and no secret in it.
GUARDED = (
    f"{PACKAGE}/deploy",
    f"{PACKAGE}/upload",
    f"{PACKAGE}/text/masking.py",
    f"{PACKAGE}/settings/sources.py",
    f"{PACKAGE}/site/secret_search.py",
    f"{PACKAGE}/site/secret_names.py",
    f"{PACKAGE}/site/secret_contents.py",
    f"{PACKAGE}/site/secret_glance.py",
)
# Rooms whose story is told by the tests of another one as well.
TESTED_BESIDE = {
    "deploy": ["tests/cli/test_deploy.py"],
    "site": ["tests/rules", "tests/test_documents.py"],
}
EXPLAINED = ROOT / "tests/mutants.toml"
# A line with nothing on it but a text that has a space in it.
SENTENCE = r"""^\s*\(?f?"[^"]* [^"]*"[,)]*$"""
SURVIVED = ("survived", "no tests", "suspicious")
# The same examples each time, and nothing kept; what is slow would run for each break.
PYTEST_ARGUMENTS = ["-p", "no:cacheprovider", "--hypothesis-seed=0", "-m", "not slow"]


@dataclass(frozen=True)
class Survivor:
    """A break that no test noticed: the lines before and after, without indentation."""

    name: str
    file: str
    before: str
    after: str

    def __str__(self) -> str:
        lines = [f"  - {line}" for line in self.before.splitlines()]
        lines += [f"  + {line}" for line in self.after.splitlines()]
        return "\n".join([f"{self.file}  {self.name}", *lines])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", help="files or folders of the package, or `guarded`")
    parser.add_argument("--base", default="main", help="what to compare with, without files")
    parser.add_argument("--tests", nargs="*", default=[], help="more tests")
    given = parser.parse_args(arguments)
    files = python_files(given.files) if given.files else changed_files(given.base)
    if not files:
        print(f"Nothing of {PACKAGE}/ differs from {given.base}; name files by FILES=...")
        return 0
    left: list[Survivor] = []
    for tests, ours in by_tests(files).items():
        print(f"{', '.join(ours)}: {' '.join(tests)}", flush=True)
        left += run(ours, [*tests, *given.tests])
    for survivor in left:
        print(f"\n{survivor}")
    print(f"\n{len(left)} survived without an explanation in {EXPLAINED.relative_to(ROOT)}")
    return 1 if left else 0


def python_files(named: Iterable[str]) -> list[str]:
    """Return the files that are meant, relative to the repository."""
    found = []
    for name in named:
        for path in GUARDED if name == "guarded" else [name]:
            place = ROOT / path
            if not place.exists():
                raise SystemExit(f"There is no {path}")
            files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
            found += [file.relative_to(ROOT).as_posix() for file in files]
    return list(dict.fromkeys(found))


def changed_files(base: str) -> list[str]:
    """Return the files of the package that are new or changed since this branch left `base`."""
    fork = git("merge-base", "HEAD", base).strip()
    new = git("ls-files", "--others", "--exclude-standard", "--", PACKAGE)
    changed = git("diff", "--name-only", "--diff-filter=d", fork, "--", PACKAGE)
    return [file for file in (changed + new).splitlines() if file.endswith(".py")]


def git(*arguments: str) -> str:
    done = call("git", *arguments, cwd=ROOT)
    if done.returncode:
        raise SystemExit(
            f"git {' '.join(arguments)}: {done.stderr.strip()}; name files by FILES=..."
        )
    return done.stdout


def call(
    *command: str, cwd: Path, is_shown: bool = False, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program, and return what it says unless a person at a terminal is shown it."""
    output = None if is_shown else subprocess.PIPE
    return subprocess.run(  # noqa: S603 - our own tools
        command, cwd=cwd, env=environ, stdout=output, stderr=output, text=True, check=False
    )


def by_tests(files: Iterable[str]) -> dict[tuple[str, ...], list[str]]:
    """Put files together that have the same tests."""
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for file in files:
        found[mirror_of(file)].append(file)
    return dict(found)


def mirror_of(file: str) -> tuple[str, ...]:
    """Return the tests that mirror a file: its room's, or its own where it is in none."""
    _, room, *deeper = Path(file).parts
    mirror = f"tests/{room}" if deeper else f"tests/test_{room}"
    return (mirror, *TESTED_BESIDE.get(room, []))


def run(files: Sequence[str], tests: Sequence[str]) -> list[Survivor]:
    """Have mutmut break the files; returns what survives without an explanation."""
    tests = [test for test in tests if (ROOT / test).exists()]
    make_copy(files, tests)
    mutmut = str(Path(sys.executable).parent / "mutmut")
    done = call(mutmut, "run", cwd=COPY, is_shown=sys.stdout.isatty())
    if done.returncode:
        said = f"{(done.stdout or '')[-1000:]}\n{(done.stderr or '')[-3000:]}"
        raise SystemExit(f"mutmut could not run:\n{said}")
    results = call(mutmut, "results", "--all", "true", cwd=COPY).stdout
    survivors = {
        read_survivor(name, call(mutmut, "show", name, cwd=COPY).stdout): name
        for name in read_results(results)
    }
    left = unexplained(survivors, explanations())
    return [one for one in left if survives_from_the_start(survivors[one], tests)]


def read_results(results: str) -> list[str]:
    """Return the names of what survived."""
    statuses = dict(line.strip().split(": ") for line in results.splitlines())
    return [name for name, status in statuses.items() if status in SURVIVED]


def survives_from_the_start(name: str, tests: Sequence[str]) -> bool:
    """Whether the tests do not notice a break that is there before anything is imported."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", *PYTEST_ARGUMENTS, *tests]
    environ = {**os.environ, "MUTANT_UNDER_TEST": name}
    return call(*command, cwd=COPY / "mutants", environ=environ).returncode == 0


def make_copy(files: Sequence[str], tests: Sequence[str]) -> None:
    """Copy what git knows, and write mutmut's settings, which can only stand in a file."""
    shutil.rmtree(COPY, ignore_errors=True)
    for name in git("ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / name).is_file():
            target = COPY / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
    settings: dict[str, object] = {
        "source_paths": [PACKAGE],
        "only_mutate": list(files),
        "also_copy": [item.name for item in COPY.iterdir() if item.name != PACKAGE],
        "pytest_add_cli_args_test_selection": list(tests),
        "pytest_add_cli_args": PYTEST_ARGUMENTS,
        "do_not_mutate_patterns": [SENTENCE],
        "use_git_change_detection": False,
        "on_dependency_change": "ignore",
    }
    with (COPY / "pyproject.toml").open("a", encoding="utf-8") as file:
        # The values are lists, texts and truths, which JSON writes as TOML does.
        rows = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items()]
        file.writelines(["\n[tool.mutmut]\n", *rows])


def read_survivor(name: str, diff: str) -> Survivor:
    """Read what `mutmut show` says of a break."""
    file, before, after = "", [], []
    for line in diff.splitlines():
        if line.startswith("--- "):
            file = line.removeprefix("--- ").strip()
        elif line.startswith("-"):
            before.append(line[1:].strip())
        elif line.startswith("+") and not line.startswith("+++ "):
            after.append(line[1:].strip())
    return Survivor(name.rpartition(".")[2], file, "\n".join(before), "\n".join(after))


def explanations() -> dict[str, list[Mapping[str, str]]]:
    """Return what is explained, by file: `before` and `after` of a line, and `why`."""
    return tomllib.loads(EXPLAINED.read_text("utf-8"))


def unexplained(
    survivors: Iterable[Survivor], known: Mapping[str, Sequence[Mapping[str, str]]]
) -> list[Survivor]:
    return [
        survivor
        for survivor in survivors
        if not any(
            (entry["before"], entry["after"]) == (survivor.before, survivor.after)
            for entry in known.get(survivor.file, [])
        )
    ]


if __name__ == "__main__":
    sys.exit(main())
