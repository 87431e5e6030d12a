"""No page in a browser reaches the API, whatever it knows: the tokens are public."""

from __future__ import annotations

import pytest

from pages_deploy.emulator import EmulatorSettings
from tests.emulator.direct_upload import DirectUpload, error_code, running

PAGE = "http://localhost:1234"
NODE = {"Sec-Fetch-Mode": "cors", "Accept-Language": "*", "User-Agent": "node"}


def headers_of_browsers() -> list[dict[str, str]]:
    sites = ("cross-site", "same-site", "same-origin", "none")
    return [
        *({"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "cors"} for site in sites),
        *({"Origin": origin} for origin in (PAGE, "null", "https://evil.test", "")),
        {"Origin": PAGE, "Sec-Fetch-Site": "same-origin"},
    ]


@pytest.mark.parametrize("headers", headers_of_browsers(), ids=str)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "{projects}"), ("POST", "{projects}"), ("OPTIONS", "{projects}")]
)
def test_a_request_of_a_web_page_is_refused_with_the_reason(
    client: DirectUpload, method: str, path: str, headers: dict[str, str]
) -> None:
    body = {"name": "of-a-page", "production_branch": "main"}
    answer = client.call(method, path, headers=headers, json=body)
    assert (answer.status_code, error_code(answer)) == (403, 10000)
    assert "comes from a browser" in answer.json()["errors"][0]["message"]
    assert client.emulator.store.projects.named("of-a-page") is None


def test_node_is_no_browser(client: DirectUpload) -> None:
    """Its `fetch`, and with it wrangler, sends one of the fields that browsers send."""
    assert client.call("GET", "{projects}", headers=NODE).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": PAGE},
        {"Origin": PAGE, "Access-Control-Request-Method": "GET"},
        {"Access-Control-Request-Method": "GET"},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
def test_the_api_never_allows_another_origin(
    client: DirectUpload, method: str, headers: dict[str, str]
) -> None:
    answer = client.call(method, "{projects}", headers=headers)
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_a_refused_page_uses_up_none_of_the_requests() -> None:
    with running(EmulatorSettings(requests_per_window=1)) as client:
        for _ in range(3):
            assert client.call("GET", "/accounts", headers={"Origin": PAGE}).status_code == 403
        assert client.call("GET", "/accounts").status_code == 200
