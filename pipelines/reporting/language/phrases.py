"""Catalogue messages in reports, with whole numbers formatted for the language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.catalog import translations

from . import numbers


def read(lang: str) -> Mapping[str, tuple[str, ...]]:
    """Return the phrases of one language as written: key -> its plural forms (most phrases have only one)."""
    numbers.locale(lang)
    return translations.translations(lang).forms


@dataclass(frozen=True)
class Phrases:
    """The phrases of one language: `phrases("key", n=3)`."""

    lang: str

    def __call__(self, key: str, /, **values: Any) -> str:
        """Return the phrase with its values filled in; whole numbers are formatted, `n` selects the plural."""
        numbers.locale(self.lang)
        text = translations.translations(self.lang).text(key, values.get("n"))
        return text.format(**{name: self._write(value) for name, value in values.items()})

    def paragraphs(self, key: str, **values: Any) -> tuple[str, ...]:
        """Split a long phrase at the blank lines in the file."""
        return tuple(" ".join(part.split()) for part in self(key, **values).split("\n\n") if part.strip())

    def _write(self, value: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return numbers.integer(value, self.lang)
        return str(value)
