"""Gitea Actions: https://docs.gitea.com/usage/actions/faq

Its runner also says that it is GitHub.
"""

from __future__ import annotations

from pages_deploy.ci import github

PLATFORM = github.runner(
    "gitea",
    "Gitea Actions",
    marks=("GITEA_ACTIONS",),
    # Since Gitea 1.26 by the id; older ones, and nothing tells which it is, by the number.
    run_variable="GITHUB_RUN_NUMBER",
)
