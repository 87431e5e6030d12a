"""Whatever happens to any request: one right deployment and exit 0, or a clear error.

The page docs/reliability.md shows what these runs come to.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from scripts import reliability
from tests.acceptance.fault_matrix import (
    CREATION,
    FAULTS,
    REFUSALS,
    REFUSED_TOKEN,
    REQUESTS,
    TOKEN,
    is_no_site,
    shuts_out,
    takes_effect,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.acceptance.fault_matrix import Request
    from tests.acceptance.fault_runs import Cell, Key

UNKNOWN = "It is not known whether a deployment was created"


@pytest.fixture(scope="session")
def cells() -> Mapping[Key, Cell]:
    """Every run of the matrix; nothing in them is changed."""
    return reliability.all_cells()


def expected_exit_code(request: Request, fault_name: str, *, is_always: bool) -> int:
    """Return the exit code that the page's promise comes to."""
    if request.after_failure:
        return 4
    if request.after_lost_creation:
        # One good look at the list is enough.
        return 1 if is_always else 0
    if request.proves or request.proves_visitors:
        # A site that lets nobody look proves nothing, but refutes nothing either.
        says_nothing = shuts_out if request.proves else is_no_site
        return 6 if is_always and not says_nothing(FAULTS[fault_name]) else 0
    if request.optional or (fault_name == "JSON odd" and request.name == "upload"):
        # Nothing depends on what these answers say.
        return 0
    is_status = request.name == "status"
    # A new deployment may not be known everywhere at once.
    if fault_name in REFUSALS | REFUSED_TOKEN and not (is_status and fault_name == "404"):
        return 3 if fault_name in REFUSED_TOKEN else 1
    is_adopted = request == CREATION and takes_effect(FAULTS[fault_name])
    return (5 if is_status else 1) if is_always and not is_adopted else 0


def spellings() -> Iterator[str]:
    """Yield the token as it may be written: plain, percent-encoded, anywhere inside base64."""
    yield TOKEN
    yield quote(TOKEN, "")
    for before in range(3):
        encoded = base64.b64encode(b"?" * before + TOKEN.encode()).decode()
        # The ends depend on the neighbors.
        yield encoded[4 * (before > 0) : -4]


def complaints(cell: Cell) -> Iterator[str]:
    """Yield what breaks the promise in one run."""
    if "Traceback" in cell.everything:
        yield "a traceback"
    if any(spelling in cell.everything for spelling in spellings()) or "eyJ" in cell.everything:
        yield "a secret is shown"
    # What is not served as it was sent is deployed once more.
    if len(cell.deployments) > (2 if cell.exit_code == 6 else 1):
        yield f"{len(cell.deployments)} deployments"
    yield from complaints_of_success(cell) if cell.exit_code == 0 else complaints_of_error(cell)


def complaints_of_success(cell: Cell) -> Iterator[str]:
    if not cell.deployments:
        yield "no deployment"
        return
    yield from cell.wrong
    outputs = json.loads(cell.written["json"])
    if outputs["id"] != cell.deployments[0].id:
        yield "another id is reported"
    if outputs["url"] not in cell.stdout:
        yield "the address is not told"
    if cell.errors:
        yield f"told: {cell.errors}"


def complaints_of_error(cell: Cell) -> Iterator[str]:
    if cell.stdout:
        yield "results are told"
    if "json" in cell.written and json.loads(cell.written["json"])["verified"] != "false":
        yield "outputs are written"
    if len(cell.errors) != 1:
        yield f"{len(cell.errors)} errors are told"
    told = " ".join(cell.errors)
    is_told = UNKNOWN in told or any(deployment.short_id in told for deployment in cell.deployments)
    if cell.deployments and not is_told:
        yield "the error hides that there is a deployment"
    if not cell.deployments and (UNKNOWN in told or "exists" in told):
        yield "the error tells of a deployment that is not there"


@pytest.mark.parametrize("is_always", [False, True], ids=["once", "always"])
@pytest.mark.parametrize("request_kind", REQUESTS, ids=lambda request: request.name)
def test_a_run_ends_with_one_right_deployment_or_a_clear_error(
    cells: Mapping[Key, Cell], request_kind: Request, is_always: bool
) -> None:
    found = {name: cells[request_kind, name, is_always] for name in FAULTS}
    told = {name: list(complaints(cell)) for name, cell in found.items()}
    assert {name: words for name, words in told.items() if words} == {}
    assert [name for name, cell in found.items() if not cell.hits] == []
    assert {name: cell.exit_code for name, cell in found.items()} == {
        name: expected_exit_code(request_kind, name, is_always=is_always) for name in FAULTS
    }


def test_a_token_is_found_in_every_spelling() -> None:
    around = f"Bearer {TOKEN}\n"
    for before in range(3):
        hidden = base64.b64encode((" " * before + around).encode()).decode()
        assert any(spelling in hidden for spelling in spellings())


def test_the_page_is_what_the_runs_come_to(cells: Mapping[Key, Cell]) -> None:
    page = reliability.PAGE.read_text("utf-8")
    assert reliability.with_tables(page, cells) == page, "run: python scripts/reliability.py"
