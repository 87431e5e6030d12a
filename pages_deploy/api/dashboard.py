"""Pages of Cloudflare's dashboard that people are sent to.

https://developers.cloudflare.com/fundamentals/api/how-to/account-owned-token-template/
"""

from __future__ import annotations

import json
from urllib.parse import urlencode

PERMISSIONS = [{"key": "page", "type": "edit"}]
# The form for a token, with the permission Account > Cloudflare Pages > Edit filled in.
TOKEN_FORM = "https://dash.cloudflare.com/profile/api-tokens?" + urlencode(
    {
        "permissionGroupKeys": json.dumps(PERMISSIONS, separators=(",", ":")),
        "accountId": "*",
        "zoneId": "all",
        "name": "pages-deploy",
    }
)
# Shows the account's id; where the user has several accounts, it asks for one first.
ACCOUNT_PAGE = "https://dash.cloudflare.com/?to=/:account/workers-and-pages"
