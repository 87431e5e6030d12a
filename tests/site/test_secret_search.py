"""What must not be published is found by its name or its content, and nothing else is."""

from __future__ import annotations

import base64
import json
import random
import string
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pages_deploy.errors import DirectoryError
from pages_deploy.site.manifest import build_manifest
from pages_deploy.site.secret_search import (
    CONTENTS,
    GLANCES,
    NAMED_FILES,
    NAMES,
    SEARCHED_BYTES,
    FoundSecret,
    SecretSearch,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.world import BuildSite

EXAMPLES = Path(__file__).parents[2] / "examples/site"
# Made here, so that no scanner of this repository takes them for what they imitate.
DICE = random.Random(20)
LETTERS = string.ascii_letters + string.digits


def letters(count: int, alphabet: str = LETTERS) -> str:
    return "".join(DICE.choices(alphabet, k=count))


def key(kind: str = "", *, ends: str = "\n", headers: str = "", size: int = 600) -> str:
    """Return what looks like a private key in PEM."""
    body = base64.b64encode(DICE.randbytes(size)).decode()
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    title = f"{kind} PRIVATE KEY".strip()
    if kind == "PGP":
        title += " BLOCK"
    text = f"-----BEGIN {title}-----\n{headers}" + "\n".join(lines) + f"\n-----END {title}-----\n"
    return text.replace("\n", ends)


def aws(between: str) -> str:
    secret = "aA1" + letters(37)
    return f"AKIA{letters(16, string.ascii_uppercase + '234567')}{between}{secret}"


JWT = f"eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.{letters(300)}.{letters(200)}"
SECRETS = {
    "PKCS 8": (key(), "a private key"),
    "RSA": (key("RSA"), "a private key"),
    "EC": (key("EC", size=121), "a private key"),
    "Ed25519": (key(size=48), "a private key"),
    "OpenSSH": (key("OPENSSH"), "a private key"),
    "PGP": (key("PGP", headers="Version: GnuPG v2\nComment: mine\n\n"), "a private key"),
    "encrypted": (
        key("RSA", headers="Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF\n\n"),
        "a private key",
    ),
    "with line ends of Windows": (key(ends="\r\n"), "a private key"),
    "service account": (
        json.dumps({"type": "service_account", "private_key": key()}, indent=2),
        "a private key",
    ),
    "in a script": (f"const key = '{key(ends=chr(92) + 'n')}';", "a private key"),
    "AWS in a file": (
        f"[default]\naws_access_key_id = {aws(chr(10) + 'aws_secret_access_key = ')}\n",
        "an AWS key",
    ),
    "AWS in a script": (f'{{id:"{aws(chr(34) + ",secret:" + chr(34))}"}}', "an AWS key"),
    "Cloudflare user": (f"cfut_{letters(40)}0badcafe", "a Cloudflare token"),
    "Cloudflare account": (f"cfat_{letters(40)}0badcafe", "a Cloudflare token"),
    "Cloudflare global": (f"cfk_{letters(40)}0badcafe", "a Cloudflare key"),
    **{f"gh{kind}": (f"gh{kind}_{letters(36)}", "a GitHub token") for kind in "opsur"},
    "ghs, the longer form": (f"ghs_2718281_{JWT}", "a GitHub token"),
    "github_pat": (f"github_pat_{letters(22)}_{letters(59)}", "a GitHub token"),
    "glpat": (f"glpat-{letters(20)}", "a GitLab token"),
    "glpat, the longer form": (f"glpat-{letters(37)}.01.{letters(9).lower()}", "a GitLab token"),
    "npm": (f"npm_{letters(36)}", "an npm token"),
    "Slack bot": (f"xoxb-48151623420-9876543210987-{letters(24)}", "a Slack token"),
    "Slack user": (
        f"xoxp-48151623420-48151623421-9876543210987-{letters(32)}",
        "a Slack token",
    ),
    "Stripe secret": (f"sk_live_{letters(24)}", "a Stripe key"),
    "Stripe restricted": (f"rk_live_{letters(99)}", "a Stripe key"),
    "OpenAI": (f"sk-proj-{letters(74)}T3BlbkFJ{letters(74)}", "an OpenAI key"),
    "Anthropic": (f"sk-ant-api03-{letters(93)}AA", "an Anthropic key"),
}


def secrets_in(files: Mapping[str, bytes | str]) -> list[FoundSecret]:
    secrets = SecretSearch()
    for path, content in files.items():
        secrets.search(f"/{path}", content.encode() if isinstance(content, str) else content)
    return secrets.found


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
    for rule in CONTENTS:
        assert any(rule.pattern.search(secret.encode()) for secret, _ in SECRETS.values()), (
            rule.form
        )


def test_the_line_is_told() -> None:
    secret, what = SECRETS["npm"]
    (found,) = secrets_in({"a.txt": f"one\ntwo\n  {secret}\n"})
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


@given(st.text(LETTERS + " _-=\"':;.,\n", max_size=2000))
def test_what_the_rules_find_passes_the_glance(text: str) -> None:
    for rule in CONTENTS:
        if rule.pattern.search(text.encode()):
            assert any(glance.search(text.encode()) for glance in GLANCES)


@pytest.mark.parametrize(("secret", "what"), SECRETS.values(), ids=SECRETS)
def test_every_secret_passes_the_glance(secret: str, what: str) -> None:
    assert any(glance.search(secret.encode()) for glance in GLANCES), what


@given(st.binary(max_size=300))
def test_no_content_makes_the_search_fail(content: bytes) -> None:
    found_in(content)
    found_in(b"-----BEGIN PRIVATE KEY-----\n" + content)


PLACES = [
    pattern.replace("*", "name") + ("deep/file" if pattern.endswith("/") else "")
    for rule in NAMES
    for pattern in rule.patterns
]


@pytest.mark.parametrize("place", PLACES)
def test_a_name_is_refused_at_any_depth_and_in_any_case(place: str) -> None:
    refused = secrets_in({place: "", f"a b/.c/{place}": "", place.upper(): ""})
    assert [found.path for found in refused] == [
        f"/{place}",
        f"/a b/.c/{place}",
        f"/{place.upper()}",
    ]
    assert {found.line for found in refused} == {0}


HARMLESS = [
    *(".env.example", ".env.sample", ".env.template", ".env.local.example", ".dev.vars.example"),
    *("env", "env.js", "environment.env", "my.env", ".environment", ".env-notes.html", "a.env.txt"),
    *("id_rsa.pub", "id_ed25519.pub", "my_id_rsa", "id_rsa.html", "npmrc", "npmrc.html"),
    *("docs/netrc.html", "docs/credentials", "docs/config.json", "config/gcloud/index.html"),
    *("cert.pem", "public.key", "p12.html", "kubeconfig.html", "docs/kube/config", "history"),
    *(".gitignore", ".gitattributes", ".github/x.yml", ".nojekyll", ".htaccess", "x.git/HEAD"),
    *(".env/", "aws/x", "terraform.html", "tfstate", ".wrangler/x", "ssh/config", "git/HEAD"),
    *(
        ".well-known/security.txt",
        ".well-known/acme-challenge/a_B-c",
        ".well-known/assetlinks.json",
    ),
    *(".well-known/apple-app-site-association", ".well-known/openpgpkey/hu/abc"),
]


def test_harmless_names_are_published() -> None:
    assert secrets_in(dict.fromkeys(HARMLESS, "x")) == []


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
    manifest = build_manifest(root, on_content=secrets.search)
    assert sorted(map(str, secrets.found)) == [
        "/.env (environment variables)",
        "/.hidden/.git/config (a repository's inside)",
        "/_headers line 2 (an npm token)",
        "/deep/er/notes.txt line 1 (an npm token)",
        "/linked.txt line 1 (an npm token)",
        "/linked/er/notes.txt line 1 (an npm token)",
    ]
    assert manifest == build_manifest(root)


def test_only_the_beginning_of_a_file_is_searched() -> None:
    secret, what = SECRETS["npm"]
    room = SEARCHED_BYTES - len(secret) - 1
    assert found_in("x" * room + " " + secret) == [what]
    assert found_in("x" * room + "  " + secret) == []


def test_a_large_file_is_looked_at_once_and_in_part(site: BuildSite) -> None:
    seen: list[tuple[str, int]] = []
    root = site({"large.txt": b"x" * 3_000_000, "small.txt": b"y"})
    build_manifest(root, on_content=lambda path, head: seen.append((path, len(head))))
    assert [path for path, _ in seen] == ["/large.txt", "/small.txt"]
    assert SEARCHED_BYTES <= seen[0][1] < 300_000
    assert seen[1][1] == 1


def test_binary_files_are_not_searched() -> None:
    secret, what = SECRETS["npm"]
    assert found_in(b"\x89PNG\r\n\x00" + secret.encode()) == []
    assert found_in(b"\x89PNG\r\n\xff" + secret.encode()) == [what]


def test_a_zero_byte_beyond_what_is_searched_hides_nothing(site: BuildSite) -> None:
    secret, what = SECRETS["npm"]
    text = secret.encode().ljust(SEARCHED_BYTES, b"\n")
    assert found_in(text + b"\0") == [what]
    assert found_in(text[:-1] + b"\0") == []
    secrets = SecretSearch()
    build_manifest(site({"mixed.bin": text + bytes(100)}), on_content=secrets.search)
    assert [finding.what for finding in secrets.found] == [what]


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


@pytest.mark.parametrize("is_allowed", [False, True])
def test_the_first_files_are_named_and_the_rest_is_counted(is_allowed: bool) -> None:
    secrets = SecretSearch()
    for number in range(NAMED_FILES + 2):
        secrets.search(f"/{number}/.env", b"")
    text = judged(secrets, is_allowed=is_allowed)
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
    build_manifest(EXAMPLES, on_content=secrets.search)
    assert secrets.found == []
