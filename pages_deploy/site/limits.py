"""What Pages takes of one site."""

from __future__ import annotations

# 25 MiB: https://developers.cloudflare.com/pages/platform/limits/#file-size
MAX_FILE_BYTES = 25 * 1024 * 1024
# The limit of the free plan, for when the upload token does not state the account's own:
# https://developers.cloudflare.com/pages/platform/limits/#files
DEFAULT_MAX_FILES = 20_000
# Of paid plans: https://developers.cloudflare.com/pages/platform/limits/#files
MAX_FILES = 100_000
