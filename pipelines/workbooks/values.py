"""Dates, numbers and numbers of stations as offices write them. One rule per form; what fits none is not guessed."""

from __future__ import annotations

import datetime as dt
import re

from ..catalog.messages import Message
from .findings import Misread
from .text import normal

MONTHS = (
    ("januari", "jan"), ("februari", "feb", "pebruari"), ("maret", "mar"), ("april", "apr"), ("mei",), ("juni", "jun"),
    ("juli", "jul"), ("agustus", "agu", "agt", "ags"), ("september", "sep", "sept"), ("oktober", "okt"),
    ("november", "nov", "nopember", "nop"), ("desember", "des"),
)  # fmt: skip
DAYS = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")
_MONTH_OF = {name: number for number, names in enumerate(MONTHS, 1) for name in names}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?")
_NUMERIC = re.compile(r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})")
_WRITTEN = re.compile(r"(\d{1,2}) ([a-z]+) (\d{4}|\d{2})")
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


def read_date(cell: object) -> dt.date:
    """A day from a date cell, "2024-02-14", "14/2/24", "Rabu, 14 Februari 2024" or a day number of a spreadsheet.

    Raises:
        Misread: none of these, no such day, or a weekday that is not that of the day.
    """
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    text = str(cell).strip()
    if re.fullmatch(r"\d{5}(\.0+)?", text) and _SERIAL[0] <= int(float(text)) <= _SERIAL[1]:
        return dt.date(1899, 12, 30) + dt.timedelta(days=int(float(text)))
    if found := _ISO.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]), text)
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
        raise Misread(Message("workbooks.not_a_date", value=text), Message("workbooks.form_date"))
    if weekday and DAYS[day.weekday()] != weekday:
        is_day = DAYS[day.weekday()].capitalize()
        raise Misread(
            Message("workbooks.other_weekday", value=text, weekday=is_day), Message("workbooks.form_date"),
            [day.isoformat()],
        )  # fmt: skip
    return day


def read_integer(cell: object) -> int:
    """A whole number from 12, 12.0, "1.234" (dot between thousands) or "12 TPS".

    Raises:
        Misread: anything else; "1,5" and "1,234" are not guessed.
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
    near = [bare.replace(",", "")] if re.fullmatch(r"\d{1,3}(,\d{3})+", bare) else []
    raise Misread(Message("workbooks.not_a_number", value=text), Message("workbooks.form_number"), near)


def read_code_digits(cell: object) -> str:
    """The digits of an area code from 3171, 3171.0, "3171.0" or "31.71.01"; empty where it is no code at all."""
    text = str(cell).strip()
    if re.fullmatch(r"\d+[.,]0", text):
        text = text[:-2]
    if re.fullmatch(r"\d{2}(\.\d{2}){0,2}(\.\d{4})?", text):
        text = text.replace(".", "")
    return text if re.fullmatch(r"\d{2}|\d{4}|\d{6}|\d{10}", text) else ""


def read_stations(cell: object) -> list[str]:
    """Numbers of stations, of three digits, from 43, "TPS 043", "12 & 13", "1, 2 dan 5" or "3-7".

    Raises:
        Misread: anything else, a range that runs backwards, or more than a hundred stations.
    """
    if isinstance(cell, float) and cell == cell and abs(cell) < 10**6 and cell == int(cell):
        cell = int(cell)
    text = re.sub(r"[.,]0$", "", str(cell).strip())
    allowed = Message("workbooks.form_tps")
    plain = re.sub(r"\b(tps|no|nomor|nomer)\b\.?:?", " ", text.lower())
    plain = re.sub(r"\b(s\s*/?\s*d|sampai(?: dengan)?|hingga)\b\.?", "-", plain)
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
