"""nektos/act: https://nektosact.com/

GitHub's contract on somebody's own machine, with neither run pages nor an API.
"""

from __future__ import annotations

from pages_deploy.ci import github

PLATFORM = github.runner("act", "act", marks=("ACT", github.MARK), run_variable="")
