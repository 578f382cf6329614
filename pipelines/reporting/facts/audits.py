"""Loaded result forms of an area: contests, forms, rates per rule and area. Shared by the form sections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pipelines.catalog.form_rules import FormRule, form_rules
from pipelines.catalog.vocabulary import REPORT_LEVELS

from ..language import numbers
from .context import Context
from .queries import BELOW

LEVELS = REPORT_LEVELS
OWN_AND_BELOW = """
select found.*, voting_date
from {table} as found
join (select election_id, voting_date from ref.elections) using (election_id)
where area_code = ? or (level = ? and (? = '00' or starts_with(area_code, ?)))
order by voting_date desc, election_id, contest, area_code
"""
FORMS = "mart.form_audit"
RATES = "mart.form_audit_area"
COLUMN = {"national": "", "province": "province_code", "regency": "regency_code", "district": "district_code"}
OVERSEAS = "99"
COUNTS = """
select election_id, contest, voting_date, count(*) as n_forms,
       count(*) filter ((failed_mask | passed_mask) & {errors}::bigint <> 0) as n_evaluable,
       count(*) filter (n_errors > 0) as n_failed
from {{table}} join (select election_id, voting_date from ref.elections) using (election_id)
where {condition}
group by all
order by voting_date desc, election_id, contest
"""
AREAS = """
select election_id, contest, {column} as area_code, count(*) as n_forms,
       count(*) filter ((failed_mask | passed_mask) & {errors}::bigint <> 0) as n_evaluable,
       count(*) filter (n_errors > 0) as n_failed
from {{table}}
where {condition} and {column} is not null
group by all
order by all
"""
SOURCES = """
select distinct split_part(source_file, '/', 1) as source
from {{table}} where election_id = ? and contest = ? and {condition}
order by source
"""
PUBLISHED = """
select max(published_at)::date as day from {{table}}
where election_id = ? and contest = ? and {condition}
"""
BY_RULE = """
select * from {table}
where area_code = ? or (level = ? and (? = '00' or starts_with(area_code, ?)))
order by election_id, contest, area_code, rule_id
"""


@dataclass(frozen=True)
class Audit:
    """The forms of one election and contest in the area of the report.

    `n_evaluable`: forms for which at least one arithmetic rule could be evaluated; `n_failed`: those that fail
    at least one.
    """

    election_id: str
    contest: str
    n_forms: int
    n_evaluable: int
    n_failed: int


def errors() -> list[FormRule]:
    """Return the arithmetic rules about single forms, in the order of their bits."""
    return [r for r in form_rules() if r.scope == "form" and r.severity == "error"]


def by_id() -> Mapping[str, FormRule]:
    """Return every rule by its id."""
    return {r.id: r for r in form_rules()}


def _error_bits() -> int:
    return sum(1 << r.bit for r in errors() if r.bit is not None)


def inside(ctx: Context) -> tuple[str, list[Any]]:
    """Return an SQL condition and parameters for forms in the area."""
    name = COLUMN.get(ctx.area.level, "")
    return (f"{name} = ?", [ctx.area.code]) if name else ("true", [])


def audits(ctx: Context) -> list[Audit]:
    """Return the contests with forms in the area, newest election first; empty below regencies."""
    if ctx.area.level not in COLUMN or ctx.area.level == "district":
        return []
    condition, parameters = inside(ctx)
    rows = ctx.rows(FORMS, COUNTS.format(condition=condition, errors=_error_bits()), parameters)
    return [
        Audit(r["election_id"], r["contest"], r["n_forms"], r["n_evaluable"], r["n_failed"]) for r in rows
    ]


def counts_below(ctx: Context) -> list[dict[str, Any]]:
    """Return forms, evaluable and failed per election, contest and area of the level below."""
    condition, parameters = inside(ctx)
    column = COLUMN[BELOW[ctx.area.level]]
    sql = AREAS.format(condition=condition, errors=_error_bits(), column=column)
    return ctx.rows(FORMS, sql, parameters)


def rates(ctx: Context) -> list[dict[str, Any]]:
    """Return rows of mart.form_audit_area for the area and the areas of the level below."""
    code = ctx.area.code
    return ctx.rows(RATES, BY_RULE, [code, BELOW[ctx.area.level], code, code])


def official_tps(ctx: Context, election_id: str) -> int | None:
    """Return the official number of stations of the area at an election, if known."""
    rows = ctx.rows(
        "core.exposure_resolution",
        "select n_tps from {table} where election_id = ? and area_code = ?",
        [election_id, ctx.area.code],
    )
    return next((row["n_tps"] for row in rows), None)


def contest_name(ctx: Context, election_id: str, contest: str) -> str:
    """`Pemilu Serentak 2024, Presiden dan Wakil Presiden`."""
    return f"{ctx.election_name(election_id)}, {ctx.words.label('contest', contest)}"


def short_contest(ctx: Context, election_id: str, contest: str) -> str:
    """Return `Pemilu 2024, PPWP`, for figures."""
    known = ctx.elections.get(election_id)
    return f"{known.short if known else election_id}, {ctx.words.short_labels('contest', contest)}"


def by_contest(ctx: Context, table: str) -> list[tuple[tuple[str, str], list[dict[str, Any]]]]:
    """Return (election, contest), newest first, with the rows of this area (first) and of those below it.

    Empty if the area is not in the table or has no row of its own.
    """
    code, level = ctx.area.code, BELOW.get(ctx.area.level)
    if level is None or ctx.area.level not in LEVELS:
        return []
    rows = ctx.rows(table, OWN_AND_BELOW, [code, level, code, code])
    if not any(row["area_code"] == code for row in rows):
        return []
    grouped = groupby(rows, key=lambda row: (row["election_id"], row["contest"]))
    return [
        (key, sorted(found, key=lambda row: (row["area_code"] != code, row["area_code"])))
        for key, found in grouped
    ]


def names(ctx: Context, codes: Iterable[str]) -> dict[str, str]:
    """Return short area names by code; overseas has our own name, an unknown code stays as it is."""
    wanted = sorted(set(codes))
    rows = ctx.rows(
        "ref.areas",
        "select area_code, name from {table} where list_contains(?, area_code) order by area_code",
        [wanted],
    )
    found = {row["area_code"]: numbers.short_area(row["name"]) for row in rows}
    overseas = {OVERSEAS: ctx.say("forms.overseas")}
    return {code: found.get(code) or overseas.get(code, numbers.clean(code)) for code in wanted}


def place(name: str | None) -> str:
    """Return a source's spelling of a name in normal letters: `KEBON-KACANG` -> `Kebon Kacang`."""
    return numbers.clean(name or "").replace("-", " ").title()


def line(ctx: Context, found: Sequence[tuple[str, str]], basis: str) -> str:
    """Return the line below a figure: sources of the forms, date of the data, denominator."""
    # These tables have no regencies; the sources of a province also cover its regencies.
    condition, parameters = ("true", []) if ctx.area.is_nation else ("province_code = ?", [ctx.area.code[:2]])
    names_: dict[str, None] = {}
    days: list[dt.date] = []
    for election_id, contest in found:
        keys = [election_id, contest, *parameters]
        rows = ctx.rows("core.result", SOURCES.format(condition=condition), keys)
        names_ |= dict.fromkeys(numbers.clean(row["source"]) for row in rows)
        until = ctx.rows("core.upload", PUBLISHED.format(condition=condition), keys)
        days += [row["day"] for row in until if row["day"] is not None]
    text = ctx.say(
        "forms.source", sources=", ".join(names_), date=numbers.long_date(ctx.release.data_date, ctx.lang)
    )
    if days:
        text += " " + ctx.say("forms.until", date=numbers.long_date(max(days), ctx.lang))
    return f"{text} {basis}"


def per_thousand(ctx: Context, n: int, of: int) -> str:
    """Return `104,3` per 1,000; a dash where nothing could be evaluated."""
    return numbers.decimal(1000 * n / of, ctx.lang) if of else "–"
