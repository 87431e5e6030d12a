"""Where a value comes from, and which values are refused."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pages_deploy.api.dashboard import TOKEN_FORM
from pages_deploy.errors import SettingsError
from pages_deploy.settings import options
from pages_deploy.settings.loading import FIRST_OPTIONS, load_settings, secret_values
from pages_deploy.settings.options import OPTIONS
from pages_deploy.settings.sources import Sources
from tests.settings.heard import Heard
from tests.world import unprivileged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.emulator.server import Emulator
    from pages_deploy.settings.option import Option
    from pages_deploy.settings.settings import Settings
    from tests.world import BuildSite, RunCli

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_REF_NAME": "from-platform",
    "GITHUB_SHA": "0123456789abcdef0123456789abcdef01234567",
}
WRANGLER = '{"name": "from-wrangler", "pages_build_output_dir": "from-wrangler"}'


@dataclass
class Loader:
    """Loads settings in a directory and remembers what was said."""

    directory: Path
    heard: Heard = field(default_factory=Heard)

    def __call__(
        self, environ: Mapping[str, str] | None = None, flags: Mapping[str, str] | None = None
    ) -> Settings:
        return load_settings(
            flags or {},
            environ or {},
            current_directory=self.directory,
            listener=self.heard,
        )

    def write(self, name: str, text: str) -> None:
        (self.directory / name).write_text(text)

    def refusal(
        self, environ: Mapping[str, str] | None = None, flags: Mapping[str, str] | None = None
    ) -> SettingsError:
        with pytest.raises(SettingsError) as info:
            self(environ, flags)
        assert info.value.exit_code == 2
        return info.value


@pytest.fixture
def load(tmp_path: Path) -> Loader:
    return Loader(tmp_path)


def legal_value(option: Option) -> str:
    """Return a value that an option accepts and that is not its default."""
    if option is options.WORKING_DIRECTORY:
        return "work"
    if option is options.COMMAND:
        return "pages deploy dist"
    if option is options.API_BASE_URL:
        return "https://gateway.example.test/v4"
    values = {
        "switch": "true",
        "count": "7",
        "seconds": "12.5",
        "text": "some-value",
        "word": "some-word",
        "id": "0123456789abcdef" * 2,
        "project": "some-project",
    }
    return option.choices[0] if option.choices else values[option.kind]


def spellings() -> list[tuple[Option, str]]:
    """Return every variable by which an option can be set, the Action's inputs in all forms."""
    found = []
    for option in OPTIONS:
        names = list(option.all_variables)
        if option.input:
            bare = option.name.replace("_", "")
            hyphens = option.name.replace("_", "-")
            names += [f"INPUT_{bare}", f"INPUT_{option.name}", f"INPUT_{hyphens}"]
            names += [f"INPUT_{option.input}", f"PLUGIN_{option.name}", f"input_{bare.lower()}"]
        found += [(option, name) for name in dict.fromkeys(names)]
    return found


@pytest.mark.parametrize(
    ("option", "variable"), spellings(), ids=lambda value: getattr(value, "name", value)
)
def test_every_spelling_of_every_option_is_read(
    load: Loader, option: Option, variable: str
) -> None:
    (load.directory / "work").mkdir()
    value = legal_value(option)
    settings = load({variable: value})
    assert settings.text(option) == value
    assert settings.found[option.name].source == variable


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_default_is_a_legal_value(load: Loader, option: Option) -> None:
    assert load().text(option) == option.default


def test_a_name_without_an_input_is_not_read_from_inputs(load: Loader) -> None:
    settings = load({"INPUT_CI": "gitlab", "INPUT_ENVFILE": "other", "INPUT_API_KEY": "secret-key"})
    assert settings.text(options.CI) == ""
    assert settings.text(options.ENV_FILE) == ".env"
    assert settings.text(options.API_KEY) == ""


@dataclass
class Place:
    """One place where a value can be, and how it is called afterwards."""

    source: str
    flags: dict[str, str] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


PROJECT_PLACES = [
    Place("the command line", flags={"PROJECT_NAME": "value-0"}),
    Place("INPUT_PROJECTNAME", environ={"INPUT_PROJECTNAME": "value-1"}),
    Place("PLUGIN_PROJECT_NAME", environ={"PLUGIN_PROJECT_NAME": "value-2"}),
    Place("PAGES_DEPLOY_PROJECT_NAME", environ={"PAGES_DEPLOY_PROJECT_NAME": "value-3"}),
    Place("CLOUDFLARE_PROJECT_NAME", environ={"CLOUDFLARE_PROJECT_NAME": "value-4"}),
    Place("CF_PROJECT", environ={"CF_PROJECT": "value-5"}),
    Place("CF_PROJECT in .env", files={".env": "CF_PROJECT=value-6\n"}),
    Place(
        "wrangler.json",
        files={"wrangler.json": '{"name": "value-7", "pages_build_output_dir": "x"}'},
    ),
]


@pytest.mark.parametrize("first", range(len(PROJECT_PLACES)))
def test_of_several_places_the_first_in_the_promised_order_wins(load: Loader, first: int) -> None:
    places = PROJECT_PLACES[first:]
    flags: dict[str, str] = {}
    environ: dict[str, str] = {}
    for place in places:
        flags |= place.flags
        environ |= place.environ
        for name, text in place.files.items():
            load.write(name, text)
    settings = load(environ, flags)
    found = settings.found["PROJECT_NAME"]
    assert (found.value, found.source) == (f"value-{first}", places[0].source)


def test_the_env_file_has_the_same_order_among_its_variables(load: Loader) -> None:
    load.write(".env", "CF_PROJECT=third\nCLOUDFLARE_PROJECT_NAME=second\n")
    assert load().text(options.PROJECT_NAME) == "second"


def test_a_variable_beats_the_env_file_whatever_their_names(load: Loader) -> None:
    load.write(".env", "PAGES_DEPLOY_PROJECT_NAME=file\n")
    assert load({"CF_PROJECT": "variable"}).text(options.PROJECT_NAME) == "variable"


def test_the_platform_is_asked_after_the_variables_and_the_env_file(load: Loader) -> None:
    assert load(GITHUB).branch == "from-platform"
    assert load({**GITHUB, "PAGES_DEPLOY_BRANCH": "from-variable"}).branch == "from-variable"
    assert load({**GITHUB, "INPUT_BRANCH": "from-input"}).branch == "from-input"
    assert load({**GITHUB, "INPUT_BRANCH": "x"}, {"BRANCH": "from-flag"}).branch == "from-flag"


def test_commit_facts_come_from_the_platform(load: Loader) -> None:
    settings = load(GITHUB)
    assert settings.text(options.COMMIT_HASH) == GITHUB["GITHUB_SHA"]
    assert settings.commit_dirty is False
    assert settings.found["COMMIT_HASH"].source == "GitHub Actions"


def test_wranglers_file_gives_the_directory_too(load: Loader) -> None:
    load.write("wrangler.json", WRANGLER)
    settings = load()
    assert settings.build_directory == load.directory / "from-wrangler"
    assert load(flags={"DIRECTORY": "dist"}).build_directory == load.directory / "dist"


def test_a_workers_file_is_ignored_and_that_is_told(load: Loader) -> None:
    load.write("wrangler.json", '{"name": "a-worker"}')
    assert load().text(options.PROJECT_NAME) == ""
    assert any("Worker" in line for line in load.heard.details)


@pytest.mark.parametrize("empty", ["", " ", "\t\n"])
def test_empty_is_unset_in_every_place(load: Loader, empty: str) -> None:
    load.write(".env", "CF_PROJECT=\n")
    load.write("wrangler.json", WRANGLER)
    environ = {"INPUT_PROJECTNAME": empty, "CF_PROJECT": empty, "PAGES_DEPLOY_PROJECT_NAME": empty}
    assert load(environ, {"PROJECT_NAME": empty}).text(options.PROJECT_NAME) == "from-wrangler"


def test_white_space_around_a_value_is_not_part_of_it(load: Loader) -> None:
    assert load({"CF_PROJECT": " demo\n"}).text(options.PROJECT_NAME) == "demo"


@pytest.mark.parametrize(
    "value",
    ["$(CLOUDFLARE_TOKEN)", "${{ secrets.TOKEN }}", "${{secrets.TOKEN}}", "x$(A.b)y", "${{ a }} b"],
)
def test_a_value_that_no_template_engine_has_replaced_is_refused(load: Loader, value: str) -> None:
    error = load.refusal({"CF_API_TOKEN": value})
    assert "API_TOKEN, from CF_API_TOKEN" in error.message
    assert "literal text" in error.message
    assert load.refusal({"INPUT_PROJECTNAME": value}).message.startswith("PROJECT_NAME")


@pytest.mark.parametrize("value", ["a${{b-c}}d", "ab$(cd)", "$(a)b"])
def test_no_part_of_a_secret_is_shown_as_a_variable(load: Loader, value: str) -> None:
    error = load.refusal({"CF_API_TOKEN": value})
    assert "the literal text of some variable" in error.message
    assert "$" not in error.message


@pytest.mark.parametrize("value", ["$HOME", "${HOME}", "$(echo a; ls)", "$5 (five)", "a$b"])
def test_other_values_with_a_dollar_are_values(load: Loader, value: str) -> None:
    assert load({"PAGES_DEPLOY_DIRECTORY": value}).text(options.DIRECTORY) == value


def test_a_message_may_speak_of_templates(load: Loader) -> None:
    message = "Replace $(NAME) by ${{ github.ref }}"
    assert load(flags={"COMMIT_MESSAGE": message}).text(options.COMMIT_MESSAGE) == message
    assert load.refusal(flags={"COMMIT_MESSAGE": "$(Build.SourceVersionMessage)"})


@pytest.mark.parametrize(
    "variable",
    [
        "PAGES_DEPLOY_API_TOKEN",
        "CLOUDFLARE_API_TOKEN",
        "CF_API_TOKEN",
        "CLOUDFLARE_API_KEY",
        "CLOUDFLARE_EMAIL",
        "CLOUDFLARE_PURGE_API_TOKEN",
        "CLOUDFLARE_API_BASE_URL",
    ],
)
@pytest.mark.parametrize("ci", [GITHUB, {"CI": "true"}, {"GITLAB_CI": "true"}])
def test_in_ci_a_file_of_the_checkout_decides_neither_where_to_nor_as_whom(
    load: Loader, variable: str, ci: dict[str, str]
) -> None:
    value = "https://evil.example.test/v4"
    load.write(".env", f"{variable}={value}\n")
    settings = load(ci)
    assert value not in {found.value for found in settings.found.values()}
    (warning,) = load.heard.warnings
    assert variable in warning
    assert value not in warning


def test_on_ones_own_machine_the_env_file_is_trusted(load: Loader) -> None:
    load.write(".env", 'CLOUDFLARE_API_TOKEN="from-file"\nexport CF_API_BASE_URL=https://e.test\n')
    settings = load()
    assert settings.text(options.API_TOKEN) == "from-file"
    assert settings.text(options.API_BASE_URL) == "https://e.test"
    assert load.heard.warnings == []


def test_the_env_file_is_taken_as_written_and_changes_no_variable(load: Loader) -> None:
    load.write(".env", "PAGES_DEPLOY_DIRECTORY=${SECRET_OF_THE_MACHINE}-x\n")
    settings = load({"SECRET_OF_THE_MACHINE": "hidden"})
    assert settings.text(options.DIRECTORY) == "${SECRET_OF_THE_MACHINE}-x"


def test_another_env_file_can_be_named(load: Loader) -> None:
    load.write("other.env", "CF_PROJECT=other\n")
    load.write(".env", "CF_PROJECT=usual\n")
    settings = load({"PAGES_DEPLOY_ENV_FILE": "other.env"})
    assert settings.found["PROJECT_NAME"].source == "CF_PROJECT in other.env"


def test_an_env_file_that_is_no_text_is_refused(load: Loader) -> None:
    (load.directory / ".env").write_bytes(b"CF_PROJECT=\xff\xfe\n")
    assert ".env" in load.refusal().message


def test_the_working_directory_is_where_everything_is_looked_for(load: Loader) -> None:
    work = load.directory / "work"
    work.mkdir()
    (work / "wrangler.json").write_text(WRANGLER)
    (work / ".env").write_text("PAGES_DEPLOY_BRANCH=from-file\n")
    load.write("wrangler.json", "{")
    settings = load(flags={"WORKING_DIRECTORY": "work"})
    assert settings.build_directory == work / "from-wrangler"
    assert settings.branch == "from-file"
    absolute = load(flags={"WORKING_DIRECTORY": str(work), "DIRECTORY": "/srv/site"})
    assert absolute.build_directory == Path("/srv/site")


def test_a_working_directory_that_does_not_exist_is_named(load: Loader) -> None:
    error = load.refusal(flags={"WORKING_DIRECTORY": "nowhere"})
    assert "nowhere cannot be used: it does not exist" in error.message
    assert "workingDirectory" in error.hint


def test_files_of_the_checkout_cannot_move_the_run(load: Loader) -> None:
    (load.directory / "work").mkdir()
    load.write(
        ".env",
        "PAGES_DEPLOY_WORKING_DIRECTORY=work\nPAGES_DEPLOY_CI=gitlab\nPAGES_DEPLOY_ENV_FILE=x",
    )
    settings = load()
    assert settings.working_directory == load.directory
    assert not settings.build.is_ci


@pytest.mark.parametrize("value", ["true", "True", "yes", "ON", "1"])
def test_many_words_mean_yes(load: Loader, value: str) -> None:
    assert load({"INPUT_CREATEPROJECT": value}).switch(options.CREATE_PROJECT) is True


@pytest.mark.parametrize("value", ["false", "FALSE", "no", "Off", "0", ""])
def test_many_words_mean_no(load: Loader, value: str) -> None:
    assert load({"INPUT_CREATEPROJECT": value}).switch(options.CREATE_PROJECT) is False


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("CREATE_PROJECT", "maybe"),
        ("CREATE_PROJECT", "2"),
        ("COMMIT_DIRTY", "tru"),
        ("CONCURRENCY", "0"),
        ("CONCURRENCY", "-1"),
        ("CONCURRENCY", "1.5"),
        ("CONCURRENCY", "three"),
        ("CONCURRENCY", "٣"),
        ("CONCURRENCY", "²"),
        ("CONCURRENCY", "1_0"),
        ("CONCURRENCY", "9" * 5000),
        ("TIMEOUT", "0"),
        ("TIMEOUT", "-1"),
        ("TIMEOUT", "nan"),
        ("TIMEOUT", "inf"),
        ("TIMEOUT", "1e999"),
        ("TIMEOUT", "soon"),
        ("PURGE", "all"),
        ("PURGE", "Everything"),
        ("CI", "jenkins2"),
        ("API_BASE_URL", "api.cloudflare.com"),
        ("API_BASE_URL", "ftp://api.cloudflare.com"),
        ("API_BASE_URL", "https://"),
        ("API_BASE_URL", "https://[::1"),
        ("API_BASE_URL", "file:///etc/passwd"),
    ],
)
def test_a_value_of_another_kind_is_refused_with_what_it_must_be(
    load: Loader, option: str, value: str
) -> None:
    error = load.refusal({f"PAGES_DEPLOY_{option}": value})
    assert error.message.startswith(f"{option}, from ")
    assert "it must be" in error.message
    assert f"PAGES_DEPLOY_{option}" in error.hint


@pytest.mark.parametrize(("value", "number"), [("1", 1.0), ("0.5", 0.5), ("1e2", 100.0)])
def test_seconds_are_any_number_above_nothing(load: Loader, value: str, number: float) -> None:
    assert load({"INPUT_TIMEOUT": value}).number(options.TIMEOUT) == number


def test_on_a_machine_a_missing_option_is_set_by_one_line_to_paste(load: Loader) -> None:
    settings = load()
    for option, line in {
        options.API_TOKEN: "Set it: export CLOUDFLARE_API_TOKEN=...",
        options.PROJECT_NAME: "Set it with --project-name, or: export CLOUDFLARE_PROJECT_NAME=...",
        options.DIRECTORY: "Add it to the command, as in: pages-deploy dist",
        options.EXPECT: "Set it with --expect.",
    }.items():
        assert settings.how_to_set(option) == line


def test_in_ci_a_required_option_names_every_place_where_it_can_be_set(load: Loader) -> None:
    settings = load({"CI": "true", "PAGES_DEPLOY_BRANCH": "main"})
    with pytest.raises(SettingsError, match=r"^PROJECT_NAME is not set") as info:
        settings.required(options.PROJECT_NAME)
    for place in (
        "--project-name",
        "projectName",
        "CLOUDFLARE_PROJECT_NAME",
        "CF_PROJECT",
        "PAGES_DEPLOY_PROJECT_NAME",
    ):
        assert place in info.value.hint
    with pytest.raises(SettingsError, match=r"^API_TOKEN is not set") as info:
        _ = settings.credentials
    assert info.value.hint.endswith(TOKEN_FORM)


@pytest.mark.parametrize(
    ("environ", "missing"),
    [({"CF_API_KEY": "secret-key"}, "EMAIL"), ({"CF_EMAIL": "a@example.test"}, "API_TOKEN")],
    ids=["key", "email"],
)
def test_half_of_the_legacy_pair_is_no_credential(
    load: Loader, environ: dict[str, str], missing: str
) -> None:
    settings = load(environ)
    with pytest.raises(SettingsError, match=f"^{missing} is not set"):
        _ = settings.credentials


@pytest.mark.parametrize(
    ("branch", "what"),
    [
        ("HEAD", "what a detached checkout is called"),
        ("refs/heads/HEAD", "what a detached checkout is called"),
        ("42/merge", "what a pull request is fetched as"),
        ("7/head", "what a pull request is fetched as"),
        ("refs/pull/42/merge", "what a pull request is fetched as"),
        ("refs/tags/v1", "a tag"),
        ("refs/remotes/origin/main", "a ref of another kind"),
        ("refs/heads/", "a ref of another kind"),
    ],
)
def test_what_is_no_branch_is_told_as_what_it_is(load: Loader, branch: str, what: str) -> None:
    settings = load(flags={"BRANCH": branch})
    with pytest.raises(SettingsError, match=f"which is {what}, not a branch") as info:
        _ = settings.branch
    assert "--branch" in info.value.hint


@pytest.mark.parametrize("branch", ["main", "feature/x", "refs/x"])
def test_a_branch_may_be_given_as_its_ref(load: Loader, branch: str) -> None:
    assert load(flags={"BRANCH": f"refs/heads/{branch}"}).text(options.BRANCH) == branch


@pytest.mark.parametrize("branch", ["head", "x/42/merge", "42/merge-it", "42", "HEAD/x", "merge"])
def test_other_names_are_branches(load: Loader, branch: str) -> None:
    assert load(flags={"BRANCH": branch}).branch == branch


def test_in_ci_a_branch_must_be_known_so_that_nothing_lands_in_production_by_accident(
    load: Loader,
) -> None:
    for environ in (
        {"CI": "true"},
        {"GITHUB_ACTIONS": "true"},
        {**GITHUB, "GITHUB_REF_NAME": "42/merge"},
        {**GITHUB, "GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v1"},
    ):
        settings = load(environ)
        with pytest.raises(SettingsError, match="branch to deploy as is not known") as info:
            _ = settings.branch
        assert "--branch" in info.value.hint


def test_without_ci_and_git_there_is_no_branch(load: Loader) -> None:
    assert load().branch == ""


def test_a_detached_checkout_of_ones_own_is_asked_about(load: Loader) -> None:
    (load.directory / ".git").mkdir()
    load.write(".git/HEAD", "0123456789abcdef0123456789abcdef01234567\n")
    settings = load()
    with pytest.raises(SettingsError, match="of a commit, not of a branch"):
        _ = settings.branch


ZONE = "f" * 32


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "off"),
        ({"CF_ZONE_ID": ZONE}, "everything"),
        ({"CF_ZONE_ID": ZONE, "INPUT_PURGE": "off"}, "off"),
        ({"CF_ZONE_ID": ZONE, "INPUT_PURGE": "files"}, "files"),
        ({"INPUT_PURGE": "off"}, "off"),
    ],
)
def test_everything_is_purged_when_a_zone_is_given(
    load: Loader, environ: dict[str, str], expected: str
) -> None:
    assert load(environ).purge == expected


def test_a_purge_without_a_zone_is_refused(load: Loader) -> None:
    settings = load({"INPUT_PURGE": "hosts"})
    with pytest.raises(SettingsError, match="no zone is given") as info:
        _ = settings.purge
    assert "zoneId" in info.value.hint


def test_where_each_value_came_from_is_logged_and_no_secret_is(load: Loader) -> None:
    secrets = {
        "INPUT_APITOKEN": "secret-of-the-input",
        "CF_API_TOKEN": "secret-that-lost",
        "CF_API_KEY": "secret-legacy-key",
        "INPUT_PURGEAPITOKEN": "secret-for-the-purge",
    }
    load.write(".env", "CLOUDFLARE_API_TOKEN=secret-of-the-file\n")
    settings = load({**secrets, "CF_PROJECT": "demo"})
    logged = "\n".join(load.heard.details)
    assert "PROJECT_NAME = demo from CF_PROJECT" in load.heard.details
    assert "API_TOKEN = (secret) from INPUT_APITOKEN" in load.heard.details
    assert "secret-" not in logged
    assert set(settings.secrets) == {*secrets.values(), "secret-of-the-file"}


def test_losing_secrets_are_known_before_the_settings_are(load: Loader) -> None:
    environ = {"INPUT_APITOKEN": "winner-1 ", "CF_API_TOKEN": "loser-22", "CF_PROJECT": "no secret"}
    assert set(secret_values(environ)) == {"winner-1", "loser-22"}


TEMPLATE = "$(CLOUDFLARE_TOKEN)"


@pytest.mark.parametrize("template", [TEMPLATE, "${{ secrets.TOKEN }}", " $(A.b)\n"])
def test_what_should_have_been_a_secret_and_is_a_template_is_none(template: str) -> None:
    environ = {"CLOUDFLARE_API_TOKEN": template, "CF_API_TOKEN": "a-real-token"}
    assert secret_values(environ) == ("a-real-token",)


@pytest.mark.parametrize("value", [f"x{TEMPLATE}", f"{TEMPLATE}x", "$(echo token)", "${TOKEN}"])
def test_what_is_more_than_a_template_is_a_secret(value: str) -> None:
    assert secret_values({"CLOUDFLARE_API_TOKEN": value}) == (value,)


def test_a_template_is_shown_in_the_error_and_a_secret_beside_it_is_not(
    run_cli: RunCli,
) -> None:
    environ = {
        "CLOUDFLARE_API_TOKEN": TEMPLATE,
        "CF_API_TOKEN": "a-real-token",
        "CLOUDFLARE_PURGE_API_TOKEN": "another-real-token",
        # As it happens where names and values get mixed up.
        "CLOUDFLARE_PROJECT_NAME": "a-real-token",
        "PAGES_DEPLOY_DEPLOYMENT_NAME": "another-real-token",
    }
    outcome = run_cli("deploy", "site", "-v", environ=environ)
    assert outcome.exit_code == 2
    assert f"is the literal text {TEMPLATE}" in outcome.stderr
    assert "real-token" not in outcome.stderr
    del environ["CLOUDFLARE_API_TOKEN"]
    outcome = run_cli("deploy", "site", "-v", environ=environ)
    assert "PROJECT_NAME = ***" in outcome.stderr
    assert "DEPLOYMENT_NAME = ***" in outcome.stderr
    assert "real-token" not in outcome.stderr


ENV_FILE = """
CLOUDFLARE_API_TOKEN=token-from-file
CLOUDFLARE_API_KEY=key-from-file
CLOUDFLARE_EMAIL=file@example.test
CLOUDFLARE_API_BASE_URL=https://from-file.test/v4
CLOUDFLARE_PURGE_API_TOKEN=purge-from-file
CLOUDFLARE_ACCOUNT_ID=acc0acc0acc0acc0acc0acc0acc0acc0
CF_PROJECT=project-from-file
PAGES_DEPLOY_BRANCH=branch-from-file
PAGES_DEPLOY_DIRECTORY=directory-from-file
PAGES_DEPLOY_TIMEOUT=12
"""
HARMLESS = {"CONCURRENCY": "2", "TIMEOUT": "12", "REQUEST_TIMEOUT": "13", "SUMMARY": "false"}


def values_from_file(settings: Settings) -> dict[str, str]:
    return {
        name: found.value
        for name, found in settings.found.items()
        if found.source.endswith("in .env")
    }


def env_file_of_everything() -> str:
    """Return a file that sets all there is, by the first variable of each option."""
    values = {option.all_variables[0]: legal_value(option) for option in OPTIONS}
    values |= {f"PAGES_DEPLOY_{name}": value for name, value in HARMLESS.items()}
    return "".join(f"{name}={value}\n" for name, value in values.items())


@pytest.mark.parametrize(
    "ci", [GITHUB, {"CI": "true"}, {"GITLAB_CI": "true", "CI_COMMIT_TAG": "v"}]
)
@pytest.mark.parametrize("name", [".env", "other.env"])
def test_in_ci_the_env_file_sets_what_can_do_no_harm_and_nothing_else(
    load: Loader, ci: dict[str, str], name: str
) -> None:
    load.write(name, env_file_of_everything())
    settings = load({**ci, "PAGES_DEPLOY_ENV_FILE": name})
    assert {
        option: found.value
        for option, found in settings.found.items()
        if found.source.endswith(f"in {name}")
    } == HARMLESS
    (warning,) = load.heard.warnings
    for variable in ("API_TOKEN", "PROJECT_NAME", "BRANCH", "DIRECTORY", "JSON_FILE", "VERIFY"):
        assert f"PAGES_DEPLOY_{variable}" in warning
    for variable in HARMLESS:
        assert f"PAGES_DEPLOY_{variable}" not in warning
    assert "some-value" not in warning


def fork(directory: Path) -> dict[str, str]:
    """Return the environment of a pull request from somebody else's repository."""
    repo = {"full_name": "evil/site"}
    event = {"pull_request": {"number": 7, "head": {"ref": "main", "sha": "a" * 40, "repo": repo}}}
    file = directory / "event.json"
    file.write_text(json.dumps(event))
    return {
        **GITHUB,
        "GITHUB_REPOSITORY": "octo/site",
        "GITHUB_EVENT_NAME": "pull_request_target",
        "GITHUB_EVENT_PATH": str(file),
    }


def test_in_a_forks_pull_request_nothing_of_the_env_file_counts(load: Loader) -> None:
    """Who opens it would else choose the project, and with the branch production."""
    environ = fork(load.directory)
    load.write(".env", ENV_FILE)
    settings = load(environ)
    assert values_from_file(settings) == {}
    assert settings.branch == "pr-7"
    assert settings.text(options.PROJECT_NAME) == ""
    (warning,) = load.heard.warnings
    for name in ("PAGES_DEPLOY_BRANCH", "CF_PROJECT", "PAGES_DEPLOY_DIRECTORY", "API_TOKEN"):
        assert name in warning
    assert "from-file" not in warning


def test_on_ones_own_machine_all_of_the_env_file_counts(load: Loader) -> None:
    load.write(".env", ENV_FILE)
    assert len(values_from_file(load())) == ENV_FILE.count("=")
    assert load.heard.warnings == []


@pytest.mark.parametrize(
    "text",
    [WRANGLER, "{", '{"pages_build_output_dir": "../_temp"}'],
    ids=["good", "broken", "outside"],
)
def test_a_forks_configuration_file_sets_nothing_whatever_is_in_it(load: Loader, text: str) -> None:
    environ = fork(load.directory)
    load.write("wrangler.json", text)
    settings = load(environ)
    assert settings.text(options.PROJECT_NAME) == ""
    assert settings.text(options.DIRECTORY) == ""
    assert settings.commit.configuration is None
    for option in (options.PROJECT_NAME, options.DIRECTORY):
        with pytest.raises(SettingsError) as info:
            settings.required(option)
        assert "wrangler.json is ignored: it is a fork's" in info.value.hint
    assert info.value.hint.count("wrangler.json is ignored") == 2


UNUSABLE = [
    ("wrangler.toml", 'name = "a\n'),
    ("wrangler.json", "{"),
    ("wrangler.json", '{"name": "a", "pages_build_output_dir": "/etc"}'),
]


@pytest.mark.parametrize(("name", "text"), UNUSABLE, ids=range(3))
def test_a_configuration_file_is_fatal_only_where_something_of_it_is_needed(
    load: Loader, name: str, text: str
) -> None:
    load.write(name, text)
    given = {"CF_PROJECT": "demo"}
    error = load.refusal(given)
    assert name in error.message
    assert load.refusal({"INPUT_DIRECTORY": "dist"}).message == error.message
    settings = load({**given, "INPUT_DIRECTORY": "dist"})
    assert settings.text(options.PROJECT_NAME) == "demo"
    assert settings.commit.configuration is None
    (warning,) = load.heard.warnings
    assert warning.startswith(error.message)
    assert "PROJECT_NAME from CF_PROJECT and DIRECTORY from INPUT_DIRECTORY" in warning


@pytest.mark.parametrize(("name", "text"), UNUSABLE, ids=range(3))
def test_a_command_that_needs_nothing_of_it_does_not_speak_of_it(
    load: Loader, name: str, text: str
) -> None:
    load.write(name, text)
    load_settings(
        {}, {}, current_directory=load.directory, listener=load.heard, wanted=[options.ACCOUNT_ID]
    )
    assert load.heard.warnings == []


def test_why_a_workers_file_gives_no_directory_is_told_where_one_is_missing(load: Loader) -> None:
    load.write("wrangler.toml", 'name = "a"\nmain = "src/index.ts"\nroutes = []\n')
    with pytest.raises(SettingsError, match="DIRECTORY is not set") as info:
        load().required(options.DIRECTORY)
    assert "wrangler.toml is ignored: it is a Worker's, by its main and routes" in info.value.hint


def test_a_configuration_file_in_force_is_a_fact_of_the_commit(load: Loader) -> None:
    load.write("wrangler.json", WRANGLER)
    configuration = load({"CF_PROJECT": "x"}, {"DIRECTORY": "y"}).commit.configuration
    assert configuration is not None
    assert configuration.hash == hashlib.sha256(WRANGLER.encode()).hexdigest()
    assert configuration.build_output_directory == "from-wrangler"


def pull_request(directory: Path) -> dict[str, str]:
    """Return the environment of a pull request from a branch of the repository itself."""
    environ = fork(directory)
    text = Path(environ["GITHUB_EVENT_PATH"]).read_text()
    event = text.replace("evil/site", "octo/site").replace('"main"', '"feature/x"')
    Path(environ["GITHUB_EVENT_PATH"]).write_text(event)
    return environ


@pytest.mark.parametrize(
    "branch", ["7/merge", "7/head", "refs/pull/7/merge", "pull/7/head", "refs/remotes/pull/7/merge"]
)
def test_a_pull_requests_ref_means_its_source_branch_and_a_warning_says_so(
    load: Loader, branch: str
) -> None:
    settings = load({**pull_request(load.directory), "INPUT_BRANCH": branch})
    assert settings.branch == "feature/x"
    (warning,) = load.heard.warnings
    assert branch in warning
    assert "'feature/x'" in warning
    assert load({**fork(load.directory), "INPUT_BRANCH": branch}).branch == "pr-7"


@pytest.mark.parametrize("branch", ["8/merge", "refs/pull/8/head"])
def test_the_ref_of_another_pull_request_means_nothing(load: Loader, branch: str) -> None:
    settings = load({**pull_request(load.directory), "INPUT_BRANCH": branch})
    with pytest.raises(SettingsError, match="what a pull request is fetched as"):
        _ = settings.branch


def test_without_an_event_the_ref_means_what_github_calls_the_branch_but_never_production(
    load: Loader,
) -> None:
    environ = {
        **GITHUB,
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_REF": "refs/pull/42/merge",
        "GITHUB_HEAD_REF": "feature/x",
    }
    assert load(environ).branch == "pr-42"
    settings = load({**environ, "INPUT_BRANCH": "42/merge"})
    assert settings.branch == "feature/x"
    with pytest.raises(SettingsError, match="a fork's"):
        settings.check_expectation("production")


@pytest.fixture
def linked(load: Loader, tmp_path_factory: pytest.TempPathFactory) -> Loader:
    """A checkout with links: `out` leads out of it, `in` to `dist`, `work` out as well."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "site").mkdir()
    (load.directory / "dist").mkdir()
    (load.directory / "out").symlink_to(elsewhere)
    (load.directory / "in").symlink_to("dist")
    return load


@pytest.mark.parametrize("directory", ["out", "out/site", "./out/", "out/.", "in/../out", "{}/out"])
@pytest.mark.parametrize("by", ["input", "file"])
def test_in_the_build_of_a_stranger_no_link_leads_out_of_the_working_directory(
    linked: Loader, directory: str, by: str
) -> None:
    directory = directory.format(linked.directory)
    environ = {} if by == "file" else {"INPUT_DIRECTORY": directory}
    if by == "file":
        linked.write("wrangler.json", json.dumps({"pages_build_output_dir": directory}))
    else:
        assert "a link leads" in linked.refusal({**fork(linked.directory), **environ}).message
    error = linked.refusal({**pull_request(linked.directory), **environ})
    assert "a link leads from there to" in error.message
    # A push is the owner's own: so Nix and Bazel leave their results.
    linked({**GITHUB, **environ})
    linked(environ)


@pytest.mark.parametrize("directory", ["dist", "in", ".", "missing", "{}/dist"])
def test_what_stays_in_the_working_directory_is_fine(linked: Loader, directory: str) -> None:
    directory = directory.format(linked.directory)
    environ = {**pull_request(linked.directory), "INPUT_DIRECTORY": directory}
    assert linked(environ).text(options.DIRECTORY) == directory


def test_a_directory_outside_that_the_owner_names_is_fine_but_for_a_link_in_its_place(
    linked: Loader, tmp_path_factory: pytest.TempPathFactory
) -> None:
    artifact = tmp_path_factory.mktemp("artifact")
    (artifact / "site").mkdir()
    (artifact / "linked").symlink_to("/etc")
    environ = fork(linked.directory)
    assert linked({**environ, "INPUT_DIRECTORY": f"{artifact}/site"})
    assert "a link" in linked.refusal({**environ, "INPUT_DIRECTORY": f"{artifact}/linked"}).message
    # Beside the working directory is still in the checkout.
    (linked.directory / "app").mkdir()
    beside = {**environ, "INPUT_WORKINGDIRECTORY": "app"}
    assert linked({**beside, "INPUT_DIRECTORY": "../dist"})
    assert "a link" in linked.refusal({**beside, "INPUT_DIRECTORY": "../out/site"}).message


def test_the_working_directory_itself_is_no_strangers_link(linked: Loader) -> None:
    environ = {"INPUT_WORKINGDIRECTORY": "out", "INPUT_DIRECTORY": "site"}
    for stranger in (fork(linked.directory), pull_request(linked.directory)):
        assert "WORKING_DIRECTORY" in linked.refusal({**stranger, **environ}).message
    linked({**GITHUB, **environ})


@pytest.fixture
def watched_git(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A program `git` that leaves a file when it is run, in a checkout that has a commit."""
    programs = tmp_path_factory.mktemp("programs")
    trace = programs / "was-run"
    program = programs / "git"
    program.write_text(f"#!/bin/sh\n: > '{trace}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    head = tmp_path / ".git"
    head.mkdir()
    (head / "HEAD").write_text("ref: refs/heads/feature/x\n")
    (head / "refs" / "heads" / "feature").mkdir(parents=True)
    (head / "refs" / "heads" / "feature" / "x").write_text(f"{'1' * 40}\n")
    return trace


COMMIT_FLAGS = {
    "--branch": "main",
    "--commit-hash": "a" * 40,
    "--commit-message": "Given",
    "--commit-dirty": "",
}


@pytest.mark.parametrize(
    "command",
    [
        ["projects", "list"],
        ["deployments", "list"],
        ["domains", "list"],
        ["zones", "list"],
        ["preview", "site", "--once"],
    ],
    ids=lambda command: command[0],
)
@pytest.mark.usefixtures("client")
def test_a_command_that_asks_for_no_commit_runs_no_git(
    run_cli: RunCli,
    emulator: Emulator,
    site: BuildSite,
    watched_git: Path,
    command: list[str],
) -> None:
    site({"index.html": "home"})
    environ = {
        **emulator.environ(),
        "CLOUDFLARE_PROJECT_NAME": "demo",
        "PATH": os.environ["PATH"],
    }
    outcome = run_cli(*command, environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    assert not watched_git.exists()


@pytest.mark.parametrize("missing", ["", *COMMIT_FLAGS])
@pytest.mark.usefixtures("client")
def test_a_deployment_runs_git_only_for_what_is_not_given(
    run_cli: RunCli, emulator: Emulator, site: BuildSite, watched_git: Path, missing: str
) -> None:
    flags = [
        f"{flag}={value}" if value else flag
        for flag, value in COMMIT_FLAGS.items()
        if flag != missing
    ]
    environ = {
        **emulator.environ(),
        "CLOUDFLARE_PROJECT_NAME": "demo",
        "PATH": os.environ["PATH"],
    }
    outcome = run_cli(str(site({"index.html": "home"})), *flags, environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    assert watched_git.exists() is bool(missing)


def test_a_working_directory_that_may_not_be_searched_is_told(public_directory: Path) -> None:
    (public_directory / "locked").mkdir(0o444)
    with unprivileged():
        Loader(public_directory).refusal(flags={"WORKING_DIRECTORY": "locked"})


def test_a_working_directory_below_one_that_may_not_be_searched_is_told(
    public_directory: Path,
) -> None:
    (public_directory / "locked" / "work").mkdir(parents=True)
    (public_directory / "locked").chmod(0o444)
    with unprivileged():
        error = Loader(public_directory).refusal(flags={"WORKING_DIRECTORY": "locked/work"})
    assert "cannot be used: Permission denied" in error.message


@pytest.mark.parametrize("name", ["x" * 5000, "locked/.env"], ids=["long", "locked"])
def test_an_env_file_that_cannot_be_looked_at_is_told(public_directory: Path, name: str) -> None:
    (public_directory / "locked").mkdir(0o444)
    with unprivileged():
        Loader(public_directory).refusal(flags={"ENV_FILE": name})


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "http://a.localhost"]
)
def test_plain_http_to_this_machine_is_fine(load: Loader, address: str) -> None:
    load({"CF_API_BASE_URL": address})
    assert load.heard.warnings == []


@pytest.mark.parametrize(
    "address", ["http://gateway.test", "http://localhost.test", "http://127.1"]
)
def test_plain_http_to_elsewhere_is_warned_about(load: Loader, address: str) -> None:
    load({"CF_API_BASE_URL": address})
    (warning,) = load.heard.warnings
    assert "plain http" in warning


def test_the_platform_can_be_named(load: Loader) -> None:
    environ = {**GITHUB, "CI_COMMIT_BRANCH": "of-gitlab"}
    assert load(environ, {"CI": "gitlab"}).branch == "of-gitlab"
    assert not load(environ, {"CI": "none"}).build.is_ci


def test_sources_without_any_value_find_nothing() -> None:
    assert Sources().find(options.ZONE_ID) is None


def test_everything_that_is_missing_is_told_at_once(load: Loader) -> None:
    settings = load(GITHUB | {"GITHUB_REF_NAME": "v1", "GITHUB_REF": "refs/tags/v1"})
    with pytest.raises(SettingsError) as info:
        settings.check_credentials()
    assert info.value.exit_code == 2
    for name in ("API_TOKEN", "PROJECT_NAME", "DIRECTORY"):
        assert f"{name} is not set" in info.value.message
        assert f"Set {name} with " in info.value.hint
    assert info.value.message.startswith("API_TOKEN")
    assert "GitHub Actions keeps secrets in Settings > Secrets and variables" in info.value.hint


def test_the_branch_is_among_what_is_missing(load: Loader) -> None:
    settings = load({**GITHUB, "GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v1"})
    with pytest.raises(SettingsError) as info:
        settings.required(options.PROJECT_NAME)
    assert "The branch to deploy as is not known" in info.value.message
    assert "Set BRANCH with --branch" in info.value.hint


def test_what_a_command_does_not_want_is_not_missing(load: Loader) -> None:
    settings = load_settings(
        {},
        {},
        current_directory=load.directory,
        listener=load.heard,
        wanted=[options.PROJECT_NAME, *FIRST_OPTIONS],
    )
    with pytest.raises(SettingsError) as info:
        settings.required(options.PROJECT_NAME)
    assert info.value.message.startswith("PROJECT_NAME is not set")
    assert "API_TOKEN" not in info.value.message
    assert info.value.hint.startswith("Set it with --project-name, or: export ")


def test_a_directory_of_the_command_is_one_of_the_inputs(load: Loader) -> None:
    """wrangler-action starts wrangler in `workingDirectory`, and `--cwd` goes on from there."""
    (load.directory / "apps/web").mkdir(parents=True)
    command = {"INPUT_COMMAND": "--cwd web pages deploy dist"}
    assert load({**command, "INPUT_WORKINGDIRECTORY": "apps"}).build_directory == (
        load.directory / "apps/web/dist"
    )
    assert load.refusal(command).message.startswith("The working directory")
