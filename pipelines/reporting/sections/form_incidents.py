"""Re-votes and the forms of their stations; whether any signal distinguishes such stations from the others."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from pipelines.catalog.vocabulary import REPORT_LEVELS

from ..facts.audits import audits, by_id, contest_name
from ..facts.context import Context
from ..facts.queries import within
from ..facts.values import short_label
from ..language import numbers
from ..model import Block, Cell, Column, Group, Section, Table, Text

TABLE = "mart.incident_forms"
SIGNALS = "mart.form_separation"
LEVELS = REPORT_LEVELS
LIMIT = 60  # maximum number of stations for a province
FEW = 5  # minimum cases, or resampled regencies, for an interpretation
SQL = """
select forms.*, voting_date
from {{table}} as forms
join (select election_id, voting_date from ref.elections) using (election_id)
where {condition} and status in ('held', 'decided') and list_contains(?, election_id)
order by voting_date desc, election_id, contest, outcome, status, area_code, try_cast(tps as integer), incident_id
"""
# Number of incidents matched at loaded elections, for the opening sentence.
COUNTED = """
select count(distinct incident_id || outcome || status) as n,
       count(distinct incident_id || outcome || status) filter (tps_id is not null) as n_found,
       count(distinct incident_id || outcome || status) filter (contest is not null and n_evaluable > 0) as n_read
from {{table}}
where {condition} and status in ('held', 'decided') and list_contains(?, election_id)
"""
AUCS = """
select separation.*, voting_date
from {table} as separation
join (select election_id, voting_date from ref.elections) using (election_id)
where list_contains(?, election_id)
order by voting_date desc, election_id, contest,
         list_position(['psu', 'psl', 'pss', 'pssu', 'psu_court'], outcome), signal
"""


def build(ctx: Context) -> Section | None:
    """Build the stations below the nation, then the signals; nothing without an incident of a loaded election."""
    if ctx.area.level not in LEVELS:
        return None
    elections = sorted({audit.election_id for audit in audits(ctx)})
    if not elections:
        return None
    condition, parameters = within(ctx.area)
    counted = ctx.rows(TABLE, COUNTED.format(condition=condition), [*parameters, elections])
    if not counted or not counted[0]["n"]:
        return None
    first = counted[0]
    told = ctx.say("incident_forms.told", n=first["n"], found=first["n_found"], read=first["n_read"])
    blocks: list[Block] = [Text((told,))]
    if not ctx.area.is_nation:
        rows = ctx.rows(TABLE, SQL.format(condition=condition), [*parameters, elections])
        rows = [row for row in rows if row["tps_id"] is not None]
        if rows:
            blocks.append(_stations(ctx, rows))
    if ctx.area.level != "regency":
        blocks += _signals(ctx, ctx.rows(SIGNALS, AUCS, [elections]))
    return Section("form_incidents", ctx.say("incident_forms.title"), (*blocks, *ctx.caveats(TABLE)))


def _stations(ctx: Context, rows: list[dict[str, Any]]) -> Table:
    words = ctx.words
    columns = (
        Column(words.field("mart.incidents", "outcome"), width=0.8),
        Column(words.field(TABLE, "tps"), width=0.7),
        Column(words.label("level", "village").capitalize(), width=1.5),
        words.column(TABLE, "status", 1.1),
        words.column(TABLE, "turnout", 0.9),
        Column(ctx.say("incident_forms.gap"), "end", 1.1, words.field(TABLE, "turnout_gap")),
        words.column(TABLE, "hours_to_upload", 1.0),
        words.column(TABLE, "failed_rules", 2.2),
    )
    shown = rows[:LIMIT]
    groups = tuple(
        Group(_heading(ctx, *key), tuple(_station(ctx, row) for row in members))
        for key, members in groupby(shown, key=lambda row: (row["election_id"], row["contest"]))
    )
    notes = (
        ctx.say("incident_forms.count", n=len(rows), shown=len(shown)),
        ctx.say("incident_forms.note"),
    )
    return Table(ctx.say("incident_forms.stations"), columns, groups, notes)


def _heading(ctx: Context, election_id: str, contest: str | None) -> str:
    return contest_name(ctx, election_id, contest) if contest else ctx.election_name(election_id)


def _station(ctx: Context, row: dict[str, Any]) -> tuple[Cell, ...]:
    words = ctx.words
    return (
        Cell(short_label(ctx, row["outcome"]), row["outcome"]),
        Cell(numbers.clean(row["tps"]), row["tps"]),
        words.cell(TABLE, "village_name", row["village_name"]),
        words.cell(TABLE, "status", row["status"]),
        _percent(ctx, row["turnout"]),
        _percent(ctx, row["turnout_gap"]),
        words.cell(TABLE, "hours_to_upload", row["hours_to_upload"]),
        _failed(ctx, row),
    )


def _percent(ctx: Context, value: float | None) -> Cell:
    if value is None:
        return ctx.words.cell(TABLE, "turnout", None)
    return Cell(f"{numbers.decimal(100 * value, ctx.lang)} %", value)


def _failed(ctx: Context, row: dict[str, Any]) -> Cell:
    """Return the names of failed rules; unreadable figures are not the same as no errors."""
    if not row["n_evaluable"]:
        return Cell(ctx.say("incident_forms.unread"), None, tone="no_data")
    rules = by_id()
    failed = [i for i in (row["failed_rules"] or "").split(";") if i]
    if not failed:
        return Cell(ctx.say("incident_forms.nothing"), None, tone="muted")
    return Cell("; ".join(rules[i].short[ctx.lang] if i in rules else i for i in failed), row["failed_rules"])


def _signals(ctx: Context, rows: Iterable[dict[str, Any]]) -> list[Block]:
    groups = []
    for key, members in groupby(rows, key=lambda row: (row["election_id"], row["contest"], row["outcome"])):
        election_id, contest, outcome = key
        found = list(members)
        title = f"{short_label(ctx, outcome)}: {contest_name(ctx, election_id, contest)}"
        groups.append(Group(title, tuple(_signal(ctx, row) for row in found)))
    if not groups:
        return [Text((ctx.say("incident_forms.no_signals"),))]
    words = ctx.words
    columns = (
        words.column(SIGNALS, "signal", 1.9),
        Column(ctx.say("incident_forms.auc"), "end", 1.6, words.field(SIGNALS, "auc")),
        words.column(SIGNALS, "n_cases", 0.9),
        words.column(SIGNALS, "n_others", 1.0),
        words.column(SIGNALS, "n_regencies", 1.4),
        Column(ctx.say("incident_forms.reading"), width=2.6),
    )
    title = ctx.say("incident_forms.signals")
    return [
        Table(
            title,
            columns,
            tuple(groups),
            (ctx.say("incident_forms.auc_note"), ctx.say("incident_forms.many")),
        )
    ]


def _signal(ctx: Context, row: dict[str, Any]) -> tuple[Cell, ...]:
    words, lang = ctx.words, ctx.lang
    auc, low, high = (row[name] for name in ("auc", "auc_low", "auc_high"))
    text = numbers.decimal(auc, lang, 2)
    if low is not None and high is not None:
        text += f" ({numbers.decimal(low, lang, 2)}–{numbers.decimal(high, lang, 2)})"
    reading = _reading(row)
    return (
        Cell(words.field("core.form_signal", row["signal"]), row["signal"]),
        Cell(text, auc, tone="strong" if reading in ("higher", "lower") else ""),
        *words.cells(SIGNALS, ("n_cases", "n_others", "n_regencies"), row),
        Cell(
            ctx.say(f"incident_forms.{reading}"),
            reading,
            tone="" if reading in ("higher", "lower") else "muted",
        ),
    )


def _reading(row: dict[str, Any]) -> str:
    """Return the interpretation that an AUC with its interval allows."""
    if row["n_cases"] < FEW:
        return "too_few"
    if row["auc_low"] is None or row["auc_high"] is None:
        return "one_regency"
    if row["n_regencies"] < FEW:
        return "few_regencies"
    if row["auc_low"] > 0.5:
        return "higher"
    return "lower" if row["auc_high"] < 0.5 else "apart"
