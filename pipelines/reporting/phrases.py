"""Every sentence that does not come from the catalog, in one file per language; plural forms by CLDR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from . import numbers
from .errors import ReportError

FOLDER = Path(__file__).parent / "phrases"


@cache
def read(lang: str) -> Mapping[str, Any]:
    """Phrases of one language, as written: key -> text, or key -> {one, other} texts."""
    numbers.locale(lang)
    return dict(yaml.safe_load((FOLDER / f"{lang}.yaml").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Phrases:
    """The phrases of one language: `phrases("key", n=3)`."""

    lang: str

    def __call__(self, key: str, **values: Any) -> str:
        """The phrase with its values filled in: whole numbers written as the language does; `n` picks the plural."""
        found = read(self.lang).get(key)
        if found is None:
            raise ReportError(f"phrase {key!r} is missing in phrases/{self.lang}.yaml")
        if isinstance(found, Mapping):
            form = numbers.locale(self.lang).plural_form(values["n"])
            found = found.get(form, found["other"])
        return str(found).format(**{name: self._write(value) for name, value in values.items()})

    def paragraphs(self, key: str, **values: Any) -> tuple[str, ...]:
        """A long phrase, split where the file leaves a blank line."""
        return tuple(" ".join(part.split()) for part in self(key, **values).split("\n\n") if part.strip())

    def _write(self, value: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return numbers.integer(value, self.lang)
        return str(value)
