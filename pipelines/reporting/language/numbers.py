"""Numbers, dates and external text formatted for the language (CLDR through Babel)."""

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
KEPT = 20_000  # cached results: the same numbers, days and texts recur on page after page
_SHORT_AREA = {
    "Kabupaten Administrasi": "Kab.",
    "Kota Administrasi": "Kota",
    "Kabupaten": "Kab.",
    "Daerah Khusus Ibukota": "DKI",
    "Daerah Istimewa": "DI",
}
# Control characters and marks that reorder or hide text; a report must display its actual content.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)

# Patterns that must not be broken across lines: `12 %`, `≥ 4`, `p = 0,05`, `5 ≠ 6`, `3–5 hari`, `(0,00–0,20)`,
# `pasal 109-110`. Typst uses the same pattern, so there is no look-around; lengths are bounded, so that no
# column has to hold more than some forty characters unbroken.
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
_DIGIT = re.compile("[0-9]")  # texts without a digit need no tying


def locale(lang: str) -> Locale:
    """Return the Babel locale of a report language; raises ReportError for a language without reports."""
    if lang not in LANGUAGES:
        raise ReportError(Message("report.no_language", lang=lang, langs=", ".join(LANGUAGES)))
    return _parsed(LANGUAGES[lang].locale)


@cache
def _parsed(name: str) -> Locale:
    return Locale.parse(name)


def clean(value: Any) -> str:
    """Return external text without control characters or bidirectional marks, at most 600 characters."""
    return _cleaned(str(value))


@lru_cache(KEPT)
def _cleaned(value: str) -> str:
    text = " ".join(_UNSAFE.sub(" ", value).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def tied(text: str) -> list[str]:
    """Split the text into alternating parts: normal text, then text that must stay on one line, and so on."""
    return _TIED.split(text) if _DIGIT.search(text) else [text]


@lru_cache(KEPT)
def short_area(name: str) -> str:
    """Return an area name with the usual abbreviations: `Kota Administrasi
    Jakarta Pusat` -> `Kota Jakarta Pusat`."""
    text = clean(name)
    for long, short in _SHORT_AREA.items():
        text = text.replace(long, short)
    return text


def integer(value: int, lang: str) -> str:
    """Return `1234` as `1.234` (id) or `1,234` (en)."""
    return _integer(int(value), lang)


@lru_cache(KEPT)
def _integer(value: int, lang: str) -> str:
    return format_decimal(value, format="#,##0", locale=locale(lang))


def decimal(value: float, lang: str, digits: int = 1) -> str:
    """Return `1234.5` as `1.234,5` (id) or `1,234.5` (en), always with `digits` decimals."""
    return format_decimal(value, format="#,##0." + "0" * digits, locale=locale(lang))


@lru_cache(KEPT)
def long_date(value: dt.date, lang: str) -> str:
    """Return `2024-02-14` as `14 Februari 2024`."""
    return format_date(value, format="d MMMM y", locale=locale(lang))


@lru_cache(KEPT)
def short_date(value: dt.date, lang: str) -> str:
    """Return `2024-02-14` as `14 Feb 2024`, for narrow columns."""
    return format_date(value, format="d MMM y", locale=locale(lang))


@lru_cache(KEPT)
def day_month(value: dt.date, lang: str) -> str:
    """Return `2024-02-14` as `14 Feb`, for axes."""
    return format_date(value, format="d MMM", locale=locale(lang))


def signed(value: int, lang: str) -> str:
    """Return days past a deadline: `+5`, `0`, `−3` (a true minus sign)."""
    return ("+" if value > 0 else "−" if value < 0 else "") + integer(abs(int(value)), lang)


def web_address(value: Any) -> str:
    """Return the URL if it is http or https and has a host, else an empty string."""
    text = str(value or "").strip()
    if _UNSAFE.search(text) or any(c in text for c in " <>\"'`\\"):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.hostname else ""
