"""The manifest of the build directory that the settings name, searched for secrets on the way."""

from __future__ import annotations

from pages_deploy.cli.file_rules import file_rules_of, tell_ignored, warn_of_types
from pages_deploy.cli.runtime import Runtime
from pages_deploy.cli.worker_presence import may_have_worker
from pages_deploy.preflight.finding import Finding
from pages_deploy.preflight.preflight import preflight
from pages_deploy.reporting.console import Console
from pages_deploy.settings.settings import Settings
from pages_deploy.site.manifest import Manifest, build_manifest
from pages_deploy.site.secret_search import SecretSearch
from pages_deploy.text.amounts import counted


def read_build_directory(settings: Settings, runtime: Runtime, *, allows_secrets: bool) -> Manifest:
    """Walk, hash and search the build directory, telling how far it is.

    Raises DirectoryError for what stands in the way, among it, unless they are allowed, secrets;
    SettingsError when no directory is named.
    """
    secrets = SecretSearch(monotonic=runtime.timer.monotonic)
    rules = file_rules_of(settings)
    manifest = build_manifest(
        settings.build_directory,
        rules=rules,
        on_file=runtime.console.hashing,
        on_content=secrets.search,
    )
    tell_ignored(manifest, runtime.console)
    secrets.judge(is_allowed=allows_secrets, warn=runtime.console.warn)
    warn_of_types(rules, manifest, runtime.console)
    _tell_what_may_surprise(manifest, runtime.console)
    return manifest


def examined(settings: Settings, runtime: Runtime) -> tuple[Manifest, list[Finding]]:
    """Return the manifest of the build directory, and what is found in it without its links.

    What Pages would refuse is among the findings. Raises DirectoryError where there is nothing to
    look at, SettingsError when no directory is named.
    """
    manifest = read_build_directory(settings, runtime, allows_secrets=True)
    rules = None
    if may_have_worker(settings):
        # Imported where it is needed: most sites have no Worker code.
        from pages_deploy.cli.worker_code import read_rules  # noqa: PLC0415

        rules = read_rules(settings, runtime)
    return manifest, preflight(manifest, worker_rules=rules)


def _tell_what_may_surprise(manifest: Manifest, console: Console) -> None:
    lost = manifest.below_node_modules
    if lost.count:
        files = counted(lost.count, "file")
        console.warn(
            f"{files} below node_modules {'is' if lost.count == 1 else 'are'} not deployed, the "
            f"first {lost.first}: like wrangler, this leaves out directories of that name. Let the "
            "build put what the site needs of them under another name."
        )
    if manifest.is_repository:
        console.notice(
            "The build directory is the root of a repository: sources and configuration are "
            "published with it. If the build writes its output elsewhere, name that directory."
        )
