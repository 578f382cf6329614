"""Choose the cards of an area and their content.

One card per recorded ground, by frequency and cost: first the grounds found at most elections, then those with
most stations that voted again. The area's own grounds come first; the remaining cards of the eight use grounds
of the nearest areas at its level, then of the province. An area without incidents gets the cards of its
province, else of the nation, marked as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..facts import actions, queries
from ..facts.context import Context
from ..facts.drills import drills
from ..facts.law import Law, coming_law, law_of, told
from ..facts.queries import NATION, Area, within
from ..language import numbers

MOST = 8
NEAREST = 4  # number of neighbouring areas, by distance between centre points

# One event: stations of one ground and kind in one district (or the larger place named by the source), at one
# election.
EVENTS = """
select ground_code, election_id, outcome, coalesce(district_name, regency_name, area_name) as place,
    coalesce(regency_name, area_name) as regency, level, is_court_ordered,
    case when status = 'held' then held_date else decided_date end as day, status = 'held' as is_held,
    sum(n_tps) as n_tps, bool_and(is_number_stated) as is_whole,
    max_by(source_url, n_tps) as source_url, max_by(source_date, n_tps) as source_date,
    max_by(claim_id, n_tps) as claim_id, min(case confidence when 'high' then 0 when 'medium' then 1 else 2 end) as doubt
from {{table}}
where status in ('held', 'decided') and not is_within and ground_code is not null and ground_code <> 'unknown'
    and {condition}
group by all
order by doubt = 2, n_tps desc, election_id desc, place, outcome, day
"""
NEAR = """
with here as (select latitude, longitude from {table} where area_code = ? and latitude is not null)
select areas.area_code, areas.name, areas.level, areas.parent_code
from {table} as areas, here
where areas.level = ? and areas.area_code <> ? and areas.latitude is not null and not contains(areas.area_code, '-')
order by power(areas.latitude - here.latitude, 2)
    + power((areas.longitude - here.longitude) * cos(radians(here.latitude)), 2), areas.area_code
limit ?
"""


@dataclass(frozen=True)
class Card:
    """One card, in the words of its language.

    Attributes:
        mark: origin of the case, empty for the area itself. ground: what went wrong.
        happened: the case, anonymised; how_often: frequency and cost in the area of origin.
        law: what the law says; steps: (who, what) in order; question: what to practise; source: publication.
    """

    mark: str
    ground: str
    happened: str
    how_often: str
    law: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]
    question: str
    source: str


@dataclass(frozen=True)
class Hand:
    """The cards of an area; `note` says how they were chosen."""

    title: str
    area: str
    lang: str
    release: str
    release_date: str
    cards: tuple[Card, ...]
    words: Mapping[str, str]
    note: str
    banner: str = ""


def hand(con: queries.Con, code: str, lang: str) -> Hand:
    """Return the cards of an area.

    Raises:
        ReportError: an unknown area.
    """
    area, release = queries.area(con, code), queries.release(con)
    ctx = Context(con, area, lang, queries.elections(con, lang), release)
    say = ctx.say
    words = {
        "card": say("cards.card"), "happened": say("cards.happened"), "law": say("cards.law"),
        "steps": say("cards.steps"), "question": say("cards.question"), "source": say("cards.source"),
        "release": say("report.release"), "date": say("report.date"), "answer": say("cards.answer"),
    }  # fmt: skip
    return Hand(
        say("cards.title", area=numbers.short_area(area.name)),
        numbers.short_area(area.name),
        lang,
        numbers.clean(release.release_id),
        numbers.long_date(release.data_date, lang),
        tuple(_cards(ctx)),
        words,
        say("cards.note"),
        say("report.simulated") if release.is_simulated else "",
    )


def _cards(ctx: Context) -> list[Card]:
    own = _events(ctx, ctx.area)
    if not own and not ctx.area.is_nation:
        for above in _above(ctx):
            if found := _events(ctx, above):
                mark = ctx.say("cards.from_above", area=numbers.short_area(above.name))
                return [_card(ctx, above, events, mark) for events in _by_ground(found)[:MOST]]
        return []
    cards = [_card(ctx, ctx.area, events, "") for events in _by_ground(own)[:MOST]]
    known = {row["ground_code"] for row in own}
    province = [area for area in _above(ctx) if not area.is_nation]
    for area in (*_nearest(ctx), *province):
        name = numbers.short_area(area.name)
        mark = ctx.say("cards.same_province" if area in province else "cards.next_door", area=name)
        for events in _by_ground(row for row in _events(ctx, area) if row["ground_code"] not in known):
            if len(cards) >= MOST:
                return cards
            known.add(events[0]["ground_code"])
            cards.append(_card(ctx, area, events, mark))
    return cards


def _above(ctx: Context) -> list[Area]:
    """Return the province, then the nation."""
    codes = dict.fromkeys((ctx.area.code[:2], NATION))
    return [queries.area(ctx.con, code) for code in codes if code != ctx.area.code]


def _nearest(ctx: Context) -> list[Area]:
    if ctx.area.is_nation:
        return []
    here = [ctx.area.code, ctx.area.level, ctx.area.code, NEAREST]
    return [
        Area(row["area_code"], numbers.clean(row["name"]), row["level"], row["parent_code"])
        for row in ctx.rows("ref.areas", NEAR, here)
    ]


def _events(ctx: Context, area: Area) -> list[dict[str, Any]]:
    condition, parameters = within(area)
    rows = ctx.rows("mart.incidents", EVENTS.format(condition=condition), parameters)
    return [row for row in rows if row["ground_code"] in drills()]


def _by_ground(rows: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Return the events of each ground, the largest undoubted one first; grounds by elections, then stations."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["ground_code"], []).append(row)
    return sorted(
        found.values(),
        key=lambda events: (
            -len({row["election_id"] for row in events}),
            -sum(int(row["n_tps"]) for row in events),
            events[0]["ground_code"],
        ),
    )


def _card(ctx: Context, area: Area, events: Sequence[Mapping[str, Any]], mark: str) -> Card:
    case = events[0]
    drill = drills()[case["ground_code"]]
    labels = ctx.rows("ref.grounds", "select * from {table} where ground_code = ?", [case["ground_code"]])
    ground = numbers.clean(labels[0][f"label_{ctx.columns}"]) if labels else case["ground_code"]
    # Page titles may contain names of persons; the claim leads to the page in the register.
    site, claim = numbers.web_address(case["source_url"]), numbers.clean(case["claim_id"] or "")
    day = numbers.long_date(case["source_date"], ctx.lang) if case["source_date"] else ""
    host = site.split("//", 1)[-1].split("/", 1)[0].removeprefix("www.")
    return Card(
        mark,
        ground,
        _happened(ctx, case),
        ctx.say(
            "cards.how_often",
            area=numbers.short_area(area.name),
            n=len({row["election_id"] for row in events}),
            tps=sum(int(row["n_tps"]) for row in events),
        ),
        _law(ctx, case),
        tuple((actions.duty(duty, ctx.lang), words[ctx.lang]) for duty, words in drill.steps),
        drill.question[ctx.lang],
        ", ".join(part for part in (host, day, claim) if part) or ctx.say("cards.no_source"),
    )


def _happened(ctx: Context, case: Mapping[str, Any]) -> str:
    """`34 TPS in Parado, Kab. Bima, at Pemilu 2024: PSU held on 24 February 2024.`"""
    place, regency = numbers.short_area(case["place"]), numbers.short_area(case["regency"])
    values = {
        "amount": f"{'' if case['is_whole'] else '≥ '}{numbers.integer(int(case['n_tps']), ctx.lang)}",
        "place": place if place == regency else f"{place}, {regency}",
        "election": ctx.elections[case["election_id"]].short if case["election_id"] in ctx.elections else "",
        "outcome": ctx.words.short_labels("outcome", case["outcome"]),
        "day": numbers.long_date(case["day"], ctx.lang) if case["day"] else "",
    }
    if case["is_held"]:
        return ctx.say("cards.held" if case["day"] else "cards.held_no_day", **values)
    return ctx.say("cards.ordered" if case["day"] else "cards.ordered_no_day", **values)


def _law(ctx: Context, case: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the law of that election and, if different, the last one known before the coming election."""
    election = ctx.elections.get(case["election_id"])
    family = "regional" if election and election.kind == "regional" else "national"
    then = law_of(ctx, case["election_id"], case["outcome"], case["ground_code"])
    now = coming_law(ctx, family, case["outcome"], case["ground_code"])
    lines = [ctx.say("cards.law_then", law=_said(ctx, then))]
    if (now.citation, now.wording) != (then.citation, then.wording):
        lines.append(ctx.say("cards.law_now", law=_said(ctx, now)))
    return tuple(lines)


def _said(ctx: Context, law: Law) -> str:
    """Return the article and its wording, as far as the register knows."""
    return ". ".join(part for part in (told(ctx, law), law.wording) if part)
