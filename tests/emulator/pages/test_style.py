"""Whether everybody can read the pages: contrast as in WCAG 2.2, level AA."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

STYLE = Path(__file__).resolve().parents[3] / "pages_deploy/emulator/pages/style.css"
GROUNDS = ("back", "card")
WRITTEN = ("text", "quiet", "link", "accent", "good", "bad", "busy")


def schemes() -> dict[str, dict[str, str]]:
    """The colors by name, of the light and of the dark scheme."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE.read_text("utf-8"), flags=re.DOTALL)
    light, dark = (dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", block)) for block in blocks)
    return {"light": light, "dark": dark}


def luminance(color: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("written", "ground"), list(product(WRITTEN, GROUNDS)))
def test_text_stands_out_from_what_it_stands_on(scheme: str, written: str, ground: str) -> None:
    colors = schemes()[scheme]
    brighter, darker = sorted((luminance(colors[written]), luminance(colors[ground])))[::-1]
    assert (brighter + 0.05) / (darker + 0.05) >= 4.5


def test_both_schemes_have_the_same_colors() -> None:
    light, dark = schemes().values()
    assert set(light) == set(dark) >= {*WRITTEN, *GROUNDS}


def test_the_style_asks_for_nothing() -> None:
    style = STYLE.read_text("utf-8")
    assert "url(" not in style
    assert "@import" not in style
