"""No token ever comes out again: every error there is, with marked tokens, and all that is said."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from pages_deploy.api.client import PagesClient
from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.plan import Plan
from pages_deploy.deploy.purge import Purge
from pages_deploy.deploy.watcher import Watcher
from pages_deploy.emulator.http.faults import (
    Answer,
    ConnectionReset,
    ExpiredUploadToken,
    LostAnswer,
    TruncatedAnswer,
)
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import ALL_PERMISSIONS, EmulatorSettings
from pages_deploy.errors import PagesDeployError
from pages_deploy.site.manifest import build_manifest
from tests.marked import (
    GITHUB_TOKEN,
    GITLAB_TOKEN,
    PURGE_TOKEN,
    TOKEN,
    TOKENS,
    files_below,
    leaks,
    said_of,
    spelled,
    texts_of,
)
from tests.raw_server import json_answer, passed_on, serving
from tests.world import (
    CHECK_MISSING,
    DEPLOYMENT,
    DEPLOYMENTS,
    PROJECT,
    UPLOAD,
    UPLOAD_TOKEN,
    UPSERT,
    FakeTime,
    Outcome,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pages_deploy.emulator.http.faults import Fault
    from tests.raw_server import Received
    from tests.world import BuildSite, RunCli

# A wait that never ends well need not be long to be seen.
TIMEOUT_SECONDS = 10


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator that knows the marked tokens, with the project `demo`."""
    tokens = {TOKEN: ALL_PERMISSIONS, PURGE_TOKEN: frozenset({"zone:purge"})}
    with Emulator(settings=EmulatorSettings(api_tokens=tokens)) as running:
        with PagesClient(TOKEN, running.account_id, base_url=running.api_base_url) as client:
            client.projects.create(PROJECT, production_branch="main")
        yield running


@pytest.fixture
def directory(site: BuildSite) -> Path:
    return site({"index.html": "home", "a.css": "a"})


@pytest.fixture
def environ(emulator: Emulator, tmp_path: Path) -> dict[str, str]:
    """A job on GitHub that has every secret and wants every file."""
    return {
        **emulator.environ(),
        "CLOUDFLARE_PURGE_API_TOKEN": PURGE_TOKEN,
        "GITHUB_TOKEN": GITHUB_TOKEN,
        "GITLAB_TOKEN": GITLAB_TOKEN,
        "CLOUDFLARE_ZONE_ID": emulator.zone_id,
        "CLOUDFLARE_PROJECT_NAME": PROJECT,
        "PAGES_DEPLOY_BRANCH": "main",
        "PAGES_DEPLOY_DIRECTORY": "site",
        "PAGES_DEPLOY_TIMEOUT": str(TIMEOUT_SECONDS),
        "PAGES_DEPLOY_JSON_FILE": "written/out.json",
        "PAGES_DEPLOY_DOTENV_FILE": "written/out.env",
        "PAGES_DEPLOY_PROPERTIES_FILE": "written/out.properties",
        "PAGES_DEPLOY_GITLAB_ANNOTATIONS_FILE": "written/links.json",
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": str(tmp_path / "written/github-output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "written/summary.md"),
        "WRANGLER_OUTPUT_FILE_PATH": str(tmp_path / "written/wrangler.json"),
    }


@pytest.fixture(autouse=True)
def written(tmp_path: Path) -> Path:
    directory = tmp_path / "written"
    directory.mkdir()
    return directory


def assert_kept(outcome: Outcome, written: Path, note: object = "") -> str:
    """Make sure that no token is in what a run printed or wrote; returns all of that."""
    texts = {"stdout": outcome.stdout, "stderr": outcome.stderr}
    texts |= {file.name: text for file, text in files_below(written).items()}
    for name, text in texts.items():
        assert leaks(text) == [], f"{name} of {note}: {text}"
    return "\n".join(texts.values())


PLACES = {
    "accounts": ("GET", "/accounts"),
    "project": ("GET", f"*/projects/{PROJECT}"),
    "upload token": ("GET", UPLOAD_TOKEN),
    "check": ("POST", CHECK_MISSING),
    "upload": ("POST", UPLOAD),
    "upsert": ("POST", UPSERT),
    "list": ("GET", DEPLOYMENTS),
    "creation": ("POST", DEPLOYMENTS),
    "wait": ("GET", DEPLOYMENT),
    "purge": ("POST", "/zones/*/purge_cache"),
}


def faults(token: str) -> list[Fault]:
    """Return every way in which a request can end badly, each saying the token again."""
    said = said_of(token)
    # No more than 200 letters are quoted of an answer, so that the token is in two parts.
    cut = f"{'x' * 180}{token}"
    moved = {"Location": f"https://{token}.example.test/{quote(token)}?t={token}"}
    envelope = {"success": True, "errors": [], "messages": []}
    records = [said, {"id": said, "jwt": said, "name": [said]}, [said], [{"id": said}], None]
    return [
        Answer.error(401, 10000, message=said),
        Answer.error(403, 9109, message=f"{'x ' * 95}{token}"),
        Answer.error(404, 8000007, message=said),
        Answer.error(400, 8000096, message=said),
        Answer.error(429, 971, message=said),
        Answer.error(500, 8000000, message=said, headers={"CF-RAY": token}),
        *(
            Answer(status=200, body=json.dumps({**envelope, "result": record}))
            for record in records
        ),
        # As JSON may write it without changing it.
        Answer(
            status=400,
            body=json.dumps(
                {"success": False, "errors": [{"code": 1, "message": "%"}], "result": None}
            ).replace("%", "".join(f"\\u{ord(letter):04x}" for letter in said)),
        ),
        Answer(status=200, body=said),
        Answer(status=200, body=cut),
        Answer(status=400, body=cut),
        Answer(status=403, body=f"jwt {said}"),
        Answer(status=413, body=said),
        Answer(status=502, body=f"<html><title>{said}</title></html>"),
        Answer(status=503, headers={"CF-RAY": token, "Retry-After": token, "Date": token}),
        Answer(status=403, headers={"cf-mitigated": "challenge", "CF-RAY": token}),
        Answer(status=302, headers=moved),
        Answer(status=307, headers={"Location": f"//{token}"}, body=said),
        ConnectionReset(),
        LostAnswer(),
        TruncatedAnswer(),
        ExpiredUploadToken(),
    ]


@pytest.mark.parametrize("place", PLACES)
def test_no_failed_request_of_a_run_gives_a_token_away(
    run_cli: RunCli,
    emulator: Emulator,
    environ: dict[str, str],
    directory: Path,
    written: Path,
    place: str,
) -> None:
    token = PURGE_TOKEN if place == "purge" else TOKEN
    if place == "accounts":
        del environ["CLOUDFLARE_ACCOUNT_ID"]
    starred = 0
    for number, fault in enumerate(faults(token)):
        (directory / "index.html").write_text(f"home {number}")
        emulator.fail_next(*PLACES[place], fault, times=None)
        outcome = run_cli("-v", environ=environ)
        emulator.stop_failing()
        assert "Traceback" not in outcome.stderr
        starred += "***" in assert_kept(outcome, written, fault)
    # What the server said was shown, only not with the token. A list that cannot be read, or is
    # wanted again, stops nothing.
    assert starred > 5 or place == "list"


@dataclass
class Listener(Watcher):
    """A watcher that remembers what it was told."""

    told: list[str] = field(default_factory=list)

    def step(self, text: str) -> None:
        self.told.append(text)

    def warn(self, text: str) -> None:
        self.told.append(text)


@pytest.mark.parametrize("place", PLACES)
def test_no_error_of_the_library_has_a_token_in_it(
    emulator: Emulator, fake_time: FakeTime, directory: Path, place: str
) -> None:
    """The library knows one token for each client, and masks it in all that it raises."""
    token = PURGE_TOKEN if place == "purge" else TOKEN
    address, timer = emulator.api_base_url, fake_time.timer
    for number, fault in enumerate(faults(token)):
        (directory / "index.html").write_text(f"home {number}")
        emulator.fail_next(*PLACES[place], fault, times=None)
        listener, texts = Listener(), list[str]()

        def note(error: PagesDeployError, _seconds: float, texts: list[str] = texts) -> None:
            texts += texts_of(error)

        with (
            PagesClient(
                TOKEN, emulator.account_id, base_url=address, timer=timer, on_retry=note
            ) as client,
            PagesClient(PURGE_TOKEN, base_url=address, timer=timer, on_retry=note) as purging,
        ):
            try:
                if place == "accounts":
                    client.accounts.list()
                plan = Plan(
                    PROJECT,
                    "main",
                    timeout_seconds=TIMEOUT_SECONDS,
                    purge=Purge(emulator.zone_id, "everything"),
                )
                manifest = build_manifest(directory)
                deploy(client, manifest, plan, listener, zones=purging.zones)
            except PagesDeployError as error:
                texts += texts_of(error)
        emulator.stop_failing()
        assert texts or listener.told
        for text in (*texts, *listener.told):
            assert leaks(text) == [], fault


@pytest.mark.parametrize(
    "bad",
    ["{}\n", "\n{}", "{}\r\nX-Other: {}", "{}\u00e9", "\u20ac{}", "{}\0", "{}\udcff"],
    ids=ascii,
)
def test_a_token_that_no_header_can_hold_is_not_quoted(
    run_cli: RunCli,
    emulator: Emulator,
    environ: dict[str, str],
    directory: Path,
    fake_time: FakeTime,
    written: Path,
    bad: str,
) -> None:
    token = bad.replace("{}", TOKEN)
    outcome = run_cli(environ={**environ, "CLOUDFLARE_API_TOKEN": token})
    assert "Traceback" not in outcome.stderr
    assert_kept(outcome, written, token)
    with (
        PagesClient(
            token, emulator.account_id, base_url=emulator.api_base_url, timer=fake_time.timer
        ) as client,
        pytest.raises(PagesDeployError) as info,
    ):
        client.projects.get(PROJECT)
    for text in texts_of(info.value):
        assert leaks(text) == []


MISTAKES: dict[str, tuple[list[str], dict[str, str]]] = {
    "an address with a password": ([], {"CLOUDFLARE_API_BASE_URL": f"https://me:{TOKEN}@a.test"}),
    "an address that is none": ([], {"CLOUDFLARE_API_BASE_URL": TOKEN}),
    "a directory that is not there": ([f"dist-{TOKEN}"], {}),
    "a working directory": (["--working-directory", TOKEN], {}),
    "an unknown flag": ([f"--token={TOKEN}"], {}),
    "a flag with a number": (["--concurrency", TOKEN], {}),
    "a choice": (["--purge", TOKEN], {}),
    "too many arguments": (["site", TOKEN], {}),
    "a project": (["--project-name", TOKEN], {}),
    "an account": (["--account-id", f"{TOKEN}"], {}),
    "a branch": (["--branch", "HEAD"], {"PAGES_DEPLOY_COMMIT_MESSAGE": TOKEN}),
    "a file": (["--json-file", f"no/{TOKEN}/file"], {}),
    "a command": ([], {"INPUT_COMMAND": f"pages deploy site --api-token {TOKEN}"}),
    "another command": ([], {"INPUT_COMMAND": f"whoami {TOKEN}"}),
    "a template": ([], {"CLOUDFLARE_ZONE_ID": f"$(ZONE){TOKEN}"}),
    "a platform": (["--ci", TOKEN], {}),
    "a wrong command": (["deployments", TOKEN], {}),
}


@pytest.mark.parametrize(("arguments", "wrong"), MISTAKES.values(), ids=MISTAKES)
def test_no_mistake_in_the_settings_gives_a_token_away(
    run_cli: RunCli,
    environ: dict[str, str],
    directory: Path,
    written: Path,
    arguments: list[str],
    wrong: dict[str, str],
) -> None:
    outcome = run_cli("-v", *arguments, environ={**environ, **wrong})
    assert outcome.exit_code != 0
    assert_kept(outcome, written, arguments)


def test_the_log_of_a_failed_deployment_is_masked(
    run_cli: RunCli,
    emulator: Emulator,
    environ: dict[str, str],
    directory: Path,
    written: Path,
    fake_time: FakeTime,
) -> None:
    emulator.outcome_next(status="failure", error=f"{said_of(TOKEN)} {GITHUB_TOKEN}", times=2)
    outcome = run_cli(environ=environ)
    assert outcome.exit_code == 4
    assert "***" in assert_kept(outcome, written)
    with (
        PagesClient(
            TOKEN, emulator.account_id, base_url=emulator.api_base_url, timer=fake_time.timer
        ) as client,
        pytest.raises(PagesDeployError) as info,
    ):
        deploy(client, build_manifest(directory), Plan(PROJECT), Listener())
    assert "***" in "".join(texts_of(info.value))
    for text in texts_of(info.value):
        assert [piece for piece in leaks(text) if piece in said_of(TOKEN)] == []


def with_words_in(value: Any, words: str) -> Any:
    """Return a deployment with words in every text that a run hands on."""
    if isinstance(value, dict):
        # An address that is none any more would be an error of its own.
        free = {"aliases", "id", "commit_hash", "commit_message", "branch"}
        return {
            name: with_words_in(item, words if name in free else "") for name, item in value.items()
        }
    if isinstance(value, list):
        return [with_words_in(item, words) for item in value]
    return f"{value}{words}" if isinstance(value, str) else value


@pytest.mark.parametrize("spelling", spelled(TOKEN))
@pytest.mark.parametrize("flags", [[], ["--json"], ["--print", "url"]], ids=str)
def test_a_good_answer_that_says_the_token_again_puts_it_into_no_output(
    run_cli: RunCli,
    emulator: Emulator,
    environ: dict[str, str],
    directory: Path,
    written: Path,
    spelling: str,
    flags: list[str],
) -> None:
    def answer(request: Received) -> bytes:
        whole = passed_on(emulator, request)
        if f"/{PROJECT}/deployments" not in request.target or request.method != "GET":
            return whole
        envelope = json.loads(whole.partition(b"\r\n\r\n")[2])
        envelope["result"] = with_words_in(envelope["result"], spelling)
        return json_answer(json.dumps(envelope).encode())

    with serving(answer) as port:
        address = f"http://127.0.0.1:{port}/client/v4"
        outcome = run_cli(*flags, environ={**environ, "CLOUDFLARE_API_BASE_URL": address})
    assert outcome.exit_code == 0, outcome.stderr
    assert "***" in assert_kept(outcome, written)
    assert len(files_below(written)) == 7


def test_the_look_for_tokens_finds_them() -> None:
    for token in TOKENS:
        assert leaks(f"x{token[5:15]}y")
        for spelling in spelled(token):
            assert leaks(f"<{spelling}>")
    assert leaks(f"{'*' * 80} nothing of the kind") == []
