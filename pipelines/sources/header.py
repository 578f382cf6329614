"""Compare the first line of a CSV file with the columns the catalog declares."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from .errors import SourceError, refuse

_OTHER_SEPARATORS = {";": ("semicolons", "titik koma"), "\t": ("tabs", "tab")}


def check_header(found: Sequence[str], expected: Sequence[str], file: str, line: int) -> SourceError | None:
    """The error that a header deserves, or None. Order of the columns is free; their names are not."""
    if len(found) == 1 and len(expected) > 1:
        for mark, (mark_en, mark_id) in _OTHER_SEPARATORS.items():
            if mark in found[0]:
                return refuse(
                    file,
                    f"the cells are separated by {mark_en}, not commas, as a spreadsheet with Indonesian "
                    f"settings saves them. Found {found[0]!r}. Save it again as CSV with commas (UTF-8), or "
                    "change the separator in the export dialogue.",
                    f"sel dipisah {mark_id}, bukan koma, seperti simpanan lembar sebar lokal Indonesia. "
                    f"Ditemukan {found[0]!r}. Simpan ulang sebagai CSV dengan pemisah koma (UTF-8), atau "
                    "ganti pemisahnya saat ekspor.",
                    line=line,
                    value=found[0],
                )
    missing = [name for name in expected if name not in found]
    unexpected = [name for name in found if name not in expected]
    twice = sorted({name for name in found if list(found).count(name) > 1})
    if not (missing or unexpected or twice):
        return None
    renamed = {
        name: match[0]
        for name in missing
        if (match := get_close_matches(name, [u.strip().lower() for u in unexpected], 1, 0.6))
    }
    named = {u.strip().lower(): u for u in unexpected}
    english: list[str] = []
    indonesian: list[str] = []
    for name, near in renamed.items():
        english.append(f"{named[near]!r} is probably {name!r} renamed")
        indonesian.append(f"{named[near]!r} agaknya {name!r} yang berganti nama")
    for label_en, label_id, names in (
        ("missing", "kurang", missing),
        ("unexpected", "tidak dikenal", unexpected),
        ("given twice", "tertulis dua kali", twice),
    ):
        if names:
            english.append(f"{label_en}: {', '.join(names)}")
            indonesian.append(f"{label_id}: {', '.join(names)}")
    wanted = ",".join(expected)
    return refuse(
        file,
        f"wrong header; {'; '.join(english)}. Found: {','.join(found)}. "
        f"Make the first line of the file: {wanted}",
        f"kepala kolom salah; {'; '.join(indonesian)}. Ditemukan: {','.join(found)}. "
        f"Jadikan baris pertama berkas: {wanted}",
        line=line,
        column=(missing or unexpected or twice)[0],
        value=",".join(found),
    )
