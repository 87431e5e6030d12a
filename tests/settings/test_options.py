"""The table of options, against the public interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.settings.options import OPTIONS

if TYPE_CHECKING:
    from pages_deploy.settings.option import Option

# Option: flag, input, other variables in their order.
PROMISED: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "DIRECTORY": ("", "directory", ()),
    "WORKING_DIRECTORY": ("--working-directory", "workingDirectory", ()),
    "API_TOKEN": ("", "apiToken", ("CLOUDFLARE_API_TOKEN", "CF_API_TOKEN")),
    "API_KEY": ("", "", ("CLOUDFLARE_API_KEY", "CF_API_KEY")),
    "EMAIL": ("", "", ("CLOUDFLARE_EMAIL", "CF_EMAIL")),
    "ACCOUNT_ID": ("--account-id", "accountId", ("CLOUDFLARE_ACCOUNT_ID", "CF_ACCOUNT_ID")),
    "PROJECT_NAME": (
        "--project-name",
        "projectName",
        ("CLOUDFLARE_PROJECT_NAME", "CF_PROJECT"),
    ),
    "CREATE_PROJECT": ("--create-project", "createProject", ()),
    "PRODUCTION_BRANCH": ("--production-branch", "productionBranch", ()),
    "BRANCH": ("--branch", "branch", ()),
    "COMMIT_HASH": ("--commit-hash", "commitHash", ()),
    "COMMIT_MESSAGE": ("--commit-message", "commitMessage", ()),
    "COMMIT_DIRTY": ("--commit-dirty", "commitDirty", ()),
    "SKIP_CACHING": ("--skip-caching", "skipCaching", ()),
    "CONCURRENCY": ("--concurrency", "concurrency", ()),
    "TIMEOUT": ("--timeout", "timeout", ()),
    "REQUEST_TIMEOUT": ("--request-timeout", "requestTimeout", ()),
    "ZONE_ID": ("--zone-id", "zoneId", ("CLOUDFLARE_ZONE_ID", "CF_ZONE_ID")),
    "PURGE": ("--purge", "purge", ()),
    "PURGE_API_TOKEN": ("", "purgeApiToken", ("CLOUDFLARE_PURGE_API_TOKEN",)),
    "DRY_RUN": ("--dry-run", "dryRun", ()),
    "JSON_FILE": ("--json-file", "jsonFile", ()),
    "API_BASE_URL": (
        "--api-base-url",
        "apiBaseUrl",
        ("CLOUDFLARE_API_BASE_URL", "CF_API_BASE_URL"),
    ),
    "ENV_FILE": ("--env-file", "", ()),
    "CI": ("--ci", "", ()),
}
DEFAULTS = {
    "DRY_RUN": "false",
    "CREATE_PROJECT": "false",
    "PRODUCTION_BRANCH": "main",
    "SKIP_CACHING": "false",
    "CONCURRENCY": "3",
    "TIMEOUT": "300",
    "REQUEST_TIMEOUT": "60",
    "API_BASE_URL": "https://api.cloudflare.com/client/v4",
    "ENV_FILE": ".env",
}
BY_NAME = {option.name: option for option in OPTIONS}


@pytest.mark.parametrize("name", PROMISED)
def test_every_promised_spelling_is_there(name: str) -> None:
    option = BY_NAME[name]
    assert (option.flag_name if option.flag else "", option.input, option.variables) == (
        PROMISED[name]
    )
    assert option.all_variables[0] == f"PAGES_DEPLOY_{name}"


@pytest.mark.parametrize("name", PROMISED)
def test_the_defaults_are_those_promised(name: str) -> None:
    assert BY_NAME[name].default == DEFAULTS.get(name, "")


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_each_option_is_consistent(option: Option) -> None:
    assert option.help.endswith((".", "likewise."))
    assert option.name.isupper()
    assert bool(option.choices) == (option.kind == "choice")
    # Command lines can be read by everybody on a machine, and a checkout's file by its author.
    assert not (option.secret and option.flag)
    assert not (option.secret and option.trusts_env_file)


def test_no_name_is_used_twice() -> None:
    for names in (
        [option.name for option in OPTIONS],
        [variable for option in OPTIONS for variable in option.all_variables],
        [option.input for option in OPTIONS if option.input],
        # As the Action's inputs are compared.
        [option.name.replace("_", "") for option in OPTIONS],
    ):
        assert len(names) == len(set(names))


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_the_input_is_the_name_in_camel_case(option: Option) -> None:
    if option.input:
        assert option.input.upper() == option.name.replace("_", "")


def test_the_places_of_an_option_are_named_for_people() -> None:
    assert BY_NAME["ACCOUNT_ID"].places() == (
        "--account-id, the input accountId, the variable CLOUDFLARE_ACCOUNT_ID or CF_ACCOUNT_ID "
        "or PAGES_DEPLOY_ACCOUNT_ID"
    )
    assert BY_NAME["DIRECTORY"].places().startswith("the argument, ")
    assert "--" not in BY_NAME["API_TOKEN"].places()
