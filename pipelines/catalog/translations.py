"""The gettext catalogue: reads `locale/<language>/<room>.po` directly.

Indonesian is complete and holds the English of every message as msgid; another language may have gaps, which
English fills. The few lines below replace Babel, whose import alone takes half the time allowed for
`titikrawan --help`; a test checks that both readers give the same result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from gettext import c2py
from pathlib import Path

from .compiled import parsed
from .vocabulary import LANGUAGES, SOURCE_LANGUAGE

LOCALE = Path(__file__).parent / "locale"
COMPLETE = "id"  # the language whose files hold every message, with its English
_LINE = re.compile(r'(?:(msgctxt|msgid|msgid_plural|msgstr(?:\[[0-9]\])?) )?"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_PLURAL = re.compile(r"plural=([^;\n]+);")
_ENGLISH_PLURAL = "n != 1"


class TranslationError(LookupError):
    """A missing message or an invalid message file: a programming error, caught by tests."""


@dataclass
class Entry:
    """One message of a file: key (msgctxt), English forms, translated forms."""

    key: str = ""
    source: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)


class Translations:
    """Every message of one language: key -> plural forms (most messages have only one).

    A message is first looked up in the file of its room, so that a short command reads one file instead of all.
    """

    def __init__(self, locale: Path, lang: str) -> None:
        self._locale, self._lang = locale, lang
        self._rooms: dict[str, _Loaded] = {}

    @property
    def forms(self) -> Mapping[str, tuple[str, ...]]:
        """Every message."""
        return self._of("*").forms

    def text(self, key: str, n: object = None) -> str:
        """Return a message before its values are filled in; `n` selects the plural form."""
        loaded = self._of(key.partition(".")[0])
        if key not in loaded.forms:
            loaded = self._of("*")
        try:
            found = loaded.forms[key]
        except KeyError:
            raise TranslationError(f"no message {key!r} in {LOCALE.name}/{COMPLETE}") from None
        if len(found) == 1 or not isinstance(n, int):
            return found[-1]
        return found[min(loaded.plural(n), len(found) - 1)]

    def _of(self, room: str) -> _Loaded:
        if room not in self._rooms:
            self._rooms[room] = _load(self._locale, self._lang, f"{room}.po")
        return self._rooms[room]


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda m: {"n": "\n", "t": "\t", "r": "\r"}.get(m[1], m[1]), text)


def read_po(path: Path) -> Iterator[Entry]:
    """Yield the entries of a file in order; the first one, without a key, is its header.

    Raises:
        TranslationError: a line is not valid gettext.
    """
    entry, part, texts = Entry(), "", [""]
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise TranslationError(f"{path.name}, line {number}: not a line of a .po file: {line!r}")
        keyword, text = match[1], _unescape(match[2])
        if keyword is None:
            texts[-1] += text
        else:
            if keyword == "msgctxt" or (keyword == "msgid" and part.startswith("msgstr")):
                if part:
                    yield entry
                entry = Entry()
            part = keyword
            texts = entry.forms if keyword.startswith("msgstr") else entry.source
            if keyword == "msgctxt":
                texts = [text]
                entry.key = text  # keys are short and fit on one line
            else:
                texts.append(text)
    if part:
        yield entry


def _entries(path: Path) -> Iterator[Entry]:
    """Yield the entries of a file, parsed once."""

    def parse() -> list[tuple[str, list[str], list[str]]]:
        return [(entry.key, entry.source, entry.forms) for entry in read_po(path)]

    return (Entry(*one) for one in parsed(path, parse, __file__))


def _read(folder: Path, names: str) -> tuple[dict[str, Entry], str]:
    """Return every entry of the named files of a language, and its gettext plural rule."""
    found: dict[str, Entry] = {}
    plural = "0"
    for path in sorted(folder.glob(names)):
        for entry in _entries(path):
            if not entry.key:
                rule = _PLURAL.search("".join(entry.forms))
                plural = rule[1] if rule else plural
            elif entry.key in found:
                raise TranslationError(f"message {entry.key!r} stands twice below {folder.name}")
            else:
                found[entry.key] = entry
    return found, plural


@dataclass(frozen=True)
class _Loaded:
    """Messages ready for use; `plural` selects among their forms."""

    forms: Mapping[str, tuple[str, ...]]
    plural: Callable[[int], int]


@cache
def _load(locale: Path, lang: str, names: str) -> _Loaded:
    complete, plural = _read(locale / COMPLETE, names)
    forms = {key: tuple(entry.source) for key, entry in complete.items()}
    if lang == SOURCE_LANGUAGE:
        return _Loaded(forms, c2py(_ENGLISH_PLURAL))
    own, plural = (complete, plural) if lang == COMPLETE else _read(locale / lang, names)
    forms |= {key: tuple(entry.forms) for key, entry in own.items() if key in forms and all(entry.forms)}
    return _Loaded(forms, c2py(plural))


@cache
def _translations(locale: Path, lang: str) -> Translations:
    return Translations(locale, lang)


def translations(lang: str) -> Translations:
    """Return the messages of a language, with English for those it lacks.

    Raises:
        TranslationError: no such language in `vocabulary.LANGUAGES`.
    """
    if lang not in LANGUAGES:
        raise TranslationError(f"no language {lang!r}; there are: {', '.join(LANGUAGES)}")
    return _translations(LOCALE, lang)
