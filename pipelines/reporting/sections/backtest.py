"""Back-test: would the past have predicted problems at the next
election? Every fold and rule, including losses."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from pipelines.catalog.vocabulary import REPORT_LEVELS

from ..facts.certainty import capital, scope_name
from ..facts.context import Context
from ..facts.families import own_scope
from ..facts.values import heading
from ..language import numbers
from ..model import Block, Cell, Column, Figure, Group, Section, Table, Text

TABLE = "mart.backtest"
LEVELS = REPORT_LEVELS
OURS = "cascade"  # the rule behind the propensity of this report
RULES = (
    "cascade", "flat_eb", "parent_rate", "pooled_rate", "last_rate", "last_count", "any_before", "last_two",
    "tps_count", "random",
)  # fmt: skip
SHARES = (0.1, 0.2)
TIE = 0.005  # half a percentage point: smaller differences count as none
FEW = 5  # with fewer cases, a fold is uninformative
SQL = """
select backtest.*, voting_date
from {table} as backtest
join (select election_id, voting_date from ref.elections) using (election_id)
where metric = 'hit_rate' and (? = '00' or scope_code = ?)
order by scope_code, outcome, level desc, voting_date, election_id, method, cutoff
"""


def build(ctx: Context) -> Section | None:
    """Build a table per scope, outcome and level, then say in words which rule was better."""
    if ctx.area.level not in LEVELS:
        return None
    scope = own_scope(ctx)
    rows = ctx.rows(TABLE, SQL, [scope, scope])
    title = ctx.words.table(TABLE)
    if not rows:
        return Section("backtest", title, (Text((ctx.say("backtest.none"),)),))
    blocks: list[Block] = [Text((ctx.say("backtest.intro"),))]
    told: list[str] = []
    figures: list[Block] = []
    tables: list[Block] = []
    for (place, outcome, level), members in groupby(
        rows, key=lambda row: (row["scope_code"], row["outcome"], row["level"])
    ):
        found = list(members)
        name = ctx.say(
            "backtest.family",
            scope=scope_name(ctx, place),
            outcome=heading(ctx, outcome),
            level=ctx.words.label("level", level),
        )
        tables.append(_table(ctx, name, found))
        told += _verdicts(ctx, name, found)
        # The nation has words and tables; the curves are on the page of the tested place.
        if not ctx.area.is_nation and (figure := _figure(ctx, name, found)):
            figures.append(figure)
    blocks += [Text(tuple(told)), *figures[-1:], *tables, *ctx.caveats(TABLE)]
    return Section("backtest", title, tuple(blocks))


def _folds(rows: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the rows of each election, oldest first."""
    return [(e, list(members)) for e, members in groupby(rows, key=lambda row: row["election_id"])]


def _at(rows: list[dict[str, Any]], method: str, share: float) -> dict[str, Any] | None:
    return next((r for r in rows if r["method"] == method and abs(r["cutoff"] - share) < 1e-9), None)


def _percent(ctx: Context, value: float | None) -> str:
    return "–" if value is None else f"{numbers.integer(round(100 * value), ctx.lang)} %"


def _table(ctx: Context, name: str, rows: list[dict[str, Any]]) -> Table:
    folds = _folds(rows)
    columns = [Column(ctx.words.field(TABLE, "method"), width=2.6)]
    for election_id, members in folds:
        known = ctx.elections.get(election_id)
        short = known.short if known else election_id
        columns.append(Column(ctx.say("backtest.fold", election=short, n=members[0]["n_cases"]), "end", 1.2))
    methods = [m for m in RULES if any(r["method"] == m for r in rows)]
    methods += sorted({r["method"] for r in rows} - set(methods))
    lines = []
    for method in methods:
        is_ours = any(row["method"] == method and row["is_ours"] for row in rows)
        label = capital(_rule(ctx, method))
        first = Cell(
            ctx.say("backtest.ours", rule=label) if is_ours else label,
            method,
            tone="strong" if is_ours else "",
        )
        lines.append((first, *(_cell(ctx, members, method) for _, members in folds)))
    return Table(name, tuple(columns), (Group("", tuple(lines)),), (ctx.say("backtest.note"),))


def _cell(ctx: Context, rows: list[dict[str, Any]], method: str) -> Cell:
    """Return `10 % / 20 %` of TPS; bold if no rule found more at 20 %."""
    if not rows[0]["n_cases"]:
        return Cell(ctx.say("backtest.no_case"), None, tone="muted")
    found = [row["value"] if (row := _at(rows, method, share)) else None for share in SHARES]
    values = [r["value"] for r in rows if r["value"] is not None and abs(r["cutoff"] - SHARES[-1]) < 1e-9]
    best = found[-1] is not None and found[-1] >= max(values, default=0.0) - TIE
    text = " / ".join(_percent(ctx, value) for value in found)
    return Cell(text, found[-1], tone="strong" if best else "")


def _verdicts(ctx: Context, name: str, rows: list[dict[str, Any]]) -> list[str]:
    """Return one sentence per fold with cases, then the overall balance."""
    told, balance = [], {"worse": 0, "same": 0, "better": 0}
    for election_id, members in _folds(rows):
        mine = _at(members, OURS, SHARES[-1])
        if not members[0]["n_cases"] or mine is None or mine["difference"] is None:
            continue
        verdict = "same" if abs(mine["difference"]) < TIE else "better" if mine["difference"] > 0 else "worse"
        balance[verdict] += 1
        text = ctx.say(
            "backtest.told",
            election=ctx.election_name(election_id),
            n=members[0]["n_cases"],
            ours=_percent(ctx, mine["value"]),
            rule=_rule(ctx, mine["best_baseline"]),
            best=_percent(ctx, mine["value"] - mine["difference"]),
        )
        told.append(f"{text} {ctx.say(f'backtest.{verdict}')}{_spread(ctx, mine)}")
        if members[0]["n_cases"] < FEW:
            told[-1] += " " + ctx.say("backtest.few", n=members[0]["n_cases"])
    if not told:
        return []
    head = ctx.say("backtest.balance", name=name, **balance)
    return [head, *told]


def _spread(ctx: Context, row: dict[str, Any]) -> str:
    """Return the interval of the paired difference in percentage points, if it could be estimated."""
    low, high = row["difference_low"], row["difference_high"]
    if low is None or high is None or low == high:
        return ""
    low, high = (numbers.signed(round(100 * value), ctx.lang) for value in (low, high))
    return " " + ctx.say("backtest.spread", low=low, high=high)


def _rule(ctx: Context, method: str | None) -> str:
    return ctx.say(f"rule.{method}") if method in RULES else numbers.clean(method or "–")


def _figure(ctx: Context, name: str, rows: list[dict[str, Any]]) -> Figure | None:
    from ..figures.curves import curve  # imported late: matplotlib is slow to import

    panels = []
    for election_id, members in _folds(rows):
        mine = _at(members, OURS, SHARES[-1])
        if not members[0]["n_cases"] or mine is None:
            continue
        rules = dict.fromkeys((OURS, mine["best_baseline"] or "random", "random"))
        series = [
            (
                _rule(ctx, rule),
                [
                    (r["cutoff"], r["value"])
                    for r in members
                    if r["method"] == rule and r["value"] is not None
                ],
            )
            for rule in rules
        ]
        known = ctx.elections.get(election_id)
        title = known.short if known else election_id
        below = ctx.say("backtest.cases", n=members[0]["n_cases"])
        panels.append(curve(series, title, below, ctx.say("backtest.across"), ctx.lang))
    if not panels:
        return None
    line = ctx.say(
        "figure.line",
        date=numbers.long_date(ctx.release.data_date, ctx.lang),
        basis=ctx.say("backtest.basis"),
    )
    return Figure(ctx.say("backtest.figure", name=name), tuple(panels), line, per_row=3)
