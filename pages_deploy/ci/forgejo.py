"""Forgejo Actions: https://forgejo.org/docs/latest/user/actions/reference/

Its runner also says that it is Gitea and GitHub.
"""

from __future__ import annotations

from pages_deploy.ci import github

PLATFORM = github.runner(
    "forgejo", "Forgejo Actions", marks=("FORGEJO_ACTIONS",), run_variable="GITHUB_RUN_NUMBER"
)
