"""The alias of a branch: the address that leads to the newest of its previews.

Its label is the branch in lower case, with a hyphen for every character that is no letter from a to
z, digit or hyphen, cut to 28 characters, which leaves two long names with one label. The hyphens of
either end go first, and the cut may leave one again.
https://developers.cloudflare.com/pages/configuration/preview-deployments/#preview-aliases
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from pages_deploy.api.deployments import DEPLOYMENTS_PER_PAGE

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Deployment

MAX_LABEL_CHARACTERS = 28
# An alias whose preview is further back than so many others is not found.
MOST_SEARCHED = 4 * DEPLOYMENTS_PER_PAGE
_NOT_IN_LABEL = re.compile("[^a-z0-9-]")


def alias_label(branch: str) -> str:
    """Return the label of a branch's alias.

    Empty for a branch without a character that can stand there: Pages gives it random letters.
    """
    return _NOT_IN_LABEL.sub("-", branch.lower()).strip("-")[:MAX_LABEL_CHARACTERS]


def holder_of(client: PagesClient, project_name: str, alias: str) -> Deployment | None:
    """Return the preview to which an alias leads; None where none of the newest has it.

    Raises ApiError.
    """
    listed = client.deployments.list(project_name, environment="preview")
    recent = itertools.islice(listed, MOST_SEARCHED)
    return next((one for one in recent if alias in one.aliases), None)
