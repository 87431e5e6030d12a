"""Woodpecker CI: https://woodpecker-ci.org/docs/usage/environment

Its CI_* variables are called like GitLab's and mean other things.
"""

from __future__ import annotations

from pages_deploy.ci import drone
from pages_deploy.ci.platform import Platform

VARIABLES = drone.Variables(
    pull_request="CI_COMMIT_PULL_REQUEST",
    tag="CI_COMMIT_TAG",
    branch="CI_COMMIT_BRANCH",
    source_branch="CI_COMMIT_SOURCE_BRANCH",
    target_branch="CI_COMMIT_TARGET_BRANCH",
    default_branch="CI_REPO_DEFAULT_BRANCH",
    commit_hash="CI_COMMIT_SHA",
    commit_message="CI_COMMIT_MESSAGE",
    # The last is from before 1.0.
    run_urls=("CI_PIPELINE_URL", "CI_STEP_URL", "CI_BUILD_LINK"),
    repository="CI_REPO",
)
PLATFORM = Platform(
    name="woodpecker",
    detect=lambda environ: environ.get("CI") == "woodpecker",
    build=lambda environ: drone.read(environ, "Woodpecker", VARIABLES),
    secrets_place="Settings > Secrets, then `from_secret` in the step",
)
