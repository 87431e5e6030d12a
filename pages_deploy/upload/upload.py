"""Make Pages hold every asset of a manifest.

1. Ask which hashes are missing, and pack their assets into batches (`missing.py`).
2. Send several batches at once. What fails is repeated after a pause, in smaller pieces when a
   gateway gave up more than once; what cannot be sent stops the rest.
3. Mark all hashes as in use; a failure of this alone is a warning.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from pages_deploy.api.assets import UPLOAD
from pages_deploy.errors import (
    ApiConnectionError,
    ApiError,
    ApiResponseError,
    AuthenticationError,
    ServerError,
    UploadError,
)
from pages_deploy.net.threads import Stopped, in_threads
from pages_deploy.upload.batches import Batch, split
from pages_deploy.upload.body import UploadBody
from pages_deploy.upload.missing import UploadPlan, find_missing, tokens_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages_deploy.api.client import PagesClient
    from pages_deploy.site.manifest import Asset, Manifest
    from pages_deploy.upload.token import UploadTokens

# After as many failures in a row that are like a gateway's, a batch is cut in halves.
FAILURES_BEFORE_SPLIT = 2
REQUEST_TOO_LARGE = 413
# Into so many steps, or a few more, the progress of a large site is divided.
PROGRESS_STEPS = 1000


@dataclass(frozen=True)
class Progress:
    """How far an upload is; files count distinct contents, bytes are raw bytes."""

    files: int
    """How many are sent; shrinks when a batch has to be sent again."""
    total_files: int
    bytes: int
    """How many are sent; shrinks as `files` does."""
    total_bytes: int


@dataclass(frozen=True)
class Uploaded:
    """What one upload did."""

    hashes: frozenset[str]
    """The hashes that were sent, because Pages lacked them or it was wanted."""
    bytes: int
    """The size of their contents."""


NOTHING_UPLOADED = Uploaded(frozenset(), 0)


class UploadWatcher:
    """Is told of an upload, and by itself takes no notice: override what is of interest."""

    def uploading(self, progress: Progress) -> None:
        """Take the state of the upload, the last time at its end.

        Called by several threads, one at a time, about a thousand times for a large site.
        """

    def warn(self, text: str) -> None:
        """Take a sentence about what went wrong without harm to the deployment."""


UNWATCHED = UploadWatcher()


def upload(
    client: PagesClient, manifest: Manifest, plan: UploadPlan, watcher: UploadWatcher = UNWATCHED
) -> Uploaded:
    """Upload what Pages lacks of a manifest.

    Raises DirectoryError for too many files or one that changed, UploadError when batches keep
    failing, and ApiError for the calls around them.
    """
    tokens = tokens_for(client, plan)
    sent = send_missing(client, manifest, plan, tokens, watcher)
    mark_used(client, manifest, tokens, watcher)
    return sent


def send_missing(
    client: PagesClient,
    manifest: Manifest,
    plan: UploadPlan,
    tokens: UploadTokens,
    watcher: UploadWatcher,
) -> Uploaded:
    """Upload what Pages lacks of a manifest, without marking it as in use; raises as `upload`."""
    missing = find_missing(client, manifest, plan, tokens)
    run = _Run(client, manifest, tokens, watcher, len(missing.hashes), missing.bytes)
    run.send_all(missing.batches, plan.concurrency)
    return Uploaded(missing.hashes, missing.bytes)


def mark_used(
    client: PagesClient, manifest: Manifest, tokens: UploadTokens, watcher: UploadWatcher
) -> None:
    """Tell Pages that all of a manifest is in use; where that fails, the watcher is warned."""
    hashes = manifest.by_hash().keys()
    if not hashes:
        return
    try:
        tokens.use(lambda token: client.assets.upsert_hashes(token, hashes))
    except ApiError as error:
        watcher.warn(f"{error.message} The deployment goes on; a later one may upload more.")


@dataclass
class _Run:
    """The sending of one upload's batches."""

    client: PagesClient
    manifest: Manifest
    tokens: UploadTokens
    watcher: UploadWatcher
    total_files: int
    total_bytes: int
    stop: threading.Event = field(default_factory=threading.Event)
    turn: threading.Lock = field(default_factory=threading.Lock)
    """Of the threads that send, whose it is to make a piece."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    sent_files: int = 0
    sent_bytes: int = 0
    told_files: int = 0
    """How many were sent when the watcher was last told."""
    accepted_files: int = 0
    """Only what the server has confirmed."""
    failed_path: str = ""
    """The first file of the batch that was given up."""

    def send_all(self, batches: Sequence[Batch], concurrency: int) -> None:
        """Send batches, some at once; the first failure stops all and is raised."""
        try:
            in_threads(self._send_batch, batches, threads=concurrency, stop=self.stop)
        except AuthenticationError:
            raise
        except ApiError as error:
            with self.lock:
                left = self.total_files - self.accepted_files
            raise UploadError(
                f"{left} of {self.total_files} files could not be uploaded, {self.failed_path} "
                f"among the first. {error.message}",
                error.hint or "Run again: what was uploaded is not sent again.",
            ) from error

    def _send_batch(self, batch: Batch) -> None:
        """Send one batch, in one piece or, after trouble, in several."""
        timer = self.client.transport.timer
        pieces = [batch]
        failures = 0
        while pieces:
            if self.stop.is_set():
                raise Stopped
            piece = pieces.pop()
            try:
                self.tokens.use(partial(self._send_piece, piece))
            except ApiError as error:
                if _is_too_large(error) and len(piece) > 1:
                    # No failure: halves are what the server asks for.
                    pieces += split(piece)
                    continue
                failures += 1
                wait = UPLOAD.delay_seconds(failures, error, timer)
                if wait is None:
                    self.failed_path = piece[0].path
                    raise
                if self.stop.is_set():
                    raise Stopped from None
                tired = failures >= FAILURES_BEFORE_SPLIT and _is_gateway_error(error)
                pieces += split(piece) if tired and len(piece) > 1 else (piece,)
                self.client.transport.on_retry(error, wait)
                timer.sleep(wait)
            else:
                failures = 0
                with self.lock:
                    self.accepted_files += len(piece)

    def _send_piece(self, piece: Batch, token: str) -> None:
        counted: list[Asset] = []

        def count(asset: Asset) -> None:
            counted.append(asset)
            self._advance(1, asset.size_bytes)

        body = UploadBody(self.manifest, piece, stop=self.stop, turn=self.turn, on_asset=count)
        try:
            self.client.assets.upload(token, body, files=len(piece))
        except BaseException:
            self._advance(-len(counted), -_size(counted))
            raise

    def _advance(self, files: int, size_bytes: int) -> None:
        with self.lock:
            self.sent_files += files
            self.sent_bytes += size_bytes
            # Nobody can see a thousandth, and to tell of each file of a large site takes time.
            told = abs(self.sent_files - self.told_files) * PROGRESS_STEPS
            if told < self.total_files and self.sent_files < self.total_files:
                return
            self.told_files = self.sent_files
            self.watcher.uploading(
                Progress(self.sent_files, self.total_files, self.sent_bytes, self.total_bytes)
            )


def _is_gateway_error(error: ApiError) -> bool:
    return isinstance(error, (ServerError, ApiConnectionError))


def _is_too_large(error: ApiError) -> bool:
    return isinstance(error, ApiResponseError) and error.status == REQUEST_TOO_LARGE


def _size(assets: list[Asset]) -> int:
    return sum(asset.size_bytes for asset in assets)
