"""What the settings say of the files of a build directory, and what people hear of it."""

from __future__ import annotations

import os

from pages_deploy.deploy.deployed import Deployed
from pages_deploy.errors import SettingsError
from pages_deploy.reporting.console import Console
from pages_deploy.settings import options
from pages_deploy.settings.settings import Settings
from pages_deploy.site.file_rules import FileRules
from pages_deploy.site.manifest import Asset, Manifest
from pages_deploy.text.amounts import counted

# What a command takes that reads a build directory.
FILE_OPTIONS = (options.EXCLUDE, options.CONTENT_TYPE)


def file_rules_of(settings: Settings) -> FileRules:
    """Return what the options say; raises SettingsError, naming the option and the line."""
    texts = [settings.text(option) for option in FILE_OPTIONS]
    try:
        return FileRules.read(exclude=texts[0], content_types=texts[1])
    except SettingsError as error:
        wrong = next(one for one in FILE_OPTIONS if error.message.startswith(one.name))
        raise error.with_hint(f"Correct it there: {wrong.places()}.") from error


def is_excluded(settings: Settings, name: str) -> bool:
    """Whether EXCLUDE leaves an entry of the build directory's root out."""
    if not settings.text(options.EXCLUDE):
        return False
    is_directory = os.path.isdir(settings.build_directory / name)  # noqa: PTH112 - raises nothing
    return file_rules_of(settings).excludes(name, is_directory=is_directory)


def tell_ignored(manifest: Manifest, console: Console) -> None:
    """Say how many files patterns leave out; at verbose level which, and by which line."""
    ignored = manifest.ignored
    if not ignored.count:
        return
    console.step(ignored.words)
    for entry in ignored.entries:
        console.detail(f"{entry.path} is ignored by line {entry.line} of {entry.origin}")
    if more := ignored.count - sum(entry.files for entry in ignored.entries):
        console.detail(f"and {counted(more, 'file')} more")


def warn_of_types(rules: FileRules, manifest: Manifest, console: Console) -> None:
    """Warn of what CONTENT_TYPE says in vain, or probably by mistake."""
    for content_type in rules.unknown_types:
        console.warn(f"CONTENT_TYPE has {content_type}, a type of no kind that browsers know.")
    for rule in manifest.unused_types:
        console.warn(
            f"CONTENT_TYPE: {rule.pattern.text} on line {rule.pattern.line} says the type of no "
            "file; it matches none, or later lines match all of them too."
        )
    for one, other in _at_odds(manifest):
        console.warn(
            f"{one.path} and {other.path} are the same bytes, which Pages keeps once: both have "
            f"one type, {one.content_type} or {other.content_type}."
        )


def _at_odds(manifest: Manifest) -> list[tuple[Asset, Asset]]:
    """Return for each content that is to have several types the first two files of it."""
    if not any(asset.is_retyped for asset in manifest.assets):
        return []
    kept = manifest.by_hash()
    pairs = {
        asset.hash: (kept[asset.hash], asset)
        for asset in reversed(manifest.assets)
        if asset.content_type != kept[asset.hash].content_type
        and (asset.is_retyped or kept[asset.hash].is_retyped)
    }
    return list(pairs.values())


def tell_kept_types(manifest: Manifest, deployed: Deployed, console: Console) -> None:
    """Say which files CONTENT_TYPE may not have reached, since Pages had them already."""
    kept = [
        asset.path
        for asset in manifest.assets
        if asset.is_retyped and asset.hash not in deployed.uploaded.hashes
    ]
    if kept and not deployed.passed_over:
        console.notice(
            f"CONTENT_TYPE: Pages had {counted(len(kept), 'file')} already, the first "
            f"{kept[0]}, and goes on serving what it has with the type of its first upload. Where "
            "that was another one, upload all anew, once, with --skip-caching."
        )
