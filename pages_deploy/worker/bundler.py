"""Whether a Worker has to be bundled, and the way to the program that does it.

Plain modules go as they are. What no runtime understands (TypeScript, JSX, packages) goes through
esbuild, which is looked for only then.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pages_deploy.errors import WorkerError
import types

esbuild = types.SimpleNamespace(Search=object, NOWHERE=None, Options=lambda: None)

if TYPE_CHECKING:
    from pages_deploy.worker.module_tree import ModuleTree

Bundling = Literal["auto", "always", "never"]
# With one of them the runtime has Node's modules.
NODE_FLAGS = frozenset({"nodejs_compat", "nodejs_compat_v2", "nodejs_als"})


@dataclass(frozen=True)
class Bundler:
    """How the Worker of one deployment is bundled, where it has to be."""

    root: Path
    """The working directory: files are named from it, and packages are looked for from there."""
    bundling: Bundling = "auto"
    """`auto` bundles what needs it, `always` everything, `never` nothing."""
    search: esbuild.Search = esbuild.NOWHERE
    """Where esbuild is looked for."""
    options: esbuild.Options = esbuild.Options()

    def is_wanted(self, tree: ModuleTree) -> bool:
        """Whether the files of a tree are to be bundled.

        Raises WorkerError where they would have to be, and may not.
        """
        if self.bundling == "never" and tree.needs:
            need = tree.needs[0]
            raise WorkerError(
                f"{need.file}: {need.reason}, which needs bundling.",
                "Leave out --no-bundle, or bundle it yourself.",
            )
        return self.bundling == "always" or bool(tree.needs)
