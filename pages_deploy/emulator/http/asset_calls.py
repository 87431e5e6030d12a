"""The three asset calls. Their bearer is an upload token, and no path names a project.

All of them take the same hash several times: clients send one entry for each file.

https://developers.cloudflare.com/api/resources/pages/subresources/assets/
"""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING

import pybase64

from pages_deploy.emulator.errors import UNKNOWN_ERROR, RefusalError
from pages_deploy.emulator.http.call import Success
from pages_deploy.emulator.state.asset_keys import is_key
from pages_deploy.emulator.state.assets import UploadedAsset

if TYPE_CHECKING:
    from pages_deploy.emulator.http.call import Call
    from pages_deploy.emulator.state.settings import EmulatorSettings

_PRINTABLE = re.compile(r"[ -~]+")


def check_missing(call: Call) -> Success:
    """Which of the hashes have no asset, each once. Raises RefusalError for a body without any."""
    return Success(result=list(call.store.assets.missing(_hashes(call))))


def upload(call: Call) -> Success:
    """Store assets: an array of objects `key`, `value`, `metadata`, `base64`.

    Raises RefusalError for an entry that is none of these; then none of the others is stored.
    """
    entries = call.json()
    if not isinstance(entries, list):
        raise _bad_request("The request body is not an array of assets")
    call.store.assets.put([_uploaded(entry, call.settings) for entry in entries])
    return Success(result=None)


def upsert_hashes(call: Call) -> Success:
    """Note that the hashes are still wanted. Raises RefusalError for a body without any."""
    call.store.assets.refresh(_hashes(call), refreshed_on=call.settings.now())
    return Success(result=None)


def _hashes(call: Call) -> list[str]:
    hashes = call.json_object().get("hashes")
    if not isinstance(hashes, list) or not all(isinstance(one, str) for one in hashes):
        raise _bad_request("The field `hashes` is not an array of texts")
    return hashes


def _uploaded(entry: object, settings: EmulatorSettings) -> UploadedAsset:
    if not isinstance(entry, dict):
        raise _bad_request("An asset is not an object")
    key, value = entry.get("key"), entry.get("value")
    if not isinstance(key, str) or not is_key(key):
        raise _bad_request(f"An asset has a key that is not 32 lower-case hex digits: {key!r}")
    if not isinstance(value, str):
        raise _bad_request(f"The asset {key} has no value")
    if entry.get("base64") is True:
        try:
            content = pybase64.b64decode(value, validate=True)
        except (binascii.Error, ValueError) as error:
            raise _bad_request(f"The asset {key} has a value that is no base64") from error
    else:
        # As in the key-value store whose form this is: without the mark a value is plain text.
        content = value.encode()
    if len(content) > settings.max_file_bytes:
        raise RefusalError(
            413,
            UNKNOWN_ERROR,
            message=f"The asset {key} has more than {settings.max_file_bytes} bytes",
        )
    metadata = entry.get("metadata")
    content_type = metadata.get("contentType") if isinstance(metadata, dict) else None
    if content_type is None:
        content_type = "application/octet-stream"
    if not isinstance(content_type, str) or not _PRINTABLE.fullmatch(content_type):
        raise _bad_request(f"The asset {key} has a content type that no header can carry")
    return UploadedAsset(key=key, content=content, content_type=content_type)


def _bad_request(message: str) -> RefusalError:
    return RefusalError(400, UNKNOWN_ERROR, message=message)
