"""One to three sentences built from data; never empty, never claiming more than is known."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.catalog.vocabulary import AFTER_VOTING, RE_VOTES

from ..facts.context import Context
from ..language import numbers
from .evidence import REVOTES, Evidence, Row, events_of, parent
from .places import CLUSTER, _ground
from .zeros import state

MOST = 3


def headline(ctx: Context, found: Evidence) -> str:
    """Return the most important sentences, in order: court orders, re-votes
    and repetition, then the other zeros."""
    sentences = [*_court(ctx, found), *_revotes(ctx, found), *_cluster(ctx, found), *_others(ctx, found)]
    return " ".join((sentences or _nothing(ctx, found))[:MOST])


def _court(ctx: Context, found: Evidence) -> list[str]:
    rows = [row for row in found.events if row["outcome"] == "psu_court" and row["n"]]
    if not rows:
        return []
    row = rows[-1]
    name, n = ctx.elections[row["election_id"]].short, int(row["n"])
    for place in found.places:
        events = found.part_events.get(place["area_code"], ())
        same = [e for e in events if e["outcome"] == "psu_court" and e["election_id"] == row["election_id"]]
        if same and int(same[0]["n"]) >= 0.5 * n:
            where = numbers.short_area(place["area_name"])
            return [
                ctx.say("brief.head_court_place", n=n, election=name, place=where, part=int(same[0]["n"]))
                if int(same[0]["n"]) < n
                else ctx.say("brief.head_court_one_place", n=n, election=name, place=where)
            ]
    return [ctx.say("brief.head_court", n=n, election=name)]


def _revotes(ctx: Context, found: Evidence) -> list[str]:
    rows = [row for row in found.events if row["outcome"] == "psu" and row["n"]]
    if not rows:
        return _no_revotes(ctx, found)
    last = rows[-1]
    n_elections = len({row["election_id"] for row in rows})
    values = {
        "k": n_elections,
        "amount": f"{'≥ ' if last['is_at_least'] else ''}{numbers.integer(int(last['n']), ctx.lang)}",
        "election": ctx.elections[last["election_id"]].short,
    }
    held = int(last["n_held"] or 0)
    if held and held < int(last["n"]):  # the tile states the held count: name both, so that they agree
        values["held"] = f"≥ {numbers.integer(held, ctx.lang)}"
        said = ctx.say(
            "brief.head_psu_part_often" if n_elections > 1 else "brief.head_psu_part_once", **values
        )
    elif not held:
        said = ctx.say("brief.head_psu_ordered", **values)
    elif n_elections > 1:
        said = ctx.say("brief.head_psu_often", **values)
    else:
        said = ctx.say("brief.head_psu_once", **values)
    return [said, *_repeated(ctx, found)]


def _repeated(ctx: Context, found: Evidence) -> list[str]:
    """Name at most two places where re-votes recurred."""
    again = [row for row in found.places if row["n_repeated"] > 1 and row["repeated_outcome"] == "psu"]
    if not again:
        return []
    most = int(again[0]["n_repeated"])
    names = [numbers.short_area(row["area_name"]) for row in again if int(row["n_repeated"]) == most]
    if found.n_repeated_most > 2:
        names = [*names[:2], ctx.say("brief.and_more", n=found.n_repeated_most - 2)]
    return [ctx.say("brief.head_repeated", names=_listed(ctx, names), n=most)]


def _listed(ctx: Context, names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} {ctx.say('brief.and')} {names[-1]}"


def _no_revotes(ctx: Context, found: Evidence) -> list[str]:
    """State a complete count of zero, or recommended re-votes that nobody ordered; silence is not stated."""
    sentences = []
    whole = [
        election
        for election in ctx.elections
        if (row := found.zeros.get((election, "psu"))) is not None and state(row) == "none"
    ]
    if whole:
        names = _listed(ctx, [ctx.elections[election].short for election in whole[-MOST:]])
        sentences.append(ctx.say("brief.head_none", elections=names))
    only = [row for row in found.events if row["outcome"] == "psu" and row["n_recommended"] and not row["n"]]
    if only:
        row = only[-1]
        sentences.append(
            ctx.say(
                "brief.head_recommended",
                n=int(row["n_recommended"]),
                election=ctx.elections[row["election_id"]].short,
            )
        )
    return sentences


def _cluster(ctx: Context, found: Evidence) -> list[str]:
    """State a single cause behind most of the largest count before any rate."""
    rows = [row for row in found.revotes() if row["cluster_n"] and row["outcome"] != "psu_court"]
    if not rows:
        return []
    row = max(rows, key=lambda one: int(one["n"]))
    least, share = CLUSTER
    n = int(row["cluster_n"])
    if n < least or n < share * int(row["n"]):
        return []
    values = {
        "outcome": ctx.words.short_labels("outcome", row["outcome"]),
        "election": ctx.elections[row["election_id"]].short,
        "ground": _ground(ctx, row["cluster_ground"]),
        "where": _cluster_place(ctx, found, row),
    }
    if n == int(row["n"]):
        return [ctx.say("brief.head_cluster_all", n=n, **values)]
    return [ctx.say("brief.head_cluster", n=n, total=int(row["n"]), **values)]


def _cluster_place(ctx: Context, found: Evidence, row: Row) -> str:
    """Return ` in Parado` if one place of the list holds the whole event; else ''."""
    same = ("election_id", "outcome", "cluster_ground", "cluster_n", "cluster_date")
    for place in found.places:
        for event in found.part_events.get(place["area_code"], ()):
            if all(event[name] == row[name] for name in same):
                return ctx.say("brief.in_place", place=numbers.short_area(place["area_name"]))
    return ""


def _others(ctx: Context, found: Evidence) -> list[str]:
    sentences = []
    for outcome in (*(o for o in REVOTES if o not in RE_VOTES), *AFTER_VOTING):
        rows = [row for row in found.events if row["outcome"] == outcome and row["n"]]
        if not rows:
            continue
        row = rows[-1]
        values = {"n": int(row["n"]), "election": ctx.elections[row["election_id"]].short}
        if outcome == "late_recap":
            sentences.append(ctx.say("brief.head_late", **values))
        elif outcome == "dispute":
            sentences.append(ctx.say("brief.head_disputes", **values))
        else:
            sentences.append(
                ctx.say("brief.head_other", outcome=ctx.words.short_labels("outcome", outcome), **values)
            )
    return sentences


def _nothing(ctx: Context, found: Evidence) -> list[str]:
    """State what is known one level up, and how to add the missing data here."""
    sentences = [ctx.say("brief.head_nothing", area=numbers.short_area(ctx.area.name))]
    above = parent(ctx)
    while above is not None:
        rows: Sequence[Row] = [
            row
            for row in events_of(ctx, [above.code]).get(above.code, ())
            if row["outcome"] == "psu" and row["n"]
        ]
        if rows:
            last = rows[-1]
            sentences.append(
                ctx.say(
                    "brief.head_above",
                    area=numbers.short_area(above.name),
                    amount=f"{'≥ ' if last['is_at_least'] else ''}{numbers.integer(int(last['n']), ctx.lang)}",
                    election=ctx.elections[last["election_id"]].short,
                )
            )
            break
        above = _above(ctx, above.parent_code, above.is_nation)
    return [*sentences, ctx.say("brief.head_change")]


def _above(ctx: Context, code: str | None, is_nation: bool):  # type: ignore[no-untyped-def]
    from ..facts.queries import area

    return None if is_nation else area(ctx.con, code or "00")
