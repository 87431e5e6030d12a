"""How the configuration of a project is changed, and what is shown of it."""

from __future__ import annotations

from tests.emulator.direct_upload import HOME, DirectUpload


def variable(value: str, kind: str = "plain_text") -> dict[str, str]:
    return {"type": kind, "value": value}


def test_build_configuration_is_merged(client: DirectUpload) -> None:
    client.change_project({"build_config": {"build_command": "make", "destination_dir": "out"}})
    after = client.change_project({"build_config": {"build_command": None, "root_dir": "site"}})
    assert {name: value for name, value in after["build_config"].items() if value} == {
        "destination_dir": "out",
        "root_dir": "site",
    }


def test_variables_and_bindings_are_merged_and_null_takes_one_away(client: DirectUpload) -> None:
    first = {
        "production": {
            "compatibility_flags": ["nodejs_compat"],
            "env_vars": {"KEEP": variable("1"), "CHANGE": variable("2"), "DROP": variable("3")},
            "kv_namespaces": {"A": {"namespace_id": "a"}, "B": {"namespace_id": "b"}},
            "placement": {"mode": "smart"},
        },
        "preview": {"env_vars": {"KEEP": variable("preview")}},
    }
    second = {
        "production": {
            "env_vars": {"CHANGE": variable("new"), "DROP": None, "ADD": variable("4")},
            "kv_namespaces": {"A": None},
            "placement": None,
        }
    }
    client.change_project({"deployment_configs": first})
    configs = client.change_project({"deployment_configs": second})["deployment_configs"]
    assert configs["production"]["env_vars"] == {
        "KEEP": variable("1"),
        "CHANGE": variable("new"),
        "ADD": variable("4"),
    }
    assert configs["production"]["kv_namespaces"] == {"B": {"namespace_id": "b"}}
    assert configs["production"]["compatibility_flags"] == ["nodejs_compat"]
    assert "placement" not in configs["production"]
    assert configs["preview"]["env_vars"] == {"KEEP": variable("preview")}
    shown = client.project()["deployment_configs"]
    assert shown == configs


def test_null_takes_all_variables_away(client: DirectUpload) -> None:
    client.change_project({"deployment_configs": {"preview": {"env_vars": {"A": variable("1")}}}})
    configs = client.change_project({"deployment_configs": {"preview": {"env_vars": None}}})
    assert configs["deployment_configs"]["preview"]["env_vars"] == {}


def test_secrets_never_come_back(client: DirectUpload) -> None:
    variables = {"OPEN": variable("seen"), "CLOSED": variable("hidden", "secret_text")}
    body = {"deployment_configs": {"production": {"env_vars": variables}}}
    client.deploy(HOME)
    answers = [
        client.patch_project(body),
        client.call("GET", "{projects}/demo"),
        client.call("GET", "{projects}"),
        client.call("GET", "{projects}/demo/deployments"),
    ]
    assert "hidden" not in "".join(answer.text for answer in answers)
    shown = answers[1].json()["result"]["deployment_configs"]["production"]["env_vars"]
    assert shown == {"OPEN": variable("seen"), "CLOSED": variable("", "secret_text")}
