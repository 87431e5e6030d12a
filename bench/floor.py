"""The floor: the least Python that can carry a deployment, which ours is compared with.

It does what cannot be left out, and checks, shows and repeats nothing:

1. Walk the directory; a file's hash is blake3 of its base64 and its extension.
2. Ask which hashes are missing, and send those files, by three connections. A body is JSON, and
   each connection makes one batch's at a time.
3. Declare the hashes, and create the deployment.

Usage: python -I bench/floor.py DIRECTORY     (CLOUDFLARE_... as for the others)
"""

from __future__ import annotations

import http.client
import json
import mimetypes
import os
import queue
import sys
import threading
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pybase64
from blake3 import blake3

CONNECTIONS = 3
BATCH_BYTES = 2 * 1024 * 1024
BOUNDARY = "d5f1c4a09be7"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


class File(NamedTuple):
    """A file of the site."""

    path: str
    size_bytes: int


class Api:
    """One connection."""

    def __init__(self, base_url: str, token: str) -> None:
        address = urlsplit(base_url)
        self._connection = http.client.HTTPConnection(address.netloc)
        self._prefix = address.path
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: bytes | bytearray = b"", **headers: str) -> Any:
        self._connection.request(method, self._prefix + path, body, {**self._headers, **headers})
        response = self._connection.getresponse()
        content = response.read()
        if response.status != http.client.OK:
            raise SystemExit(f"{method} {path} is answered {response.status}")
        return json.loads(content)["result"]


def main(root: str) -> None:
    base_url = os.environ["CLOUDFLARE_API_BASE_URL"]
    project = f"/accounts/{os.environ['CLOUDFLARE_ACCOUNT_ID']}/pages/projects/demo"
    files, manifest = hashed(root)
    account = Api(base_url, os.environ["CLOUDFLARE_API_TOKEN"])
    token = account.call("GET", f"{project}/upload-token")["jwt"]
    assets = Api(base_url, token)
    hashes = json.dumps({"hashes": list(files)}).encode()
    missing = assets.call("POST", "/pages/assets/check-missing", hashes)
    upload([files[key] for key in missing], missing, base_url, token)
    assets.call("POST", "/pages/assets/upsert-hashes", hashes)
    fields = {"manifest": json.dumps(manifest), "branch": "topic"}
    account.call("POST", f"{project}/deployments", form_of(fields), **{"Content-Type": FORM})


def hashed(root: str) -> tuple[dict[str, File], dict[str, str]]:
    """Return a file for each hash, and the hash of each path."""
    files, manifest = {}, {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = f"{folder}/{name}"
            with open(path, "rb") as file:  # noqa: PTH123 - pathlib takes time
                content = file.read()
            extension = os.path.splitext(name)[1][1:]  # noqa: PTH122 - likewise
            digest = blake3(pybase64.b64encode(content)).update(extension.encode())
            key = digest.hexdigest()[:32]
            files[key] = File(path, len(content))
            manifest[path[len(root) :]] = key
    return files, manifest


def upload(files: list[File], keys: list[str], base_url: str, token: str) -> None:
    waiting: queue.SimpleQueue[list[tuple[str, File]]] = queue.SimpleQueue()
    batch: list[tuple[str, File]] = []
    size_bytes = 0
    for key, file in zip(keys, files, strict=True):
        if batch and size_bytes + file.size_bytes > BATCH_BYTES:
            waiting.put(batch)
            batch, size_bytes = [], 0
        batch.append((key, file))
        size_bytes += file.size_bytes
    if batch:
        waiting.put(batch)

    def send() -> None:
        assets = Api(base_url, token)
        while True:
            try:
                batch = waiting.get_nowait()
            except queue.Empty:
                return
            assets.call("POST", "/pages/assets/upload", body_of(batch))

    threads = [threading.Thread(target=send) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def body_of(batch: list[tuple[str, File]]) -> bytearray:
    body = bytearray(b"[")
    for key, (path, _) in batch:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib takes time
            value = pybase64.b64encode(file.read())
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        body += b'{"key":"%b","value":"' % key.encode()
        body += value
        body += b'","metadata":{"contentType":"%b"},"base64":true},' % kind.encode()
    body[-1:] = b"]"
    return body


def form_of(fields: dict[str, str]) -> bytes:
    parts = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return f"{''.join(parts)}--{BOUNDARY}--\r\n".encode()


if __name__ == "__main__":
    main(sys.argv[1])
