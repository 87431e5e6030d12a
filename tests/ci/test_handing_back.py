"""How each platform's later steps get the outputs, read back by that platform's own rules."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from pages_deploy.ci import azure, bitbucket, circleci, github, teamcity
from pages_deploy.ci.detection import PLATFORMS
from tests.platform_readers import github_output

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.ci.platform import Platform

HOSTILE = "x\n::error::boom ##vso[task.complete result=Failed] '; rm -rf / | ]"


def hand_back(outputs: dict[str, str], file: Path) -> None:
    github.hand_back(outputs, {"GITHUB_OUTPUT": str(file)}, lambda _line: None)


@pytest.mark.parametrize(
    "value",
    [
        "https://demo.pages.dev",
        "",
        "a=b",
        "x<<EOF",
        "x\nEOF\nadmin=true",
        "x\nghadelimiter_00000000-0000-0000-0000-000000000000\nadmin=true",
        "\n\n",
        "ünï 日本",
    ],
)
def test_no_value_can_end_early_and_add_an_output(tmp_path: Path, value: str) -> None:
    file = tmp_path / "output"
    file.write_text("before=1\n")
    hand_back({"first": value, "second": "2"}, file)
    hand_back({"third": "3"}, file)
    assert github_output(file.read_bytes().decode()) == {
        "before": "1",
        "first": value,
        "second": "2",
        "third": "3",
    }


def test_every_delimiter_is_new(tmp_path: Path) -> None:
    file = tmp_path / "output"
    hand_back({"a": "1", "b": "2"}, file)
    hand_back({"a": "1", "b": "2"}, file)
    delimiters = re.findall(r"<<(.+)", file.read_text())
    assert len(delimiters) == len(set(delimiters)) == 4


def test_azure_gets_variables_for_steps_and_for_jobs() -> None:
    lines: list[str] = []
    azure.hand_back({"uploaded-files": "3", "url": HOSTILE}, {}, lines.append)
    assert "##vso[task.setvariable variable=uploaded-files;isOutput=true]3" in lines
    assert "##vso[task.setvariable variable=PAGES_DEPLOY_UPLOADED_FILES]3" in lines
    assert all("\n" not in line for line in lines)
    (told,) = (line for line in lines if line.startswith("##vso[task.setvariable variable=url;"))
    value = told.partition("]")[2].replace("%0A", "\n").replace("%AZP25", "%")
    assert value == HOSTILE


def test_teamcity_gets_parameters_on_one_line_each() -> None:
    lines: list[str] = []
    teamcity.hand_back({"url": HOSTILE}, {}, lines.append)
    (line,) = lines
    found = re.fullmatch(
        r"##teamcity\[setParameter name='env\.PAGES_DEPLOY_URL' value='((?:[^|'\]]|\|.)*)'\]", line
    )
    assert found is not None
    plain = {"|n": "\n", "|'": "'", "||": "|", "|]": "]", "|[": "["}
    assert re.sub(r"\|.", lambda escape: plain[escape[0]], found[1]) == HOSTILE


def test_circleci_gets_what_a_shell_reads(tmp_path: Path) -> None:
    file = tmp_path / "bash_env"
    circleci.hand_back({"url": HOSTILE}, {"BASH_ENV": str(file)}, print)
    shown = subprocess.run(
        ["bash", "-c", f'. "{file}"; printf %s "$PAGES_DEPLOY_URL"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == HOSTILE


def test_bitbucket_gets_single_lines_only(tmp_path: Path) -> None:
    file = tmp_path / "variables"
    environ = {"BITBUCKET_PIPELINES_VARIABLES_PATH": str(file)}
    bitbucket.hand_back({"url": "https://x.test", "branch": HOSTILE}, environ, print)
    assert file.read_text() == "PAGES_DEPLOY_URL=https://x.test\n"


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_without_the_platforms_own_file_nothing_is_written_and_nothing_fails(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    give, show = platform.hand_back, platform.show_summary
    if give is not None:
        give({"url": "https://x.test"}, {}, lambda _line: None)
    if show is not None:
        show(lambda _: (0, b"text"), {}, lambda _line: None)


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_a_sentence_stays_one_line_in_every_dialect(platform: Platform) -> None:
    dialect = platform.dialect
    for say in (dialect.notice, dialect.warning, dialect.error):
        assert "a sentence" in say("a sentence")
        assert len(say("a sentence").splitlines()) == 1
    # Either both ends of a section are known, or none.
    assert (dialect.open_section is None) == (dialect.close_section is None)


def test_a_summary_is_added_to_githubs_file(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    file.write_text("before\n")
    environ = {"GITHUB_STEP_SUMMARY": str(file)}
    github.show_summary(lambda there: (len(there), b"after\n"), environ, print)
    assert file.read_text() == "before\nafter\n"
