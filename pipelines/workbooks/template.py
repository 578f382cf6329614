"""Generate workbooks to fill in from the catalog: a column declared there appears here at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..catalog import label
from ..catalog.messages import given, speak_in
from ..catalog.vocabulary import AREA_LEVELS
from ..catalog.workbooks import Kind, workbooks
from .read import OURS
from .register import Register, is_list

ROWS = 1_000
"""Number of template lines with drop-downs and validation."""
_GUIDE, _LISTS, _AREAS, _ = OURS
_HEAD = 3
_PICKED = AREA_LEVELS[:3]


def write_templates(folder: Path, register: Register, lang: str = "id") -> list[Path]:
    """Write one workbook per kind into `folder`, which is created."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(folder / f"{name}.xlsx", kind, register, lang) for name, kind in workbooks().kinds.items()]


def _write(path: Path, kind: Kind, register: Register, lang: str) -> Path:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    say = speak_in(lang)
    book = Workbook()
    page = book.active
    page.title = kind.name
    page["A1"] = given(kind.title, lang)
    page["A1"].font = Font(bold=True, size=14)
    page["A2"] = say("workbooks.template_hint")
    page["A2"].font = Font(italic=True, color="FF595959")
    letters = {f.name: get_column_letter(i) for i, f in enumerate(kind.asked, 2)}
    page.cell(_HEAD, 1, "No")
    for number, field in enumerate(kind.asked, 2):
        must = (
            field.is_required
            and field.name not in kind.defaults
            and field.name not in ("source_url", "source_title")
        )
        cell = page.cell(_HEAD, number, _short(given(field.title, lang)) + (" *" if must else ""))
        page.column_dimensions[letters[field.name]].width = 16 if field.type != "string" else 24
    for cell in page[_HEAD]:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        cell.fill = PatternFill("solid", start_color="FFD9E1F2", end_color="FFD9E1F2")
    _example(page, kind, register, lang)
    page.freeze_panes = page.cell(_HEAD + 1, 2)
    _areas(book, register)
    _choices(book, page, kind, register, lang, letters)
    _pickers(book, page, letters, lang)
    _guide(book, kind, lang)
    aside = path.with_name(f".{path.name}.new")
    book.save(aside)
    aside.replace(path)
    return path


def _short(title: str) -> str:
    """Return a title without its part in brackets, which the person who fills in the workbook does not need."""
    return re.sub(r"\s*\(.*?\)", "", title)


def _example(page: Any, kind: Kind, register: Register, lang: str) -> None:
    from openpyxl.styles import Font

    line = _HEAD + 1
    page.cell(line, 1, workbooks().example_mark)
    cells = dict(kind.example)
    cells |= {level: _example_area(level, lang) for level in _PICKED}
    for number, field in enumerate(kind.asked, 2):
        value: Any = cells.get(field.name, "")
        if value and (choices := register.choices(kind.table, field)):
            value = next((c.label(lang) for c in choices if c.code == value), value)
        if value and field.type == "date":
            import datetime as dt

            value = dt.date.fromisoformat(value)
        if value and field.type in ("integer", "number"):
            value = int(value)
        cell = page.cell(line, number, value or None)
        cell.font = Font(italic=True, color="FF7F7F7F")
    page.cell(line, 1).font = Font(italic=True, bold=True, color="FF7F7F7F")


def _example_area(level: str, lang: str) -> str:
    return f"{label('level', level, lang)} {workbooks().example_mark}".title()


def _areas(book: Any, register: Register) -> None:
    """Write hidden lists: provinces; province and regency; province, regency and district, sorted by parent."""
    page = book.create_sheet(_AREAS)
    page.sheet_state = "hidden"
    places = register.places
    name = {code: area.name for code, area in places.by_code.items()}
    provinces = sorted(a.name for a in places.inside("province", None))
    regencies = sorted((name[a.parent], a.name) for a in places.inside("regency", None) if a.parent in name)
    districts = sorted(
        (f"{name.get(a.parent[:2], '')}|{name[a.parent]}", a.name)
        for a in places.inside("district", None)
        if a.parent in name
    )
    for line, text in enumerate(provinces, 1):
        page.cell(line, 1, text)
    for line, (key, text) in enumerate(regencies, 1):
        page.cell(line, 2, key)
        page.cell(line, 3, text)
    for line, (key, text) in enumerate(districts, 1):
        page.cell(line, 4, key)
        page.cell(line, 5, text)


def _pickers(book: Any, page: Any, letters: dict[str, str], lang: str) -> None:
    """Add area drop-downs: the regencies of the selected province, the districts of the selected regency."""
    first, areas = _HEAD + 1, f"'{_AREAS}'!"
    n = sum(1 for row in book[_AREAS].iter_rows(min_col=1, max_col=1) if row[0].value)
    province, regency = letters.get("province"), letters.get("regency")
    formulas = {"province": f"{areas}$A$1:$A${max(n, 1)}"}
    if province:
        key = f"${province}{first}"
        formulas["regency"] = (
            f"OFFSET({areas}$C$1,MATCH({key},{areas}$B:$B,0)-1,0,COUNTIF({areas}$B:$B,{key}),1)"
        )
    if province and regency:
        key = f'${province}{first}&"|"&${regency}{first}'
        formulas["district"] = (
            f"OFFSET({areas}$E$1,MATCH({key},{areas}$D:$D,0)-1,0,COUNTIF({areas}$D:$D,{key}),1)"
        )
    for level in _PICKED:
        if level in letters and level in formulas:
            _validate(page, letters[level], "list", formulas[level], lang, is_strict=False)


def _choices(
    book: Any, page: Any, kind: Kind, register: Register, lang: str, letters: dict[str, str]
) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.workbook.defined_name import DefinedName

    lists = book.create_sheet(_LISTS)
    lists.sheet_state = "hidden"
    column = 0
    for field in kind.asked:
        letter = letters[field.name]
        choices = register.choices(kind.table, field)
        if choices:
            column += 1
            for line, choice in enumerate(choices, 1):
                lists.cell(line, column, choice.label(lang))
            where = get_column_letter(column)
            span = f"'{_LISTS}'!${where}$1:${where}${len(choices)}"
            book.defined_names[f"daftar_{field.name}"] = DefinedName(f"daftar_{field.name}", attr_text=span)
            _validate(page, letter, "list", f"daftar_{field.name}", lang, is_strict=not is_list(field))
        elif field.type == "date":
            low = _date(field.constraints.get("minimum", "2014-01-01"))
            high = _date(field.constraints.get("maximum", "2100-01-01"))
            _validate(page, letter, "date", low, lang, high)
            for line in range(_HEAD + 1, _HEAD + 1 + ROWS):
                page[f"{letter}{line}"].number_format = "dd/mm/yyyy"
        elif field.type in ("integer", "number"):
            low = str(field.constraints.get("minimum", 0))
            high = str(field.constraints.get("maximum", 1_000_000_000))
            _validate(page, letter, "whole", low, lang, high)
        else:
            for line in range(_HEAD + 1, _HEAD + 1 + ROWS):
                page[f"{letter}{line}"].number_format = "@"


def _date(text: Any) -> str:
    return "DATE({},{},{})".format(*(int(part) for part in str(text).split("-")))


def _validate(
    page: Any, letter: str, kind: str, formula: str, lang: str, to: str | None = None, is_strict: bool = True
) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    say = speak_in(lang)
    rule = DataValidation(
        type=kind, formula1=formula, formula2=to, allow_blank=True, operator="between" if to else None,
        showErrorMessage=True, errorStyle="stop" if is_strict else "warning",
        errorTitle=say("workbooks.check_title"),
        error=say("workbooks.check_list" if kind == "list" else "workbooks.check_number")
        if kind != "date" else say("workbooks.check_date"),
    )  # fmt: skip
    rule.add(f"{letter}{_HEAD + 1}:{letter}{_HEAD + ROWS}")
    page.add_data_validation(rule)


def _guide(book: Any, kind: Kind, lang: str) -> None:
    from openpyxl.styles import Alignment, Font

    say = speak_in(lang)
    page = book.create_sheet(_GUIDE, 0)
    page.append([say("workbooks.guide_title", title=given(kind.title, lang))])
    for line in say("workbooks.guide", kind=kind.name, mark=workbooks().example_mark).split("\n"):
        page.append([line])
    page.append([])
    page.append(say("workbooks.guide_columns").split("|"))
    head = page.max_row
    for field in kind.asked:
        page.append([given(field.title, lang), given(field.description, lang), _wanted(field, kind, lang)])
    for cell in (page["A1"], *page[head]):
        cell.font = Font(bold=True)
    for letter, width in zip("ABC", (34, 80, 40), strict=True):
        page.column_dimensions[letter].width = width
    for row in page.iter_rows(min_row=head):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    book.active = 0


def _wanted(field: Any, kind: Kind, lang: str) -> str:
    say = speak_in(lang)
    if field.name in kind.defaults:
        return say("workbooks.when_empty", value=kind.defaults[field.name])
    if field.name in ("source_url", "source_title"):
        return say("workbooks.source_when_empty")
    return say("workbooks.must") if field.is_required else ""
