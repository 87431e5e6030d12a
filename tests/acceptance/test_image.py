"""The image as CI systems run it, against an emulator of this process.

`.ci/image` builds it and names it in PAGES_DEPLOY_IMAGE, its base in PAGES_DEPLOY_BASE_IMAGE and,
if that is not podman, the engine in PAGES_DEPLOY_ENGINE.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import subprocess
import sys
import tarfile
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy import __version__
from pages_deploy.api.client import PagesClient
from pages_deploy.emulator.http.faults import Stall
from tests.world import PROJECT, UPLOAD, asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite

pytestmark = pytest.mark.image

# How long a busy machine may take for anything at all.
PATIENCE_SECONDS = 60.0
# A third of it is esbuild's program.
ADDED_MB = 35
# Only a terminal, a `.env` file or a preview needs these.
LOADED_LATER = {"rich", "dotenv", "pages_deploy.emulator", "http.server", "asyncio"}
HARDENED = (
    *("--read-only", "--cap-drop=all", "--security-opt=no-new-privileges"),
    *("--user=12345:12345", "--env=HOME=/"),
)
PYTHON = "/usr/local/bin/python3"
DOOR = "/opt/pages-deploy/entrypoint.py"


@dataclass(frozen=True)
class Image:
    engine: str
    name: str
    base: str

    def command(self, *arguments: str, flags: Sequence[str] = ()) -> list[str]:
        # What is not there must not be looked for in a registry.
        start = [self.engine, "run", "--pull=never", "--rm", "--network=host", *flags]
        return [*start, self.name, *arguments]

    def run(
        self,
        *arguments: str,
        flags: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        variables = [f"--env={name}={value}" for name, value in (environ or {}).items()]
        return subprocess.run(
            self.command(*arguments, flags=[*flags, *variables]),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def inspect(self, name: str) -> dict[str, Any]:
        done = subprocess.run(
            [self.engine, "image", "inspect", name],
            capture_output=True,
            check=True,
            timeout=PATIENCE_SECONDS,
        )
        (found,) = json.loads(done.stdout)
        assert isinstance(found, dict)
        return found


@pytest.fixture(scope="session")
def image() -> Image:
    name = os.environ.get("PAGES_DEPLOY_IMAGE")
    if not name:
        pytest.skip("SKIPPED FOR WANT OF THE IMAGE: `.ci/image` builds it and runs this")
    engine = os.environ.get("PAGES_DEPLOY_ENGINE", "podman")
    return Image(engine, name, os.environ["PAGES_DEPLOY_BASE_IMAGE"])


@pytest.fixture
def directory(site: BuildSite) -> Path:
    root = site({"index.html": "home", "a b.css": "a{}", "_headers": "/*\n  X-Test: 1\n"})
    # A checkout may belong to anybody.
    for path in (root, *root.rglob("*"), *root.parents[:2]):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return root


@pytest.fixture
def environ(emulator: Emulator) -> dict[str, str]:
    with PagesClient(
        emulator.api_token, emulator.account_id, base_url=emulator.api_base_url
    ) as client:
        client.projects.create(PROJECT, production_branch="main")
    return {
        **emulator.environ(),
        "PAGES_DEPLOY_PROJECT_NAME": PROJECT,
        "PAGES_DEPLOY_BRANCH": "main",
        "CI": "true",
    }


def mounted(directory: Path) -> str:
    return f"--volume={directory}:/site:ro"


def assert_deployed(done: subprocess.CompletedProcess[str], emulator: Emulator) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    (deployment,) = emulator.store.deployments.all(project)
    assert deployment.file_count == 2


@pytest.mark.parametrize("flags", [(), HARDENED], ids=["as root", "hardened"])
def test_it_deploys(
    image: Image, emulator: Emulator, directory: Path, environ: dict[str, str], flags: list[str]
) -> None:
    done = image.run("/site", "--json", flags=[*flags, mounted(directory)], environ=environ)
    assert_deployed(done, emulator)
    outputs = json.loads(done.stdout)
    assert outputs["url"] == outputs["deployment-url"]
    assert outputs["environment"] == "production"
    assert outputs["files"] == outputs["uploaded-files"] == 2


def test_github_reads_the_outputs_of_a_container_action(
    image: Image, emulator: Emulator, directory: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    commands = tmp_path / "file_commands"
    commands.mkdir()
    (commands / "set_output").touch()
    done = image.run(
        flags=[
            f"--volume={directory}:/github/workspace",
            f"--volume={commands}:/github/file_commands",
            "--workdir=/github/workspace",
        ],
        environ={
            **emulator.environ(),
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": "/github/file_commands/set_output",
            "HOME": "/github/home",
            "INPUT_DIRECTORY": ".",
            "INPUT_PROJECTNAME": PROJECT,
            "INPUT_BRANCH": "main",
            "INPUT_WHEELHOUSE": "",
        },
    )
    assert_deployed(done, emulator)
    assert "url<<" in (commands / "set_output").read_text("utf-8")


def test_woodpecker_passes_settings(
    image: Image, emulator: Emulator, directory: Path, environ: dict[str, str]
) -> None:
    done = image.run(
        flags=[mounted(directory), "--workdir=/"],
        environ={
            "CI": "woodpecker",
            "PLUGIN_DIRECTORY": "site",
            "PLUGIN_PROJECTNAME": PROJECT,
            "PLUGIN_BRANCH": "main",
            "PLUGIN_API_TOKEN": emulator.api_token,
            "PLUGIN_ACCOUNT_ID": emulator.account_id,
            "PLUGIN_API_BASE_URL": emulator.api_base_url,
        },
    )
    assert_deployed(done, emulator)


@pytest.mark.parametrize(
    "style",
    [
        # GitLab, with and without `image: entrypoint: [""]`
        ((), ("sh", "-c", "pages-deploy /site")),
        (("--entrypoint=",), ("sh", "-c", "pages-deploy /site")),
        ((), ("/bin/bash", "-c", "pages-deploy deploy /site")),
        (("--entrypoint=",), ("pages-deploy", "/site")),
        ((), ("deploy", "/site")),
    ],
)
def test_hosts_run_it_in_a_shell_of_theirs(
    image: Image,
    emulator: Emulator,
    directory: Path,
    environ: dict[str, str],
    style: tuple[tuple[str, ...], tuple[str, ...]],
) -> None:
    flags, arguments = style
    done = image.run(*arguments, flags=[*flags, mounted(directory)], environ=environ)
    assert_deployed(done, emulator)


def test_gitlab_pipes_its_script_into_a_shell(image: Image) -> None:
    done = subprocess.run(
        image.command("sh", flags=["--interactive"]),
        input="pages-deploy --version | grep version",
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"pages-deploy, version {__version__}\n")


@pytest.mark.parametrize("program", [("cat",), ("tail", "-f", "/dev/null")])
def test_a_program_that_holds_the_container_open_becomes_process_1(
    image: Image, running: Callable[..., Container], program: tuple[str, ...]
) -> None:
    """Jenkins looks for `cat` among the processes, and then works by `exec`."""
    container = running(*program, flags=["--tty"])
    eventually(lambda: container.exec("cat", "/proc/1/cmdline").split("\0")[:-1] == list(program))
    assert container.exec("pages-deploy", "--version").endswith(f"version {__version__}\n")


def test_a_hyphen_in_a_variable_survives(
    image: Image, emulator: Emulator, directory: Path, environ: dict[str, str]
) -> None:
    """Runners say INPUT_API-TOKEN; dash would drop it."""
    token = environ.pop("CLOUDFLARE_API_TOKEN")
    done = image.run(
        *("bash", "-c", "exec pages-deploy /site"),
        flags=[mounted(directory)],
        environ={**environ, "INPUT_API-TOKEN": token},
    )
    assert_deployed(done, emulator)


def test_a_module_in_the_checkout_does_not_shadow_pythons_own(
    image: Image, emulator: Emulator, directory: Path, environ: dict[str, str]
) -> None:
    for name in ("json", "requests", "signal", "pages_deploy"):
        (directory.parent / f"{name}.py").write_text("raise SystemExit('shadowed')\n", "utf-8")
    done = image.run(
        "site",
        flags=[f"--volume={directory.parent}:/checkout:ro", "--workdir=/checkout"],
        environ={**environ, "PYTHONPATH": "/checkout"},
    )
    assert_deployed(done, emulator)


def test_help_and_version(image: Image) -> None:
    done = image.run("--help", flags=HARDENED)
    assert done.returncode == 0, done.stderr
    assert "Commands:" in done.stdout
    assert image.run("--version").stdout == f"pages-deploy, version {__version__}\n"


def test_what_is_neither_ours_nor_a_program_is_refused(image: Image) -> None:
    done = image.run("no-such-thing", environ={"CLOUDFLARE_API_TOKEN": "t", "CI": "true"})
    assert done.returncode == 2, done.stderr


BUNDLES = """
import sys
sys.path.insert(0, "/opt/pages-deploy")
from pathlib import Path
from pages_deploy.worker.esbuild import Bundling, bundle, find_esbuild
from pages_deploy.worker.programs import Search
made = bundle(find_esbuild(Search(Path("/site")), ()), Path("/site/w.ts"), Bundling("w.mjs"))
sys.stdout.buffer.write(made.script.main.content)
"""


def test_it_has_an_esbuild_for_worker_code(image: Image, tmp_path: Path) -> None:
    (tmp_path / "w.ts").write_text("export default 1 as number;\n", "utf-8")
    for path in (tmp_path, *tmp_path.parents[:2], tmp_path / "w.ts"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    done = image.run(PYTHON, "-I", "-c", BUNDLES, flags=[*HARDENED, mounted(tmp_path)])
    assert done.returncode == 0, done.stderr
    assert "w_default as default" in done.stdout


# Signals, as process 1.


@dataclass(frozen=True)
class Container:
    engine: str
    name: str
    process: subprocess.Popen[str]

    def kill(self, signal: str) -> int:
        """Send a signal; return the exit code, and report how long that took."""
        begin = time.perf_counter()
        subprocess.run(
            [self.engine, "kill", f"--signal={signal}", self.name], check=True, capture_output=True
        )
        code = self.process.wait(timeout=PATIENCE_SECONDS)
        report(f"SIG{signal}: exit code {code} after {time.perf_counter() - begin:.2f} s")
        return code

    def exec(self, *command: str) -> str:
        done = subprocess.run(
            [self.engine, "exec", self.name, *command],
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE_SECONDS,
        )
        return done.stdout

    @property
    def is_running(self) -> bool:
        done = subprocess.run(
            [self.engine, "inspect", "--format={{.State.Running}}", self.name],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip() == "true"


@pytest.fixture
def running(image: Image) -> Iterator[Callable[..., Container]]:
    """Start containers; whatever still runs at the end is removed."""
    started: list[Container] = []

    def start(
        *arguments: str, flags: Sequence[str] = (), environ: Mapping[str, str] | None = None
    ) -> Container:
        name = f"pages-deploy-{uuid.uuid4().hex}"
        variables = [f"--env={key}={value}" for key, value in (environ or {}).items()]
        process = subprocess.Popen(
            image.command(*arguments, flags=[f"--name={name}", *flags, *variables]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        container = Container(image.engine, name, process)
        started.append(container)
        eventually(lambda: container.is_running)
        return container

    yield start
    for container in started:
        subprocess.run(
            [container.engine, "rm", "--force", container.name], capture_output=True, check=False
        )
        with container.process:
            pass


def report(figure: str) -> None:
    """Print a figure, which `.ci/image` shows."""
    sys.stdout.write(f"{figure}\n")


def eventually(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


@pytest.fixture(params=["/accounts/*/pages/projects/demo", UPLOAD])
def stalled(request: pytest.FixtureRequest, emulator: Emulator, environ: dict[str, str]) -> str:
    """The path at which the server does not answer any more."""
    path = str(request.param)
    emulator.fail_next("*", path, Stall(), times=None)
    return path


def test_sigterm_ends_a_deployment_whose_server_never_answers(
    emulator: Emulator,
    directory: Path,
    environ: dict[str, str],
    running: Callable[..., Container],
    stalled: str,
) -> None:
    # A silence that nobody would wait for here.
    arguments = ("/site", f"--request-timeout={60 * PATIENCE_SECONDS}")
    container = running(*arguments, flags=[*HARDENED, mounted(directory)], environ=environ)
    eventually(lambda: bool([*asked(emulator, "GET", stalled), *asked(emulator, "POST", stalled)]))
    assert container.kill("TERM") == 143


def test_sigterm_ends_it_while_it_still_starts(
    image: Image, running: Callable[..., Container], tmp_path: Path
) -> None:
    """Held in the middle of its imports: the byte-code of one module is a pipe without an end."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    cached = image.run(
        "sh", "-c", "ls /opt/pages-deploy/pages_deploy/cli/__pycache__/entrypoint.*"
    ).stdout
    container = running("--version", flags=[f"--volume={pipe}:{cached.strip()}"])
    writers: list[int] = []

    def reader_has_come() -> bool:
        # There is nobody to write to until Python has opened the file.
        with contextlib.suppress(OSError):
            writers.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        return bool(writers)

    eventually(reader_has_come)
    code = container.kill("TERM")
    os.close(writers[0])
    assert code == 143


# What it weighs, and what is in it.


@dataclass(frozen=True)
class Added:
    """What our Dockerfile adds to its base: the files of its layers."""

    files: tuple[tarfile.TarInfo, ...]
    bytes: int
    compressed_bytes: int


@pytest.fixture(scope="session")
def added(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Added:
    base = image.inspect(image.base)["RootFS"]["Layers"]
    layers = image.inspect(image.name)["RootFS"]["Layers"]
    assert layers[: len(base)] == base
    archive = tmp_path_factory.mktemp("image") / "image.tar"
    saved = subprocess.run(
        [image.engine, "save", f"--output={archive}", image.name], capture_output=True, check=False
    )
    assert saved.returncode == 0, saved.stderr
    files: list[tarfile.TarInfo] = []
    total = compressed = 0
    with tarfile.open(archive) as outer:
        manifest = outer.extractfile("manifest.json")
        assert manifest is not None
        (entry,) = json.load(manifest)
        for name in entry["Layers"][len(base) :]:
            layer = outer.extractfile(name)
            assert layer is not None
            content = layer.read()
            compressed += len(gzip.compress(content))
            layer.seek(0)
            with tarfile.open(fileobj=layer) as inner:
                files += inner.getmembers()
    total = sum(file.size for file in files)
    return Added(tuple(files), total, compressed)


def test_what_it_adds_to_its_base_is_small(added: Added) -> None:
    report(f"added: {added.bytes / 1e6:.1f} MB, {added.compressed_bytes / 1e6:.1f} MB packed")
    assert added.bytes < ADDED_MB * 1_000_000


def test_it_adds_the_program_and_byte_code_alone(added: Added) -> None:
    byte_code = r"usr/(local/)?lib/python3\.\d+/([\w.-]+/)*__pycache__/[\w-]+\.cpython-\d+\.pyc"
    expected = re.compile(rf"opt/pages-deploy/.*|usr/local/bin/pages-deploy|{byte_code}")
    files = [file for file in added.files if not file.isdir()]
    assert [file.name for file in files if not expected.fullmatch(file.name)] == []
    assert [file.name for file in files if file.name.startswith("opt/pages-deploy/bin/")] == []


def test_it_adds_neither_pip_nor_a_compiler(added: Added) -> None:
    banned = {
        "pip",
        "setuptools",
        "wheel",
        "gcc",
        "cc",
        "g++",
        "c++",
        "clang",
        "ld",
        "make",
        "rustc",
    }
    parts = {part for file in added.files for part in file.name.split("/")}
    assert parts & banned == set()
    assert [part for part in parts if re.match(r"pip-|setuptools-|wheel-", part)] == []


def test_everybody_may_read_it_and_nobody_but_root_write(added: Added) -> None:
    for file in added.files:
        assert (file.uid, file.gid) == (0, 0), file.name
        if not file.issym():
            assert file.mode & 0o7022 == 0, (file.name, oct(file.mode))
            assert file.mode & 0o444 == 0o444, (file.name, oct(file.mode))


def test_nothing_is_compiled_at_run_time(
    image: Image, emulator: Emulator, directory: Path, environ: dict[str, str]
) -> None:
    """With a read-only root, what is not there as byte-code is compiled at every start."""
    done = image.run(
        *(PYTHON, "-v", "-I", DOOR, "/site"), flags=[mounted(directory)], environ=environ
    )
    assert_deployed(done, emulator)
    assert "code object from " in done.stderr
    from_source = re.findall(r"# code object from '?([^'\n]+\.py)'?$", done.stderr, re.MULTILINE)
    assert [file for file in from_source if file != DOOR] == []


def test_it_starts_with_what_every_run_needs(image: Image) -> None:
    """How long that takes is reported, timed inside one container, and decides nothing: a busy
    machine takes longer. What is loaded is always the same.
    """
    done = image.run(*(PYTHON, "-X", "importtime", "-I", DOOR, "version"), flags=HARDENED)
    loaded = set(re.findall(r"\| +([\w.]+)$", done.stderr, re.MULTILINE))
    assert "click" in loaded
    assert loaded & LOADED_LATER == set()
    script = (
        "import subprocess, sys, time\n"
        "def seconds(*command):\n"
        "    begin = time.perf_counter()\n"
        "    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)\n"
        "    return time.perf_counter() - begin\n"
        f"bare = min(seconds('{PYTHON}', '-I', '-c', 'pass') for _ in range(7))\n"
        f"ours = min(seconds('{PYTHON}', '-I', '{DOOR}', '--version') for _ in range(7))\n"
        "print(bare, ours)\n"
    )
    done = image.run(*(PYTHON, "-I", "-c", script), flags=HARDENED)
    bare, ours = map(float, done.stdout.split())
    report(f"--version: {ours:.3f} s, the bare interpreter {bare:.3f} s")


def test_its_labels_say_what_it_is(image: Image) -> None:
    labels = image.inspect(image.name)["Config"]["Labels"]
    ours = {
        name.removeprefix("org.opencontainers.image."): value
        for name, value in labels.items()
        if name.startswith("org.opencontainers.image.")
    }
    assert ours["version"] == __version__
    assert ours["licenses"] == "MIT"
    assert ours["title"] == "pages-deploy"
    assert all(ours.values())
    assert "unknown" not in ours.values()


def test_it_leaves_user_and_directory_to_its_host(image: Image) -> None:
    config = image.inspect(image.name)["Config"]
    assert config.get("User", "") == ""
    assert config.get("WorkingDir", "") in {"", "/"}
    assert config["Entrypoint"] == [PYTHON, "-I", DOOR]
