"""Whatever the environment and the files of a checkout say: settings, or a SettingsError."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from pages_deploy.ci.detection import NAMES
from pages_deploy.errors import SettingsError
from pages_deploy.settings import options
from pages_deploy.settings.loading import load_settings, secret_values
from pages_deploy.settings.options import OPTIONS
from tests.fuzz import documents
from tests.fuzz.effort import effort, mostly
from tests.settings.heard import Heard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pages_deploy.settings.option import Option
    from pages_deploy.settings.settings import Settings

SECRET = "s3cr3t-0f-the-fuzz-test"
VALUES = [
    "true",
    "Yes",
    "0",
    "1",
    "3",
    "999",
    "1000",
    "-1",
    "1e5",
    "1_0",
    "nan",
    "inf",
    "1e400",
    "0.5",
]
VALUES += [
    "\u0663",
    "off",
    "everything",
    "hosts",
    "main",
    "HEAD",
    "42/merge",
    "dist",
    ".",
    "..",
    "/",
]
VALUES += [
    "dist/\x00",
    "x" * 300,
    "~",
    "\x00",
    "\udcff",
    "\ud800",
    " ",
    "\n",
    "a\nb",
    "\u2028",
    "é",
]
VALUES += ["https://h.test/v4", "http://[", "https://h:99999/", "https://h:0", "https://", "//h"]
VALUES += [
    "https://u:p@h.test",
    "http://h.test/%",
    "https://\u2100.test",
    "http://x.localhost",
    "HTTPS://H",
]
VALUES += ["$(NAME)", "a $(NAME) b", "${{ secrets.X }}", "${{ a }} ${{", "$(", "${{", "%s{0}", "{}"]
VALUES += [
    "pages deploy",
    "pages deploy dist --branch=x",
    "wrangler pages publish a b",
    "pages deploy '",
]
VALUES += [
    "pages deploy --cwd",
    "pages deploy --cwd=..",
    "pages deploy --commit-dirty x",
    "deploy",
    "'",
]
VALUES += ["pages deploy --cwd=\x00", "pages deploy --branch $(NAME)", "pages deploy --unknown=1"]
VALUES += [*NAMES, ".env", "missing.env", "wrangler.toml", "broken"]

values = mostly(st.sampled_from(VALUES), st.text(max_size=10))
# What a secret may be, right or wrong, with a word that must not be seen.
around = st.sampled_from(
    ["", "", "", " ", "\n", "\x00", "é", "a b", "$(X)", "${{", "}}", "$(", ")", "'"]
)
# A value that is nothing but a template is nobody's secret, and has to be shown.
TEMPLATE = f"${{{{{SECRET}}}}}"
secrets = st.tuples(around, around).map(lambda pair: f"{pair[0]}{SECRET}{pair[1]}")
secrets = secrets.filter(lambda text: text != TEMPLATE)


def value_of(option: Option) -> st.SearchStrategy[str]:
    return secrets if option.secret else values


def spelled(name: str) -> st.SearchStrategy[str]:
    """An option's name in any of the spellings that are one."""
    cases = st.sampled_from([name, name.lower(), name.title()])
    return st.tuples(cases, st.sampled_from(["_", "-", ""])).map(lambda p: p[0].replace("_", p[1]))


def pairs_of(option: Option) -> st.SearchStrategy[tuple[str, str]]:
    """A variable that may set an option, and a value."""
    prefixed = st.tuples(st.sampled_from(["INPUT_", "input_", "PLUGIN_"]), spelled(option.name))
    names = st.sampled_from(option.all_variables) | prefixed.map("".join)
    return st.tuples(names, value_of(option))


PLATFORMS = ["GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL", "TF_BUILD", "CI", "TRAVIS", "BUILDKITE"]
PLATFORMS += ["BITBUCKET_BUILD_NUMBER", "CIRCLECI", "DRONE", "CI_PIPELINE_FORGE_URL", "CF_PAGES"]
any_pair = st.one_of(
    *map(pairs_of, OPTIONS),
    st.tuples(st.sampled_from(PLATFORMS), st.just("true")),
    st.tuples(st.sampled_from(PLATFORMS), values),
    st.tuples(st.text(max_size=6), values),
)
COMPLETE = {
    "CLOUDFLARE_API_TOKEN": SECRET,
    "PAGES_DEPLOY_DIRECTORY": "dist",
    "PAGES_DEPLOY_BRANCH": "main",
}
environments = st.tuples(
    st.sampled_from([{}, COMPLETE, COMPLETE]), st.lists(any_pair, max_size=3).map(dict)
).map(lambda parts: parts[0] | parts[1])
# Few at once, too: the first that is wrong hides the others.
flags = st.lists(
    st.sampled_from([option for option in OPTIONS if option.flag or option.positional]).flatmap(
        lambda option: st.tuples(st.just(option.name), value_of(option))
    ),
    max_size=2,
).map(dict)


@st.composite
def env_files(draw: st.DrawFn) -> bytes:
    """Lines of a `.env` file, in and out of form."""
    lines = []
    for name, value in draw(st.lists(any_pair, max_size=3)):
        quote = draw(st.sampled_from(["", "'", '"']))
        lines.append(draw(st.sampled_from(["", "export ", " "])) + f"{name}={quote}{value}{quote}")
    lines += draw(st.lists(st.text(max_size=8), max_size=1))
    return "\n".join(lines).encode(errors="surrogatepass") + draw(
        st.sampled_from([b"", b"", b"", b"\xff", b"\x00", b'A="', b"\\"])
    )


config = st.fixed_dictionaries(
    {}, optional={"name": values, "pages_build_output_dir": values, "main": values}
)
json_texts = st.one_of(
    config.map(json.dumps),
    config.map(json.dumps).map(lambda text: f"// a comment\n/* and */ {text[:-1]},\n}}"),
    documents.anything.map(json.dumps),
    st.text('{}[]",:/*\\\n\t a1', max_size=24),
    st.integers(1, 5000).map(lambda depth: "[" * depth),
    st.integers(1, 2000).map(lambda times: "/*" * times),
    st.integers(1, 2000).map(lambda times: ",//" + "\n//" * times),
)
toml_texts = st.one_of(
    config.map(lambda data: "".join(f"{name} = {json.dumps(data[name])}\n" for name in data)),
    st.text("[]{}\"'=.,#\n abn1_-:TZ+\\", max_size=24),
    st.integers(1, 5000).map(lambda depth: "a = " + "[" * depth),
    st.sampled_from(["name = 2026-99-99", "name = 1e999999", "a.b = 1\na = 2", "name = '\x00'"]),
    st.just("name = " + "9" * 5000),
)
wrangler_files = st.one_of(
    st.tuples(st.sampled_from(["wrangler.json", "wrangler.jsonc"]), json_texts),
    st.tuples(st.just("wrangler.toml"), toml_texts),
).map(lambda pair: (pair[0], pair[1].encode(errors="surrogatepass")))
raw_files = st.tuples(
    st.sampled_from(["wrangler.json", "wrangler.jsonc", "wrangler.toml"]), st.binary(max_size=12)
)
FILES = [".env", "wrangler.json", "wrangler.jsonc", "wrangler.toml"]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory whose files every example replaces."""
    root = tmp_path_factory.mktemp("around") / "checkout"
    root.mkdir()
    (root / "dist").mkdir()
    (root / "broken").symlink_to("broken")
    return root


@pytest.fixture(scope="module", autouse=True)
def no_git() -> Iterator[None]:
    """Git knows nothing of these checkouts and takes its time to say so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")
        yield


def read_everything(settings: Settings) -> None:
    """Use every value as the commands do; one may turn out to be missing."""
    for option in OPTIONS:
        settings.text(option).encode()
        settings.switch(option)
        if option.kind in {"count", "seconds"}:
            assert settings.number(option) > 0
    assert settings.purge in options.PURGE.choices
    assert settings.skips_for_want_of_a_token in {True, False}
    assert settings.commit_dirty in {True, False, None}
    settings.check_credentials()
    assert settings.credentials is not None
    assert settings.purge_credentials is not None
    assert settings.branch.strip() == settings.branch
    assert settings.build_directory.name is not None


@given(
    environ=environments,
    flags=flags,
    env_file=st.none() | env_files(),
    wrangler=st.none() | wrangler_files | raw_files,
)
@effort(250)
def test_every_mapping_is_settings_or_an_error_that_tells_no_secret(
    checkout: Path,
    environ: dict[str, str],
    flags: dict[str, str],
    env_file: bytes | None,
    wrangler: tuple[str, bytes] | None,
) -> None:
    for name in FILES:
        (checkout / name).unlink(missing_ok=True)
    if env_file is not None:
        (checkout / ".env").write_bytes(env_file)
    if wrangler is not None:
        (checkout / wrangler[0]).write_bytes(wrangler[1])
    heard = Heard()
    told: list[str] = []
    try:
        settings = load_settings(
            flags,
            environ,
            current_directory=checkout,
            listener=heard,
        )
        event("settings")
        read_everything(settings)
    except SettingsError as error:
        event("SettingsError")
        told += [error.message, error.hint]
    told += [*heard.details, *heard.steps, *heard.warnings]
    assert not [text for text in told if SECRET in text]
    masked = secret_values(environ)
    assert all(value.strip() == value for value in masked)
