"""`pages-deploy init`: the CI file that builds this site and deploys it.

1. What is not given is found: the platform by the repository, the directory by the framework, both
   and the project by wrangler's configuration file. What is not found is asked on a terminal.
2. The file is the platform's sample with this project, directory and build command.
3. It is written where none is, and what is left to do is said.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

from pages_deploy.cli.ci_files import CI_FILES, Site, find_platform, text_for
from pages_deploy.cli.frameworks import Framework, build_command, find_framework
from pages_deploy.cli.helpful import HelpfulCommand
from pages_deploy.cli.parameters import with_verbosity
from pages_deploy.cli.runtime import Runtime
from pages_deploy.errors import SettingsError
from pages_deploy.settings.configuration import read_configuration
from pages_deploy.settings.option_checks import PROJECT_NAME_RULE, is_project_name

# Nothing that YAML, a shell, Groovy or Kotlin would read as more than a word.
DIRECTORY = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_.-]+)*/?")
DIRECTORY_RULE = "a path below this directory of letters, digits, dots, dashes and underscores"
# What a file may ask for beside the secrets, by what stands in it.
FURTHER_STEPS = {
    "./.github/actions/": "copy the Action to where the file has it",
    "registry.example.com": "put the address of your image in place of the one in the file",
    "pages-deploy.txt": "make pages-deploy.txt, which locks the package and what it needs",
}


@click.command(
    cls=HelpfulCommand,
    help="Write the CI file that builds this site and deploys it, and say which secrets it needs. "
    "What is not given is found or asked for; a file that is there is never overwritten.",
)
@click.option(
    "--platform",
    type=click.Choice(list(CI_FILES)),
    metavar="NAME",
    help=f"One of: {', '.join(CI_FILES)}. By default as the repository has it.",
)
@click.option("--directory", help="The directory with the built site; by default the framework's.")
@click.option("--project-name", help="The Pages project; it need not exist yet.")
@with_verbosity
@click.pass_obj
def command(
    runtime: Runtime, /, *, platform: str | None, directory: str | None, project_name: str | None
) -> None:
    root = runtime.current_directory
    configured = read_configuration(root, is_fork=False).usable
    framework = find_framework(root)
    platform = platform or find_platform(root, runtime.environ)
    platform = platform or _asked(runtime, "platform", "github" if runtime.interactive else "")
    if platform not in CI_FILES:
        raise SettingsError(
            f"init has no file for the platform '{platform}'.",
            f"It has files for: {', '.join(CI_FILES)}.",
        )
    file = root / CI_FILES[platform].path
    if os.path.lexists(file):
        # Before anything is asked for in vain.
        raise _there_already(file)
    found = configured.build_output_directory if configured else ""
    found = found or (framework.directory if framework else "")
    directory = directory or _asked(runtime, "directory", found)
    if DIRECTORY.fullmatch(directory) is None or ".." in directory.split("/"):
        raise SettingsError(f"'{directory}' cannot be written there.", f"Name {DIRECTORY_RULE}.")
    found = configured.project_name if configured else _as_project_name(root.name)
    project_name = project_name or _asked(runtime, "project-name", found)
    if not is_project_name(project_name):
        raise SettingsError(
            f"'{project_name}' cannot be the name of a project.", f"It has {PROJECT_NAME_RULE}."
        )
    builds_by = build_command(framework, root) if framework else ""
    text = text_for(platform, Site(project_name, directory.rstrip("/"), builds_by))
    _write_new(file, text)
    runtime.print_line(f"Wrote {CI_FILES[platform].path}")
    for number, step in enumerate(_steps(platform, text, framework, builds_by), 1):
        runtime.print_line(f"{number}. {step}")


def _asked(runtime: Runtime, flag: str, found: str) -> str:
    """Return what somebody at a terminal answers, or else what was found."""
    answer = ""
    if runtime.interactive:
        words = flag.replace("-", " ")
        answer = runtime.ask(f"{words.capitalize()}{f' [{found}]' if found else ''}:").strip()
    if not (answer or found):
        raise SettingsError(f"The {flag.replace('-', ' ')} is not known.", f"Set it with --{flag}.")
    return answer or found


def _as_project_name(name: str) -> str:
    """Return a directory's name as that of a project; empty where it would become none."""
    name = re.sub(r"[^a-z0-9-]", "-", name.lower()[:200]).strip("-")
    return name if is_project_name(name) else ""


def _there_already(file: Path) -> SettingsError:
    return SettingsError(
        f"{file.name} already exists and was not changed.",
        "Move it away and run this again, or choose another platform with --platform.",
    )


def _write_new(file: Path, text: str) -> None:
    """Write a file where there is none; raises SettingsError where there is, or it cannot be."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise _there_already(file) from error
    except OSError as error:
        raise SettingsError(
            f"{file.name} cannot be written: {error.strerror}.",
            "Run this in a directory that can be written to.",
        ) from error


def _steps(platform: str, text: str, framework: Framework | None, builds_by: str) -> list[str]:
    """Return what is left to do."""
    where = CI_FILES[platform].secrets
    steps = [f"Secret CLOUDFLARE_API_TOKEN, a token that may edit Cloudflare Pages: set in {where}"]
    if "CLOUDFLARE_ACCOUNT_ID" in text:
        steps.append("Variable CLOUDFLARE_ACCOUNT_ID beside it, if the token sees several accounts")
    else:
        steps.append(
            "CLOUDFLARE_ACCOUNT_ID in the deployment's environment, if the token sees several "
            "accounts"
        )
    if builds_by and framework is not None:
        steps.append(f"{framework.name} is built by `{builds_by}`: see that the job has its tools")
    else:
        steps.append("Put the command that builds the site in place of ./build.sh")
    if framework is not None and framework.advice:
        steps.append(framework.advice)
    for sign, words in FURTHER_STEPS.items():
        if sign in text:
            steps.append(f"{words[0].upper()}{words[1:]} (docs/recipes.md)")
    return [*steps, "Commit the file, and push"]
