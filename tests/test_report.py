"""What is told to people, to CI platforms and to programs, and what never is."""

from __future__ import annotations

import base64
import io
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages_deploy.errors import DeploymentError, SettingsError
from pages_deploy.escaping import log_line
from pages_deploy.report import Console, Masker
from pages_deploy.upload import Progress

if TYPE_CHECKING:
    from tests.world import FakeTime

SECRET = "s3cret+/ token=="


@pytest.mark.parametrize(
    "spelling",
    [
        SECRET,
        "s3cret%2B%2F%20token%3D%3D",
        "s3cret%2B%2F+token%3D%3D",
        base64.b64encode(SECRET.encode()).decode(),
        base64.b64encode(SECRET.encode()).decode().rstrip("="),
    ],
    ids=["plain", "percent", "form", "base64", "base64 without padding"],
)
def test_a_secret_is_masked_in_every_spelling(spelling: str) -> None:
    masked = Masker([SECRET])(f"before {spelling} after {spelling}")
    assert masked.startswith("before ***")
    assert spelling not in masked


def test_a_secret_that_contains_another_is_masked_whole() -> None:
    masked = Masker(["secret", "secret-and-more"])("a secret-and-more b secret c")
    assert masked == "a *** b *** c"


def test_short_values_are_left_alone_because_they_would_blacken_everything() -> None:
    assert Masker(["", "a", "12345"])("a banana 12345") == "a banana 12345"


def test_secrets_can_be_added_later() -> None:
    mask = Masker()
    assert mask("token-of-mine") == "token-of-mine"
    mask.add(["token-of-mine"])
    assert mask("token-of-mine") == "***"


# A command at the start of a line, as GitHub's runner understands it, after trimming.
GITHUB_COMMAND = re.compile(r"^\s*::[^:]*::|##\[", re.MULTILINE)


@pytest.mark.parametrize(
    "text",
    [
        "::set-output name=url::https://evil",
        "  ::add-mask::x",
        "\n::error::x",
        "name\r\n::stop-commands::x",
        "\x00::error::x",
        "\u2028::error::x",
        "\x85::error::x",
        "##[command]x",
        "text ##[group]x",
        "##vso[task.setvariable variable=x]y",
        "x ##vso[task.complete]",
        "##teamcity[buildStatus text='x']",
        "section_start:1:x\r\x1b[0Kx",
        "x section_end:1:x",
    ],
)
def test_text_from_outside_gives_no_platform_a_command(text: str) -> None:
    harmless = log_line(text)
    assert "\n" not in harmless
    assert not GITHUB_COMMAND.search(harmless)
    for command in ("##vso[", "##teamcity[", "##[", "section_start:", "section_end:"):
        assert command not in harmless


@given(st.text())
def test_any_text_becomes_one_line_without_control_characters(text: str) -> None:
    harmless = log_line(text)
    assert len(harmless.splitlines()) <= 1
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", harmless)


@pytest.mark.parametrize(
    "text", ["plain text", "a::b", "a: b", "#1 ## x", "ünï 日本 🚀", "/a  b.txt"]
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert log_line(text) == text


def console(fake_time: FakeTime, *, quiet: bool = False, verbose: bool = False) -> Console:
    return Console(
        io.StringIO(), fake_time.timer, mask=Masker([SECRET]), quiet=quiet, verbose=verbose
    )


def said(talk: Console) -> list[str]:
    assert isinstance(talk.stream, io.StringIO)
    return talk.stream.getvalue().splitlines()


def everything(talk: Console) -> None:
    talk.step("a step")
    talk.detail("a detail")
    talk.warn("a warning")
    talk.hashing(3, 3)
    talk.retrying(SettingsError("It failed."), 2.5)
    talk.fail(SettingsError("An error.", "A hint."))


def test_steps_warnings_and_errors_are_told(fake_time: FakeTime) -> None:
    talk = console(fake_time)
    everything(talk)
    assert [line.strip() for line in said(talk)] == [
        "a step",
        "Warning: a warning",
        "Hashed 3 files",
        "It failed. Trying again in 2.5 s.",
        "Error: An error.",
        "What to do: A hint.",
    ]


def test_quiet_leaves_warnings_and_errors(fake_time: FakeTime) -> None:
    talk = console(fake_time, quiet=True)
    everything(talk)
    fake_time.now += 100
    talk.uploading(Progress(1, 2, 1, 2))
    assert [line.strip() for line in said(talk)] == [
        "Warning: a warning",
        "Error: An error.",
        "What to do: A hint.",
    ]


def test_verbose_adds_details(fake_time: FakeTime) -> None:
    talk = console(fake_time, verbose=True)
    everything(talk)
    assert "a detail" in said(talk)


def test_nothing_that_is_told_holds_a_secret_or_a_second_line(fake_time: FakeTime) -> None:
    talk = console(fake_time, verbose=True)
    hostile = f"{SECRET}\n::error::{SECRET}"
    talk.step(hostile)
    talk.detail(hostile)
    talk.warn(hostile)
    talk.refuse(hostile)
    talk.fail(DeploymentError(hostile, hostile, log_lines=[hostile]))
    text = "\n".join(said(talk))
    assert SECRET not in text
    assert not GITHUB_COMMAND.search(text)
    assert len(said(talk)) == 8


def test_the_log_of_a_failed_deployment_comes_before_the_error(fake_time: FakeTime) -> None:
    talk = console(fake_time)
    talk.fail(DeploymentError("It failed.", log_lines=["one", "two"]))
    assert [line.lstrip(" |") for line in said(talk)] == ["one", "two", "Error: It failed."]


def test_progress_is_a_line_every_five_seconds(fake_time: FakeTime) -> None:
    talk = console(fake_time)
    for step in range(21):
        talk.uploading(Progress(step, 20, step * 500_000, 10_000_000))
        fake_time.now += 1
    assert said(talk) == [
        "Uploading: 5 of 20 files, 25 % of 10.0 MB",
        "Uploading: 10 of 20 files, 50 % of 10.0 MB",
        "Uploading: 15 of 20 files, 75 % of 10.0 MB",
        "Uploading: 20 of 20 files, 100 % of 10.0 MB",
    ]


def test_progress_of_nothing_is_not_told(fake_time: FakeTime) -> None:
    talk = console(fake_time)
    fake_time.now += 100
    talk.uploading(Progress(0, 0, 0, 0))
    talk.uploading(Progress(1, 2, 0, 0))
    assert said(talk) == ["Uploading: 1 of 2 files, 0 % of 0 bytes"]


def test_hashing_is_told_at_its_end_and_now_and_then(fake_time: FakeTime) -> None:
    talk = console(fake_time)
    talk.hashing(1, 3)
    fake_time.now += 6
    talk.hashing(2, 3)
    talk.hashing(3, 3)
    assert said(talk) == ["Hashing: 2 of 3 files", "Hashed 3 files"]


def test_the_bar_of_a_terminal_goes_away_for_a_sentence(fake_time: FakeTime) -> None:
    talk = Console(io.StringIO(), fake_time.timer, live=True)
    talk.uploading(Progress(1, 2, 1, 2))
    talk.step("a step")
    talk.uploading(Progress(2, 2, 2, 2))
    talk.close()
    talk.close()
    assert "a step" in said(talk)
