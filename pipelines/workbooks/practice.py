"""A practice folder: an invented province that no table of the project knows, and a sheet with mistakes in it.

The folder is a project root of its own. What is added there stays there and enters no statistics.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

WORKBOOK = "psu-latihan.xlsx"
AREAS = (
    ("98", "province", "Provinsi Contoh", ""),
    ("9801", "regency", "Kabupaten Contoh", "98"),
    ("980101", "district", "Contoh Utara", "9801"),
    ("980102", "district", "Contoh Selatan", "9801"),
    ("980103", "district", "Contoh Timur", "9801"),
)
HEAD = ("No", "Kab/Kota", "Kecamatan", "Kelurahan", "No. TPS", "Jenis", "Status", "Hari/Tanggal", "No. BA")
ROWS = (
    (1, "Kab. Contoh", "Kec. Contoh Utara", "Mawar", "TPS 043", "PSU", "selesai", "Sabtu, 24 Februari 2024", "BA 1/2024"),
    (2, "Kab. Contoh", "CONTOH SELATAN", "Melati", "12 & 13", "PSU", "dilaksanakan", "24/2/24", "BA 2/2024"),
    (3, "Kab. Contoh", "Contoh Utra", "Mawar", 5, "PSU", "dilaksanakan", "24/2/2024", "BA 3/2024"),
    (4, "Kab. Contoh", "Contoh Timur", "Kenanga", 6, "PSX", "dilaksanakan", "Minggu, 24 Februari 2024", "BA 4/2024"),
)  # fmt: skip
_KEPT = ("elections.csv", "grounds.csv", "provisions.csv")


def write_practice(folder: Path, register: Path) -> list[Path]:
    """Create the folder: a register with the invented areas, and the sheet.

    Args:
        folder: created as a project root. register: data/raw/register of the project, for the lists.

    Returns:
        Files for people to open.
    """
    raw = folder / "data" / "raw" / "register"
    raw.mkdir(parents=True, exist_ok=True)
    for name in _KEPT:
        if (register / name).exists():
            shutil.copyfile(register / name, raw / name)
    with (raw / "areas.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("area_code", "level", "name", "parent_code", "latitude", "longitude"))
        writer.writerows((*area, "", "") for area in AREAS)
    path = folder / WORKBOOK
    _sheet().save(path)
    return [path]


def _sheet() -> Any:
    """Return a sheet as offices keep them: a title above the header, a total and a note below."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    page = book.active
    page.title = "Data PSU"
    page.append(["DAFTAR PSU PEMILU 2024 - WILAYAH KHAYALAN UNTUK LATIHAN"])
    page.merge_cells("A1:I1")
    page["A1"].font = Font(bold=True, size=13)
    page.append([])
    page.append(list(HEAD))
    for cell in page[3]:
        cell.font = Font(bold=True)
    for row in ROWS:
        page.append(list(row))
    page.append(["Jumlah", None, None, None, len(ROWS)])
    page.append(["Catatan: semua wilayah dan kejadian di lembar ini karangan"])
    for letter, width in zip("ABCDEFGHI", (8, 14, 20, 14, 10, 8, 20, 26, 12), strict=True):
        page.column_dimensions[letter].width = width
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    return book
