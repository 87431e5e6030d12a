"""Findings as SARIF 2.1.0, which GitHub's code scanning and many editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, and for what GitHub takes of it
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pages_deploy import __version__
from pages_deploy.preflight.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pages_deploy.preflight.finding import Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# GitHub refuses more in one run.
MOST_RESULTS = 25_000


# Any: an object of JSON.
def sarif_of(findings: Iterable[Finding], *, directory: str) -> dict[str, Any]:
    """Return the log of one run.

    `directory` is the build directory as it is called from the root of the checkout; of more
    findings than `MOST_RESULTS` the first are in it.
    """
    kept = [finding for finding, _ in zip(findings, range(MOST_RESULTS), strict=False)]
    codes = [code for code in CODES if any(finding.code == code for finding in kept)]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "pages-deploy",
                        "version": __version__,
                        "rules": [
                            {
                                "id": code,
                                "shortDescription": {"text": CODES[code]},
                                "help": {"text": f"{CODES[code]} See docs/findings.md#{code}."},
                            }
                            for code in codes
                        ],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, codes, directory) for finding in kept],
            }
        ],
    }


def _result(finding: Finding, codes: list[str], directory: str) -> dict[str, Any]:
    place = "/".join(part for part in (directory.strip("/"), finding.file) if part) or "."
    physical: dict[str, Any] = {
        "artifactLocation": {
            "uri": quote(place.encode("utf-8", "replace")),
            "uriBaseId": "%SRCROOT%",
        }
    }
    # GitHub shows nothing without a line.
    physical["region"] = {"startLine": finding.line or 1}
    same = "\0".join((finding.code, finding.file, str(finding.line), finding.target or ""))
    return {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": finding.severity,
        "message": {"text": f"{finding.message} {finding.remedy}".strip()},
        "locations": [{"physicalLocation": physical}],
        # By which the same finding is known again in a later run.
        "partialFingerprints": {
            "pagesDeploy/v1": hashlib.sha256(same.encode("utf-8", "replace")).hexdigest()
        },
    }
