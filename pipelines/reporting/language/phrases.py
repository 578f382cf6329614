"""Every sentence that does not come from the catalog, in one gettext file for both languages; plurals by CLDR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from ..errors import ReportError
from . import numbers

FILE = Path(__file__).parent / "locale" / "id" / "LC_MESSAGES" / "report.po"
SOURCE_LANG = "en"


@cache
def _catalogue() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Key -> language -> plural forms. English is the source (msgid), so that each pair stands side by side."""
    with FILE.open("rb") as stream:
        messages = read_po(stream, locale="id", abort_invalid=True)
    found: dict[str, Mapping[str, tuple[str, ...]]] = {}
    for message in messages:
        if message.context is None:
            continue
        if message.context in found:
            raise ReportError(f"phrase {message.context!r} stands twice in {FILE.name}")
        found[message.context] = {SOURCE_LANG: _forms(message.id), "id": _forms(message.string)}
    return found


def _forms(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


@cache
def read(lang: str) -> Mapping[str, tuple[str, ...]]:
    """Phrases of one language, as written: key -> its plural forms, of which most phrases have one."""
    numbers.locale(lang)
    return {key: forms[lang] for key, forms in _catalogue().items()}


@dataclass(frozen=True)
class Phrases:
    """The phrases of one language: `phrases("key", n=3)`."""

    lang: str

    def __call__(self, key: str, **values: Any) -> str:
        """The phrase with its values filled in: whole numbers written as the language does; `n` picks the plural."""
        forms = read(self.lang).get(key)
        if forms is None:
            raise ReportError(f"phrase {key!r} is missing in {FILE.name}")
        is_one = len(forms) > 1 and numbers.locale(self.lang).plural_form(values["n"]) == "one"
        text = forms[0] if is_one else forms[-1]
        return text.format(**{name: self._write(value) for name, value in values.items()})

    def paragraphs(self, key: str, **values: Any) -> tuple[str, ...]:
        """A long phrase, split where the file leaves a blank line."""
        return tuple(" ".join(part.split()) for part in self(key, **values).split("\n\n") if part.strip())

    def _write(self, value: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return numbers.integer(value, self.lang)
        return str(value)
