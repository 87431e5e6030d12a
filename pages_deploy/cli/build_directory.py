"""The manifest of the build directory that the settings name, searched for secrets on the way."""

from __future__ import annotations

from collections.abc import Callable

from pages_deploy.cli.file_rules import file_rules_of, tell_ignored, warn_of_types
from pages_deploy.cli.runtime import Runtime
from pages_deploy.errors import DirectoryError
from pages_deploy.settings.settings import Settings
from pages_deploy.site.manifest import Manifest, build_manifest
from pages_deploy.site.refusing import refuse
from pages_deploy.site.secret_search import SecretSearch


def read_build_directory(settings: Settings, runtime: Runtime, *, allows_secrets: bool) -> Manifest:
    """Walk, hash and search the build directory, telling how far it is.

    Raises DirectoryError for what stands in the way, among it, unless they are allowed, secrets;
    SettingsError when no directory is named.
    """
    secrets = SecretSearch(monotonic=runtime.timer.monotonic)
    manifest = walked(settings, runtime, secrets)
    secrets.judge(is_allowed=allows_secrets, warn=runtime.console.warn)
    return manifest


def walked(
    settings: Settings,
    runtime: Runtime,
    secrets: SecretSearch,
    *,
    on_problem: Callable[[DirectoryError], None] = refuse,
) -> Manifest:
    """Walk, hash and search the build directory; whatever stands in the way goes to `on_problem`.

    Raises DirectoryError for what is no directory, SettingsError for options that are wrong.
    """
    rules = file_rules_of(settings)
    manifest = build_manifest(
        settings.build_directory,
        rules=rules,
        on_file=runtime.console.hashing,
        search=secrets,
        on_problem=on_problem,
    )
    tell_ignored(manifest, runtime.console)
    warn_of_types(rules, manifest, runtime.console)
    return manifest
