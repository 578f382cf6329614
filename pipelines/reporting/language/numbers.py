"""Numbers, dates and foreign text as readers of the language write them (CLDR through Babel)."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from pipelines.catalog.messages import Message
from pipelines.catalog.vocabulary import LANGUAGES

from ..errors import ReportError

LONGEST = 600
KEPT = 20_000  # results kept: the same numbers, days and texts stand on page after page
_SHORT_AREA = {
    "Kabupaten Administrasi": "Kab.",
    "Kota Administrasi": "Kota",
    "Kabupaten": "Kab.",
    "Daerah Khusus Ibukota": "DKI",
    "Daerah Istimewa": "DI",
}
# Control characters and marks that reorder or hide text; a report must show what it says.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)

# What a line must not end within: `12 %`, `≥ 4`, `p = 0,05`, `5 ≠ 6`, `3–5 hari`, `(0,00–0,20)`, `pasal 109-110`.
# Typst reads the same pattern, so no look-around; lengths are bounded so that no column has to hold more than some
# forty characters in one piece.
UNITS = (
    *("TPS", "hari", "days?", "jam", "hours?", "km", "kali", "times", "poin", "points?", "units?"),
    *("kejadian", "incidents?", "perkara", "cases?"),
)
_NUMBER = r"(?:[+−]|\b)[0-9][0-9.,]{0,14}"
_RANGE = rf"{_NUMBER}[–-][+−]?[0-9][0-9.,]{{0,14}}"
_UNIT = rf" (?:%|(?:{'|'.join(UNITS)})\b)"
TIED = (
    rf"\(?(?:(?:[≥≤]|\bp [=<≥]) (?:{_RANGE}|{_NUMBER})(?:{_UNIT})?|{_RANGE}(?:{_UNIT})?|{_NUMBER}{_UNIT}"
    rf"|{_NUMBER} [≠<>] {_NUMBER})\)?"
)
_TIED = re.compile(f"({TIED})")
_DIGIT = re.compile("[0-9]")  # without one, nothing is tied


def locale(lang: str) -> Locale:
    """Babel locale of a report language; raises ReportError for a language without reports."""
    if lang not in LANGUAGES:
        raise ReportError(Message("report.no_language", lang=lang, langs=", ".join(LANGUAGES)))
    return _parsed(LANGUAGES[lang].locale)


@cache
def _parsed(name: str) -> Locale:
    return Locale.parse(name)


def clean(value: Any) -> str:
    """Text of the data without control characters or marks that change its direction, at most 600 characters."""
    return _cleaned(str(value))


@lru_cache(KEPT)
def _cleaned(value: str) -> str:
    text = " ".join(_UNSAFE.sub(" ", value).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def tied(text: str) -> list[str]:
    """The text in parts, taking turns: what may break as usual, then what must stay on one line, and so on."""
    return _TIED.split(text) if _DIGIT.search(text) else [text]


@lru_cache(KEPT)
def short_area(name: str) -> str:
    """An area name with the usual abbreviations: `Kota Administrasi Jakarta Pusat` -> `Kota Jakarta Pusat`."""
    text = clean(name)
    for long, short in _SHORT_AREA.items():
        text = text.replace(long, short)
    return text


def integer(value: int, lang: str) -> str:
    """`1234` as `1.234` (id) or `1,234` (en)."""
    return _integer(int(value), lang)


@lru_cache(KEPT)
def _integer(value: int, lang: str) -> str:
    return format_decimal(value, format="#,##0", locale=locale(lang))


def decimal(value: float, lang: str, digits: int = 1) -> str:
    """`1234.5` as `1.234,5` (id) or `1,234.5` (en), always with `digits` decimals."""
    return format_decimal(value, format="#,##0." + "0" * digits, locale=locale(lang))


@lru_cache(KEPT)
def long_date(value: dt.date, lang: str) -> str:
    """`2024-02-14` as `14 Februari 2024`."""
    return format_date(value, format="d MMMM y", locale=locale(lang))


@lru_cache(KEPT)
def short_date(value: dt.date, lang: str) -> str:
    """`2024-02-14` as `14 Feb 2024`, for narrow columns."""
    return format_date(value, format="d MMM y", locale=locale(lang))


@lru_cache(KEPT)
def day_month(value: dt.date, lang: str) -> str:
    """`2024-02-14` as `14 Feb`, for axes."""
    return format_date(value, format="d MMM", locale=locale(lang))


def signed(value: int, lang: str) -> str:
    """Days past a deadline: `+5`, `0`, `−3` (a true minus sign)."""
    return ("+" if value > 0 else "−" if value < 0 else "") + integer(abs(int(value)), lang)


def web_address(value: Any) -> str:
    """The address if it is http or https and has a host, else an empty string."""
    text = str(value or "").strip()
    if _UNSAFE.search(text) or any(c in text for c in " <>\"'`\\"):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.hostname else ""
