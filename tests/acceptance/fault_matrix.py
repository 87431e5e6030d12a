"""What can go wrong: the requests of one deployment, and the faults that each of them may meet.

One run meets all requests, since it looks its account up, creates its project and purges a cache.
To cover one more request, add a line.
"""

from __future__ import annotations

import base64
import gzip
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.emulator.http.faults import (
    Answer,
    ConnectionReset,
    EndlessAnswer,
    LostAnswer,
    Stall,
    TruncatedAnswer,
)
from tests.world import CHECK_MISSING, DEPLOYMENTS, PROJECT, UPLOAD, UPLOAD_TOKEN, UPSERT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.emulator.http.faults import Fault

# Its spellings differ, so that a leak shows in each.
TOKEN = "the+marked/token=of.the~faults"
# A careless server repeats what it was sent.
ECHO = f"{TOKEN} {quote(TOKEN, '')} {base64.b64encode(TOKEN.encode()).decode()}"


@dataclass(frozen=True)
class Request:
    """One kind of request of a deployment."""

    name: str
    # What it is for; stands on the page.
    words: str
    method: str
    pattern: str
    # Whether the run goes on without its answer.
    optional: bool = False
    # Sent only when the answer to the creation was lost, or when the deployment failed.
    after_lost_creation: bool = False
    after_failure: bool = False
    # Whether the answers prove that the deployment is right; what is wrong is deployed once more,
    # but for what is wrong where visitors are.
    proves: bool = False
    proves_visitors: bool = False


BEFORE_CREATION = (
    Request("accounts", "which account is meant, where none is given", "GET", "/accounts"),
    Request("project", "the project's look-up", "GET", f"*/pages/projects/{PROJECT}"),
    Request("new project", "its creation, where that is asked for", "POST", "*/pages/projects"),
    Request("upload token", "the token for the next three", "GET", UPLOAD_TOKEN),
    Request("missing", "which files Pages lacks", "POST", CHECK_MISSING),
    Request("upload", "those files, several requests at once", "POST", UPLOAD),
    Request("mark", "which files are in use; optional", "POST", UPSERT, optional=True),
)
_STATUS = f"*/deployments/{'-'.join('?' * digits for digits in (8, 4, 4, 4, 12))}"
CREATION = Request("creation", "the creation of the deployment", "POST", DEPLOYMENTS)
FROM_CREATION_ON = (
    Request(
        "list", "which deployments there are before; optional", "GET", DEPLOYMENTS, optional=True
    ),
    CREATION,
    Request(
        "search",
        "the list again, after an answer to the creation was lost",
        "GET",
        DEPLOYMENTS,
        after_lost_creation=True,
    ),
    Request("status", "the looks until the deployment has ended", "GET", _STATUS),
    Request(
        "log", "the log of a deployment that failed", "GET", "*/history/logs", after_failure=True
    ),
    Request(
        "proof",
        "what the deployed address serves",
        "*",
        f"*.{PROJECT}.localhost/*",
        proves=True,
    ),
    Request(
        "visitors",
        "what production's address serves",
        "*",
        f"{PROJECT}.localhost/*",
        proves_visitors=True,
    ),
    Request(
        "purge", "the purge of the cache; optional", "POST", "/zones/*/purge_cache", optional=True
    ),
)
REQUESTS = BEFORE_CREATION + FROM_CREATION_ON


def _page(status: int) -> Answer:
    """A page of a gateway."""
    body = f"<html><title>{status}</title>{ECHO}</html>"
    return Answer(status=status, body=body, headers={"Content-Type": "text/html"})


def _error(status: int, code: int, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer.error(status, code, message=f"injected: {ECHO}", headers=headers)


def _unclear(body: str) -> Answer:
    """A success that cannot be read as one, although it was one."""
    return Answer(status=200, body=body, is_processed=True)


# What nobody reads to its end: 64 MiB of spaces.
BOMB = gzip.compress(bytes([0x20]) * 64 * 1024 * 1024)
LOGIN = {"Location": "https://team.cloudflareaccess.com/cdn-cgi/access/login/x"}

# "after" means that the request has taken effect.
FAULTS: Mapping[str, Fault] = {
    "reset before": ConnectionReset(),
    "reset after": LostAnswer(),
    "closed after": LostAnswer(is_reset=False),
    "silence before": Stall(),
    "silence after": Stall(is_processed=True),
    "a byte at a time": EndlessAnswer(seconds_between=0.1, is_processed=True),
    "no end": EndlessAnswer(),
    "head without end": EndlessAnswer("head"),
    "gzip bomb": Answer(status=200, body=BOMB, headers={"Content-Encoding": "gzip"}),
    "Access login": Answer(status=302, headers=LOGIN),
    "400": _error(400, 1),
    "400, 8000000": _error(400, 8000000),
    "401": _error(401, 10001),
    "403": _error(403, 10000),
    "403 text": Answer(status=403, body=f"Forbidden: {ECHO}"),
    "404": _error(404, 7003),
    "408 text": Answer(status=408, body=ECHO),
    "413 page": _page(413),
    "429, Retry-After": _error(429, 971, headers={"Retry-After": "7"}),
    "429": _error(429, 971),
    "500": _error(500, 8000000),
    "500 after": replace(_error(500, 8000000), is_processed=True),
    "502 page": _page(502),
    "502 page after": replace(_page(502), is_processed=True),
    "503 text": Answer(status=503, body=f"Overloaded: {ECHO}"),
    "504 page": _page(504),
    "524 page": _page(524),
    "524 page after": replace(_page(524), is_processed=True),
    "answer cut": TruncatedAnswer(),
    "JSON cut": _unclear('{"success":true,"errors":[],"result":{"id":"' + ECHO),
    "JSON odd": _unclear('{"success":true,"errors":[],"result":{"odd":[1,"' + ECHO + '"]}}'),
    "empty body": _unclear(""),
    "no success": _error(200, 1),
}
# To ask again would be of no use. A page of a gateway, 413 too, is not the API's word.
REFUSALS = frozenset({"400", "400, 8000000", "404", "no success", "Access login"})
REFUSED_TOKEN = frozenset({"401", "403", "403 text"})


def shuts_out(fault: Fault) -> bool:
    """Whether a site with this fault shows nothing, right or wrong; its ETag shows enough."""
    if isinstance(fault, EndlessAnswer):
        # A body as fast as it is taken is soon longer than any file.
        return fault.part == "head" or fault.seconds_between > 0
    return not isinstance(fault, Answer) or fault.status in {302, 401, 403, 429}


def is_no_site(fault: Fault) -> bool:
    """Whether what answers with this fault, always, may be anybody but Pages, or nobody."""
    if isinstance(fault, Answer):
        return shuts_out(fault) or fault.status in {200, 524}
    return True


def takes_effect(fault: Fault) -> bool:
    """Whether the request does what it should, and only its answer is not right."""
    match fault:
        case LostAnswer() | TruncatedAnswer():
            return True
        case Stall() | Answer() | EndlessAnswer():
            return fault.is_processed
    return False
