"""What a deployment leaves behind on GitHub, Gitea, Forgejo and GitLab; nothing of it is needed."""

from __future__ import annotations
