"""Draw the pictures of the README; run it again when the program's words change.

docs/pictures/deploy.svg is what a deployment of examples/site to the emulator has really printed.

Usage: python scripts/pictures.py
"""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402 - the path has to be right before
from rich.terminal_theme import MONOKAI  # noqa: E402 - likewise

from pages_deploy.emulator.server import Emulator  # noqa: E402 - likewise

PICTURE = ROOT / "docs/pictures/deploy.svg"
COMMAND = "pages-deploy examples/site --project-name my-site --create-project --branch main"
# As Rich has it, without the fonts that it would fetch from elsewhere.
FORMAT = """<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<title>A deployment, as the terminal shows it</title>
<style>
.{unique_id}-matrix {{ font-family: monospace; font-size: {char_height}px; }}
.{unique_id}-title {{ font-family: sans-serif; font-size: 18px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def main() -> None:
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(drawn(printed()), "utf-8")


def printed() -> str:
    """Return what the command prints, while an emulator stands in for Cloudflare."""
    with Emulator() as emulator:
        done = subprocess.run(  # noqa: S603 - the command is the one above
            [sys.executable, "-m", "pages_deploy", *COMMAND.split()[1:]],
            cwd=ROOT,
            env=emulator.environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=True,
        )
    return done.stdout


def drawn(text: str) -> str:
    console = Console(record=True, file=io.StringIO(), width=100)
    console.print(f"[bold]$ {COMMAND}[/bold]", highlight=False)
    console.print(text.rstrip(), markup=False)
    return console.export_svg(
        title="pages-deploy", theme=MONOKAI, code_format=FORMAT, unique_id="deploy"
    )


if __name__ == "__main__":
    main()
