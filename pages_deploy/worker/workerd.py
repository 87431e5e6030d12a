"""Starting a Worker once, where its runtime is at hand: start-up errors within a second.

1. A configuration is written to a directory of its own: the Worker, and a second one with a test
   that does nothing. `workerd test` starts both, and runs the test; no port is opened.
2. Plain variables are given to the Worker; whatever only Cloudflare has is stood in for by an
   object that allows everything, so that a binding is never the reason of an error.
3. An error is raised with the module, its line and column.

https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pages_deploy.errors import WorkerError
from pages_deploy.worker.programs import Program, Search, Tool, find_program

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pages_deploy.worker.modules import ModuleKind, Script

# Cloudflare allows one second of processor time; this is by the clock, on a busy machine.
TIMEOUT_SECONDS = 20.0
DEFAULT_DATE = "2021-11-02"
"""What counts where neither the configuration nor the project has a date."""
WORKERD = Program(
    "workerd",
    "WORKERD",
    {
        "linux-x64": "@cloudflare/workerd-linux-64/bin/workerd",
        "linux-arm64": "@cloudflare/workerd-linux-arm64/bin/workerd",
        "darwin-x64": "@cloudflare/workerd-darwin-64/bin/workerd",
        "darwin-arm64": "@cloudflare/workerd-darwin-arm64/bin/workerd",
        "win32-x64": "@cloudflare/workerd-windows-64/bin/workerd.exe",
    },
)
_FIELDS: dict[ModuleKind, str] = {
    "esm": "esModule",
    "commonjs": "commonJsModule",
    "wasm": "wasm",
    "text": "text",
    "data": "data",
}
_CONFIG = """using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = %s),
    (name = "check", worker = (
      compatibilityDate = "2024-01-01",
      modules = [(name = "check", esModule = "export default { test() {} };")],
    )),
  ],
  extensions = [(modules = [(
    name = "pages-deploy:stand-in", internal = true, esModule = embed "stand-in.js",
  )])],
);
"""
# Whatever is called, made or read of it gives the same again.
_STAND_IN = b"""export default function () {
  const anything = new Proxy(function () {}, {
    get(_, name) {
      if (name === "then") return undefined;
      return name === Symbol.toPrimitive ? () => "" : anything;
    },
    apply: () => anything,
    construct: () => anything,
  });
  return anything;
}
"""
_STARTED_BY = "service main: "
_NEWEST_DATE = re.compile(r'the newest date supported by this server binary is "(\d{4}-\d\d-\d\d)"')
_PLACE = re.compile(r"^  at (.+):(\d+):(\d+)(?: in .*)?$")
_IMPORTER = re.compile(r'^  imported from "(.+)"$')
# What no value of a variable or binding can be the reason of.
_CERTAIN = re.compile(
    r"Uncaught (?:SyntaxError|CompileError|Error: No such module|Error: Disallowed operation|"
    r"Error: Top-level await|TypeError: Incorrect type for map entry)"
)
# How code reads variables before there is a request.
_READS_VARIABLES = (b"cloudflare:workers", b"process.env")


def find_workerd(search: Search) -> Tool | None:
    """Return the runtime; None where there is none, which is all right.

    Raises SettingsError where the one that an option names cannot be started.
    """
    return find_program(WORKERD, search)


def check_start(workerd: Tool, script: Script, metadata: Mapping[str, Any]) -> str:
    """Start a Worker once, with the date, flags and bindings of its metadata.

    Return nothing where it starts, else why that is not certain. Raises WorkerError, beginning with
    the module, line and column, for an error that Cloudflare would meet as well.
    """
    date = str(metadata.get("compatibility_date") or DEFAULT_DATE)
    said = _said(workerd, script, {**metadata, "compatibility_date": date})
    newest = _NEWEST_DATE.search(said)
    if newest is not None:
        said = _said(workerd, script, {**metadata, "compatibility_date": newest[1]})
    if not said:
        return ""
    error = _error(said)
    if error is None:
        told = next(iter(said.strip().splitlines()), "").removeprefix(_STARTED_BY)
        return f"Could not check whether the Worker starts: workerd says: {told}"
    reads = any(
        word in one.content for one in (script.main, *script.others) for word in _READS_VARIABLES
    )
    if reads and not _CERTAIN.search(error):
        return (
            f"The Worker may not start: {error}. It reads variables while it starts, and some of "
            "them may be set only at Cloudflare."
        )
    raise WorkerError(f"{error}.", "Correct the Worker: it would not start at Cloudflare either.")


def worker_config(
    script: Script, metadata: Mapping[str, Any], directory: Path, bindings: Iterable[str]
) -> str:
    """Write a Worker's modules into a directory, and return its part of a configuration there.

    `bindings` are added to it, as they stand in a configuration.
    """
    modules = []
    for index, module in enumerate((script.main, *script.others)):
        if module.kind in _FIELDS:
            (directory / f"module-{index}").write_bytes(module.content)
            field = f'{_FIELDS[module.kind]} = embed "module-{index}"'
            modules.append(f"(name = {_text(module.name.removeprefix('./'))}, {field})")
    flags = ", ".join(_text(str(flag)) for flag in metadata.get("compatibility_flags", ()))
    date = str(metadata.get("compatibility_date") or DEFAULT_DATE)
    return (
        f"(compatibilityDate = {_text(date)}, compatibilityFlags = [{flags}], "
        f"modules = [{', '.join(modules)}], bindings = [{', '.join(bindings)}])"
    )


def variables(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return the bindings that need nothing of Cloudflare's, as a configuration has them."""
    told = {}
    for binding in metadata.get("bindings", ()):
        name = _text(str(binding["name"]))
        if binding.get("type") == "plain_text":
            told[str(binding["name"])] = f"(name = {name}, text = {_text(str(binding['text']))})"
        elif binding.get("type") == "json":
            value = _text(json.dumps(binding["json"]))
            told[str(binding["name"])] = f"(name = {name}, json = {value})"
    return told


def _said(workerd: Tool, script: Script, metadata: Mapping[str, Any]) -> str:
    """Start the Worker; return what workerd says, or nothing where it has started."""
    plain = variables(metadata)
    others = {str(binding["name"]) for binding in metadata.get("bindings", ())} - plain.keys()
    stand_ins = [
        f'(name = {_text(name)}, wrapped = (moduleName = "pages-deploy:stand-in"))'
        for name in sorted({"ASSETS", *others} - plain.keys())
    ]
    with tempfile.TemporaryDirectory(prefix="pages-deploy-") as made:
        directory = Path(made)
        worker = worker_config(script, metadata, directory, [*plain.values(), *stand_ins])
        (directory / "stand-in.js").write_bytes(_STAND_IN)
        config = directory / "config.capnp"
        config.write_text(_CONFIG % worker, "utf-8", newline="\n")
        code, said = workerd.run("test", str(config), "check", timeout_seconds=TIMEOUT_SECONDS)
    return (said.strip() or f"exit code {code}") if code else ""


def _error(said: str) -> str | None:
    """Return what is uncaught in the Worker's code, its place in front; None for other words."""
    lines = iter(said.splitlines())
    for line in lines:
        if line.startswith(f"{_STARTED_BY}Uncaught "):
            break
    else:
        return None
    text = line.removeprefix(_STARTED_BY)
    place = ""
    for following in lines:
        if (found := _PLACE.match(following)) is not None:
            # Of an error of syntax the column counts from 0, of all others from 1.
            column = int(found[3]) + text.startswith("Uncaught SyntaxError")
            place = f"{found[1]}:{found[2]}:{column}"
        elif (found := _IMPORTER.match(following)) is not None:
            place = found[1]
        if place or following.startswith(_STARTED_BY):
            break
        text += f" {following.strip()}"
    text = text.rstrip(".")
    return (
        f"{place}: the Worker does not start: {text}"
        if place
        else f"The Worker does not start: {text}"
    )


def _text(value: str) -> str:
    """Write a text as Cap'n Proto has it."""
    written = "".join(
        letter if letter >= " " and letter not in '"\\\x7f' else f"\\x{ord(letter):02x}"
        for letter in value
    )
    return f'"{written}"'
