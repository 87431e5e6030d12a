"""Write both actions' contracts from the code; a test keeps them equal.

Usage: python scripts/action_files.py

1. action.yml: inputs with their words, the variables that carry them, outputs. The rest is kept.
2. docker/action.yml: the same, in the container.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from pages_deploy.reporting.outputs import OUTPUTS  # noqa: E402 - likewise
from pages_deploy.settings.foreign_inputs import FOREIGN_INPUTS  # noqa: E402 - likewise
from pages_deploy.settings.options import OPTIONS  # noqa: E402 - the path has to be right before

COMPOSITE = ROOT / "action.yml"
CONTAINER = ROOT / "docker/action.yml"
# How the packages come to the runner is no option of the program.
OF_THE_ACTION_ALONE = {
    "wheelhouse": "A directory with the wheels of requirements-action.txt, for runners without the "
    "network.",
}
OF_THE_CONTAINER = {"wheelhouse": "Without effect; the image has its packages."}
HEAD = """\
# The same Action in the container, for Linux runners with Docker and without a Python of their own.
# Written by scripts/action_files.py.
"""
RUNS = """\
runs:
  using: docker
  # Built from the very commit that `uses:` names. A tag of a published image would not do: it can
  # only be pushed after the commit that would have to name it, so that whoever pins this Action by
  # its commit would run another version or none. The runner takes the Dockerfile's directory for
  # the build's context, and passes the inputs as INPUT_* on its own.
  image: ../Dockerfile # zizmor: ignore[unpinned-images] a file, which itself pins by digest
"""


def main() -> None:
    action = composite(COMPOSITE.read_text("utf-8"))
    COMPOSITE.write_text(action, "utf-8")
    CONTAINER.write_text(container(action), "utf-8")


def composite(action: str) -> str:
    """Return the text of action.yml with everything that the code decides as the code has it."""
    inputs = _inputs_of_the_program() | OF_THE_ACTION_ALONE
    outputs = "".join(
        _described(name, words) + f"    value: ${{{{ steps.deploy.outputs.{name} }}}}\n"
        for name, words in OUTPUTS.items()
    )
    variables = "".join(
        f"        INPUT_{name.upper()}: ${{{{ inputs.{name} }}}}\n" for name in inputs
    )
    action = _replace(action, r"(?<=^inputs:\n).*?(?=\noutputs:\n)", _all_described(inputs))
    action = _replace(action, r"(?<=^outputs:\n).*?(?=\nruns:\n)", outputs)
    return _replace(action, r"(?<=^      env:\n).*?(?=^      run: )", variables)


def container(action: str) -> str:
    """Return the text of docker/action.yml for that of action.yml."""
    head = action.partition("inputs:\n")[0]
    head = _replace(head, r"(?<=^name: ).*?$", "Deploy to Cloudflare Pages (container)")
    head = _replace(head, r" Python only, no Node\.js\.$", " In a container.")
    inputs = _inputs_of_the_program() | OF_THE_CONTAINER
    contract = f"inputs:\n{_all_described(inputs)}\noutputs:\n{_all_described(OUTPUTS)}\n"
    return HEAD + head + contract + RUNS


def _inputs_of_the_program() -> dict[str, str]:
    inputs = {option.input: option.help for option in OPTIONS if option.input}
    return inputs | {row.name: row.help for row in FOREIGN_INPUTS}


def _all_described(words: dict[str, str]) -> str:
    return "".join(_described(name, sentence) for name, sentence in words.items())


def _described(name: str, words: str) -> str:
    try:
        is_plain = yaml.safe_load(f"a: {words}") == {"a": words}
    except yaml.YAMLError:
        is_plain = False
    if not is_plain:
        escaped = words.replace("\\", "\\\\").replace('"', '\\"')
        words = f'"{escaped}"'
    return f"  {name}:\n    description: {words}\n"


def _replace(text: str, pattern: str, new: str) -> str:
    text, count = re.subn(
        pattern, lambda _found: new, text, count=1, flags=re.MULTILINE | re.DOTALL
    )
    if count != 1:
        raise SystemExit(f"There is no place for {pattern}")
    return text


if __name__ == "__main__":
    main()
