"""What the loading of settings said, kept for a test to read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Heard:
    """A listener that remembers."""

    details: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def detail(self, text: str) -> None:
        self.details.append(text)

    def step(self, text: str) -> None:
        self.steps.append(text)

    def warn(self, text: str) -> None:
        self.warnings.append(text)
