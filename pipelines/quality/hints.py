"""What a refused value most probably is, and what to do about it; Indonesian and English."""

from __future__ import annotations

import re
from collections.abc import Mapping

Words = Mapping[str, str]

_FORMS: Mapping[str, Words] = {
    "integer": {"en": "a whole number like 1234", "id": "bilangan bulat seperti 1234"},
    "number": {"en": "a number like 1234.5", "id": "bilangan seperti 1234.5"},
    "date": {"en": "a date written 2024-02-14", "id": "tanggal seperti 2024-02-14"},
    "datetime": {"en": "a moment written 2024-02-14 13:05", "id": "waktu seperti 2024-02-14 13:05"},
    "boolean": {"en": "true or false", "id": "true atau false"},
    "string": {"en": "text or an empty cell", "id": "teks atau sel kosong"},
}


def form(kind: str) -> Words:
    """How a value of a catalog type is written."""
    return _FORMS[kind]


def cast_hint(kind: str, value: str) -> Words:
    """Why `value` is not a `kind`, and what to write instead."""
    if value.strip() == "":
        return {
            "en": "the cell holds only blanks. Empty it.",
            "id": "sel hanya berisi spasi. Kosongkan.",
        }
    if value != value.strip():
        return {
            "en": f"there are blanks around the value. Write {value.strip()}.",
            "id": f"ada spasi di sekitar nilai. Tulis {value.strip()}.",
        }
    if kind in ("integer", "number"):
        return _number_hint(kind, value)
    if kind in ("date", "datetime"):
        return _date_hint(value)
    return {"en": f"Write {form(kind)['en']}.", "id": f"Tulis {form(kind)['id']}."}


def _number_hint(kind: str, value: str) -> Words:
    if re.fullmatch(r"-?[0-9]+\.0+", value):
        whole = value.split(".")[0]
        return {
            "en": f"a spreadsheet added decimals. Write {whole}.",
            "id": f"lembar sebar menambahkan desimal. Tulis {whole}.",
        }
    if re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?", value):
        plain = value.replace(".", "").replace(",", ".")
        return {
            "en": f"the dot looks like an Indonesian thousands separator. Write {plain} if that is meant.",
            "id": f"titik tampaknya pemisah ribuan. Tulis {plain} bila itu maksudnya.",
        }
    if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", value):
        plain = value.replace(",", "")
        return {
            "en": f"the comma looks like a thousands separator. Write {plain} if that is meant.",
            "id": f"koma tampaknya pemisah ribuan. Tulis {plain} bila itu maksudnya.",
        }
    if re.fullmatch(r"-?[0-9]*,[0-9]+", value) and kind == "number":
        plain = value.replace(",", ".")
        return {
            "en": f"decimals are written with a dot. Write {plain}.",
            "id": f"desimal ditulis dengan titik. Tulis {plain}.",
        }
    if re.fullmatch(r"-?[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+", value):
        return {
            "en": "a spreadsheet shortened it to powers of ten; the digits are lost. "
            "Write the number in full, from the source.",
            "id": "lembar sebar meringkasnya menjadi pangkat sepuluh; angkanya hilang. "
            "Tulis lengkap menurut sumber.",
        }
    if re.fullmatch(r"-?[0-9]+[.,][0-9]+", value):
        return {
            "en": "a count has no decimals. Write a whole number, or check the column.",
            "id": "hitungan tidak berdesimal. Tulis bilangan bulat, atau periksa kolomnya.",
        }
    if re.fullmatch(r"0[0-9]+", value):
        return {
            "en": "a number does not begin with 0; this looks like a code. Check the column.",
            "id": "bilangan tidak diawali 0; ini tampaknya kode. Periksa kolomnya.",
        }
    return {"en": f"Write {form(kind)['en']}, or leave the cell empty if it is not known.",
            "id": f"Tulis {form(kind)['id']}, atau kosongkan bila tidak diketahui."}  # fmt: skip


def _date_hint(value: str) -> Words:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}.*", value):
        return {
            "en": "there is no such day in the calendar. Correct it from the source.",
            "id": "tanggal itu tidak ada dalam kalender. Perbaiki menurut sumber.",
        }
    if re.fullmatch(r"[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ][0-9]{2,4}", value):
        return {
            "en": "write the year first, then month and day: 2024-02-14.",
            "id": "tulis tahun dahulu, lalu bulan dan hari: 2024-02-14.",
        }
    if re.fullmatch(r"[0-9]{5}(\.[0-9]+)?", value):
        return {
            "en": "a spreadsheet turned the date into a day number. Format the column as text and "
            "write it as 2024-02-14.",
            "id": "lembar sebar mengubah tanggal menjadi nomor hari. Format kolom sebagai teks dan "
            "tulis seperti 2024-02-14.",
        }
    return {
        "en": "write it as year-month-day: 2024-02-14.",
        "id": "tulis sebagai tahun-bulan-hari: 2024-02-14.",
    }


def code_hint(value: str) -> Words | None:
    """What a spreadsheet did to a code, if the value shows it; None otherwise."""
    if re.fullmatch(r"[0-9]+[.,]0+", value):
        code = re.split(r"[.,]", value)[0]
        return {
            "en": f"a spreadsheet turned the code into a number. Write {code} and format the column as text.",
            "id": f"lembar sebar mengubah kode menjadi bilangan. Tulis {code} dan format kolom sebagai teks.",
        }
    if re.fullmatch(r"[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+", value):
        return {
            "en": "a spreadsheet shortened the code to powers of ten; its digits are lost. Format the column "
            "as text and copy the code again from the source.",
            "id": "lembar sebar meringkas kode menjadi pangkat sepuluh; angkanya hilang. Format kolom sebagai "
            "teks dan salin ulang kodenya dari sumber.",
        }
    if re.fullmatch(r"[0-9]{2}(\.[0-9]{2,4})+", value):
        code = value.replace(".", "")
        return {
            "en": f"codes are written without dots here. Write {code}.",
            "id": f"kode ditulis tanpa titik. Tulis {code}.",
        }
    if re.fullmatch(r"[0-9]+", value) and len(value) % 2:
        return {
            "en": f"{len(value)} digits: area codes have 2, 4, 6 or 10, so a digit is lost, often the leading "
            f"zero. Write {value.zfill(len(value) + 1)} if that is the code, and format the column as text.",
            "id": f"{len(value)} angka: kode wilayah berisi 2, 4, 6 atau 10 angka, jadi satu angka hilang, "
            f"sering nol di depan. Tulis {value.zfill(len(value) + 1)} bila itu kodenya, dan format kolom "
            "sebagai teks.",
        }
    return None
