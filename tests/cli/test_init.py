"""`init`: what it finds, what it asks for, what it writes, and that it overwrites nothing."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from pages_deploy.cli.ci_files import CI_FILES, Site, text_for
from pages_deploy.cli.frameworks import FRAMEWORKS, build_command, find_framework
from tests.cli.reading import complaint
from tests.world import inherited

if TYPE_CHECKING:
    from tests.cli.reading import AtTerminal
    from tests.world import RunCli

ROOT = Path(__file__).resolve().parents[2]
GIVEN = ["--directory", "www/made", "--project-name", "blog"]


@pytest.mark.parametrize("platform", CI_FILES)
def test_the_copy_of_a_sample_is_the_sample(platform: str) -> None:
    file = CI_FILES[platform]
    sample = (ROOT / "examples" / file.sample).read_bytes()
    assert file.copy.read_bytes() == sample, "run: python scripts/init_samples.py"


@pytest.mark.parametrize("platform", CI_FILES)
def test_the_file_is_the_sample_with_this_site_in_it(
    run_cli: RunCli, tmp_path: Path, platform: str
) -> None:
    outcome = run_cli("init", "--platform", platform, *GIVEN)
    assert outcome.exit_code == 0, outcome.stderr
    file = CI_FILES[platform]
    text = (tmp_path / file.path).read_text("utf-8")
    assert text != file.copy.read_text("utf-8")
    assert "my-site" not in text
    assert re.findall(r"\bdist\b(?!: noble)", text) == []
    assert "blog" in text
    back = re.sub(r"\bblog\b", "my-site", re.sub(r"\bwww/made\b", "dist", text))
    assert back == file.copy.read_text("utf-8")
    assert f"Wrote {file.path}" in outcome.stdout
    assert "CLOUDFLARE_API_TOKEN" in outcome.stdout
    assert "CLOUDFLARE_ACCOUNT_ID" in outcome.stdout
    assert file.secrets in outcome.stdout


@pytest.mark.parametrize(
    "platform", [name for name, file in CI_FILES.items() if file.path.endswith("yml")]
)
@pytest.mark.parametrize("framework", FRAMEWORKS, ids=lambda one: one.name)
def test_what_is_written_is_yaml_for_every_framework(
    tmp_path: Path, platform: str, framework: Any
) -> None:
    builds_by = build_command(framework, tmp_path)
    text = text_for(platform, Site("blog", framework.directory, builds_by))
    assert isinstance(yaml.safe_load(text), dict)
    assert builds_by in text
    assert "build.sh" not in text


MARKS = {
    "Astro": ("astro.config.mjs", "", "dist"),
    "Next.js": ("next.config.ts", "", "out"),
    "SvelteKit": ("svelte.config.js", "", "build"),
    "Vite": ("vite.config.ts", "", "dist"),
    "Hugo": ("hugo.toml", "", "public"),
    "Jekyll": ("_config.yml", "", "_site"),
    "MkDocs": ("mkdocs.yml", "", "site"),
    "Sphinx": ("docs/conf.py", "", "docs/_build/html"),
    "Docusaurus": ("docusaurus.config.ts", "", "build"),
    "Eleventy": (".eleventy.js", "", "_site"),
    "Gatsby": ("gatsby-config.js", "", "public"),
    "Nuxt": ("nuxt.config.ts", "", ".output/public"),
    "Zola": ("config.toml", 'base_url = "https://example.com"\n', "public"),
    "mdBook": ("book.toml", "", "book"),
}


@pytest.mark.parametrize("name", MARKS)
def test_a_framework_is_known_by_its_file(run_cli: RunCli, tmp_path: Path, name: str) -> None:
    file, text, directory = MARKS[name]
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)
    outcome = run_cli("init", "--platform", "github", "--project-name", "blog")
    assert outcome.exit_code == 0, outcome.stderr
    assert name in outcome.stdout
    workflow = yaml.safe_load((tmp_path / ".github/workflows/publish.yml").read_text("utf-8"))
    steps = workflow["jobs"]["publish"]["steps"]
    (publish,) = [step for step in steps if "projectName" in step.get("with", {})]
    assert publish["with"]["directory"] == directory
    assert publish["with"]["projectName"] == "blog"


@pytest.mark.parametrize("package", [one.package for one in FRAMEWORKS if one.package])
@pytest.mark.parametrize("kind", ["dependencies", "devDependencies"])
def test_a_framework_is_known_by_its_package(tmp_path: Path, package: str, kind: str) -> None:
    data = {kind: {package: "1", "vite": "1"}}
    (tmp_path / "package.json").write_text(json.dumps(data))
    found = find_framework(tmp_path)
    assert found is not None
    assert found.package == package


@pytest.mark.parametrize("text", ["", "{", "[]", '{"dependencies": []}', "[" * 100_000, "\0"])
def test_a_package_file_that_says_nothing_is_no_framework(tmp_path: Path, text: str) -> None:
    (tmp_path / "package.json").write_text(text)
    assert find_framework(tmp_path) is None


def test_hugos_older_configuration_is_told_from_zolas(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('baseURL = "https://example.com"\n')
    found = find_framework(tmp_path)
    assert found is not None
    assert found.name == "Hugo"
    (tmp_path / "config.toml").write_text("")
    assert find_framework(tmp_path) is None


@pytest.mark.parametrize(
    ("lock", "command"),
    [
        ("package-lock.json", "npm ci && npm run build"),
        ("pnpm-lock.yaml", "pnpm install --frozen-lockfile && pnpm run build"),
        ("yarn.lock", "yarn install --frozen-lockfile && yarn run build"),
        ("bun.lock", "bun install --frozen-lockfile && bun run build"),
        ("nothing", "npm install && npm run build"),
    ],
)
def test_the_lock_file_tells_how_the_site_is_built(tmp_path: Path, lock: str, command: str) -> None:
    for name in (lock, "astro.config.mjs"):
        (tmp_path / name).touch()
    framework = find_framework(tmp_path)
    assert framework is not None
    assert build_command(framework, tmp_path) == command


@pytest.mark.parametrize("platform", CI_FILES)
def test_nothing_is_overwritten(run_cli: RunCli, tmp_path: Path, platform: str) -> None:
    file = tmp_path / CI_FILES[platform].path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("mine")
    outcome = run_cli("init", "--platform", platform, *GIVEN)
    assert "already exists" in complaint(outcome, 2)
    assert file.read_text() == "mine"


def test_no_file_is_made_at_the_other_end_of_a_link(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "Jenkinsfile").symlink_to(tmp_path / "elsewhere")
    assert complaint(run_cli("init", "--platform", "jenkins", *GIVEN), 2)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("made", "platform"),
    [
        (".github/dependabot.yml", "github"),
        (".forgejo/x", "forgejo"),
        (".gitea/x", "gitea"),
        (".circleci/x", "circleci"),
        (".buildkite/x", "buildkite"),
        (".woodpecker/x", "woodpecker"),
    ],
)
def test_the_platform_is_known_by_its_files(
    run_cli: RunCli, tmp_path: Path, made: str, platform: str
) -> None:
    (tmp_path / made).parent.mkdir()
    (tmp_path / made).touch()
    assert f"Wrote {CI_FILES[platform].path}" in run_cli("init", *GIVEN).stdout


@pytest.mark.parametrize(
    ("remote", "platform"),
    [
        ("git@github.com:me/site.git", "github"),
        ("https://gitlab.example.com/me/site.git", "gitlab"),
        ("https://codeberg.org/me/site.git", "forgejo"),
        ("git@bitbucket.org:me/site.git", "bitbucket"),
        ("https://me@dev.azure.com/me/site/_git/site", "azure"),
    ],
)
def test_the_platform_is_known_by_the_remote(
    run_cli: RunCli, tmp_path: Path, remote: str, platform: str
) -> None:
    for words in (["init", "--quiet"], ["remote", "add", "origin", remote]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, env=inherited())
    outcome = run_cli("init", *GIVEN, environ=inherited())
    assert f"Wrote {CI_FILES[platform].path}" in outcome.stdout


def test_what_is_neither_given_nor_found_is_named_where_nobody_can_be_asked(
    run_cli: RunCli, tmp_path: Path
) -> None:
    assert "--platform" in complaint(run_cli("init", *GIVEN), 2)
    outcome = run_cli("init", "--platform", "github", "--project-name", "x")
    assert "--directory" in complaint(outcome, 2)
    assert list(tmp_path.iterdir()) == []
    root = tmp_path / "_"
    root.mkdir()
    outcome = run_cli("init", "--platform", "github", "--directory", "x", cwd=root)
    assert "--project-name" in complaint(outcome, 2)


def test_the_project_is_called_like_its_directory_or_as_the_configuration_says(
    run_cli: RunCli, tmp_path: Path
) -> None:
    root = tmp_path / "My Blog"
    root.mkdir()
    run_cli("init", "--platform", "azure", "--directory", "x", cwd=root)
    assert "--project-name my-blog " in (root / "azure-pipelines.yml").read_text("utf-8")
    (root / "wrangler.toml").write_text('name = "named"\npages_build_output_dir = "./made"\n')
    run_cli("init", "--platform", "bitbucket", cwd=root)
    text = (root / "bitbucket-pipelines.yml").read_text("utf-8")
    assert "pages-deploy made --project-name named " in text


def test_on_a_terminal_it_asks(at_terminal: AtTerminal, tmp_path: Path) -> None:
    outcome = at_terminal("init", environ={}, answer="bitbucket\npublic_html\nshop\n")
    assert outcome.exit_code == 0, outcome.stderr
    text = (tmp_path / "bitbucket-pipelines.yml").read_text("utf-8")
    assert "pages-deploy public_html --project-name shop " in text
    assert "Platform [github]:" in outcome.stderr
    (tmp_path / "bitbucket-pipelines.yml").unlink()
    outcome = at_terminal("init", environ={}, answer="mine\n")
    assert outcome.exit_code == 2
    assert "no file for the platform 'mine'" in outcome.stderr


@pytest.mark.parametrize(
    "directory", ["../x", "/etc", "a b", "a;b", "$(x)", "-x", "a'b", "a: b", "a\nb", "x" * 9 + "#"]
)
def test_a_directory_that_would_be_more_than_a_word_is_refused(
    run_cli: RunCli, tmp_path: Path, directory: str
) -> None:
    words = ["init", "--platform", "github", "--project-name", "x", f"--directory={directory}"]
    assert "cannot be written" in complaint(run_cli(*words), 2)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_pages_would_not_take_is_refused(run_cli: RunCli) -> None:
    words = ["init", "--platform", "github", "--project-name", "No Name", "--directory", "x"]
    assert "cannot be the name of a project" in complaint(run_cli(*words), 2)


def test_a_directory_that_takes_no_file_is_one_sentence(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / ".github").touch()
    assert "cannot be written" in complaint(run_cli("init", "--platform", "github", *GIVEN), 2)


def test_the_page_has_the_directory_of_each_framework() -> None:
    rows = (ROOT / "docs/completion.md").read_text("utf-8").splitlines()
    for framework in FRAMEWORKS:
        (row,) = [row for row in rows if row.startswith("| ") and framework.name in row]
        assert f"`{framework.directory}`" in row
