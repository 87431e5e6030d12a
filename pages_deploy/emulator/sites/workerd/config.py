"""The configuration with which workerd runs a Worker, and the files that belong to it.

1. `front` takes each request to the Worker, and tells what the Worker throws.
2. `main` is the Worker.
3. `assets` is its `env.ASSETS`: the emulator, which knows the Worker by a field of the request.
4. `cache` is behind its `caches`, and always empty.

There is no disk. The network is workerd's own: addresses of the Internet, and none of this machine
or of those beside it.

https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pages_deploy.emulator.sites.workerd.bindings import Binding, Compatibility
    from pages_deploy.emulator.state.workers import WorkerModule

CONFIG_FILE: Final = "config.capnp"
"""The file that workerd is given."""

SECRET_HEADER: Final = "X-Emulator-Worker-Secret"  # noqa: S105 - the name of the field
"""The field by which a Worker's request for its assets is known, and what it throws."""

_FIELDS: Final = {
    "application/javascript+module": "esModule",
    "application/javascript": "commonJsModule",
    "application/wasm": "wasm",
    "text/plain": "text",
    "application/octet-stream": "data",
}
# What Cap'n Proto has no sign of its own for.
_ESCAPES: Final = {number: f"\\x{number:02x}" for number in (*range(0x20), 0x22, 0x5C, 0x7F)}
_CONFIG: Final = """\
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "front", worker = (
      compatibilityDate = "2024-01-01",
      modules = [(name = "front", esModule = embed "front.js")],
      bindings = [(name = "WORKER", service = "main"), (name = "SECRET", text = %(secret)s)],
    )),
    (name = "main", worker = (
      compatibilityDate = %(date)s,
      compatibilityFlags = [%(flags)s],
      modules = [%(modules)s],
      bindings = [(name = "ASSETS", service = "assets"), %(bindings)s],
      cacheApiOutbound = "cache",
    )),
    (name = "assets", external = (address = "127.0.0.1:%(assets_port)d", http = (
      injectRequestHeaders = [(name = %(header)s, value = %(secret)s)],
    ))),
    (name = "cache", worker = (
      compatibilityDate = "2024-01-01",
      modules = [(name = "cache", esModule = embed "cache.js")],
    )),
  ],
  sockets = [(name = %(secret)s, address = "127.0.0.1:0", http = (), service = "front")],
  extensions = [(modules = [(
    name = "pages-emulator:missing", internal = true, esModule = embed "missing.js",
  )])],
);
"""
_SCRIPTS: Final = {
    # What was thrown is on standard error before its answer is on its way.
    "front.js": f"""\
let thrown = 0;
export default {{
  async fetch(request, env) {{
    try {{
      return await env.WORKER.fetch(request);
    }} catch (error) {{
      const mark = `${{env.SECRET}} ${{++thrown}}`;
      console.error(mark);
      return new Response(String(error), {{
        status: 500,
        headers: {{ "{SECRET_HEADER}": mark }},
      }});
    }}
  }},
}};
""",
    # As the runtime asks: https://github.com/cloudflare/workerd/blob/main/src/workerd/api/cache.c++
    "cache.js": """\
const STATUS = { PUT: 204, PURGE: 404 };
export default {
  fetch(request) {
    const headers = { "CF-Cache-Status": "MISS" };
    return new Response(null, { status: STATUS[request.method] ?? 504, headers });
  },
};
""",
    # Awaiting it, printing it and turning it into JSON is no use yet.
    "missing.js": """\
export default ({ message }) => {
  const fail = () => {
    throw new Error(message);
  };
  const get = (_, name) =>
    typeof name === "symbol" || name === "then" || name === "toJSON" ? undefined : fail();
  return new Proxy({}, { get, set: fail, deleteProperty: fail });
};
""",
}


@dataclass(frozen=True, kw_only=True)
class WorkerSetup:
    """A Worker, ready to be run."""

    modules: tuple[WorkerModule, ...]
    """Its modules, the main one first."""

    compatibility: Compatibility
    """The runtime that it wants."""

    bindings: tuple[Binding, ...]
    """What it finds in its `env` beside `ASSETS`."""


def write_config(directory: Path, setup: WorkerSetup, *, assets_port: int, secret: str) -> None:
    """Write all files into a directory, which is then the working directory of workerd.

    The name of the socket for requests is the secret, as is the value of `SECRET_HEADER`.
    """
    for name, text in _SCRIPTS.items():
        (directory / name).write_text(text, "utf-8", newline="\n")
    config = _CONFIG % {
        "secret": _text(secret),
        "header": _text(SECRET_HEADER),
        "assets_port": assets_port,
        "date": _text(setup.compatibility.date),
        "flags": ", ".join(map(_text, setup.compatibility.flags)),
        "modules": ", ".join(_modules(directory, setup.modules)),
        "bindings": ", ".join(map(_binding, setup.bindings)),
    }
    (directory / CONFIG_FILE).write_text(config, "utf-8", newline="\n")


def _modules(directory: Path, modules: tuple[WorkerModule, ...]) -> Iterator[str]:
    for number, module in enumerate(modules):
        field = _FIELDS.get(module.content_type)
        if field is None:
            # A source map, or Python, which Pages does not run.
            continue
        (directory / f"module-{number}").write_bytes(module.content)
        name = _text(module.name.removeprefix("./"))
        yield f'(name = {name}, {field} = embed "module-{number}")'


def _binding(binding: Binding) -> str:
    name = _text(binding.name)
    if binding.form != "missing":
        return f"(name = {name}, {binding.form} = {_text(binding.value)})"
    message = _text(
        f"The binding {binding.name} ({binding.value}) needs Cloudflare; the emulator has none."
    )
    inner = f'(name = "message", text = {message})'
    return (
        f'(name = {name}, wrapped = (moduleName = "pages-emulator:missing", '
        f"innerBindings = [{inner}]))"
    )


def _text(value: str) -> str:
    """Write a text as Cap'n Proto has it."""
    # Half of a character can come out of JSON, and cannot be written.
    whole = value.encode(errors="replace").decode()
    return f'"{whole.translate(_ESCAPES)}"'
