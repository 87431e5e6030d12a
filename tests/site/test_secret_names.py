"""Which names are refused: whatever the file holds, or only with what it holds."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pages_deploy.site import secret_names
from pages_deploy.site.secret_names import NAMES, USUAL_ENDINGS, refused_for_its_name
from tests.patience import no_endless_work
from tests.site.secrets_made import secrets_in

PLACES = [
    pattern.replace("*", "name") + ("deep/file" if pattern.endswith("/") else "")
    for rule in NAMES
    if rule.holding is None
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


COPIES = [
    "{}~",
    "{}.old",
    "{}.bak",
    "{}.backup",
    "{}.orig",
    "{}.swp",
    "{}_old",
    "{} copy",
    "{} (1)",
]
COPIES += ["{}.1", "{}.1700000000.backup", "{}.old~", "{}-copy", "{}.save"]


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("name", ["id_rsa", ".env", ".npmrc", ".htpasswd", "site.p12", "a.tfstate"])
def test_a_copy_is_refused_like_the_file_itself(name: str, copy: str) -> None:
    assert [found.path for found in secrets_in({copy.format(name): "x"})] == [
        f"/{copy.format(name)}"
    ]


ONLY_WITH = {
    "production.env": ("A=b\n", "# nothing here\nA=\n"),
    "config/staging.env": ("export DATABASE=x", "A="),
    "app.env": ("DB_PASSWORD=hunter2\n", "PORT=3000\nNODE_ENV=production\n"),
    "secrets.env": ("A=b", ""),
    "web.env.local": ("API=1", ""),
    "api.env": ("URL=postgres://web:hunter2@db/web", "URL=https://example.test/a"),
    ".yarnrc.yml": ("npmAuthToken: 1234", "nodeLinker: node-modules\nnpmAuthToken: ${TOKEN}\n"),
    "deep/.yarnrc.yml": ('npmScopes:\n  a:\n    npmAuthIdent: "user:word"\n', "enableTelemetry: 0"),
    "auth.json": ('{"github-oauth": {"github.com": "x"}}', '{"github-oauth": {}, "user": "me"}'),
    "a/auth.json": ('{\n "http-basic": {\n  "repo.test": {', '{"page": "/auth"}'),
    "pip.conf": ("index-url = https://me:word@pypi.test/simple", "index-url = https://pypi.test/"),
    "NuGet.Config": ('<add key="ClearTextPassword" value="word" />', "<packageSources/>"),
    "settings.xml": ("<password>word</password>", "<password>${env.WORD}</password>"),
    "wp-config.php": ("define( 'DB_PASSWORD', 'word' );", "define( 'DB_PASSWORD', '' );"),
    "sftp-config.json": ('{"host": "a", "password": "word"}', '{"host": "a"}'),
}


@pytest.mark.parametrize(("name", "texts"), ONLY_WITH.items(), ids=ONLY_WITH)
def test_some_names_are_refused_only_with_what_the_file_holds(
    name: str, texts: tuple[str, str]
) -> None:
    bad, good = texts
    assert [(found.path, found.line) for found in secrets_in({name: bad})] == [(f"/{name}", 0)]
    assert secrets_in({name: good}) == []


def test_every_such_rule_has_a_file_here() -> None:
    refused = [
        found.what for name, (bad, _) in ONLY_WITH.items() for found in secrets_in({name: bad})
    ]
    assert {rule.what for rule in NAMES if rule.holding is not None} == set(refused)


@pytest.mark.parametrize(
    "value",
    [
        "DB_PASSWORD=swordfish",
        "export API_KEY='4f9Kq2LmZ8wR'",
        "API_TOKEN=4f9Kq2Lm",
        "SECRET_KEY_BASE=0b5e7f1a9c3d",
        'JWT_TOKEN="kq2LmZ8wR4f9"',
        "DATABASE_URL=postgres://web:gH7kQ2mZ9x@db.internal/web",
    ],
)
def test_a_sample_of_settings_with_a_value_in_it_is_refused(value: str) -> None:
    for name in (".env.example", ".env.local.example", ".dev.vars.sample", "a/.env.dist"):
        (found,) = secrets_in({name: f"# Copy me.\nPORT=3000\n{value}\n"})
        assert str(found) == f"/{name} (environment variables)"


@pytest.mark.parametrize(
    "value",
    [
        *(
            "DB_PASSWORD=",
            "API_KEY=your-api-key-here",
            "API_TOKEN=<paste it here>",
            "SECRET=changeme",
        ),
        *("DB_PASSWORD=postgres", "TOKEN=${TOKEN}", "SECRET_KEY=xxxxxxxxxxxx", "PASSWORD=12345678"),
        *("NEXT_PUBLIC_MAP_KEY=4f9Kq2LmZ8wR", "KEYBOARD_LAYOUT=qwertz-programmer", "PORT=30003000"),
        *(
            "DATABASE_URL=postgres://postgres:postgres@localhost/app",
            "AUTH_URL=https://auth.corp/a1",
        ),
        *("SSH_KEY=/run/keys/deploy", "# API_KEY=4f9Kq2LmZ8wR", "AUTHOR=Christopher"),
    ],
)
def test_a_sample_of_settings_without_a_secret_is_published(value: str) -> None:
    assert secrets_in({".env.example": f"PORT=3000\n{value}\n", "b/.env.sample": value}) == []


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


@pytest.mark.parametrize(
    "piece", [".", "/", ".tfstate.", "a/.env/", ".old", " copy", "~", "id_rsa"]
)
def test_no_path_takes_long_whatever_it_is(piece: str) -> None:
    with no_endless_work():
        secrets_in({f"{piece * 4000}x": ""})
        secrets_in({f".env{piece * 4000}/x": ""})


# What rules and usual files are made of, so that they meet in every way.
PIECES = sorted(
    {
        piece
        for rule in NAMES
        for pattern in rule.patterns
        for piece in re.split(r"([./*])", pattern)
    }
    | {*USUAL_ENDINGS, "/", ".", "a", "~", ".old", " copy", "_old"}
)


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join))
@example("terraform.tfstate.html")
@example(".env.html")
@example("id_rsa.html")
@example(".ssh/a.png")
def test_a_usual_name_is_one_that_no_rule_refuses(name: str) -> None:
    path = f"/{name}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secret_names, "_is_usual", lambda _lowered: False)
        by_rules = refused_for_its_name(path, b"A=b")
    assert refused_for_its_name(path, b"A=b") == by_rules


def test_a_usual_name_is_not_compared_with_any_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    def compared() -> None:
        raise AssertionError("compared")

    monkeypatch.setattr(secret_names, "_by_first_letter", compared)
    assert refused_for_its_name("/v1.2/Page.HTML", b"") is None
    assert refused_for_its_name("/std/struct.Vec.html", b"") is None
