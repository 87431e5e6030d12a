"""Whatever a server answers, a call ends with a record or with an error of ours."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from pages_deploy.api.client import PagesClient
from pages_deploy.api.deployments import Commit
from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.plan import Plan
from pages_deploy.emulator.http.faults import Answer
from pages_deploy.errors import PagesDeployError
from pages_deploy.site.manifest import build_manifest
from tests.fuzz import documents
from tests.fuzz.effort import effort
from tests.raw_server import Received, serving
from tests.world import PROJECT, FakeTime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pages_deploy.emulator import Emulator
    from pages_deploy.site.manifest import Manifest

TOKEN = "token-of-the-fuzz-test"
ID = "0123456789abcdef"

CALLS: dict[str, tuple[Callable[[PagesClient], Any], st.SearchStrategy[Any]]] = {
    "accounts.list": (lambda client: client.accounts.list(), st.lists(documents.named)),
    "accounts.verify_user_token": (
        lambda client: client.accounts.verify_user_token(),
        documents.token_status,
    ),
    "accounts.verify_account_token": (
        lambda client: client.accounts.verify_account_token(ID),
        documents.token_status,
    ),
    "projects.list": (lambda client: list(client.projects.list()), st.lists(documents.project)),
    "projects.get": (lambda client: client.projects.get(PROJECT), documents.project),
    "projects.create": (
        lambda client: client.projects.create(PROJECT, production_branch="main"),
        documents.project,
    ),
    "projects.update": (
        lambda client: client.projects.update(PROJECT, production_branch="main"),
        documents.project,
    ),
    "projects.delete": (lambda client: client.projects.delete(PROJECT), documents.anything),
    "projects.purge_build_cache": (
        lambda client: client.projects.purge_build_cache(PROJECT),
        documents.anything,
    ),
    "projects.upload_token": (
        lambda client: client.projects.upload_token(PROJECT),
        documents.upload_token,
    ),
    "assets.check_missing": (
        lambda client: client.assets.check_missing("jwt", [ID]),
        documents.hashes,
    ),
    "assets.upload": (
        lambda client: client.assets.upload("jwt", [], files=0),
        documents.anything,
    ),
    "assets.upsert_hashes": (
        lambda client: client.assets.upsert_hashes("jwt", [ID]),
        documents.anything,
    ),
    "deployments.create": (
        lambda client: client.deployments.create(
            PROJECT, manifest={}, branch="main", commit=Commit(), special_files={}
        ),
        documents.deployment,
    ),
    "deployments.get": (lambda client: client.deployments.get(PROJECT, ID), documents.deployment),
    "deployments.list": (
        lambda client: list(client.deployments.list(PROJECT)),
        st.lists(documents.deployment),
    ),
    "deployments.newest": (
        lambda client: client.deployments.newest(PROJECT),
        st.lists(documents.deployment),
    ),
    "deployments.retry": (
        lambda client: client.deployments.retry(PROJECT, ID),
        documents.deployment,
    ),
    "deployments.rollback": (
        lambda client: client.deployments.rollback(PROJECT, ID),
        documents.deployment,
    ),
    "deployments.delete": (
        lambda client: client.deployments.delete(PROJECT, ID),
        documents.anything,
    ),
    "deployments.logs": (lambda client: client.deployments.logs(PROJECT, ID), documents.log),
    "domains.list": (lambda client: client.domains.list(PROJECT), st.lists(documents.domain)),
    "domains.get": (lambda client: client.domains.get(PROJECT, "a.test"), documents.domain),
    "domains.add": (lambda client: client.domains.add(PROJECT, "a.test"), documents.domain),
    "domains.retry": (lambda client: client.domains.retry(PROJECT, "a.test"), documents.domain),
    "domains.delete": (lambda client: client.domains.delete(PROJECT, "a.test"), documents.anything),
    "zones.list": (lambda client: list(client.zones.list()), st.lists(documents.named)),
    "zones.get": (lambda client: client.zones.get(ID), documents.named),
    "zones.purge_everything": (
        lambda client: client.zones.purge_everything(ID),
        documents.anything,
    ),
    "zones.purge_files": (
        lambda client: client.zones.purge_files(ID, ["https://a.test/"]),
        documents.anything,
    ),
}

STATUSES = [200, 200, 200, 201, 204, 205, 301, 302, 304, 400, 401, 403, 404, 408, 409, 413, 429]
STATUSES += [500, 502, 503, 522, 599, 999]
HEADERS = {
    "Retry-After": ["0", "5", "-5", "1e400", "nan", "x", "\xb2", "Mon, 01 Jan 2029 00:00:00 GMT"],
    "Date": ["Mon, 01 Jan 2029 00:00:00 GMT", "Mon, 01 Jan 2029 00:00:00", "x", "1 1 1"],
    "Ratelimit": ['"default";r=0;t=30', '"default";r=0;t=999999999', "r=x;t=y"],
    "Content-Type": ["application/json", "text/html; charset=nonsense", "\xff"],
    "Content-Encoding": ["gzip", "br", "deflate", "nonsense", "identity"],
    "Location": ["https://elsewhere.test/x", "http://[", "//", "\xff\xfe"],
    "CF-RAY": ["0123-FRA", "\xe9"],
    "cf-mitigated": ["challenge"],
    "Set-Cookie": ["a=b", "a=b; Expires=x; Domain=.", "\xff"],
}
DATES = ["Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Mon, 01 Jan 2029 00:00:00 +99999999999"]
field_values = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=12
)
headers = st.lists(
    st.one_of(
        [
            st.tuples(st.just(name), st.sampled_from([*values, *DATES]) | field_values)
            for name, values in HEADERS.items()
        ]
    ),
    max_size=2,
).map(dict)


class AnyServer:
    """Answers as it is told, the last answer for ever."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []

    def __call__(self, _request: Received) -> bytes:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def whole_answer(status: int, fields: Mapping[str, str], body: bytes) -> bytes:
    if status in {204, 304}:
        body = b""
    head = f"HTTP/1.1 {status} x\r\nContent-Length: {len(body)}\r\n".encode()
    lines = [f"{name}: {value}\r\n".encode("latin-1") for name, value in fields.items()]
    return head + b"".join(lines) + b"\r\n" + body


@pytest.fixture(scope="module")
def server() -> AnyServer:
    return AnyServer()


@pytest.fixture(scope="module")
def client_of_anything(server: AnyServer) -> Iterator[PagesClient]:
    with (
        serving(server) as port,
        PagesClient(
            TOKEN, ID, base_url=f"http://127.0.0.1:{port}", timer=FakeTime().timer
        ) as client,
    ):
        yield client


def as_data(found: Any) -> Any:
    if dataclasses.is_dataclass(found) and not isinstance(found, type):
        return dataclasses.asdict(found)
    if isinstance(found, list | tuple):
        return [as_data(one) for one in found]
    return found


def assert_tellable(error: PagesDeployError) -> None:
    text = f"{error.message}\n{error.hint}"
    assert error.message
    assert TOKEN not in text
    text.encode()


@pytest.mark.parametrize("name", CALLS)
@given(data=st.data())
@effort(10)
def test_every_answer_is_a_record_or_an_error_of_ours(
    client_of_anything: PagesClient, server: AnyServer, name: str, data: st.DataObject
) -> None:
    ask, result = CALLS[name]
    bodies = documents.bodies(result)
    answers = st.builds(whole_answer, st.sampled_from(STATUSES), headers, bodies)
    # The last one ends a listing that promises more and more.
    server.answers = [*data.draw(st.lists(answers, min_size=1, max_size=3)), b""]
    server.answers[-1] = whole_answer(400, {}, b'{"success": false, "errors": []}')
    try:
        found = ask(client_of_anything)
    except PagesDeployError as error:
        event(type(error).__name__)
        assert_tellable(error)
    else:
        event("a record")
        # Half a character could neither be printed nor written.
        json.dumps(as_data(found), ensure_ascii=False).encode()


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    root: Path = tmp_path_factory.mktemp("site")
    for number in range(3):
        (root / f"{number}.txt").write_text(str(number))
    return build_manifest(root)


STEPS = {
    "*/projects/demo": documents.project,
    "*/upload-token": documents.upload_token,
    "*/check-missing": documents.hashes,
    "*/assets/upload": documents.anything,
    "*/upsert-hashes": documents.anything,
    "*/deployments": documents.deployment | st.lists(documents.deployment),
    "*/deployments/*": documents.deployment,
    "*/logs": documents.log,
}


@given(data=st.data())
@effort(40)
def test_a_deployment_among_odd_answers_ends_well_or_with_an_error_of_ours(
    emulator: Emulator, client: PagesClient, manifest: Manifest, data: st.DataObject
) -> None:
    emulator.stop_failing()
    for pattern, result in STEPS.items():
        if data.draw(st.integers(0, 2), label=pattern) == 0:
            answer = Answer(
                status=data.draw(st.sampled_from(STATUSES)),
                body=data.draw(documents.bodies(result)),
                is_processed=data.draw(st.booleans()),
            )
            emulator.fail_next(
                data.draw(st.sampled_from(["*", "GET", "POST"])),
                pattern,
                answer,
                times=data.draw(st.integers(1, 3)),
            )
    try:
        plan = Plan(PROJECT, "main", skips_caching=data.draw(st.booleans()), timeout_seconds=5.0)
        deployed = deploy(client, manifest, plan)
    except PagesDeployError as error:
        event(type(error).__name__)
        assert_tellable(error)
    else:
        event("deployed")
        assert deployed.deployment.succeeded
