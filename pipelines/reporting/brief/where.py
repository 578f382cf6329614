"""The tile map of the brief: at how many elections stations had to vote again, and how many stations."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..facts.context import Context
from ..figures.tile_map import Fill, Tile, aspect, tile_map
from ..language import numbers
from ..language.short_names import SHORT_NAMES
from ..model import BriefMap, KeyItem

TILES = "ref.tiles"
LEVEL = {"national": "regency", "province": "regency", "regency": "district"}
SQL = """
with happened as (
    select area_code, count(distinct election_id) as n_elections, sum(n) as n_tps,
        bool_or(is_at_least) as is_at_least, coalesce(sum(n) filter (where outcome = 'psu_court'), 0) as n_court
    from mart.area_events
    where n > 0 and outcome in ('psu', 'psl', 'pss', 'pssu', 'psu_court')
    group by area_code
),
none as (
    select area_code, count(*) as n_none
    from mart.three_zeros
    where outcome = 'psu' and coverage = 'complete' and value = 0
    group by area_code
)
select tiles.*, areas.name, happened.n_elections, happened.n_tps, happened.is_at_least, happened.n_court, none.n_none
from {table} as tiles
join ref.areas as areas using (area_code)
left join happened using (area_code)
left join none using (area_code)
where tiles.map_code = ? and tiles.level = ?
order by area_code
"""
MOST = 4
BROAD = 1.6  # width by height from which a map takes the whole width of the page


def where(ctx: Context, links: Mapping[str, str] = MappingProxyType({})) -> BriefMap | None:
    """The map; none for areas without parts on a map, or where fewer than two parts are drawn.

    `links`: where each part leads to, by area code.
    """
    level = LEVEL.get(ctx.area.level)
    if level is None or not ctx.has(TILES, "mart.area_events"):
        return None
    rows = ctx.rows(TILES, SQL, [ctx.area.code, level])
    if len(rows) < 2:
        return None
    tiles = [_tile(ctx, row, links.get(row["area_code"], "")) for row in rows]
    is_nation = ctx.area.is_nation
    alt = ctx.say(
        "brief.map_alt",
        n=sum(1 for row in rows if row["n_elections"]),
        total=len(rows),
        level=ctx.words.label("level", level),
    )
    used = {tile.fill for tile in tiles}
    words: dict[Fill, str] = {
        "4": ctx.say("brief.map_times", n=f"≥ {MOST}"),
        "3": ctx.say("brief.map_times", n="3"),
        "2": ctx.say("brief.map_times", n="2"),
        "1": ctx.say("brief.map_once"),
        "none": ctx.say("brief.map_none"),
        "unknown": ctx.say("brief.key_unknown"),
    }
    key = [
        KeyItem(f"s{fill}" if fill.isdigit() else fill, text) for fill, text in words.items() if fill in used
    ]
    if any(tile.is_marked for tile in tiles):
        key.append(KeyItem("marked", ctx.say("brief.tag_court")))
    note = (
        ctx.say("brief.map_note_nation")
        if is_nation
        else ctx.say("brief.map_note", level=ctx.words.label("level", level))
    )
    svg = tile_map(tiles, alt, with_names=not is_nation)
    ratio = aspect(svg)
    return BriefMap(
        ctx.say("brief.map_title"), svg, alt, tuple(key), note, aspect=ratio, is_broad=ratio > BROAD
    )


def _tile(ctx: Context, row: dict[str, Any], href: str) -> Tile:
    times = int(row["n_elections"] or 0)
    fill: Fill = str(min(times, MOST)) if times else "none" if row["n_none"] else "unknown"  # type: ignore[assignment]
    amount = numbers.integer(int(row["n_tps"]), ctx.lang) if times else ""
    name = numbers.short_area(numbers.clean(row["name"]))
    if times:
        said = ctx.say("brief.map_said", area=name, n=times, tps=int(row["n_tps"]))
    elif row["n_none"]:
        said = f"{name}: {ctx.say('brief.map_none')}"
    else:
        said = f"{name}: {ctx.say('brief.key_unknown')}"
    group = _province(row["area_code"][:2], ctx) if ctx.area.is_nation else ""
    short = _bare(name) if row["level"] == "regency" else name
    return Tile(
        row["area_code"],
        row["tile_q"],
        row["tile_r"],
        short,
        fill,
        amount,
        bool(row["n_court"]),
        group,
        href=href,
        said=said,
    )


def _bare(name: str) -> str:
    """`Kab. Bima` -> `Bima`; cities keep their `Kota`."""
    for word in ("Kabupaten ", "Kab. ", "Kota Administrasi ", "Kota Adm. "):
        if name.startswith(word):
            return name.removeprefix(word)
    return name


def _province(code: str, ctx: Context) -> str:
    """A province as short as a map can write it."""
    rows = ctx.rows("ref.areas", "select name from {table} where area_code = ?", [code])
    name = numbers.clean(rows[0]["name"]) if rows else code
    if len(name) <= 8 or code not in SHORT_NAMES:
        return name
    short = SHORT_NAMES[code][0]
    return short.upper() if len(short) <= 3 else short.capitalize()
