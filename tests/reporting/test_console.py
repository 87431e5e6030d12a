"""What is told to people, to CI platforms and to programs, and what never is."""

from __future__ import annotations

import base64
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from pages_deploy.ci.detection import PLATFORMS, platform_of
from pages_deploy.errors import DeploymentError, SettingsError
from pages_deploy.reporting.console import Console
from pages_deploy.text.masking import Masker
from pages_deploy.upload.upload import Progress
from tests import platform_readers as read
from tests.hostile import TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.ci.platform import Platform
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
    assert read.github_commands(text) == []
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


def test_comparing_is_told_now_and_then(fake_time: FakeTime) -> None:
    talk = console(fake_time)
    talk.comparing(1, 3)
    fake_time.now += 6
    talk.comparing(2, 3)
    talk.comparing(3, 3)
    assert said(talk) == ["Comparing: 2 of 3 files"]
    quiet = console(fake_time, quiet=True)
    fake_time.now += 100
    quiet.comparing(1, 3)
    assert said(quiet) == []


def test_the_bar_of_a_terminal_goes_away_for_a_sentence(fake_time: FakeTime) -> None:
    talk = Console(io.StringIO(), fake_time.timer, live=True)
    talk.uploading(Progress(1, 2, 1, 2))
    talk.step("a step")
    talk.uploading(Progress(2, 2, 2, 2))
    talk.close()
    talk.close()
    assert "a step" in said(talk)


every_platform = pytest.mark.parametrize("platform", PLATFORMS, ids=lambda entry: entry.name)


def on(platform: Platform | str, fake_time: FakeTime, *, quiet: bool = False) -> Console:
    """A console whose log that platform reads."""
    chosen = platform_of({}, name=platform) if isinstance(platform, str) else platform
    talk = console(fake_time, quiet=quiet)
    talk.dialect = chosen.dialect
    return talk


def log_of(talk: Console) -> str:
    assert isinstance(talk.stream, io.StringIO)
    return talk.stream.getvalue()


def obeyed(log: str) -> list[str]:
    """Return what any platform would do on reading a log, by name."""
    commands = [*read.github_commands(log), *read.azure_commands(log), *read.teamcity_messages(log)]
    names = [f"{command.name} {sorted(command.properties)}" for command in commands]
    pairs = [*read.gitlab_sections(log), *read.travis_folds(log)]
    return [*names, *read.azure_formats(log), *(" ".join(pair) for pair in pairs)]


def tell(talk: Console, text: str) -> None:
    """Say a text from outside in every way there is."""
    with talk.section("A part"):
        talk.step(f"x {text}")
        talk.detail(f"x {text}")
        talk.notice(text)
        talk.warn(text)
        talk.refuse(text)
    talk.fail(DeploymentError(f"x{text}", text, log_lines=[text]))


@every_platform
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_no_text_makes_a_platform_do_more_than_an_ordinary_text_does(
    fake_time: FakeTime, platform: Platform, text: str
) -> None:
    ordinary, hostile = on(platform, fake_time), on(platform, fake_time)
    tell(ordinary, "words")
    tell(hostile, f"words {text}")
    assert obeyed(log_of(hostile)) == obeyed(log_of(ordinary))
    assert len(log_of(hostile).split("\n")) == len(log_of(ordinary).split("\n"))


@every_platform
def test_a_secret_is_masked_in_every_dialect(fake_time: FakeTime, platform: Platform) -> None:
    talk = on(platform, fake_time)
    tell(talk, f"{SECRET}\n{SECRET}")
    assert SECRET not in log_of(talk)
    assert "***" in log_of(talk)


@pytest.mark.parametrize("name", ["github", "gitea", "forgejo", "act"])
def test_github_gets_annotations_of_one_sentence_each(fake_time: FakeTime, name: str) -> None:
    talk = on(name, fake_time)
    talk.notice("100% a: notice, and more")
    talk.warn("100% a: warning")
    talk.fail(SettingsError("100% wrong.", "Do: this, or that."))
    title = {"title": "pages-deploy"}
    assert read.github_commands(log_of(talk)) == [
        read.Command("notice", title, "100% a: notice, and more"),
        read.Command("warning", title, "100% a: warning"),
        read.Command("error", title, "100% wrong. What to do: Do: this, or that."),
    ]


def test_azure_gets_issues(fake_time: FakeTime) -> None:
    talk = on("azure", fake_time)
    talk.notice("a notice")
    talk.warn("100% a warning; [x]")
    talk.fail(SettingsError("100% wrong.", "Do this."))
    assert read.azure_commands(log_of(talk)) == [
        read.Command("task.logissue", {"type": "warning"}, "100% a warning; [x]"),
        read.Command("task.logissue", {"type": "error"}, "100% wrong. What to do: Do this."),
    ]
    assert said(talk)[0] == "a notice"


def test_teamcity_gets_messages_and_a_problem_for_every_failure(fake_time: FakeTime) -> None:
    talk = on("teamcity", fake_time)
    talk.warn("it's [a] | warning \u00fc")
    talk.fail(SettingsError("Wrong.", "Do this."))
    talk.refuse("No such option.")
    talk.crash(ValueError("boom"))
    talk.fail(SettingsError("'" * 5000))
    warning, *problems = read.teamcity_messages(log_of(talk))
    assert warning.name == "message"
    assert warning.properties == {"status": "WARNING", "text": "it's [a] | warning \u00fc"}
    assert {problem.name for problem in problems} == {"buildProblem"}
    wrong, refused, bug, long = (problem.properties["description"] for problem in problems)
    assert wrong == "Wrong. What to do: Do this."
    assert refused == "No such option. What to do: see --help"
    assert "bug in pages-deploy" in bug
    assert long == "'" * 4000


@pytest.mark.parametrize(
    "name", ["gitlab", "jenkins", "circleci", "bitbucket", "buildkite", "travis", "woodpecker"]
)
def test_others_get_words(fake_time: FakeTime, name: str) -> None:
    talk = on(name, fake_time)
    talk.notice("a notice")
    talk.warn("a warning")
    talk.fail(SettingsError("Wrong.", "Do this."))
    assert said(talk) == [
        "a notice",
        "Warning: a warning",
        "Error: Wrong.",
        "  What to do: Do this.",
    ]


def borders(platform: str, log: str) -> list[str]:
    """Return where a platform opens and closes a part of the log."""
    if platform == "github":
        return [command.name for command in read.github_commands(log)]
    if platform == "azure":
        return read.azure_formats(log)
    if platform == "teamcity":
        return [message.name for message in read.teamcity_messages(log)]
    if platform == "buildkite":
        return read.buildkite_headers(log)
    found = read.gitlab_sections(log) if platform == "gitlab" else read.travis_folds(log)
    return [" ".join(pair) for pair in found]


FOLDS = {
    "github": ["group", "endgroup"],
    "azure": ["group", "endgroup"],
    "teamcity": ["blockOpened", "blockClosed"],
    "gitlab": ["start pages_deploy", "end pages_deploy"],
    "travis": ["start pages_deploy", "end pages_deploy"],
    # The next part ends the one before.
    "buildkite": ["---", "+++"],
}


@pytest.mark.parametrize("name", FOLDS)
def test_a_part_of_the_log_folds_and_ends_before_the_error_of_it(
    fake_time: FakeTime, name: str
) -> None:
    talk = on(name, fake_time)

    def work() -> None:
        with talk.section("A part"):
            talk.step("a step")
            raise SettingsError("Wrong.")

    with pytest.raises(SettingsError):
        work()
    assert borders(name, log_of(talk)) == FOLDS[name]
    assert "a step" in log_of(talk)
    last = log_of(talk)
    talk.fail(SettingsError("Wrong."))
    assert "Wrong." not in last


@every_platform
def test_quiet_has_no_parts(fake_time: FakeTime, platform: Platform) -> None:
    talk = on(platform, fake_time, quiet=True)
    with talk.section("A part"):
        talk.step("a step")
    assert log_of(talk) == ""


@pytest.mark.parametrize("name", ["github", "none", "gitlab"])
def test_quiet_leaves_a_notice(fake_time: FakeTime, name: str) -> None:
    talk = on(name, fake_time, quiet=True)
    talk.notice("a notice")
    assert "a notice" in log_of(talk)


def test_a_secret_that_is_no_unicode_is_masked_as_well() -> None:
    # As Python reads a variable whose bytes are no UTF-8.
    secret = b"s3cret-\xff\xfe".decode(errors="surrogateescape")
    assert Masker([secret])(f"a {secret} b") == "a *** b"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
THREADS, CALLS = 8, 40


def calls_of(talk: Console) -> list[Callable[[int], None]]:
    """Return what upload threads and the main thread do with a console."""
    return [
        lambda number: talk.step(f"step {number}"),
        lambda number: talk.warn(f"warning {number}"),
        lambda number: talk.retrying(SettingsError(f"Trouble {number}."), 0.5),
        lambda number: talk.uploading(Progress(number, CALLS, number, CALLS)),
        lambda number: talk.comparing(number, CALLS),
        lambda _number: talk.close(),
    ]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


@pytest.mark.parametrize("is_terminal", [False, True], ids=["text", "terminal"])
def test_many_threads_may_talk_at_once(
    fake_time: FakeTime, terminal: Terminal, is_terminal: bool
) -> None:
    stream = terminal if is_terminal else io.StringIO()
    talk = Console(stream, fake_time.timer, live=True)
    calls = calls_of(talk)
    together = threading.Barrier(THREADS, timeout=30)

    def work(thread: int) -> None:
        together.wait()
        for number in range(CALLS):
            calls[(thread + number) % len(calls)](number)

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(work, thread) for thread in range(THREADS)]:
            done.result(timeout=60)
    talk.close()
    text = stream.getvalue()
    # Each sentence is whole, and as often there as it was said.
    steps = sum(text.count(f"step {number}\n") for number in range(CALLS))
    assert steps == THREADS * CALLS // len(calls)
    assert text.rfind(SHOW_CURSOR) >= text.rfind(HIDE_CURSOR)


@pytest.mark.parametrize("number", range(6))
def test_a_call_after_the_end_raises_nothing(fake_time: FakeTime, number: int) -> None:
    talk = Console(io.StringIO(), fake_time.timer, live=True)
    talk.uploading(Progress(1, 2, 1, 2))
    talk.close()
    calls_of(talk)[number](1)
    talk.close()


@pytest.mark.parametrize("number", range(6))
def test_a_stream_that_is_lost_under_a_moving_bar_raises_nothing(
    fake_time: FakeTime, number: int
) -> None:
    """A terminal goes away with its window or its connection."""
    talk = Console(io.StringIO(), fake_time.timer, live=True)
    talk.uploading(Progress(1, 2, 1, 2))
    talk.stream.close()
    calls_of(talk)[number](1)
    talk.close()


def test_a_thread_that_reports_late_leaves_no_bar_on_the_terminal(
    fake_time: FakeTime, terminal: Terminal
) -> None:
    """The threads of an upload that was interrupted end after the program has said goodbye."""
    talk = Console(terminal, fake_time.timer, live=True)
    talk.uploading(Progress(1, 2, 1, 2))
    talk.close()
    said_so_far = terminal.getvalue()
    assert said_so_far.count(SHOW_CURSOR) == said_so_far.count(HIDE_CURSOR) == 1
    before = threading.active_count()
    talk.uploading(Progress(0, 2, 0, 2))
    try:
        assert terminal.getvalue() == said_so_far
        assert threading.active_count() == before
    finally:
        talk.close()


def test_colors_are_for_those_lines_that_deserve_them_and_only_where_they_are_wanted(
    fake_time: FakeTime,
) -> None:
    talk = Console(io.StringIO(), fake_time.timer, colored=True, verbose=True)
    talk.step("a step")
    talk.step("Verified: 3 files")
    talk.detail("a detail")
    talk.warn("a warning\x1b[31m")
    talk.fail(SettingsError("An error."))
    assert log_of(talk).splitlines() == [
        "a step",
        "\x1b[32m\u2713 Verified: 3 files\x1b[0m",
        "\x1b[2ma detail\x1b[0m",
        "\x1b[33mWarning: a warning [31m\x1b[0m",
        "\x1b[31mError: An error.\x1b[0m",
    ]


def test_a_narrow_terminal_breaks_no_word_and_its_lines_keep_their_color(
    fake_time: FakeTime,
) -> None:
    talk = Console(io.StringIO(), fake_time.timer, colored=True, columns=lambda: 20)
    talk.step("Deploying branch 'main' to production")
    talk.fail(SettingsError("There is no project 'demo'.", "Create it."))
    assert log_of(talk).splitlines() == [
        "Deploying branch",
        "  'main' to",
        "  production",
        "\x1b[31mError: There is no",
        "  project 'demo'.\x1b[0m",
        "  What to do: Create",
        "    it.",
    ]


def test_a_platforms_command_is_never_broken(fake_time: FakeTime) -> None:
    dialect = platform_of({}, name="github").dialect
    talk = Console(io.StringIO(), fake_time.timer, dialect=dialect, columns=lambda: 20)
    talk.warn("a warning that is longer than the terminal is wide")
    assert len(log_of(talk).splitlines()) == 1


def test_while_a_deployment_works_a_terminal_shows_that_time_goes_by(
    fake_time: FakeTime, terminal: Terminal
) -> None:
    talk = Console(terminal, fake_time.timer, live=True)
    talk.step("before")
    assert terminal.getvalue() == "before\n"
    with talk.section("Deploying"):
        talk.step("a step")
    text = terminal.getvalue()
    assert "Working" in text
    assert text.count(SHOW_CURSOR) == text.count(HIDE_CURSOR) == 1
    talk.step("after")
    assert terminal.getvalue() == text + "after\n"


def test_the_bar_has_files_and_bytes(fake_time: FakeTime, terminal: Terminal) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "120")
        talk = Console(terminal, fake_time.timer, live=True)
        talk.uploading(Progress(1_234, 2_000, 1_000_000, 3_000_000))
        talk.close()
    assert "Uploading 1,234 of 2,000 files" in terminal.getvalue()
    assert "1.0/3.0 MB" in terminal.getvalue()


def test_a_reason_to_try_again_is_told_in_full_once(fake_time: FakeTime) -> None:
    talk = console(fake_time)
    for error in ("It failed.", "It failed.", "Another failure."):
        talk.retrying(SettingsError(error), 1.0)
    assert said(talk) == [
        "It failed. Trying again in 1.0 s.",
        "Failed again in the same way. Trying again in 1.0 s.",
        "Another failure. Trying again in 1.0 s.",
    ]
