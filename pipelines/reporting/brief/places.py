"""The list of places, each with its reasons in words, the known steps, and the certainty."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines import catalog
from pipelines.catalog.vocabulary import CLAIMED_EVIDENCE, EVIDENCE_TO_LOOK_AT

from ..facts.context import Context
from ..language import numbers
from ..model import PlaceLine
from .evidence import LEVEL_OF_PLACES, REVOTES, Evidence, Row

YES, NO = "●", "○"
CLUSTER = (5, 0.6)  # minimum number of stations, and share of all, for a cluster to be named
SHOWN = 3  # number of elections named in a reason, the latest ones


def place_lines(ctx: Context, found: Evidence) -> tuple[tuple[PlaceLine, ...], str]:
    """Return the places and the note below them."""
    lines = tuple(
        PlaceLine(
            int(row["rank"]),
            numbers.short_area(row["area_name"]),
            row["area_code"],
            tag(ctx, row),
            why(ctx, found.part_events.get(row["area_code"], ())),
            ladder(ctx, found.part_events.get(row["area_code"], ())),
        )
        for row in found.places
    )
    if not lines:
        return lines, ctx.say("brief.no_places", level=_level(ctx))
    note = [ctx.say("brief.places_note")]
    if found.n_places > len(lines):
        note.append(ctx.say("brief.places_more", n=found.n_places - len(lines), level=_level(ctx)))
    if len({line.rank for line in lines}) < len(lines):
        note.append(ctx.say("brief.places_tied"))
    return lines, " ".join(note)


def _level(ctx: Context) -> str:
    return ctx.words.label("level", LEVEL_OF_PLACES.get(ctx.area.level, "village"))


def tag(ctx: Context, row: Row) -> str:
    """Return the certainty: the strongest statistical statement about the place, else its basis."""
    if row["evidence"] in (*CLAIMED_EVIDENCE, *EVIDENCE_TO_LOOK_AT):
        return ctx.words.label("evidence", row["evidence"])
    if row["n_court_tps"] and row["n_court_tps"] == row["n_tps"]:
        return ctx.say("brief.tag_court")
    if row["n_repeated"] > 1:
        return ctx.say("brief.tag_repeated")
    return ctx.say("brief.tag_no_statement")


def why(ctx: Context, events: Sequence[Row]) -> str:
    """`PSU at 3 elections: 19 TPS (Pemilu 2019), 10 (Pemilu 2024), 1 (Pilkada 2024). Ground: ...`"""
    sentences = []
    for outcome in REVOTES:
        rows = [row for row in events if row["outcome"] == outcome and row["n"]]
        if rows:
            sentences.append(_counts(ctx, outcome, rows))
    if reason := ground(ctx, events):
        sentences.append(reason)
    late = [row for row in events if row["outcome"] == "late_recap"]
    if late:
        sentences.append(ctx.say("brief.why_late", elections=_elections(ctx, late)))
    cases = [row for row in events if row["outcome"] == "dispute"]
    if cases:
        total, granted = sum(int(r["n"]) for r in cases), sum(int(r["n_granted"] or 0) for r in cases)
        text = ctx.say("brief.why_disputes", n=total, elections=_elections(ctx, cases))
        sentences.append(text if not granted else f"{text[:-1]}; {ctx.say('brief.granted', n=granted)}.")
    return " ".join(sentences)


def _counts(ctx: Context, outcome: str, rows: Sequence[Row]) -> str:
    name = catalog.code_lists()["outcome"][outcome][f"short_{ctx.lang}"]
    shown = rows[-SHOWN:]
    figures = [
        f"{'≥ ' if row['is_at_least'] else ''}{numbers.integer(int(row['n']), ctx.lang)}"
        f"{' TPS' if k == 0 else ''} ({ctx.elections[row['election_id']].short})"
        for k, row in enumerate(shown)
    ]
    if len(rows) == 1:
        return ctx.say("brief.why_once", outcome=_capital(name), figure=figures[0])
    return ctx.say("brief.why_often", outcome=_capital(name), n=len(rows), figures=", ".join(figures))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def ground(ctx: Context, events: Sequence[Row]) -> str:
    """Return the cluster if one cause explains most of it, else the
    commonest ground; '' where no source states one."""
    ordinary = [row for row in events if row["outcome"] in REVOTES and row["outcome"] != "psu_court"]
    rows = [row for row in ordinary if row["n"] and row["ground_code"]]
    if not rows:
        return ""
    largest = max(rows, key=lambda row: (int(row["n_ground"] or 0), row["voting_date"]))
    least, share = CLUSTER
    if (n := int(largest["cluster_n"] or 0)) >= least and n >= share * int(largest["n"]):
        label = _ground(ctx, largest["cluster_ground"])
        if largest["cluster_date"]:
            day = numbers.long_date(largest["cluster_date"], ctx.lang)
            return ctx.say("brief.why_cluster_day", n=n, ground=label, day=day)
        return ctx.say("brief.why_cluster", n=n, ground=label)
    return ctx.say("brief.why_ground", ground=_ground(ctx, largest["ground_code"]))


def _ground(ctx: Context, code: str) -> str:
    rows = ctx.rows("ref.grounds", "select * from {table} where ground_code = ?", [code])
    label = numbers.clean(rows[0][f"label_{ctx.columns}"]) if rows else code
    return label[:1].lower() + label[1:]


def _elections(ctx: Context, rows: Sequence[Row]) -> str:
    return ", ".join(ctx.elections[row["election_id"]].short for row in rows[-SHOWN:])


def ladder(ctx: Context, events: Sequence[Row]) -> str:
    """Return `recommended ● ordered ● held ○ not known` for the largest re-vote; '' if there was none."""
    rows = [row for row in events if row["outcome"] in REVOTES and row["n"]]
    if not rows:
        return ""
    row = max(rows, key=lambda one: (int(one["n"]), one["voting_date"]))
    steps = (
        (ctx.words.label("status", "recommended"), row["n_recommended"]),
        (ctx.words.label("status", "decided"), row["n"]),
        (ctx.words.label("status", "held"), row["n_held"]),
    )
    text = " ".join(f"{name} {YES if n else NO}" for name, n in steps)
    if not row["n_held"]:
        text += f" {ctx.say('brief.held_unknown')}"
    return f"{ctx.elections[row['election_id']].short}: {text}"
