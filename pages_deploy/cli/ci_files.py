"""The CI file of each platform: where it belongs, its text for a site, where secrets are set.

The texts are the samples in `examples/`, of which `samples/` has copies that
`scripts/init_samples.py` makes: an installed package has no examples.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pages_deploy.ci.git import run_git
from pages_deploy.cli.frameworks import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

SAMPLES = Path(__file__).parent / "samples"
# Of a sample: the project, the directory (of which Travis has a key), and what builds the site.
_WORD = re.compile(r"(?<![\w.-])(?:(my-site)|(dist)(?![\w:-])|(?:\./)?(build\.sh))(?![\w-])")


@dataclass(frozen=True)
class CiFile:
    """A platform's file."""

    path: str
    """Where it belongs, in the repository."""
    sample: str
    """The sample that it is made of, below `examples/`."""
    secrets: str
    """Where the platform takes its secrets, as the end of a sentence."""
    sign: str = ""
    """A file or directory by which a repository of this platform is known, beside `path`."""
    host: str = ""
    """What the git remote's address has in it."""

    @property
    def copy(self) -> Path:
        """The copy of the sample."""
        return SAMPLES / self.sample.rpartition("/")[2]


# By the name that `--ci` gives the platform. The first that is recognized counts.
CI_FILES = {
    "gitlab": CiFile(
        ".gitlab-ci.yml",
        "ci/gitlab-review.yml",
        "Settings > CI/CD > Variables, masked",
        host="gitlab",
    ),
    "forgejo": CiFile(
        ".forgejo/workflows/publish.yml",
        "ci/gitea.yml",
        "Settings > Actions > Secrets",
        sign=".forgejo",
        host="codeberg.org",
    ),
    "gitea": CiFile(
        ".gitea/workflows/publish.yml",
        "ci/gitea.yml",
        "Settings > Actions > Secrets",
        sign=".gitea",
        host="gitea",
    ),
    "bitbucket": CiFile(
        "bitbucket-pipelines.yml",
        "ci/bitbucket-pipelines.yml",
        "Repository settings > Repository variables, secured",
        host="bitbucket.org",
    ),
    "azure": CiFile(
        "azure-pipelines.yml",
        "ci/azure-pipelines.yml",
        "the pipeline's variables, kept secret",
        host="dev.azure.com",
    ),
    "circleci": CiFile(
        ".circleci/config.yml",
        "ci/circleci.yml",
        "Organization settings > Contexts, in the context cloudflare",
        sign=".circleci",
    ),
    "buildkite": CiFile(
        ".buildkite/pipeline.yml",
        "ci/buildkite.yml",
        "the cluster's secrets or the agent's environment hook",
        sign=".buildkite",
    ),
    "codebuild": CiFile(
        "buildspec.yml",
        "ci/buildspec.yml",
        "Secrets Manager, as a key of the secret pages-deploy",
    ),
    "drone": CiFile(".drone.yml", "ci/drone.yml", "the repository's secrets, in lower case"),
    "woodpecker": CiFile(
        ".woodpecker.yml",
        "ci/woodpecker.yml",
        "the repository's secrets, in lower case",
        sign=".woodpecker",
    ),
    "travis": CiFile(
        ".travis.yml", "ci/travis.yml", "the repository's settings > Environment variables"
    ),
    "teamcity": CiFile(
        ".teamcity/settings.kts",
        "ci/teamcity.kts",
        "a password parameter, by its token",
        sign=".teamcity",
    ),
    "jenkins": CiFile(
        "Jenkinsfile",
        "ci/Jenkinsfile.multibranch",
        "Credentials, as secret text with the id cloudflare-api-token",
    ),
    "github": CiFile(
        ".github/workflows/publish.yml",
        "github/basic.yml",
        "Settings > Secrets and variables > Actions",
        sign=".github",
        host="github.com",
    ),
}


@dataclass(frozen=True)
class Site:
    """What a sample is filled in with."""

    project_name: str
    directory: str
    build_command: str
    """Empty where it is not known: the sample's stays."""


def text_for(platform: str, site: Site) -> str:
    """Return a platform's file for a site."""

    def filled(found: re.Match[str]) -> str:
        if found[1]:
            return site.project_name
        return site.directory if found[2] else site.build_command or found[0]

    return _WORD.sub(filled, CI_FILES[platform].copy.read_text("utf-8"))


def find_platform(root: Path, environ: Mapping[str, str]) -> str:
    """Return the platform of a repository, by its files, then its remote; empty for none."""
    for name, file in CI_FILES.items():
        if any((root / path).exists() for path in (file.path, file.sign) if path):
            return name
    remote = (run_git(root, environ, "remote", "get-url", "origin") or "")[:MAX_BYTES].lower()
    return next((name for name, file in CI_FILES.items() if file.host and file.host in remote), "")
