"""What a client sends to create a deployment: the multipart form, read and checked.

https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.errors import NOT_DOCUMENTED, UNKNOWN_ERROR, RefusalError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.emulator.state.settings import EmulatorSettings

BUNDLE: Final = "_worker.bundle"
"""The field of a Worker in several modules, itself a multipart form."""

WORKER: Final = "_worker.js"
"""The field of a Worker in one module."""

ROUTES: Final = "_routes.json"
"""The field of the rules that say what reaches the Worker."""

ROUTING: Final = "functions-filepath-routing-config.json"
"""The field of the routes of `functions/`, for people to look at."""

SPECIAL_FILES: Final = (
    "_headers",
    "_redirects",
    ROUTES,
    ROUTING,
    BUNDLE,
    WORKER,
)
"""The fields that may carry a file beside the manifest."""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """The parts of the form."""

    manifest: Mapping[str, str]
    """Path with leading slash -> asset key."""

    branch: str | None
    """None for the production branch."""

    commit_hash: str = ""
    """As sent; nobody checks it."""

    commit_message: str = ""
    """As received, with the line breaks of multipart encoding."""

    is_commit_dirty: bool = False
    """Whether the sender says that the work tree had changes."""

    wrangler_config_hash: str = ""
    """SHA-256 of the configuration file in force, as its sender says; empty for none."""

    pages_build_output_dir: str = ""
    """The build directory of that file, relative to it."""

    special_files: Mapping[str, bytes] = field(default_factory=dict)
    """By field name; only those that were sent."""

    @property
    def uses_functions(self) -> bool:
        """Whether a Worker came along."""
        return BUNDLE in self.special_files or WORKER in self.special_files


def read_submission(
    texts: Mapping[str, str],
    files: Mapping[str, bytes],
    *,
    body: bytes,
    settings: EmulatorSettings,
) -> Submission:
    """The submission in the form's text parts and file parts, both by field name.

    `body` is the raw form: only there do bytes show that were no UTF-8. Raises RefusalError with
    code 8000096 for a missing or unusable manifest, 8000111 for a commit message that is too long
    or no UTF-8; with other codes for a Worker that is too large, or is sent in both forms.
    """
    message = texts.get("commit_message", "")
    _check_commit_message(message, body=body, max_bytes=settings.max_commit_message_bytes)
    if BUNDLE in files and WORKER in files:
        # No code is documented for this one.
        raise RefusalError(400, UNKNOWN_ERROR, message=f"{BUNDLE} and {WORKER} exclude each other")
    for name in (BUNDLE, WORKER):
        if len(files.get(name, b"")) > settings.max_worker_bytes:
            raise RefusalError(
                400,
                NOT_DOCUMENTED,
                message=f"{name} has more than {settings.max_worker_bytes} bytes",
            )
    return Submission(
        manifest=_manifest(texts.get("manifest"), max_file_count=settings.max_file_count),
        branch=texts.get("branch") or None,
        commit_hash=texts.get("commit_hash", ""),
        commit_message=message,
        is_commit_dirty=texts.get("commit_dirty") == "true",
        wrangler_config_hash=texts.get("wrangler_config_hash", ""),
        pages_build_output_dir=texts.get("pages_build_output_dir", ""),
        special_files={name: files[name] for name in SPECIAL_FILES if name in files},
    )


def _manifest(text: str | None, *, max_file_count: int) -> Mapping[str, str]:
    if text is None:
        raise _bad_manifest("A `manifest` field was expected in the request body but not provided")
    try:
        manifest = json.loads(text)
    # What is nested a thousand times is a RecursionError.
    except (ValueError, RecursionError) as error:
        raise _bad_manifest(f"The `manifest` field is not JSON: {error}") from error
    if not isinstance(manifest, dict):
        raise _bad_manifest("The `manifest` field is not a JSON object")
    if len(manifest) > max_file_count:
        raise _bad_manifest(
            f"The `manifest` field has {len(manifest)} files, {max_file_count} are allowed"
        )
    for path, key in manifest.items():
        if not (path.startswith("/") and _is_text(path) and isinstance(key, str)):
            raise _bad_manifest(f"The `manifest` field has an unusable entry: {path!r}")
    return manifest


def _is_text(path: str) -> bool:
    # JSON can spell halves of characters that no encoding has.
    return not any("\ud800" <= character <= "\udfff" for character in path)


def _bad_manifest(message: str) -> RefusalError:
    return RefusalError(400, 8000096, message=message)


def _check_commit_message(message: str, *, body: bytes, max_bytes: int) -> None:
    # The form parser puts U+FFFD where bytes were no UTF-8. A message may also contain that
    # character in its own right; then its bytes are in the body.
    is_damaged = "\ufffd" in message and message.encode() not in body
    if is_damaged or len(message.encode()) > max_bytes:
        raise RefusalError(
            400,
            8000111,
            message=f"The commit message is not a valid UTF-8 string of at most {max_bytes} bytes",
        )
