"""The outputs and their files: what is written is what its reader understands."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pages_deploy.errors import SettingsError
from pages_deploy.proof.changes import Changes
from pages_deploy.reporting.output_files import (
    OutputFile,
    as_dotenv,
    as_gitlab_annotations,
    as_json,
    as_properties,
    as_wrangler_records,
    wrangler_output_file,
)
from pages_deploy.reporting.outputs import (
    OUTPUTS,
    json_of,
    outputs_of,
    own_outputs,
    summary_lines,
)
from tests.making import deployed_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pages_deploy.deploy.deployed import Deployed
    from pages_deploy.reporting.outputs import Value

    Content = Callable[[Mapping[str, Value], Deployed], str]

HOSTILE = "x | `y` <img src=x> @everyone\n::error::boom ##vso[task.complete] [a](http://evil.test)"


def deployed(*, branch: str = "feature") -> Deployed:
    pages = Changes("b", new=("/about",), changed=("/docs/",), removed=("/old",))
    return deployed_of(branch=branch, pages=pages)


def test_every_output_has_a_value_and_a_description() -> None:
    assert list(outputs_of(deployed())) == list(OUTPUTS)


def test_the_result_is_told_in_a_few_lines() -> None:
    assert summary_lines(outputs_of(deployed())) == [
        "Environment: preview",
        "Files:       12 (1 uploaded, 1.2 MB)",
        "Verified:    skipped",
        "Pages:       1 new, 1 changed, 1 removed",
        "Seconds:     12.3",
        "Deployment:  https://f64788e9.demo.pages.dev",
        "Preview:     https://feature.demo.pages.dev",
    ]


def test_the_result_ends_with_the_address_that_people_share_and_names_each_once() -> None:
    outputs = {**outputs_of(deployed()), "environment": "production"}
    outputs["url"] = outputs["alias"]
    *others, last = summary_lines(outputs)
    assert last == "Production:  https://feature.demo.pages.dev"
    assert not any("https://" in line for line in others)


def test_where_nobody_asked_for_changes_nothing_is_said_of_them() -> None:
    outputs = outputs_of(deployed_of())
    assert not any(line.startswith("Pages:") for line in summary_lines(outputs))
    assert "changes" not in json.loads(json_of(outputs, deployed_of()))
    kinds = ("new", "changed", "removed")
    assert {outputs[f"{kind}-pages"] for kind in kinds} == {""}


@pytest.mark.parametrize(("baseline", "told"), [("b", "b"), ("", None)])
def test_the_json_has_every_page_that_differs(baseline: str, told: str | None) -> None:
    new = tuple(f"/{number}" for number in range(100))
    pages = Changes(baseline, new=new, changed=("/\u00fc",), is_complete=False, gap="why")
    outputs = outputs_of(deployed_of(pages=pages))
    assert json.loads(json_of(outputs, deployed_of(pages=pages)))["changes"] == {
        "baseline": told,
        "new": list(new),
        "changed": ["/\u00fc"],
        "removed": [],
        "complete": False,
    }
    assert (outputs["new-pages"], outputs["changed-pages"], outputs["removed-pages"]) == (100, 1, 0)


def test_the_json_file_is_one_object_in_ascii_and_gives_no_log_a_command(tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    outputs = {**outputs_of(deployed()), "alias": "https://\u00fc.test", "status": "::error::##[x]"}
    OutputFile(file, as_json).write(outputs, deployed())
    assert json.loads(file.read_bytes().decode()).items() >= outputs.items()
    text = file.read_bytes().decode("ascii")
    assert "::" not in text
    assert "##" not in text


def test_the_dotenv_report_has_only_what_gitlab_can_read() -> None:
    outputs = {**outputs_of(deployed()), "status": HOSTILE}
    lines = as_dotenv(outputs, deployed()).splitlines()
    assert len(lines) < 20
    assert all(re.fullmatch(r"[A-Za-z0-9_]+=[^\s]+", line) for line in lines)
    assert "PAGES_DEPLOY_URL=https://f64788e9.demo.pages.dev" in lines
    assert not any(line.startswith("PAGES_DEPLOY_STATUS") for line in lines)


def test_properties_are_read_back_by_javas_rules() -> None:
    outputs = {**outputs_of(deployed()), "status": " a=b:c#d!\\\n\u00fc"}
    found = dict(line.split("=", 1) for line in as_properties(outputs, deployed()).splitlines())
    assert found["PAGES_DEPLOY_URL"] == r"https\://f64788e9.demo.pages.dev"
    assert found["PAGES_DEPLOY_STATUS"] == "\\ a\\=b\\:c\\#d\\!\\\\\\n\\u00fc"
    assert len(found) == len(own_outputs(outputs))


def test_gitlabs_annotations_are_links_with_labels() -> None:
    report = json.loads(as_gitlab_annotations(outputs_of(deployed()), deployed()))
    links = [entry["external_link"] for entry in report["Cloudflare Pages"]]
    assert links == [
        {"label": "Preview", "url": "https://feature.demo.pages.dev"},
        {"label": "Deployment", "url": "https://f64788e9.demo.pages.dev"},
    ]


def test_wranglers_records_have_wranglers_fields() -> None:
    lines = as_wrangler_records({}, deployed()).splitlines()
    brief, detailed = map(json.loads, lines)
    assert (brief["type"], detailed["type"]) == ("pages-deploy", "pages-deploy-detailed")
    assert brief["version"] == 1
    assert brief["deployment_id"] == deployed().deployment.id
    assert detailed["alias"] == "https://feature.demo.pages.dev"
    assert detailed["environment"] == "preview"
    assert detailed["production_branch"] == "main"
    assert detailed["deployment_trigger"]["metadata"]["commit_hash"].startswith("0123")


def test_wranglers_own_variables_say_where_its_records_go(tmp_path: Path) -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)
    assert wrangler_output_file({}, tmp_path, now) is None
    named = wrangler_output_file({"WRANGLER_OUTPUT_FILE_PATH": str(tmp_path / "x")}, tmp_path, now)
    assert named is not None
    named.write({}, deployed())
    named.write({}, deployed())
    assert len((tmp_path / "x").read_text().splitlines()) == 4
    placed = wrangler_output_file({"WRANGLER_OUTPUT_FILE_DIRECTORY": str(tmp_path)}, tmp_path, now)
    assert placed is not None
    assert re.fullmatch(
        r"wrangler-output-2026-01-02_03-04-05_678-[0-9a-f]{6}\.json", placed.path.name
    )


def test_a_file_that_cannot_be_written_is_named_before_and_after(tmp_path: Path) -> None:
    file = OutputFile(tmp_path / "gone" / "file", as_json)
    for action in (file.check, lambda: file.write({}, deployed())):
        with pytest.raises(SettingsError, match="Cannot write") as info:
            action()
        assert info.value.hint == "Give a path that can be written."


@pytest.mark.parametrize("content", [as_json, as_dotenv, as_properties, as_gitlab_annotations])
def test_a_lone_surrogate_of_a_server_is_no_traceback(tmp_path: Path, content: Content) -> None:
    outputs = {**outputs_of(deployed()), "alias": "https://x\ud800.test"}
    file = OutputFile(tmp_path / "out", content)
    try:
        file.write(outputs, deployed())
    except SettingsError:
        return
    assert (tmp_path / "out").read_bytes().decode()


def test_checking_a_file_changes_nothing(tmp_path: Path) -> None:
    OutputFile(tmp_path / "new", as_json).check()
    assert not (tmp_path / "new").exists()
    (tmp_path / "old").write_text("content")
    OutputFile(tmp_path / "old", as_json).check()
    assert (tmp_path / "old").read_text() == "content"
