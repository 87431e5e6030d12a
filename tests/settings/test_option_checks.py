"""Values that cannot be used are refused before anything is done with them, and no secret shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.errors import SettingsError
from pages_deploy.settings.option_checks import check, check_pasted, is_exposed
from pages_deploy.settings.options import OPTIONS
from pages_deploy.settings.sources import Found
from tests.cli.reading import complaint

if TYPE_CHECKING:
    from pages_deploy.emulator.server import Emulator
    from pages_deploy.settings.option import Option
    from tests.world import RunCli

BY_NAME = {option.name: option for option in OPTIONS}
HIDDEN = "hidden-part"
# The week that is the longest.
BOUND = 604_800
TOKENS = {
    "CLOUDFLARE_API_TOKEN": "API_TOKEN",
    "CLOUDFLARE_API_KEY": "API_KEY",
    "CLOUDFLARE_PURGE_API_TOKEN": "PURGE_API_TOKEN",
}


def refusal(name: str, value: str) -> SettingsError:
    with pytest.raises(SettingsError) as info:
        check(BY_NAME[name], Found(value, "the test"))
    assert info.value.exit_code == 2
    assert info.value.message.startswith(f"{name}, from the test, is ")
    assert info.value.hint == f"Correct it there: {BY_NAME[name].places()}."
    return info.value


def accepts(name: str, value: str) -> bool:
    try:
        check(BY_NAME[name], Found(value, "the test"))
    except SettingsError:
        return False
    return True


UNSENDABLE = {
    "line break": f"{HIDDEN}\nX-Evil: 1",
    "carriage return": f"{HIDDEN}\rX-Evil: 1",
    "CRLF": f"{HIDDEN}\r\n\r\nGET / HTTP/1.1",
    "space": f"Bearer {HIDDEN}",
    "tab": f"{HIDDEN}\tx",
    "accent": f"{HIDDEN}-é",
    "emoji": f"{HIDDEN}🔑",
    "no-break space": f"{HIDDEN}\u00a0x",
    "zero width": f"{HIDDEN}\u200b",
    "byte order mark": f"\ufeff{HIDDEN}",
    "NUL": f"{HIDDEN}\x00",
    "DEL": f"{HIDDEN}\x7f",
    "quotes": f"“{HIDDEN}”",
}


@pytest.mark.parametrize("name", TOKENS.values())
@pytest.mark.parametrize("value", UNSENDABLE.values(), ids=UNSENDABLE)
def test_a_secret_that_cannot_stand_in_a_header_is_refused_and_not_shown(
    name: str, value: str
) -> None:
    error = refusal(name, value)
    assert HIDDEN not in error.message + error.hint
    assert "ASCII" in error.message


@pytest.mark.parametrize("name", [*TOKENS.values(), "EMAIL"])
@pytest.mark.parametrize("value", ["abc", "a" * 5000, "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~", "a=="])
def test_what_can_stand_in_a_header_is_accepted(name: str, value: str) -> None:
    assert accepts(name, value)


@pytest.mark.parametrize("value", ["a b@example.test", "A <a@example.test>", "ü@example.test"])
def test_an_address_of_mail_with_white_space_or_beyond_ascii_is_refused(value: str) -> None:
    assert f"'{value}'" in refusal("EMAIL", value).message


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
@pytest.mark.parametrize("value", ["\udcff", "x\ud800y", "caf\udce9"], ids=ascii)
def test_no_option_may_be_something_else_than_unicode(option: Option, value: str) -> None:
    error = refusal(option.name, value)
    assert "valid UTF-8" in error.message
    if option.secret:
        assert value not in error.message


@pytest.mark.parametrize(
    ("value", "is_right"),
    [
        ("0.001", True),
        ("1", True),
        (str(BOUND), True),
        (f"{BOUND}.0", True),
        ("6.048e5", True),
        (f"{BOUND + 1}", False),
        (f"{BOUND}.5", False),
        ("1e300", False),
        ("1e999", False),
        ("9" * 5000, False),
        ("0", False),
        ("-1", False),
        ("nan", False),
        ("infinity", False),
        ("0x10", False),
        ("", False),
        ("5 s", False),
    ],
)
@pytest.mark.parametrize("name", ["TIMEOUT", "REQUEST_TIMEOUT"])
def test_seconds_are_a_number_above_nothing_up_to_a_week(
    name: str, value: str, is_right: bool
) -> None:
    assert accepts(name, value) is is_right
    if not is_right:
        assert "up to 604800" in refusal(name, value).message


@pytest.mark.parametrize(
    "value",
    [
        f"https://user:{HIDDEN}@api.test/v4",
        f"https://{HIDDEN}@api.test/v4",
        f"https://:{HIDDEN}@api.test",
        f"https://user:{HIDDEN}@api.test:99999/v4",
        f"ftp://user:{HIDDEN}@api.test/v4",
        f"user:{HIDDEN}@api.test/v4",
        f"https://user:{HIDDEN} x@api.test",
        f"https://[{HIDDEN}/v4",
        "https://api.test:port/v4",
        "https://api.test:99999/v4",
        "https://api.test:65536",
        "https://api.test:-1/v4",
        "https://api.test:0/v4",
        "http://127.0.0.1:0",
        "https://api.test/v 4",
        "https://api.test/\nv4",
        "https://ap i.test",
        "https:///v4",
        "https://:443/v4",
        "//api.test/v4",
        "api.test",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_no_password_shown(value: str) -> None:
    error = refusal("API_BASE_URL", value)
    assert HIDDEN not in error.message + error.hint
    assert value not in error.message


@pytest.mark.parametrize(
    "value",
    [
        "https://api.cloudflare.com/client/v4",
        "https://api.test:443/v4/",
        "http://127.0.0.1:65535",
        "http://[::1]:1/v4",
        "https://api.test",
    ],
)
def test_an_address_without_a_password_is_accepted(value: str) -> None:
    assert accepts("API_BASE_URL", value)


def test_a_password_does_not_hide_that_an_address_is_read_by_everybody() -> None:
    assert is_exposed("http://localhost@elsewhere.test/")
    assert not is_exposed("http://elsewhere.test@localhost/")


@pytest.mark.parametrize("variable", TOKENS)
@pytest.mark.parametrize("value", UNSENDABLE.values(), ids=UNSENDABLE)
def test_at_the_command_line_such_a_secret_is_exit_code_2_and_never_sent(
    run_cli: RunCli, emulator: Emulator, variable: str, value: str
) -> None:
    environ = {**emulator.environ(), "CLOUDFLARE_PROJECT_NAME": "demo", variable: value}
    command = ["zones", "purge", "--everything", f"--zone-id={emulator.zone_id}"]
    outcome = run_cli(*command, "-v", environ=environ)
    assert TOKENS[variable] in complaint(outcome, 2)
    assert HIDDEN not in outcome.stdout + outcome.stderr
    assert emulator.requests == ()


@pytest.mark.parametrize("by_flag", [False, True])
@pytest.mark.parametrize("port", ["", ":99999"])
def test_at_the_command_line_a_password_in_the_address_is_not_shown(
    run_cli: RunCli, emulator: Emulator, by_flag: bool, port: str
) -> None:
    address = f"https://user:{HIDDEN}@127.0.0.1{port}/client/v4"
    environ = emulator.environ()
    flags = ["--api-base-url", address] if by_flag else []
    if not by_flag:
        environ["CLOUDFLARE_API_BASE_URL"] = address
    outcome = run_cli("projects", "list", "-v", *flags, environ=environ)
    assert "API_BASE_URL" in complaint(outcome, 2)
    assert HIDDEN not in outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    "variable",
    [
        "CLOUDFLARE_API_TOKEN",
        "CLOUDFLARE_ACCOUNT_ID",
        "CLOUDFLARE_PROJECT_NAME",
        "PAGES_DEPLOY_BRANCH",
        "PAGES_DEPLOY_COMMIT_MESSAGE",
        "PAGES_DEPLOY_DIRECTORY",
        "PAGES_DEPLOY_WORKING_DIRECTORY",
        "PAGES_DEPLOY_ENV_FILE",
        "PAGES_DEPLOY_CI",
        "PAGES_DEPLOY_JSON_FILE",
    ],
)
def test_at_the_command_line_bytes_that_are_no_text_are_exit_code_2(
    run_cli: RunCli, emulator: Emulator, variable: str
) -> None:
    # As Python reads a variable whose bytes are no UTF-8.
    value = b"value-\xff\xfe".decode(errors="surrogateescape")
    usable = {"CLOUDFLARE_PROJECT_NAME": "demo", "PAGES_DEPLOY_DIRECTORY": "site"}
    environ = {**emulator.environ(), **usable, variable: value}
    assert "valid UTF-8" in complaint(run_cli("deploy", environ=environ), 2)
    assert emulator.requests == ()


ID = "0123456789abcdef" * 2


@pytest.mark.parametrize("value", ["a", "0", "my-site", "1-2-3", "a" * 58, "a-"])
def test_a_name_that_pages_takes_is_accepted(value: str) -> None:
    assert accepts("PROJECT_NAME", value)


@pytest.mark.parametrize(
    "value",
    ["My-Site", "my_site", "my.site", "-site", "my site", "a" * 59, "ü", "site/", "site.pages.dev"],
)
def test_a_name_that_pages_does_not_take_is_refused(value: str) -> None:
    assert "1 to 58 lower-case letters" in refusal("PROJECT_NAME", value).message


@pytest.mark.parametrize("name", ["ACCOUNT_ID", "ZONE_ID"])
def test_an_id_is_32_hexadecimal_digits(name: str) -> None:
    assert accepts(name, ID)
    assert accepts(name, ID.upper())
    for value in (ID[1:], ID + "0", "g" + ID[1:], "my-account", f"{ID[:8]}-{ID[8:]}"):
        assert f"'{value}'" in refusal(name, value).message


@pytest.mark.parametrize("name", ["ACCOUNT_ID", "ZONE_ID", "PROJECT_NAME"])
def test_what_may_be_a_token_in_the_wrong_place_is_not_shown(name: str) -> None:
    token = "v1-" + "aB_3" * 10
    error = refusal(name, token)
    assert f"({len(token)} characters)" in error.message
    assert token not in error.message + error.hint


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
@pytest.mark.parametrize("quoted", ['"{}"', "'{}'", "“{}”", "`{}`"])
def test_quotes_around_a_value_are_refused(option: Option, quoted: str) -> None:
    found = Found(quoted.format(HIDDEN), "the test")
    if option.free_text:
        check_pasted(option, found)
        return
    with pytest.raises(SettingsError) as info:
        check_pasted(option, found)
    assert info.value.message.startswith(f"{option.name}, from the test, has quotes around it")
    assert HIDDEN not in info.value.message


@pytest.mark.parametrize("value", ['a"b', '"', "it's", '"a', "main"])
def test_quotes_that_are_not_around_a_value_are_left_alone(value: str) -> None:
    check_pasted(BY_NAME["BRANCH"], Found(value, "the test"))


@pytest.mark.parametrize(
    "value", [f"Bearer {HIDDEN}", f"bearer  {HIDDEN}", f"Authorization: {HIDDEN}"]
)
@pytest.mark.parametrize("name", TOKENS.values())
def test_a_header_in_the_place_of_a_token_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match="begins like a header") as info:
        check_pasted(BY_NAME[name], Found(value, "the test"))
    assert HIDDEN not in info.value.message + info.value.hint


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"CLOUDFLARE_ACCOUNT_ID": "demo", "CLOUDFLARE_PROJECT_NAME": ID}, "swapped"),
        ({"CLOUDFLARE_ACCOUNT_ID": "a" * 40, "CLOUDFLARE_API_TOKEN": ID}, "swapped"),
        ({"CLOUDFLARE_ACCOUNT_ID": "demo"}, "ACCOUNT_ID"),
        ({"CLOUDFLARE_PROJECT_NAME": "Demo"}, "PROJECT_NAME"),
        ({"CLOUDFLARE_PROJECT_NAME": '"demo"'}, "quotes"),
        ({"CLOUDFLARE_ZONE_ID": "example.test"}, "ZONE_ID"),
        ({"CLOUDFLARE_API_TOKEN": f"Bearer {HIDDEN}"}, "API_TOKEN"),
    ],
)
def test_at_the_command_line_names_are_checked_before_anything_is_sent(
    run_cli: RunCli, emulator: Emulator, given: dict[str, str], named: str
) -> None:
    environ = {**emulator.environ(), "CLOUDFLARE_PROJECT_NAME": "demo", **given}
    outcome = run_cli("deploy", "site", environ=environ)
    assert named in complaint(outcome, 2)
    assert HIDDEN not in outcome.stderr
    assert emulator.requests == ()


def test_a_branch_that_the_platform_names_may_have_quotes(
    run_cli: RunCli, emulator: Emulator
) -> None:
    environ = {
        **emulator.environ(),
        "CLOUDFLARE_PROJECT_NAME": "demo",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_REF_TYPE": "branch",
        "GITHUB_REF_NAME": '"quoted"',
    }
    assert "nowhere does not exist" in run_cli("deploy", "nowhere", environ=environ).stderr
