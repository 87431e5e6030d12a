"""The keys of wrangler's configuration file that are for Workers, and that Pages does not take.

After workers-sdk: `packages/workers-utils/src/config/config.ts`, less the list of
`validation-pages.ts`. A key with the value that it has anyway is no offense there, nor here.
"""

from __future__ import annotations

WORKERS_KEYS = frozenset(
    {
        *("access", "account_id", "addresses", "agent_memory", "ai_search", "ai_search_namespaces"),
        *("alias", "analytics", "artifacts", "assets", "base_dir", "build", "cache"),
        *("cloudchamber", "compliance_region", "connect", "containers", "data_blobs", "define"),
        *("dependencies_instrumentation", "dispatch_namespaces", "exports"),
        *("find_additional_modules", "first_party_worker", "flagship", "images", "jsx_factory"),
        *("jsx_fragment", "k2", "keep_names", "keep_vars", "legacy_env", "logfwdr", "logpush"),
        *("main", "media", "migrations", "minify", "node_compat", "observability", "pipelines"),
        *("preserve_file_names", "preview_urls", "previews", "python_modules", "ratelimits"),
        *("route", "routes", "rules", "secrets", "secrets_store_secrets", "send_email", "site"),
        *("stream", "streaming_tail_consumers", "tail_consumers", "text_blobs", "triggers"),
        *("tsconfig", "unsafe", "unsafe_hello_world", "vpc_networks", "vpc_services"),
        *("wasm_modules", "worker_loaders", "workers_dev", "workflows"),
    }
)

_DEFAULTS = {
    "account_id": "",
    "build": {"watch_dir": "./src"},
    "jsx_factory": "React.createElement",
    "jsx_fragment": "React.Fragment",
    "logfwdr": {"bindings": []},
    "observability": {"enabled": True},
    "python_modules": {"exclude": ["**/*.pyc"]},
}


def says_nothing(key: str, value: object) -> bool:
    """Whether a key of Workers changes nothing: it is empty, or has its default."""
    return value in ([], {}) or (key in _DEFAULTS and value == _DEFAULTS[key])
