"""The audit of result forms: what could be evaluated, which rules fail where, and what a failure leads to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from pipelines import catalog
from pipelines.catalog.form_rules import FormRule
from pipelines.catalog.vocabulary import (
    FORM_BALLOT_SUBJECTS,
    FORM_EVIDENCE_TO_LOOK_AT,
    FORM_REMEDIES_TO_EXPLAIN,
    REPORT_LEVELS,
    WIDE_LEVELS,
)

from ..facts.audits import (
    RATES,
    Audit,
    audits,
    by_id,
    contest_name,
    counts_below,
    errors,
    line,
    names,
    official_tps,
    per_thousand,
    rates,
    short_contest,
)
from ..facts.context import Context
from ..facts.law import remedy as law_remedy
from ..facts.law import told
from ..facts.queries import BELOW
from ..language import numbers
from ..model import Block, Cell, Column, Figure, Group, Note, Panel, Section, Table, Text

LEVELS = REPORT_LEVELS
TELLS_NOTHING = WIDE_LEVELS  # levels that say that no forms are loaded
# Figures: phrase, parts of the form, operators. Eleven rules on voters side by side would need type too small.
PANELS = (
    ("sums", ("voters",), ("=",)),
    ("limits", ("voters",), ("<=",)),
    ("votes", FORM_BALLOT_SUBJECTS, ("=", "<=")),
)
Rates = dict[tuple[str, str], dict[str, dict[str, dict[str, Any]]]]  # contest -> area -> rule -> row


def build(ctx: Context) -> Section | None:
    """Build counts in words, heat tables, the rules, and the areas below; one sentence if nothing is loaded."""
    if ctx.area.level not in LEVELS:
        return None
    found, title = audits(ctx), ctx.say("forms.title")
    if not found:
        if ctx.area.level not in TELLS_NOTHING:
            return None
        return Section("form_audit", title, (Text((ctx.say("forms.none"),)),))
    table = _sorted(rates(ctx))
    keys = [(a.election_id, a.contest) for a in found]
    blocks: list[Block] = [Text((*(_told(ctx, a) for a in found), ctx.say("forms.no_fraud")))]
    below = counts_below(ctx)
    if panels := _panels(ctx, keys, table, below):
        basis = ctx.say("forms.heat_basis")
        blocks.append(Figure(ctx.say("forms.heat"), tuple(panels), line(ctx, keys, basis)))
    blocks.append(_rules(ctx, keys, table))
    if areas := _areas(ctx, keys, table, below):
        blocks.append(areas)
    blocks.append(Note(_meanings(ctx)))
    return Section("form_audit", title, (*blocks, *ctx.caveats(RATES)))


def _sorted(rows: Iterable[dict[str, Any]]) -> Rates:
    found: Rates = {}
    for row in rows:
        areas = found.setdefault((row["election_id"], row["contest"]), {})
        areas.setdefault(row["area_code"], {})[row["rule_id"]] = row
    return found


def _told(ctx: Context, audit: Audit) -> str:
    told = ctx.say(
        "forms.told",
        contest=contest_name(ctx, audit.election_id, audit.contest),
        n=audit.n_forms,
        evaluable=audit.n_evaluable,
        failed=audit.n_failed,
        rate=per_thousand(ctx, audit.n_failed, audit.n_evaluable),
    )
    parts = [told]
    if rest := audit.n_forms - audit.n_evaluable:
        parts.append(ctx.say("forms.without", n=rest))
    official = official_tps(ctx, audit.election_id)
    if official is not None and official > audit.n_forms:
        parts.append(ctx.say("forms.partial", n=official, missing=official - audit.n_forms))
    return " ".join(parts)


def _evaluable(table: Rates, key: tuple[str, str], own: str) -> list[FormRule]:
    """Return the arithmetic rules that at least one form of the area can answer."""
    mine = table.get(key, {}).get(own, {})
    return [r for r in errors() if mine.get(r.id, {}).get("n_evaluable")]


def _panels(
    ctx: Context, keys: Sequence[tuple[str, str]], table: Rates, below: Sequence[dict[str, Any]]
) -> list[Panel]:
    from ..figures.heat import HeatCell, HeatRow, heat  # imported late: matplotlib is slow to import

    panels = []
    known = names(ctx, [ctx.area.code, *(row["area_code"] for row in below)])
    for key in keys:
        areas = table.get(key, {})
        # Areas whose forms answer no rule are drawn too: hatched.
        counted = (row["area_code"] for row in below if (row["election_id"], row["contest"]) == key)
        order = [ctx.area.code, *counted]
        evaluable = _evaluable(table, key, ctx.area.code)
        for part, about, signs in PANELS:
            chosen = [r for r in evaluable if r.about in about and r.op in signs]
            if not chosen:
                continue
            rows = []
            for code in order:
                by_rule = areas.get(code, {})
                cells = (by_rule.get(r.id, {}) for r in chosen)
                rates_ = tuple(
                    HeatCell(1000 * c["failed_share"], c["evidence"] == "supported")
                    if c.get("failed_share") is not None
                    else HeatCell(None)
                    for c in cells
                )
                rows.append(HeatRow(known[code], rates_, code == ctx.area.code))
            title = ctx.say(f"forms.heat_{part}")
            panels.append(
                heat(rows, [r.short[ctx.lang] for r in chosen], title, short_contest(ctx, *key), ctx.lang)
            )
    return panels


def _rules(ctx: Context, keys: Sequence[tuple[str, str]], table: Rates) -> Table:
    columns: tuple[Column, ...] = (
        Column(ctx.words.field(RATES, "rule_id"), width=3.1),
        ctx.words.column(RATES, "n_evaluable", 1.0),
        ctx.words.column(RATES, "n_failed", 0.8),
        Column(ctx.say("forms.per_thousand"), "end", 1.6, ctx.words.field(RATES, "eb_share")),
        ctx.words.column(RATES, "evidence", 1.2),
        ctx.words.column("ref.form_rule", "remedy", 1.7),
    )
    groups, notes = [], [ctx.say("forms.rules_note")]
    for key in keys:
        mine = table.get(key, {}).get(ctx.area.code, {})
        chosen = _evaluable(table, key, ctx.area.code)
        if chosen:
            rows = tuple(_rule_line(ctx, rule, mine[rule.id]) for rule in chosen)
            groups.append(Group(contest_name(ctx, *key), rows))
        missing = [r.short[ctx.lang] for r in errors() if r not in chosen]
        if missing:
            notes.append(
                ctx.say(
                    "forms.missing",
                    contest=short_contest(ctx, *key),
                    n=len(missing),
                    rules=", ".join(missing),
                )
            )
    at = 4  # the nation has nothing to be compared with
    if all(row[at].value is None for group in groups for row in group.rows):
        columns = (*columns[:at], *columns[at + 1 :])
        groups = [Group(g.title, tuple((*row[:at], *row[at + 1 :]) for row in g.rows)) for g in groups]
    return Table(ctx.say("forms.rules"), columns, tuple(groups), tuple(notes))


def _rule_line(ctx: Context, rule: FormRule, row: dict[str, Any]) -> tuple[Cell, ...]:
    share, low, high = (row[name] for name in ("failed_share", "eb_low", "eb_high"))
    rate = numbers.decimal(1000 * share, ctx.lang)
    if low is not None and high is not None:
        rate += f" ({numbers.decimal(1000 * low, ctx.lang)}–{numbers.decimal(1000 * high, ctx.lang)})"
    remedy, law = law_remedy(ctx, rule, row["election_id"])
    text = ctx.words.label("form_remedy", remedy)
    if law is not None:
        text = f"{text}: {told(ctx, law)}"
    return (
        Cell(f"{rule.id.partition('_')[0]}. {rule.explain[ctx.lang]}", rule.id),
        ctx.words.cell(RATES, "n_evaluable", row["n_evaluable"]),
        Cell(numbers.integer(row["n_failed"], ctx.lang), row["n_failed"], tone="strong"),
        Cell(rate, 1000 * share),
        _evidence(ctx, row["evidence"]),
        Cell(text, remedy),
    )


def _evidence(ctx: Context, code: str | None) -> Cell:
    if code is None:
        return Cell(ctx.say("evidence.not_comparable"), None, tone="muted")
    tone = "strong" if code == "supported" else "muted" if code == "ordinary" else ""
    return Cell(ctx.words.label("form_evidence", code), code, tone=tone)  # type: ignore[arg-type]


def _areas(
    ctx: Context, keys: Sequence[tuple[str, str]], table: Rates, rows: Sequence[dict[str, Any]]
) -> Table | None:
    known = names(ctx, (row["area_code"] for row in rows))
    columns = (
        Column(ctx.words.label("level", BELOW[ctx.area.level]).capitalize(), width=1.7),
        Column(ctx.say("forms.loaded"), "end", 0.9),
        Column(ctx.words.field(RATES, "n_evaluable"), "end", 0.9, ctx.say("forms.evaluable_help")),
        Column(ctx.say("forms.with_error"), "end", 0.9),
        Column(ctx.say("forms.per_thousand_plain"), "end", 0.8),
        Column(ctx.say("forms.stands_out"), width=3.0),
    )
    groups = []
    for key, members in groupby(rows, key=lambda row: (row["election_id"], row["contest"])):
        lines = tuple(_area_line(ctx, row, known, table.get(key, {})) for row in members)
        groups.append((keys.index(key), Group(contest_name(ctx, *key), lines)))
    if not groups:
        return None
    ordered = tuple(group for _, group in sorted(groups, key=lambda pair: pair[0]))
    return Table(ctx.say("forms.areas"), columns, ordered, (ctx.say("forms.areas_note"),))


def _area_line(
    ctx: Context, row: dict[str, Any], known: dict[str, str], areas: dict[str, dict[str, dict[str, Any]]]
) -> tuple[Cell, ...]:
    rules, mine = by_id(), areas.get(row["area_code"], {})
    supported = [
        i for i, one in mine.items() if one["evidence"] == "supported" and rules[i].severity == "error"
    ]
    text = "; ".join(rules[i].short[ctx.lang] for i in sorted(supported, key=lambda i: rules[i].bit or 0))
    n, evaluable, failed = (row[name] for name in ("n_forms", "n_evaluable", "n_failed"))
    return (
        Cell(known[row["area_code"]], row["area_code"]),
        Cell(numbers.integer(n, ctx.lang), n),
        Cell(numbers.integer(evaluable, ctx.lang), evaluable, tone="" if evaluable else "no_data"),
        Cell(numbers.integer(failed, ctx.lang), failed, tone="strong")
        if evaluable
        else Cell("–", None, tone="muted"),
        Cell(per_thousand(ctx, failed, evaluable), 1000 * failed / evaluable if evaluable else None),
        Cell(text or ctx.say("forms.none_stands_out"), None, tone="strong" if text else "muted"),
    )


def _meanings(ctx: Context) -> str:
    """Return the meaning of the evidence classes and remedies, from the catalog."""
    lists = catalog.code_lists()
    parts = [
        f"{ctx.words.label(name, code).capitalize()}: {lists[name][code][f'explain_{ctx.lang}']}"
        for name, codes in (
            ("form_evidence", FORM_EVIDENCE_TO_LOOK_AT),
            ("form_remedy", FORM_REMEDIES_TO_EXPLAIN),
        )
        for code in codes
    ]
    return " ".join(parts)
