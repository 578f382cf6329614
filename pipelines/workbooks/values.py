"""Dates, numbers and station numbers as offices write them. One rule per format; anything else is not guessed."""

from __future__ import annotations

import datetime as dt
import re

from ..catalog.messages import Message
from .findings import Misread
from .text import normal

MONTHS = (
    ("januari", "jan", "january"), ("februari", "feb", "pebruari", "peb", "february"), ("maret", "mar", "mrt", "march"),
    ("april", "apr"), ("mei", "may"), ("juni", "jun", "june"), ("juli", "jul", "july"),
    ("agustus", "agu", "agt", "ags", "agust", "aug", "august"), ("september", "sep", "sept"),
    ("oktober", "okt", "oct", "october"), ("november", "nov", "nopember", "nop"),
    ("desember", "des", "dec", "december"),
)  # fmt: skip
DAYS = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")
_MONTH_OF = {name: number for number, names in enumerate(MONTHS, 1) for name in names}
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
# A time of day does not affect the date: "24/2/2024 08:00", "…, pukul 08.00 WIB".
_HOUR = re.compile(
    r"(?:\s*,?\s*(?:pukul|jam|pkl)\.?\s*|(?<=\d)[ T])\d{1,2}[.:]\d{2}(?:[.:]\d{2})?(?:\s*(?:wib|wita|wit))?\s*$",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})")
_WRITTEN = re.compile(r"(\d{1,2}) ([a-z]+) (\d{4}|\d{2})")
_MONTH = re.compile(r"([a-z]+) (20\d\d)")
# Days since 1899-12-30, as spreadsheets count them; 2010 to 2064.
_SERIAL = (40179, 60000)
_MOST_STATIONS = 100


def _day(year: int, month: int, day: int, text: str) -> dt.date:
    year += 2000 if year < 100 else 0
    try:
        return dt.date(year, month, day)
    except ValueError:
        swapped = (
            [dt.date(year, day, month).isoformat()]
            if 12 < month <= 31 and 1 <= day <= 12 and year >= dt.MINYEAR
            else []
        )
        raise Misread(
            Message("workbooks.no_such_day", value=text), Message("workbooks.form_date"), swapped
        ) from None


def _last_day(month: int, year: int) -> str:
    """Return the last day of a month, which a deadline that names only the month may mean."""
    return (dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)).isoformat()


def read_date(cell: object) -> dt.date:
    """Return the date from a date cell, "2024-02-14", "14/2/24", "Rabu, 14 Februari 2024" or a day number of a
    spreadsheet.

    A time of day after it is ignored.

    Raises:
        Misread: none of these, an invalid date, or a weekday that does not match the date.
    """
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    text = str(cell).strip()
    if re.fullmatch(r"\d{5}(\.0+)?", text) and _SERIAL[0] <= int(float(text)) <= _SERIAL[1]:
        return dt.date(1899, 12, 30) + dt.timedelta(days=int(float(text)))
    text = _HOUR.sub("", text)
    if found := _ISO.fullmatch(text):
        return _day(int(found[1]), int(found[3]), int(found[4]), text)
    if found := _NUMERIC.fullmatch(text):
        return _day(int(found[3]), int(found[2]), int(found[1]), text)
    words = normal(text.replace("'", "")).split()  # Jum'at
    weekday = words[0] if words and words[0] in DAYS else ""
    words = [w for w in words[1 if weekday else 0 :] if w not in ("tanggal", "tgl")]
    rest = " ".join(words)
    found = _WRITTEN.fullmatch(rest)
    if found and found[2] in _MONTH_OF:
        day = _day(int(found[3]), _MONTH_OF[found[2]], int(found[1]), text)
    elif found := _NUMERIC.fullmatch(rest):
        day = _day(int(found[3]), int(found[2]), int(found[1]), text)
    else:
        month = _MONTH.fullmatch(rest)
        near = [_last_day(_MONTH_OF[month[1]], int(month[2]))] if month and month[1] in _MONTH_OF else []
        raise Misread(Message("workbooks.not_a_date", value=text), Message("workbooks.form_date"), near)
    if weekday and DAYS[day.weekday()] != weekday:
        is_day = DAYS[day.weekday()].capitalize()
        raise Misread(
            Message("workbooks.other_weekday", value=text, weekday=is_day), Message("workbooks.form_date"),
            [day.isoformat()],
        )  # fmt: skip
    return day


def read_integer(cell: object) -> int:
    """Return a whole number from 12, 12.0, "1.234" (dot between thousands), "12 TPS", "3 (tiga)", "tiga" or
    "nihil".

    Raises:
        Misread: anything else; "1,5" and "1,234" are ambiguous.
    """
    if isinstance(cell, bool):
        raise Misread(Message("workbooks.not_a_number", value=str(cell)), Message("workbooks.form_number"))
    if isinstance(cell, int | float):
        if cell != cell or cell in (float("inf"), float("-inf")) or cell != int(cell) or abs(cell) > 10**15:
            raise Misread(
                Message("workbooks.not_a_number", value=str(cell)), Message("workbooks.form_number")
            )
        return int(cell)
    text = str(cell).strip()
    bare = re.sub(
        r"\s*(tps|pemilih|orang|perkara|desa|kelurahan|kecamatan)\.?$", "", text, flags=re.IGNORECASE
    )
    if len(bare) <= 18:
        if re.fullmatch(r"\d{1,3}(\.\d{3})+", bare):
            return int(bare.replace(".", ""))
        if re.fullmatch(r"\d+", bare):
            return int(bare)
        if re.fullmatch(r"\d+[.,]0", bare):
            return int(re.split("[.,]", bare)[0])
    if (written := _in_words(bare)) is not None:
        return written
    near = [bare.replace(",", "")] if re.fullmatch(r"\d{1,3}(,\d{3})+", bare) else []
    raise Misread(Message("workbooks.not_a_number", value=text), Message("workbooks.form_number"), near)


ONES = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
_NONE = ("nihil", "nol")
_PARTS = re.compile(r"(?:(?P<n>\d[\d.]*)\s*\((?P<in_words>[a-z ]+)\)|(?P<words>[a-z ]+))", re.IGNORECASE)


def _in_words(text: str) -> int | None:
    """Return a number in words, alone or in brackets after the same number in digits; None otherwise."""
    found = _PARTS.fullmatch(text.strip())
    if found is None:
        return None
    words = _spelled(" ".join((found["in_words"] or found["words"]).lower().split()))
    if found["n"] is None:
        return words
    digits = re.fullmatch(r"\d{1,3}(?:\.\d{3})+|\d{1,9}", found["n"])
    return words if digits and words == int(found["n"].replace(".", "")) else None


def _spelled(text: str) -> int | None:
    """Parse Indonesian number words up to 999,999: "dua puluh lima" is 25."""
    if text in _NONE:
        return 0
    spread = re.sub(r"\bse(belas|puluh|ratus|ribu)\b", r"satu \1", text)
    total = part = 0
    one: int | None = None
    for word in spread.split():
        if word in ONES[1:] and one is None:
            one = ONES.index(word)
        elif word == "belas" and one is not None:
            part, one = part + 10 + one, None
        elif word in ("puluh", "ratus") and one is not None:
            part, one = part + one * (10 if word == "puluh" else 100), None
        elif word == "ribu" and (part or one) and not total:
            total, part, one = (part + (one or 0)) * 1000, 0, None
        else:
            return None
    found = total + part + (one or 0)
    return found or None


def read_code_digits(cell: object) -> str:
    """Return the digits of an area code from 3171, 3171.0, "3171.0" or "31.71.01"; empty if it is not a code."""
    text = str(cell).strip()
    if re.fullmatch(r"\d+[.,]0", text):
        text = text[:-2]
    if re.fullmatch(r"\d{2}(\.\d{2}){0,2}(\.\d{4})?", text):
        text = text.replace(".", "")
    return text if re.fullmatch(r"\d{2}|\d{4}|\d{6}|\d{10}", text) else ""


def read_stations(cell: object) -> list[str]:
    """Return three-digit station numbers from 43, "TPS 043", "12 & 13", "1, 2 dan 5" or "3-7".

    Raises:
        Misread: anything else, a range that runs backwards, or more than a hundred stations.
    """
    if isinstance(cell, float) and cell == cell and abs(cell) < 10**6 and cell == int(cell):
        cell = int(cell)
    text = re.sub(r"[.,]0$", "", str(cell).strip())
    allowed = Message("workbooks.form_tps")
    plain = re.sub(r"\b(tps|no|nomor|nomer)\b\.?:?(?:\s*-(?=\s*\d))?", " ", text.lower())
    plain = re.sub(r"\btps(?=\d)", " ", plain)
    plain = re.sub(r"\b(s\s*[/.]?\s*d|sampai(?: dengan)?|hingga)\b\.?", "-", plain)
    plain = re.sub(r"[–—]", "-", plain)
    found: list[str] = []
    for part in re.split(r"[,;&/+]|\bdan\b|\bserta\b", plain):
        bare = part.strip().strip(".")
        if not bare:
            continue
        span = re.fullmatch(r"(\d{1,3})\s*-\s*(\d{1,3})", bare)
        if span and 0 < int(span[1]) <= int(span[2]):
            numbers = range(int(span[1]), int(span[2]) + 1)
        elif re.fullmatch(r"\d{1,3}", bare) and int(bare):
            numbers = range(int(bare), int(bare) + 1)
        elif re.fullmatch(r"\d{1,3}(\s+\d{1,3})+", bare):
            found.extend(f"{int(n):03d}" for n in bare.split())
            continue
        else:
            raise Misread(Message("workbooks.not_tps", value=text), allowed)
        found.extend(f"{n:03d}" for n in numbers)
    if not found or len(found) > _MOST_STATIONS or len(found) != len(set(found)) or "000" in found:
        raise Misread(Message("workbooks.not_tps", value=text), allowed)
    return found
