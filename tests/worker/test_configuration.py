"""A configuration file becomes the metadata that wrangler sends, or is refused with its line."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest

from pages_deploy.errors import WorkerError
from pages_deploy.worker.bindings import BINDING_KEYS
from pages_deploy.worker.configuration import WorkerConfiguration, read_configuration

if TYPE_CHECKING:
    from pages_deploy.worker.configuration import Environment

BASE = 'name = "demo"\npages_build_output_dir = "public"\n'
RICH = """name = "demo"
pages_build_output_dir = "./public"
compatibility_date = "2024-09-23"
compatibility_flags = ["nodejs_compat", "global_navigator"]
send_metrics = false
placement = { mode = "smart" }
limits = { cpu_ms = 50, subrequests = 10 }
browser = { binding = "B" }
ai = { binding = "AI" }
version_metadata = { binding = "VM" }
observability = { enabled = true }
kv_namespaces = [
    { binding = "KV", id = "abc", preview_id = "def" },
    { binding = "KV2", id = "abc2", remote = true },
]
d1_databases = [{ binding = "DB", database_name = "n", database_id = "i", migrations_dir = "m" }]
vectorize = [{ binding = "V", index_name = "ix" }]
hyperdrive = [{ binding = "H", id = "hid", localConnectionString = "postgres://u:p@localhost/x" }]
analytics_engine_datasets = [{ binding = "AE", dataset = "ds" }, { binding = "AE2" }]
mtls_certificates = [{ binding = "M", certificate_id = "cid" }]

[vars]
TEXT = "plain"
EMPTY = ""
NUM = 5
FLOAT = 2.5
YES = true
LIST = [1, "a", { b = 2 }]
OBJ = { a = [1, 2], d = {} }
LAST = "x"

[[durable_objects.bindings]]
name = "DO"
class_name = "C"
script_name = "w"
[[durable_objects.bindings]]
name = "DO2"
class_name = "C"
script_name = "w"
environment = "staging"

[[queues.producers]]
binding = "Q"
queue = "q"
[[queues.producers]]
binding = "Q2"
queue = "q2"
delivery_delay = 3

[[r2_buckets]]
binding = "R2"
bucket_name = "bucket"
[[r2_buckets]]
binding = "R3"
bucket_name = "bucket3"
jurisdiction = "eu"
preview_bucket_name = "pb1"

[[services]]
binding = "S"
service = "svc"
[[services]]
binding = "S2"
service = "svc2"
environment = "production"
entrypoint = "E"
props = { a = 1 }
"""
# What wrangler 4.164 sent for RICH.
RICH_BINDINGS = [
    {"name": "TEXT", "type": "plain_text", "text": "plain"},
    {"name": "EMPTY", "type": "plain_text", "text": ""},
    {"name": "LAST", "type": "plain_text", "text": "x"},
    {"name": "NUM", "type": "json", "json": 5},
    {"name": "FLOAT", "type": "json", "json": 2.5},
    {"name": "YES", "type": "json", "json": True},
    {"name": "LIST", "type": "json", "json": [1, "a", {"b": 2}]},
    {"name": "OBJ", "type": "json", "json": {"a": [1, 2], "d": {}}},
    {"name": "KV", "type": "kv_namespace", "namespace_id": "abc"},
    {"name": "KV2", "type": "kv_namespace", "namespace_id": "abc2"},
    {"name": "DO", "type": "durable_object_namespace", "class_name": "C", "script_name": "w"},
    {
        "name": "DO2",
        "type": "durable_object_namespace",
        "class_name": "C",
        "script_name": "w",
        "environment": "staging",
    },
    {"type": "queue", "name": "Q", "queue_name": "q"},
    {"type": "queue", "name": "Q2", "queue_name": "q2", "delivery_delay": 3},
    {"name": "R2", "type": "r2_bucket", "bucket_name": "bucket"},
    {"name": "R3", "type": "r2_bucket", "bucket_name": "bucket3", "jurisdiction": "eu"},
    {"name": "DB", "type": "d1", "id": "i"},
    {"name": "V", "type": "vectorize", "index_name": "ix"},
    {"name": "H", "type": "hyperdrive", "id": "hid"},
    {"name": "S", "type": "service", "service": "svc"},
    {
        "name": "S2",
        "type": "service",
        "service": "svc2",
        "environment": "production",
        "entrypoint": "E",
        "props": {"a": 1},
    },
    {"name": "AE", "type": "analytics_engine", "dataset": "ds"},
    {"name": "AE2", "type": "analytics_engine"},
    {"name": "M", "type": "mtls_certificate", "certificate_id": "cid"},
    {"name": "B", "type": "browser"},
    {"name": "AI", "type": "ai"},
    {"name": "VM", "type": "version_metadata"},
]
PREVIEW = """
[env.preview]
compatibility_date = "2024-01-02"
placement = { mode = "off" }
no_bundle = true
[env.preview.vars]
TEXT = "preview"
[[env.preview.kv_namespaces]]
binding = "KV"
id = "prev"
"""


def read(text: str, file_name: str = "wrangler.toml") -> WorkerConfiguration:
    parse = tomllib.loads if file_name.endswith(".toml") else json.loads
    return read_configuration(parse(text), file_name, text=text)


def refused(text: str, file_name: str = "wrangler.toml") -> list[str]:
    with pytest.raises(WorkerError) as caught:
        read(text, file_name)
    assert caught.value.exit_code == 2
    assert caught.value.hint
    return caught.value.message.split("\n")


def warned(text: str, environment: Environment = "production", name: str = "demo") -> list[str]:
    return list(read(text).warnings(environment, project_name=name))


def test_every_binding_goes_as_wrangler_sends_it() -> None:
    configuration = read(RICH)
    for environment in ("production", "preview"):
        assert configuration.metadata(environment) == {
            "bindings": RICH_BINDINGS,
            "compatibility_date": "2024-09-23",
            "compatibility_flags": ["nodejs_compat", "global_navigator"],
            "placement": {"mode": "smart"},
            "limits": {"cpu_ms": 50, "subrequests": 10},
        }
        assert list(configuration.warnings(environment, project_name="demo")) == []


def test_a_file_that_says_nothing_has_the_two_lists_all_the_same() -> None:
    assert read(BASE).metadata("preview") == {"bindings": [], "compatibility_flags": []}


def test_an_environment_has_its_own_bindings_and_the_rest_of_the_top_level() -> None:
    configuration = read(RICH + PREVIEW)
    assert configuration.metadata("preview") == {
        "bindings": [
            {"name": "TEXT", "type": "plain_text", "text": "preview"},
            {"name": "KV", "type": "kv_namespace", "namespace_id": "prev"},
        ],
        "compatibility_date": "2024-01-02",
        "compatibility_flags": ["nodejs_compat", "global_navigator"],
        "limits": {"cpu_ms": 50, "subrequests": 10},
    }
    assert configuration.metadata("production")["bindings"] == RICH_BINDINGS
    assert configuration.of("preview").no_bundle
    assert not configuration.of("production").no_bundle


def test_the_recorded_configuration_gives_the_recorded_metadata() -> None:
    """ "variables of wrangler.toml" of the vectors."""
    text = (
        'name = "site"\npages_build_output_dir = "public"\ncompatibility_date = "2024-09-23"\n'
        '[vars]\nTEXT = "plain"\nNUM = 5\nOBJ = { a = [1, 2] }\n'
        '[env.production.vars]\nTEXT = "production"\n[env.preview.vars]\nTEXT = "preview"\n'
    )
    assert read(text).metadata("production") == {
        "bindings": [{"name": "TEXT", "type": "plain_text", "text": "production"}],
        "compatibility_date": "2024-09-23",
        "compatibility_flags": [],
    }


def test_date_and_flags_are_the_projects_where_the_file_has_none() -> None:
    found = read(BASE).metadata("production", project_date="2023-05-06", project_flags=("streams",))
    assert found["compatibility_date"] == "2023-05-06"
    assert found["compatibility_flags"] == ["streams"]
    configuration = read(BASE + 'compatibility_date = "2024-01-01"\ncompatibility_flags = []\n')
    found = configuration.metadata("preview", project_date="2023-05-06", project_flags=("streams",))
    assert (found["compatibility_date"], found["compatibility_flags"]) == ("2024-01-01", [])


@pytest.mark.parametrize(
    ("placement", "sent"),
    [
        ('{ mode = "off" }', None),
        ('{ mode = "smart", hint = "wnam" }', {"mode": "smart", "hint": "wnam"}),
        ('{ region = "aws:us-east-1" }', {"mode": "targeted", "region": "aws:us-east-1"}),
        ('{ mode = "targeted", host = "a:1" }', {"mode": "targeted", "host": "a:1"}),
        ('{ hostname = "a.test" }', {"mode": "targeted", "hostname": "a.test"}),
    ],
)
def test_placement_has_the_form_that_pages_takes(
    placement: str, sent: dict[str, str] | None
) -> None:
    assert read(f"{BASE}placement = {placement}\n").metadata("preview").get("placement") == sent


def test_switches_are_inherited_and_overridden() -> None:
    text = f"{BASE}upload_source_maps = true\nno_bundle = true\n[env.preview]\nno_bundle = false\n"
    configuration = read(text)
    assert configuration.of("preview").upload_source_maps
    assert not configuration.of("preview").no_bundle
    assert configuration.of("production").no_bundle


def test_bindings_that_an_environment_does_not_get_are_named() -> None:
    found = warned(RICH + PREVIEW, "preview")
    assert len(found) == len(BINDING_KEYS)
    assert found[0].startswith("wrangler.toml:24: `vars` EMPTY, LAST, NUM, ")
    assert found[1].startswith("wrangler.toml:12: `kv_namespaces` KV2: missing in ")
    assert "missing in preview" in found[1]
    assert warned(RICH + PREVIEW, "production") == []


def test_keys_that_nobody_reads_are_named() -> None:
    text = (
        f'{BASE}"$schema" = "x"\nfoo = 1\ndev = {{ port = 1 }}\n'
        '[[kv_namespaces]]\nbinding = "KV"\nid = "1"\nidd = "2"\n'
        "[env.production]\nsend_metrics = 1\n"
    )
    found = warned(text)
    assert [line.partition(" ")[0] for line in found[:3]] == [
        "wrangler.toml:4:",
        "wrangler.toml:9:",
        "wrangler.toml:11:",
    ]
    assert all("Unexpected field found" in line for line in found[:3])
    assert "`kv_namespaces[0].idd`" in found[1]


def test_a_name_that_is_not_the_projects_is_told() -> None:
    (found,) = warned(BASE, name="other")
    assert found.startswith("wrangler.toml:1: `name` is demo")
    assert "other" in found


# What wrangler refuses too, each with the line and the key that the message has to have.
MISTAKES = [
    ('main = "x.js"', 3, "main"),
    ("[env.staging]", 3, "env.staging"),
    ("env = 1", 3, "env"),
    ('[[durable_objects.bindings]]\nname = "D"\nclass_name = "C"', 3, "script_name"),
    (
        '[[queues.producers]]\nbinding = "Q"\nqueue = "q"\n[[queues.consumers]]\nqueue = "q"',
        6,
        "consumers",
    ),
    ("[[kv_namespaces]]\nid = '1'", 3, "kv_namespaces[0].binding"),
    ("[[kv_namespaces]]\nbinding = 'A'\nid = '1'\n[[kv_namespaces]]\nbinding = 'B'", 6, "[1].id"),
    ("[[d1_databases]]\nbinding = 'D'\ndatabase_id = 1", 5, "database_id"),
    ("[[r2_buckets]]\nbinding = 'R'\nbucket_name = 'My_Bucket'", 5, "bucket_name"),
    ("[[services]]\nbinding = 'S'\nservice = 's'\nprops = 1", 6, "props"),
    ("[[queues.producers]]\nbinding = 'Q'\nqueue = 'q'\ndelivery_delay = '1'", 6, "delivery_delay"),
    ("[kv_namespaces]\nbinding = 'K'\nid = '1'", 3, "kv_namespaces"),
    ("kv_namespaces = [\n1]", 3, "kv_namespaces[0]"),
    ("ai = true", 3, "ai"),
    ("[browser]", 3, "browser.binding"),
    ("vars = 'x'", 3, "vars"),
    ("vars = ['x']", 3, "vars"),
    ("[vars]\nA = 'x'\nD = 2024-01-01", 5, "vars.D"),
    ("[vars]\nA = { b = [nan] }", 4, "vars.A"),
    ("[vars]\nASSETS = 'x'", 4, "vars.ASSETS"),
    ("[vars]\nK = '1'\n[[kv_namespaces]]\nbinding = 'K'\nid = '1'", 5, "kv_namespaces[0]"),
    ("compatibility_date = 2024-01-01", 3, "compatibility_date"),
    ("compatibility_date = '2024-13-01'", 3, "compatibility_date"),
    ("compatibility_date = '20240101'", 3, "compatibility_date"),
    ("compatibility_flags = 'nodejs_compat'", 3, "compatibility_flags"),
    ("compatibility_flags = [1]", 3, "compatibility_flags"),
    ("no_bundle = 'yes'", 3, "no_bundle"),
    ("upload_source_maps = 1", 3, "upload_source_maps"),
    ("placement = 'smart'", 3, "placement"),
    ("[placement]\nmode = 'fast'", 4, "placement.mode"),
    ("[placement]\nhint = 'x'", 3, "placement.mode"),
    ("[placement]\nmode = 'smart'\nregion = 'x'", 4, "placement.mode"),
    ("[placement]\nregion = ''", 4, "placement.region"),
    ("[placement]\nregion = 'x'\nhost = 'y'", 5, "placement.host"),
    ("limits = 1", 3, "limits"),
    ("[limits]\ncpu_ms = '50'", 4, "limits.cpu_ms"),
    ("routes = ['a.test/*']", 3, "routes"),
    ("[[rules]]\ntype = 'Text'", 3, "rules"),
    ("[triggers]\ncrons = ['* * * * *']", 3, "triggers"),
    ("[assets]\ndirectory = 'x'", 3, "assets"),
    ("[build]\ncommand = 'x'", 3, "build"),
    ("[[workflows]]\nbinding = 'W'", 3, "workflows"),
    ("[[tail_consumers]]\nservice = 's'", 3, "tail_consumers"),
    ("minify = true", 3, "minify"),
    ("logpush = true", 3, "logpush"),
    ("[site]\nbucket = 'x'", 3, "site"),
    ("[define]\nA = '1'", 3, "define"),
    ("[alias]\na = 'b'", 3, "alias"),
    ("[[migrations]]\ntag = 'v1'", 3, "migrations"),
    ("account_id = 'abc'", 3, "account_id"),
    ("workers_dev = true", 3, "workers_dev"),
    ("[observability]\nenabled = false", 3, "observability"),
]


@pytest.mark.parametrize(("rest", "line", "key"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_refused_with_its_line_and_key(rest: str, line: int, key: str) -> None:
    (said,) = refused(f"{BASE}{rest}\n")
    assert said.startswith(f"wrangler.toml:{line}: `")
    assert key in said.split("`")[1]


@pytest.mark.parametrize("rest", [row[0] for row in MISTAKES if row[0].startswith("[vars]")])
@pytest.mark.parametrize("environment", ["production", "preview"])
def test_both_environments_are_checked(environment: str, rest: str) -> None:
    own = rest.replace("[vars]", f"[env.{environment}.vars]")
    own = own.replace("[[kv", f"[[env.{environment}.kv")
    (said,) = refused(f"{BASE}{own}\n")
    assert f"`env.{environment}." in said


@pytest.mark.parametrize(
    "text", ['pages_build_output_dir = "p"\n', 'name = ""\npages_build_output_dir = "p"\n']
)
def test_a_file_without_a_name_is_refused(text: str) -> None:
    (said,) = refused(text)
    assert "`name` is missing" in said


def test_everything_that_is_wrong_is_told_at_once() -> None:
    text = f'{BASE}main = "x"\nrules = [1]\n[vars]\nA = 2024-01-01\n[env.preview]\nai = 1\n'
    assert [line.partition(" ")[0] for line in refused(text)] == [
        "wrangler.toml:3:",
        "wrangler.toml:4:",
        "wrangler.toml:6:",
        "wrangler.toml:8:",
    ]


@pytest.mark.parametrize(
    "rest",
    [
        "rules = []",
        "define = {}",
        'build = { watch_dir = "./src" }',
        'account_id = ""',
        'jsx_factory = "React.createElement"',
        "queues = { consumers = [] }",
        "durable_objects = {}",
    ],
)
def test_a_key_of_workers_that_changes_nothing_is_no_offense(rest: str) -> None:
    assert read(f"{BASE}{rest}\n").metadata("production")["bindings"] == []


def test_a_json_file_has_lines_too() -> None:
    text = (
        '{\n  "name": "demo",\n  "pages_build_output_dir": "p",\n  "kv_namespaces": [\n'
        '    {"binding": "A", "id": "1"},\n    {"binding": "B",\n     "id": null}\n  ]\n}\n'
    )
    assert refused(text, "wrangler.json") == [
        "wrangler.json:7: `kv_namespaces[1].id` has to be a text, but is null."
    ]


def test_without_the_text_a_message_has_the_file_alone() -> None:
    with pytest.raises(WorkerError, match=r"^wrangler.json: `name` is missing"):
        read_configuration({"pages_build_output_dir": "p"}, "wrangler.json")
