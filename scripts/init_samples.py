"""Copy the samples that `pages-deploy init` fills in into the package; a test keeps them equal.

Usage: python scripts/init_samples.py
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from pages_deploy.cli.ci_files import CI_FILES  # noqa: E402 - the path has to be right before


def main() -> None:
    for file in CI_FILES.values():
        file.copy.write_bytes((ROOT / "examples" / file.sample).read_bytes())


if __name__ == "__main__":
    main()
