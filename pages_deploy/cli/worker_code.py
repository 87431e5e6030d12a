"""The Worker code of a deployment, as the settings have it: compiled and tried before any request.

1. The configuration file is read, where it is a Pages project's and counts.
2. The code is found and compiled; what it is made of is said aloud.
3. Where a `workerd` is at hand, the Worker is started once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pages_deploy.cli.file_rules import is_excluded
from pages_deploy.cli.runtime import Runtime
from pages_deploy.cli.worker_presence import FUNCTIONS_NAME, SCRIPT_NAME
from pages_deploy.cli.worker_programs import named_file, program_search
from pages_deploy.deploy.planned_worker import PlannedWorker
from pages_deploy.errors import DirectoryError, SettingsError, WorkerError
from pages_deploy.proof.worker_route import WorkerRoute
from pages_deploy.rules.routes_json import RoutesRules
from pages_deploy.settings import options
from pages_deploy.settings.settings import Settings
from pages_deploy.text.amounts import counted
from pages_deploy.worker.bundle import bundle_bytes
from pages_deploy.worker.bundler import Bundler, BundlingMode, Compatibility
from pages_deploy.worker.configuration import Environment, WorkerConfiguration, read_configuration
from pages_deploy.worker.module_tree import unreadable
from pages_deploy.worker.programs import Search
from pages_deploy.worker.worker import ROUTES_NAME, Worker, WorkerSources, find_rules, find_worker
from pages_deploy.worker.workerd import check_start, find_workerd

# What a command takes that compiles Worker code.
WORKER_OPTIONS = (
    options.NO_FUNCTIONS,
    options.FUNCTIONS,
    options.NO_BUNDLE,
    options.BUNDLE,
    options.WORKER_BUNDLE,
    options.ESBUILD,
    options.WORKERD,
    options.UPLOAD_SOURCE_MAPS,
)


def read_worker(
    settings: Settings,
    runtime: Runtime,
    *,
    project_compatibility: Callable[[], Compatibility] = lambda: ("", ()),
) -> PlannedWorker | None:
    """Find, compile and try the Worker code; None where there is none.

    `project_compatibility` tells the project's date and flags; it is asked only where the
    configuration file does not say both and they decide how the code is compiled.

    Raises WorkerError for what is wrong with it or with its configuration, naming the place, and
    SettingsError for an option that leads nowhere.
    """
    return _Reading(settings, runtime, project_compatibility).read()


def read_rules(settings: Settings, runtime: Runtime) -> RoutesRules | None:
    """Return which paths reach the Worker, by looking at its code alone; None where there is none.

    Raises as `read_worker` does, but for what only compiling shows.
    """
    reading = _Reading(settings, runtime, lambda: ("", ()))
    return find_rules(reading.sources(None))


@dataclass(frozen=True)
class _Reading:
    settings: Settings
    runtime: Runtime
    project_compatibility: Callable[[], Compatibility]

    def read(self) -> PlannedWorker | None:
        routes = tuple(map(_route, self.settings.text(options.PROBE).splitlines()))
        configuration, problem = self._configuration()
        runtimes = program_search(self.settings, self.runtime, options.WORKERD)
        sources = self.sources(configuration)
        worker = find_worker(sources)
        console = self.runtime.console
        if worker is None:
            if routes:
                console.warn("PROBE asks for nothing: there is no Worker code to answer.")
            for warning in sources.bundler.warnings:
                console.warn(warning)
            return None
        # What is wrong with the file is wrong where something of it is needed.
        if problem is not None:
            raise problem
        console.step(_described(worker, self._origin(sources, worker)))
        for warning in worker.warnings:
            console.warn(warning)
        if configuration is not None:
            name = self.settings.text(options.PROJECT_NAME)
            for warning in configuration.warnings(self._environment, project_name=name):
                console.warn(warning)
        default = tuple(map(WorkerRoute, worker.probes[:1]))
        planned = PlannedWorker(worker, configuration, routes or default)
        # For its size and names: what is wrong is found out before any request.
        bundle_bytes(worker.script, planned.metadata(self._environment, None))
        self._try(planned, runtimes)
        return planned

    @property
    def _environment(self) -> Environment:
        """The environment as far as it can be told before the project is known."""
        production = self.settings.text(options.PRODUCTION_BRANCH)
        branch = self.settings.text(options.BRANCH)
        return "production" if branch in {"", production} else "preview"

    def _configuration(self) -> tuple[WorkerConfiguration | None, WorkerError | None]:
        """Return what the configuration file says, or else what is wrong with it."""
        file, unusable = self.settings.wrangler, self.settings.configuration_problem
        if unusable is not None:
            hint = "Correct it: it has the Worker's bindings, compatibility date and flags."
            return None, WorkerError(unusable.message, hint)
        if file is None:
            return None, None
        try:
            return read_configuration(file.data, file.file_name, text=file.text), None
        except WorkerError as error:
            return None, error

    def _origin(self, sources: WorkerSources, worker: Worker) -> str:
        """Return where a Worker comes from, as people name it."""
        if worker.origin == "functions" and sources.functions is not None:
            return f"{sources.bundler.shown(sources.functions)}/"
        if worker.origin == "bundle" and sources.bundle is not None:
            return sources.bundler.shown(sources.bundle)
        return "_worker.js of the build directory"

    def sources(self, configuration: WorkerConfiguration | None) -> WorkerSources:
        """Return where the code is looked for, and how it is compiled."""
        settings = self.settings
        own = None if configuration is None else configuration.of(self._environment)
        source_maps = settings.switch(options.UPLOAD_SOURCE_MAPS) or (
            own is not None
            and own.upload_source_maps
            and not settings.text(options.UPLOAD_SOURCE_MAPS)
        )
        bundler = Bundler(
            program_search(settings, self.runtime, options.ESBUILD),
            self._mode(no_bundle=own is not None and own.no_bundle),
            compatibility=lambda: self._compatibility(configuration),
            source_maps=source_maps,
        )
        return WorkerSources(
            settings.build_directory,
            bundler,
            functions=self._functions(),
            bundle=named_file(settings, options.WORKER_BUNDLE),
            excluded=frozenset(
                name for name in (SCRIPT_NAME, ROUTES_NAME) if is_excluded(settings, name)
            ),
        )

    def _compatibility(self, configuration: WorkerConfiguration | None) -> Compatibility:
        """Return what counts once deployed: the file's date and flags, else the project's."""
        own = None if configuration is None else configuration.of(self._environment)
        if configuration is None or own is None:
            return self.project_compatibility()
        is_complete = own.compatibility_date and own.compatibility_flags is not None
        date, flags = ("", ()) if is_complete else self.project_compatibility()
        return configuration.compatibility(
            self._environment, project_date=date, project_flags=flags
        )

    def _mode(self, *, no_bundle: bool) -> BundlingMode:
        settings = self.settings
        wants, wants_not = settings.switch(options.BUNDLE), settings.switch(options.NO_BUNDLE)
        if wants and wants_not:
            raise SettingsError("BUNDLE and NO_BUNDLE contradict each other.", "Leave one out.")
        if wants:
            return "always"
        is_open = not settings.text(options.NO_BUNDLE) and not settings.text(options.BUNDLE)
        return "never" if wants_not or (no_bundle and is_open) else "auto"

    def _functions(self) -> Path | None:
        """Return the directory of the functions; raises SettingsError for one that is none."""
        settings = self.settings
        named = settings.text(options.FUNCTIONS)
        if settings.switch(options.NO_FUNCTIONS):
            if named:
                raise SettingsError(
                    "FUNCTIONS and NO_FUNCTIONS contradict each other.", "Leave one out."
                )
            return None
        directory = settings.working_directory / (named or FUNCTIONS_NAME)
        if directory == settings.build_directory:
            return None
        if _is_directory(directory):
            self._refuse_strangers(directory)
            return directory
        if named:
            raise SettingsError(
                f"FUNCTIONS is '{named}', which is not a directory.",
                f"Correct it with {options.FUNCTIONS.places()}.",
            )
        if directory.is_symlink() or directory.exists():
            what = "a file" if directory.exists() else "a link to something that does not exist"
            raise DirectoryError(
                f"{FUNCTIONS_NAME} is {what}, but Pages expects a directory of Functions there.",
                "Rename it, or turn Functions off with --no-functions.",
            )
        return None

    def _refuse_strangers(self, directory: Path) -> None:
        """Raise DirectoryError where the checkout of a pull request leads somewhere else."""
        build = self.settings.build
        here = self.settings.working_directory.resolve()
        is_strangers = build.is_fork or bool(build.pull_request)
        if is_strangers and directory.is_symlink() and not directory.resolve().is_relative_to(here):
            raise DirectoryError(
                f"{directory.name} is a link that leads out of the working directory.",
                "Replace the link with the directory itself.",
            )

    def _try(self, planned: PlannedWorker, runtimes: Search) -> None:
        """Start the Worker once, where there is a runtime for it."""
        workerd = find_workerd(runtimes)
        if workerd is None:
            return
        metadata = planned.metadata(self._environment, None)
        if doubt := check_start(workerd, planned.worker.script, metadata):
            self.runtime.console.warn(doubt)
        else:
            self.runtime.console.step("The Worker starts: tried with workerd on this machine")


def _route(text: str) -> WorkerRoute:
    """Read `/path=status`; raises SettingsError."""
    path, _, status = text.strip().rpartition("=")
    is_address = path.startswith("/") and path.isascii() and path.isprintable()
    if not is_address or set(path) & set(" #") or not (status.isascii() and status.isdigit()):
        raise SettingsError(
            f"PROBE has '{text.strip()}', which is not /path=status.",
            "Write for example /api/health=200, the path percent-encoded; it is set by "
            f"{options.PROBE.places()}.",
        )
    if not 100 <= int(status[:4]) <= 599:
        raise SettingsError(
            f"PROBE has '{text.strip()}', and {status} is not an HTTP status.", "It is 100 to 599."
        )
    return WorkerRoute(path, int(status))


def _is_directory(place: Path) -> bool:
    try:
        return place.is_dir()
    except OSError as error:
        raise unreadable(place, str(place), error) from error


def _described(worker: Worker, origin: str) -> str:
    modules = 1 + len(worker.script.others)
    rules = ", ".join(worker.rules.include[:5])
    more = len(worker.rules.include) - 5
    return f"Worker code of {origin}: {counted(modules, 'module')}, for {rules}" + (
        f" and {more} more" if more > 0 else ""
    )
