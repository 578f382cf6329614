"""Helpers that read a report's content as a person would."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.reporting.model import Cell, Report, Section, Table


def section(report: Report, key: str) -> Section:
    return next(part for part in report.sections if part.key == key)


def tables(part: Section) -> list[Table]:
    return [block for block in part.blocks if isinstance(block, Table)]


def lines(table: Table) -> Iterator[dict[str, Cell]]:
    """Rows as heading -> cell, with the heading of the group under "group"."""
    for group in table.groups:
        for row in group.rows:
            titles = [column.title for column in table.columns]
            yield dict(zip(titles, row, strict=True)) | {"group": Cell(group.title)}


def texts(part: Section) -> str:
    """All texts of a section in one string."""
    found: list[str] = [part.title]
    for block in part.blocks:
        if isinstance(block, Table):
            found += [block.title, *block.notes, *(group.title for group in block.groups)]
            found += [cell.text for group in block.groups for row in group.rows for cell in row]
        else:
            found.append(str(block))
    return "\n".join(found)
