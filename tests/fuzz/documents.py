"""JSON from a server that may say anything: near what the API documents, and far from it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.effort import mostly

WORDS = ["deploy", "success", "failure", "canceled", "active", "queued", "production", "preview"]
WORDS += ["secret_text", "ad_hoc", "main", "0123456789abcdef", "2026-01-02T03:04:05Z", "direct"]
ODD_TEXTS = ["", " ", ".", "..", "\x00", "\n", "a\r\nb: c", "\ud800", "\udcff", "é", "\U0001f680"]
ODD_TEXTS += ["http://[", "https://h:99999/", "//", "%", "x" * 300, "<b>", "::error::x", "a.b.c"]
NUMBERS = [0, 1, -1, 2**63, 10**400, 10000, 7003, 8000000, 8000002, 8000007, 8000013, 971, 0.5]
NUMBERS += [float("inf"), float("nan"), -1e308]

texts = mostly(st.sampled_from(WORDS), st.sampled_from(ODD_TEXTS), st.text(max_size=8))
scalars = st.none() | st.booleans() | st.sampled_from(NUMBERS) | st.integers() | texts
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def record(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects with these fields, mostly; each may be of a wrong kind, and so may the whole."""
    some = {name: strategy | anything for name, strategy in fields.items()}
    return mostly(st.fixed_dictionaries(fields), st.fixed_dictionaries({}, optional=some), anything)


def listed(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(items, max_size=3) | anything


stage = record(name=texts, status=texts)
deployment = record(
    id=texts,
    short_id=texts,
    url=texts,
    environment=texts,
    aliases=listed(texts),
    latest_stage=stage,
    stages=listed(stage),
    deployment_trigger=record(
        type=texts, metadata=record(branch=texts, commit_hash=texts, commit_message=texts)
    ),
)
config = record(
    env_vars=record(A=record(type=texts, value=texts)), compatibility_flags=listed(texts)
)
project = record(
    id=texts,
    name=texts,
    subdomain=texts,
    domains=listed(texts),
    production_branch=texts,
    source=record(type=texts),
    latest_deployment=deployment,
    canonical_deployment=deployment,
    build_config=record(build_command=texts, destination_dir=texts),
    deployment_configs=record(production=config, preview=config) | st.dictionaries(texts, config),
)
domain = record(
    id=texts,
    name=texts,
    status=texts,
    verification_data=record(error_message=texts),
    validation_data=record(error_message=texts, method=texts, txt_name=texts, txt_value=texts),
)
named = record(id=texts, name=texts)
token_status = record(id=texts, status=texts)
log = record(data=listed(record(ts=texts, line=texts)))
upload_token = record(jwt=texts)
hashes = listed(texts)

results = st.one_of(
    anything, deployment, project, domain, named, token_status, log, upload_token, hashes
)
errors = listed(record(code=st.sampled_from(NUMBERS), message=texts | anything))


def envelopes(result: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The API's envelope around a result of some shape, or something like it."""
    found = result | results
    info = record(total_pages=st.integers(0, 3), page=st.integers(0, 3))
    return mostly(
        st.fixed_dictionaries({"success": st.just(True), "result": result}),
        st.fixed_dictionaries({"success": st.just(True), "result": found, "result_info": info}),
        st.fixed_dictionaries({"success": st.just(False), "errors": errors}),
        record(success=st.booleans(), result=found, errors=errors, result_info=info),
    )


def nested(depth: int) -> bytes:
    """A body that is valid and deeper than any reader likes."""
    deep = b"[" * depth + b"]" * depth
    return b'{"success": false, "errors": [{"code": 1, "message": ' + deep + b"}]}"


def bodies(result: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """What may come as the body of an answer; JSON, mostly."""
    written = envelopes(result).map(lambda data: json.dumps(data).encode())
    raw = st.binary(max_size=20) | st.sampled_from(
        [b"", b"<html>", b"Expired JWT", b"\xef\xbb\xbf{}"]
    )
    return mostly(written, raw, st.integers(1, 20_000).map(nested))
