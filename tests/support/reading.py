"""Helpers that read a report's content as a person would."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from importlib import import_module

import duckdb

from pipelines.reporting.facts import queries
from pipelines.reporting.facts.context import Context
from pipelines.reporting.language import numbers
from pipelines.reporting.model import Cell, Report, Section, Table
from pipelines.reporting.site.render import content
from tests.support.invented_warehouse import ALONE, invented

DAY = dt.date(2026, 11, 25)


@cache
def report_of(area: str, lang: str) -> Report:
    """The report of an area of the invented warehouse as it is; a test that changes rows makes its own."""
    with duckdb.connect(str(invented()), read_only=True) as con:
        con.execute(ALONE)
        return content(con, area, lang)


@cache
def paper_of(area: str, lang: str) -> bytes:
    """The same as PDF, of the day of the invented release."""
    from pipelines.reporting.formats.pdf import document

    return document(report_of(area, lang), DAY)


def section(report: Report, key: str) -> Section:
    return next(part for part in report.sections if part.key == key)


def section_of(con: duckdb.DuckDBPyConnection, area: str, lang: str, key: str) -> Section:
    """One section of an area's page, without making the others."""
    numbers.locale(lang)
    ctx = Context(con, queries.area(con, area), lang, queries.elections(con, lang), queries.release(con))
    found = import_module(f"pipelines.reporting.sections.{key}").build(ctx)
    assert found is not None, f"{area} has no section {key}"
    return found


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
