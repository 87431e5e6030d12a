"""Whether a client takes an answer that is not compressed, which is all that this emulator sends.

https://www.rfc-editor.org/rfc/rfc9110#field.accept-encoding
"""

from __future__ import annotations


def refuses_plain(accepted: str) -> bool:
    """Whether an Accept-Encoding field refuses the plain form: by its name, or by refusing all."""
    qualities: dict[str, float] = {}
    for entry in accepted.split(","):
        name, *parameters = entry.split(";")
        qualities[name.strip().lower()] = _quality(parameters)
    return qualities.get("identity", qualities.get("*", 1.0)) == 0


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 1.0
    return 1.0
