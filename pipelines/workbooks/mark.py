"""Write a marked copy of a workbook: problem cells coloured and commented, and a sheet that lists all problems."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from ..catalog.messages import given, speak_in
from .cells import Book
from .findings import Problem
from .read import OURS, Reading

SUFFIX = ".diperiksa"
AUTHOR = "titikrawan"
RED, AMBER = "FFFFC7CE", "FFFFEB9C"
_SUMMARY = OURS[-1]
_MOST_LISTED = 5_000


def marked_name(path: Path) -> str:
    """Return the name of the marked copy of a workbook: always .xlsx, the same for a copy of a copy."""
    return f"{path.stem.removesuffix(SUFFIX)}{SUFFIX}.xlsx"


def plain_cell(text: object) -> str:
    """Return text that a spreadsheet program will not interpret as a formula."""
    written = str(text)
    return f"'{written}" if written and written[0] in "=+-@\t\r" else written


def write_marked(book: Book, reading: Reading, target: Path, lang: str) -> Path:
    """Write the marked copy; in an .xlsx, everything that openpyxl preserves stays as it was."""
    workbook = _workbook(book)
    _unmark(workbook)
    say = speak_in(lang)
    by_cell: dict[tuple[str, int, int], list[Problem]] = defaultdict(list)
    for problem in (*reading.problems, *reading.warnings):
        by_cell[problem.sheet, problem.row, problem.column or 1].append(problem)
    from openpyxl.cell.cell import MergedCell
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    refused = {(p.sheet, p.row) for p in reading.problems}
    for (sheet, row, column), problems in by_cell.items():
        cell = workbook[sheet].cell(row, column)
        if isinstance(cell, MergedCell):
            area = next(r for r in workbook[sheet].merged_cells.ranges if cell.coordinate in r)
            cell = workbook[sheet].cell(area.min_row, area.min_col)
        colour = RED if (sheet, row) in refused else AMBER
        cell.fill = PatternFill("solid", start_color=colour, end_color=colour)
        text = "\n".join(dict.fromkeys(_comment(p, lang) for p in problems))
        if cell.comment is not None:
            text = f"{cell.comment.text}\n{text}"
        cell.comment = Comment(text[:2000], AUTHOR, height=140, width=320)
    summary = workbook.create_sheet(_SUMMARY, 0)
    summary.append([plain_cell(say("workbooks.summary_title", name=book.path.name))])
    summary.append(
        [
            say(
                "workbooks.summary_counts",
                read=reading.n_read,
                kept=len(reading.rows),
                refused=reading.n_refused,
            )
        ]
    )
    summary.append([say("workbooks.summary_what_next")])
    for note in book.notes:
        summary.append([note[lang]])
    summary.append([])
    heads = ("sheet", "row", "column", "value", "said", "allowed", "nearest")
    titles = say("workbooks.summary_columns").split("|")
    summary.append(titles[: len(heads)])
    for problem in (*reading.problems, *reading.warnings)[:_MOST_LISTED]:
        title = (
            given(reading.kind.table.field(problem.field).title, lang)
            if problem.field in reading.kind.table.field_names
            else ""
        )
        cells = (
            problem.sheet,
            problem.row,
            title,
            problem.value,
            problem.said[lang],
            given(problem.allowed, lang),
        )
        summary.append(
            [plain_cell(c) if isinstance(c, str) else c for c in (*cells, "; ".join(problem.nearest))]
        )
    if reading.passed:
        summary.append([])
        summary.append([say("workbooks.summary_passed")])
        for passed in reading.passed[:_MOST_LISTED]:
            summary.append(
                [plain_cell(passed.sheet), passed.row or "", plain_cell(passed.what), passed.said[lang]]
            )
    for letter, width in zip("ABCDEFG", (18, 8, 22, 24, 60, 40, 40), strict=True):
        summary.column_dimensions[letter].width = width
    aside = target.with_name(f".{target.name}.new")
    workbook.save(aside)
    aside.replace(target)
    return target


def _comment(problem: Problem, lang: str) -> str:
    say = speak_in(lang)
    lines = [problem.said[lang]]
    if allowed := given(problem.allowed, lang):
        lines.append(say("workbooks.allowed", allowed=allowed))
    if problem.nearest:
        lines.append(say("workbooks.perhaps", nearest="; ".join(problem.nearest)))
    return "\n".join(lines)


def _workbook(book: Book) -> Any:
    """Return the workbook itself if it is an .xlsx, else a new one with its values."""
    import openpyxl

    if book.path.suffix.lower() == ".xlsx":
        return openpyxl.load_workbook(book.path, keep_links=False)
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for sheet in book.sheets:
        page = workbook.create_sheet(sheet.name[:31])
        for row in sheet.rows:
            page.append([plain_cell(c) if isinstance(c, str) else c for c in row])
    return workbook


def _unmark(workbook: Any) -> None:
    """Remove the marks of an earlier check."""
    from openpyxl.styles import PatternFill

    if _SUMMARY in workbook.sheetnames:
        del workbook[_SUMMARY]
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.comment is not None and cell.comment.author == AUTHOR:
                    cell.comment = None
                    if cell.fill.start_color.rgb in (RED, AMBER):
                        cell.fill = PatternFill()
