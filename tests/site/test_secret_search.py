"""What must not be published is found by its name or its content, and nothing else is."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pages_deploy.errors import DirectoryError
from pages_deploy.site.manifest import HEAD_BYTES, build_manifest
from pages_deploy.site.secret_contents import ContentRule, contents
from pages_deploy.site.secret_glance import COMPRESSED
from pages_deploy.site.secret_search import (
    BUDGET_SECONDS,
    NAMED_FILES,
    SEARCHED_BYTES,
    SecretSearch,
)
from tests.patience import no_endless_work
from tests.site.secrets_made import SECRETS, SeenContents, aws, key, letters, secrets_in

if TYPE_CHECKING:
    from tests.world import BuildSite

EXAMPLES = Path(__file__).parents[2] / "examples/site"


def found_in(content: bytes | str) -> list[str]:
    return [found.what for found in secrets_in({"file.txt": content})]


@pytest.mark.parametrize(("secret", "what"), SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize(
    ("before", "after"),
    [("", ""), ("\n\n", "\n"), ('const a="', '";'), ("KEY=", "\r\n"), ("<p>", "</p>"), ("@", ":")],
)
def test_a_secret_is_found_wherever_it_stands(
    secret: str, what: str, before: str, after: str
) -> None:
    (found,) = secrets_in({"assets/app.js": before + secret + after})
    assert (found.path, found.what) == ("/assets/app.js", what)
    assert found.line > 0


def test_every_rule_has_an_example_here() -> None:
    texts = [secret.encode() for secret, _ in SECRETS.values()]
    for rule in contents():
        found = [rule.find(text, len(text)) for text in texts]
        assert set(found) != {None}, (rule.what, rule.start)


def test_the_line_is_told() -> None:
    secret, what = SECRETS["npm"]
    (found,) = secrets_in({"a.txt": f"\ntwo\n  {secret}\n"})
    assert str(found) == f"/a.txt line 3 ({what})"


NEAR_MISSES = {
    "public key": key().replace("PRIVATE", "PUBLIC"),
    "certificate": key().replace("PRIVATE KEY", "CERTIFICATE"),
    "nothing but the first line": "-----BEGIN PRIVATE KEY-----",
    "both lines": "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
    "dots for the key": "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
    "words for the key": "-----BEGIN RSA PRIVATE KEY-----\nyour key\n-----END RSA PRIVATE KEY-----",
    "dots in the key": key()[:200] + "...\n-----END PRIVATE KEY-----",
    "a key that was cut": key()[:400],
    "a key of x": "-----BEGIN PRIVATE KEY-----\n" + "x" * 640 + "\n-----END PRIVATE KEY-----",
    "a key in markup": key().replace("\n", "<br>"),
    "code that reads keys": "s.split('-----BEGIN PRIVATE KEY-----')[1].split('-----END')[0]",
    "AWS's own example": "AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "an AWS id alone": aws(" ")[:20],
    "an AWS id and a commit": aws(" ")[:21] + letters(40, "0123456789abcdef"),
    "an AWS id in base64": f"x{aws(' ')}",
    "an AWS secret far away": aws(" " * 400),
    "ghp of x": f"ghp_{'x' * 36}",
    "ghp that counts": "ghp_1234567890abcdefghijklmnopqrstuvwxyz",
    "ghp too short": f"ghp_{letters(35)}",
    "ghp too long": f"ghp_{letters(37)}",
    "part of a longer name": f"my_ghp_{letters(36)}",
    "npm's variables": "npm_config_userconfig npm_package_dependencies_something_or_other",
    "npm of capitals": "npm_XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
    "glpat of x": "glpat-xxxxxxxxxxxxxxxxxxxx",
    "glpat as in documents": "glpat-your-access-token-here",
    "Stripe's test key": f"sk_test_{letters(24)}",
    "Stripe's public key": f"pk_live_{letters(24)}",
    "Stripe key in documents": "sk_live_abcdefghijklmnopqrstuvwx",
    "Slack in documents": "xoxb-not-a-real-token-this-will-not-work",
    "classes": "sk-proj-card sk-ant-icon glpat-",
    "a data address": f"url(data:font/woff2;base64,{letters(5000)})",
    "an AWS example": "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "an AWS variable": "AWS_SECRET_ACCESS_KEY=$SECRET SECRET_ACCESS_KEY: ${{ secrets.SECRET }}",
    "an AWS name and a commit": f"AWS_SECRET_ACCESS_KEY={letters(40, '0123456789abcdef')}",
    "a Cloudflare variable": "CLOUDFLARE_API_TOKEN=${{ secrets.CLOUDFLARE_API_TOKEN }}",
    "a Slack webhook of documents": "https://hooks.slack.com/services/T00000000/B00000000/"
    + "X" * 24,
    "Google Maps": f'<script src="https://maps.googleapis.com/maps/api/js?key=AIza{letters(35)}">',
    "Google in a query": f"?key=AIza{letters(35)}",
    "Google in an address": f"fetch(`${{base}}/v1?alt=json&key=AIza{letters(35)}`)",
    "Firebase": f'{{apiKey:"AIza{letters(35)}",authDomain:"a.firebaseapp.com",projectId:"a"}}',
    "SendGrid in documents": f"SG.{'x' * 22}.{'x' * 43}",
    "a public key of Twilio's kind": f"TASK{letters(32, 'abcdef0123456789')}",
    "a hash": f"app_{letters(32)}.js integrity=sha384-{letters(64)}",
}


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_what_only_looks_like_a_secret_is_published(text: str) -> None:
    assert found_in(text) == []


@given(
    body=st.binary(min_size=48, max_size=3000),
    width=st.integers(min_value=1, max_value=80),
    end=st.sampled_from(["\n", "\r\n", "\\n", "\\\\n", " "]),
)
@example(body=bytes(range(48)), width=64, end="\n")
def test_a_private_key_is_found_however_its_lines_are_broken(
    body: bytes, width: int, end: str
) -> None:
    text = base64.b64encode(body).decode()
    lines = end.join(text[start : start + width] for start in range(0, len(text), width))
    pem = f"-----BEGIN PRIVATE KEY-----{end}{lines}{end}-----END PRIVATE KEY-----"
    monotonous = any(letter * 16 in lines.lower() for letter in set(lines.lower()))
    assert found_in(pem) == ([] if monotonous else ["a private key"])


def test_an_example_before_a_secret_hides_nothing() -> None:
    secret, what = SECRETS["npm"]
    assert found_in(f"npm_{'X' * 36}\n{secret}\n") == [what]


def test_a_random_part_with_just_the_bits_that_it_needs_is_a_secret() -> None:
    rule = ContentRule("a key", "`KEY_`", b"KEY_", rb"[abcd]{8}", least_bits=2.0)
    assert rule.find(b"KEY_abcdabcd", 12) == 0
    assert rule.find(b"KEY_abcdabca", 12) is None


def test_how_secrets_begin_hides_nothing_where_it_is_frequent_in_a_file() -> None:
    for name in ("Twilio", "SendGrid", "Google"):
        secret, what = SECRETS[name]
        assert found_in("SK SG. AIz " * 500 + secret) == [what]


@given(st.binary(max_size=300))
def test_no_content_makes_the_search_fail(content: bytes) -> None:
    found_in(content)
    found_in(b"-----BEGIN PRIVATE KEY-----\n" + content)


@pytest.mark.parametrize("size_bytes", [HEAD_BYTES, HEAD_BYTES + 1])
def test_the_search_sees_as_much_of_a_file_as_is_read_at_once(
    site: BuildSite, size_bytes: int
) -> None:
    setting = "\nNAME=value\n"
    before = "#" * (HEAD_BYTES - len(setting))
    content = f"{before}{setting}".ljust(size_bytes, "#")
    secrets = SecretSearch()
    build_manifest(site({"production.env": content}), search=secrets)
    assert [str(found) for found in secrets.found] == ["/production.env (environment variables)"]
    assert HEAD_BYTES == 192 * 1024


def test_the_manifest_shows_every_file_that_is_published(site: BuildSite) -> None:
    secret, _ = SECRETS["npm"]
    root = site(
        {
            ".env": "A=b",
            "deep/er/notes.txt": secret,
            "_headers": f"/*\n  X-Token: {secret}\n",
            ".well-known/security.txt": "Contact: mailto:a@example.test",
            ".hidden/.git/config": "x",
            ".git/config": "left out",
            "node_modules/a/.env": "left out",
            "index.html": "home",
        }
    )
    (root / "linked.txt").symlink_to("deep/er/notes.txt")
    (root / "linked").symlink_to("deep", target_is_directory=True)
    secrets = SecretSearch()
    manifest = build_manifest(root, search=secrets)
    assert sorted(map(str, secrets.found)) == [
        "/.env (environment variables)",
        "/.hidden/.git/config (a repository's inside)",
        "/_headers line 2 (an npm token)",
        "/deep/er/notes.txt line 1 (an npm token)",
        "/linked.txt line 1 (an npm token)",
        "/linked/er/notes.txt line 1 (an npm token)",
    ]
    assert manifest == build_manifest(root)


def test_what_a_file_holds_decides_where_its_name_alone_does_not(site: BuildSite) -> None:
    search = SecretSearch()
    files = {"a/production.env": "NAME=value\n", "b/production.env": "# nothing\n"}
    build_manifest(site(files), search=search)
    assert [one.path for one in search.found] == ["/a/production.env"]


def test_only_the_beginning_of_a_file_is_searched() -> None:
    secret, what = SECRETS["npm"]
    room = SEARCHED_BYTES - len(secret) - 1
    assert found_in("x" * room + " " + secret) == [what]
    assert found_in("x" * room + "  " + secret) == []


def test_a_large_file_is_looked_at_once_and_in_part(site: BuildSite) -> None:
    root = site({"large.txt": b"x" * 3_000_000, "small.txt": b"y"})
    search = SeenContents()
    build_manifest(root, search=search)
    seen = [(path, len(head)) for path, head in search.seen]
    assert [path for path, _ in seen] == ["/large.txt", "/small.txt"]
    assert SEARCHED_BYTES <= seen[0][1] < 300_000
    assert seen[1][1] == 1


def test_a_zero_byte_hides_nothing(site: BuildSite) -> None:
    secret, what = SECRETS["npm"]
    assert found_in(b"\0" + secret.encode()) == [what]
    assert found_in(b"\0asm\x01\0\0\0" + secret.encode()) == [what]
    assert found_in(secret.encode() + b"\0") == [what]
    secrets = SecretSearch()
    build_manifest(site({"mixed.bin": bytes(100) + secret.encode()}), search=secrets)
    assert [finding.what for finding in secrets.found] == [what]


@pytest.mark.parametrize("start", COMPRESSED)
def test_what_is_compressed_is_not_searched(start: bytes) -> None:
    secret, _ = SECRETS["npm"]
    assert found_in(start + b"\0" + secret.encode()) == []


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_text_in_two_bytes_a_letter_is_searched(encoding: str) -> None:
    secret, what = SECRETS["npm"]
    assert found_in(f"\ufeff\n{secret}\n".encode(encoding)) == [what]


@pytest.mark.parametrize("broken", [b"\x00\xd8A\x00", b"\x00\xdc\n\x00"], ids=["high", "low"])
def test_a_text_in_two_bytes_a_letter_may_be_broken(broken: bytes) -> None:
    secret, what = SECRETS["npm"]
    text = b"\xff\xfe" + broken + f"\n{secret}\n".encode("utf-16-le")
    assert found_in(text) == [what]
    assert found_in(text + b"\n") == [what]


def test_a_file_that_takes_too_long_is_named_and_the_run_goes_on() -> None:
    passed = iter(range(100_000))
    secrets = SecretSearch(monotonic=lambda: next(passed) * BUDGET_SECONDS)
    secret, what = SECRETS["Twilio"]
    secrets.search("/slow.txt", secret.encode())
    secrets.search("/good.txt", b"x")
    secrets.search("/.env", b"")
    warnings: list[str] = []
    secrets.judge(is_allowed=True, warn=warnings.append)
    assert [word for word in warnings if "/slow.txt" in word] == warnings[:1]
    assert "gave up" in warnings[0]
    assert what not in "".join(warnings)


WORST = {
    "headers of a key": "-----BEGIN PRIVATE KEY-----\n" + "a: b " * 30,
    "headers with line ends": "-----BEGIN PRIVATE KEY-----\n" + "a: b \n" * 5000,
    "keys that begin": "-----BEGIN PRIVATE KEY-----\n" * 1100,
    "headers that begin keys": "a: -----BEGIN PRIVATE KEY-----\n" * 1000,
    "kinds of keys": "-----BEGIN " + "A B C D " * 4000 + "PRIVATE KEY-----",
    "a body without an end": "-----BEGIN PRIVATE KEY-----\n" + "A" * 32_000,
    "a body of backslashes": "-----BEGIN PRIVATE KEY-----\n" + "\\" * 32_000,
    "identifiers of AWS": ("AKIA" + "A" * 16 + " ") * 1500,
    "an identifier of AWS and letters": "AKIA" + "A" * 16 + " " + "A" * 32_000,
    "identifiers of AWS and letters": ("AKIA" + "A" * 16 + " " + "a" * 280 + " ") * 100,
    "names of AWS": "SECRET_ACCESS_KEY" * 1900,
    "blanks after a name": "SECRET_ACCESS_KEY" + " " * 32_000,
    "assignments": "A_TOKEN_" * 4000,
    "keys": "key" * 10_000 + "=",
    "addresses": "://" * 10_000,
    "passwords in addresses": "://a:b" * 5000,
    "dots": "ghs_1_eyJ" + "a" * 19 + "." * 32_000,
    "bodies": "ghs_1_eyJ" + "a" * 32_000,
    "OpenAI": "sk-proj-" * 4000,
    "OpenAI's mark": "sk-proj-" + "T3BlbkFJ" * 4000,
    "Slack": "xoxb-1234567890-" * 2000,
}


@pytest.mark.parametrize("text", WORST.values(), ids=WORST)
def test_no_content_takes_long_whatever_it_is(text: str) -> None:
    data = text.encode()
    with no_endless_work():
        for name in ("a.txt", ".env.example", "a.env", "auth.json", "pip.conf", ".yarnrc.yml"):
            secrets_in({name: data})
        for rule in contents():
            # Also where the glance would have passed it by.
            rule.find(rule.start + data, SEARCHED_BYTES)
            rule.find((rule.start + b"A" * 40) * 500, SEARCHED_BYTES)
            rule.find(rule.start * 3000, SEARCHED_BYTES)


def judged(secrets: SecretSearch, *, is_allowed: bool = False) -> str:
    warnings: list[str] = []
    if is_allowed:
        secrets.judge(is_allowed=True, warn=warnings.append)
        (warning,) = warnings
        return warning
    with pytest.raises(DirectoryError) as info:
        secrets.judge(is_allowed=False, warn=warnings.append)
    assert warnings == []
    assert info.value.exit_code == 2
    assert "--allow-secrets" in info.value.hint
    return info.value.message


def search_of(count: int) -> SecretSearch:
    secrets = SecretSearch()
    for number in range(count):
        secrets.search(f"/{number}/.env", b"")
    return secrets


def test_as_many_files_as_can_be_named_are_named_all() -> None:
    named = ", ".join(f"/{number}/.env (environment variables)" for number in range(NAMED_FILES))
    assert judged(search_of(NAMED_FILES)).endswith(f": {named}.")


@pytest.mark.parametrize("is_allowed", [False, True])
def test_the_first_files_are_named_and_the_rest_is_counted(is_allowed: bool) -> None:
    text = judged(search_of(NAMED_FILES + 2), is_allowed=is_allowed)
    assert f"{NAMED_FILES + 2} files" in text
    assert f"/{NAMED_FILES - 1}/.env (environment variables) and 2 more" in text
    assert f"/{NAMED_FILES}/" not in text


@pytest.mark.parametrize(("secret", "what"), SECRETS.values(), ids=SECRETS)
def test_no_message_shows_the_secret(secret: str, what: str) -> None:
    secrets = SecretSearch()
    secrets.search("/a.txt", f"x {secret} y".encode())
    (found,) = secrets.found
    place = f"/a.txt line {found.line} ({what})"
    assert judged(secrets) == f"1 file must not be published: {place}."
    assert judged(secrets, is_allowed=True).endswith(f"published: {place}.")


def test_nothing_found_is_nothing_said() -> None:
    warnings: list[str] = []
    for is_allowed in (False, True):
        SecretSearch().judge(is_allowed=is_allowed, warn=warnings.append)
    assert warnings == []


def test_the_site_of_the_examples_may_be_published() -> None:
    secrets = SecretSearch()
    build_manifest(EXAMPLES, search=secrets)
    assert secrets.found == []
