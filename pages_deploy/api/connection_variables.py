"""The environment variables that say which account to talk to, as whom, and where.

The same for the command line's options and for `PagesClient.from_environment`. Of each the first
that is not empty counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.errors import SettingsError
from pages_deploy.net.certificates import unusable_bundle

if TYPE_CHECKING:
    from collections.abc import Mapping

API_TOKEN = ("CLOUDFLARE_API_TOKEN", "CF_API_TOKEN")
# The legacy pair.
API_KEY = ("CLOUDFLARE_API_KEY", "CF_API_KEY")
EMAIL = ("CLOUDFLARE_EMAIL", "CF_EMAIL")
ACCOUNT_ID = ("CLOUDFLARE_ACCOUNT_ID", "CF_ACCOUNT_ID")
API_BASE_URL = ("CLOUDFLARE_API_BASE_URL", "CF_API_BASE_URL")
# In requests' own words, in OpenSSL's, or in curl's.
CA_BUNDLE = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")


def value_of(variables: tuple[str, ...], environ: Mapping[str, str]) -> str:
    """Return the first value that is not empty, without space around it; empty where all are."""
    values = (environ.get(variable, "").strip() for variable in variables)
    return next(filter(None, values), "")


def ca_bundle_of(environ: Mapping[str, str]) -> str | None:
    """Return the file of certificates that the environment names; None without one.

    Raises SettingsError for one that cannot be used: servers would seem to be untrusted, or not to
    answer at all.
    """
    for variable in CA_BUNDLE:
        path = environ.get(variable, "").strip()
        if not path:
            continue
        if reason := unusable_bundle(path):
            raise SettingsError(
                f"{variable} names '{path}', which cannot be the CA file: {reason}.",
                f"Correct {variable} to the whole path of a file of certificates in PEM, or unset "
                "it to trust the usual ones.",
            )
        return path
    return None
