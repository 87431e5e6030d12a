"""A plain client for the tests: it says on the wire exactly what a test tells it to say."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

import requests
from blake3 import blake3

from pages_deploy.emulator import Emulator, EmulatorSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

Files = Mapping[str, bytes]
HOME: Final[Files] = {"/index.html": b"<h1>hi</h1>\n"}
# As wrangler computes it.
MANIFEST: Final = {"/index.html": "17453d0cfb9bacc76d9f30d3cb9ca048"}
SOURCE: Final = {"type": "github", "config": {"owner": "someone", "repo_name": "site"}}
TYPES = {"html": "text/html", "txt": "text/plain"}


def key_of(path: str, content: bytes) -> str:
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    suffix = name[dot + 1 :] if dot > 0 else ""
    return blake3(base64.b64encode(content) + suffix.encode()).hexdigest()[:32]


def entry_of(path: str, content: bytes, *, key: str | None = None) -> dict[str, object]:
    """One asset as the upload call wants it."""
    content_type = TYPES.get(path.rpartition(".")[2], "application/octet-stream")
    return {
        "key": key or key_of(path, content),
        "value": base64.b64encode(content).decode(),
        "metadata": {"contentType": content_type},
        "base64": True,
    }


class DirectUpload:
    """One account's session with one emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {emulator.api_token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.session.close()

    # Any: requests has no type for its keywords either.
    def call(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        """A request below `/client/v4`; `{account}` and `{projects}` in the path are filled in."""
        account = self.emulator.account_id
        filled = path.format(account=account, projects=f"/accounts/{account}/pages/projects")
        return self.session.request(
            method, f"{self.emulator.api_base_url}{filled}", timeout=20, **kwargs
        )

    def project(self, name: str = "demo") -> Any:
        return self.call("GET", f"{{projects}}/{name}").json()["result"]

    def patch_project(self, body: object, *, project: str = "demo") -> requests.Response:
        return self.call("PATCH", f"{{projects}}/{project}", json=body)

    def change_project(self, body: object, *, project: str = "demo") -> Any:
        answer = self.patch_project(body, project=project)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def create_project(self, name: str = "demo") -> Any:
        answer = self.call("POST", "{projects}", json={"name": name, "production_branch": "main"})
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def upload_token(self, project: str = "demo") -> str:
        answer = self.call("GET", f"{{projects}}/{project}/upload-token")
        return str(answer.json()["result"]["jwt"])

    def assets(self, call: str, body: object, *, token: str | None = None) -> requests.Response:
        """One of the three asset calls."""
        return self.call(
            "POST",
            f"/pages/assets/{call}",
            json=body,
            headers={"Authorization": f"Bearer {token or self.upload_token()}"},
        )

    def upload(self, files: Files) -> None:
        answer = self.assets("upload", [entry_of(path, body) for path, body in files.items()])
        assert answer.status_code == 200, answer.text

    def submit(self, manifest: object, **parts: str | bytes) -> requests.Response:
        """Create a deployment of `demo`; parts of bytes are files, a manifest of None is none."""
        form: dict[str, tuple[str | None, str | bytes]] = {}
        if manifest is not None:
            form["manifest"] = (None, json.dumps(manifest))
        for name, value in parts.items():
            form[name] = (name if isinstance(value, bytes) else None, value)
        return self.call("POST", "{projects}/demo/deployments", files=form)

    def deploy(self, files: Files, **parts: str | bytes) -> Any:
        """Upload and create a deployment: its JSON."""
        self.upload(files)
        manifest = {path: key_of(path, body) for path, body in files.items()}
        answer = self.submit(manifest, **parts)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def deployment(self, deployment_id: str, project: str = "demo") -> Any:
        return self.call("GET", f"{{projects}}/{project}/deployments/{deployment_id}").json()[
            "result"
        ]

    def special_files(self, deployment_id: str, project: str = "demo") -> dict[str, bytes]:
        """What the emulator holds, which no call shows."""
        store = self.emulator.store
        found = store.projects.get(self.emulator.account_id, project)
        return store.deployments.special_files(store.deployments.get(found, deployment_id))

    def log(self, deployment_id: str, project: str = "demo") -> Any:
        path = f"{{projects}}/{project}/deployments/{deployment_id}/history/logs?size=10000000"
        return self.call("GET", path).json()["result"]

    def visit(
        self, url_or_label: str, path: str = "/", *, method: str = "GET", **headers: str
    ) -> requests.Response:
        """Ask a site, by the URL of a deployment or by its labels before `.localhost`.

        Redirects are not followed.
        """
        host = url_or_label.removeprefix("http://")
        if "localhost" not in host and not host.startswith("www."):
            host = f"{host}.localhost:{self.emulator.port}"
        fields = {"Host": host, **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.session.request(
            method,
            f"http://127.0.0.1:{self.emulator.port}{path}",
            headers=fields,
            timeout=20,
            allow_redirects=False,
        )


@contextlib.contextmanager
def running(settings: EmulatorSettings) -> Iterator[DirectUpload]:
    """Run an emulator with these settings, and connect to it; it has no project yet."""
    with Emulator(settings=settings) as emulator, DirectUpload(emulator) as client:
        yield client


def error_code(answer: requests.Response) -> int:
    """The code of the one error in an envelope, which must be a proper one."""
    envelope = answer.json()
    assert envelope["success"] is False
    assert envelope["result"] is None
    (error,) = envelope["errors"]
    assert isinstance(error["message"], str)
    return int(error["code"])
