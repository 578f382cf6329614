"""The tile map of the brief: at how many elections stations had to vote again, and how many stations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..facts.context import Context
from ..facts.queries import within
from ..figures.tile_map import LETTERS, Fill, Tile, extent, tile_map
from ..language import numbers
from ..language.short_names import SHORT_NAMES
from ..model import BriefMap, KeyItem

TILES = "ref.tiles"
LEVEL = {"national": "regency", "province": "regency", "regency": "district"}
SQL = """
select tiles.*, areas.name
from {table} as tiles
join ref.areas as areas using (area_code)
where tiles.map_code = ?
order by area_code, level
"""
HAPPENED = """
select area_code, election_id, outcome, n, is_at_least
from {{table}}
where {condition} and n > 0 and outcome in ('psu', 'psl', 'pss', 'pssu', 'psu_court')
order by area_code, election_id, outcome
"""
NONE = """
select area_code, election_id
from {{table}}
where {condition} and outcome = 'psu' and coverage = 'complete' and value = 0
order by area_code, election_id
"""
MOST = 4
BROAD = 1.6  # width / height from which a map takes the full width of the page
POINT = 25.4 / 72  # millimetres
BESIDE = (
    82,
    94,
    104,
)  # millimetres that a map beside the list of places may take, the narrowest that will do
LOW, HIGH, ACROSS = 76, 146, 182  # heights of a landscape and of a map beside the list, width of the page
SMALLEST = 9.1  # points: the smallest type in the brief


def where(ctx: Context, links: Mapping[str, str] = MappingProxyType({})) -> BriefMap | None:
    """Return the map; None for areas without parts on a map, or if fewer than two parts are drawn.

    `links`: link target of each part, by area code.
    """
    level = LEVEL.get(ctx.area.level)
    if level is None or not ctx.has(TILES, "mart.area_events"):
        return None
    rows = [row for row in ctx.rows(TILES, SQL, [ctx.area.code]) if row["level"] == level]
    if len(rows) < 2:
        return None
    rows = _counted(ctx, rows)
    is_nation = ctx.area.is_nation
    provinces = sorted({row["area_code"][:2] for row in rows}) if is_nation else []
    groups = {code: _province(code, ctx) for code in provinces}
    tiles = [
        _tile(ctx, row, links.get(row["area_code"], ""), groups.get(row["area_code"][:2], "")) for row in rows
    ]
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
    width, letters, is_broad = _fit(*extent(tiles, with_names=not is_nation))
    svg = tile_map(tiles, alt, with_names=not is_nation, letters=letters)
    return BriefMap(ctx.say("brief.map_title"), svg, alt, tuple(key), note, width, is_broad)


def _fit(across: float, down: float) -> tuple[int, float, bool]:
    """Return (paper width in millimetres, type size in user units, whether it is a landscape) for a map of that
    size.

    The type is as large as paper requires. The width is the narrowest beside the list at which the letters fit
    into their tiles, or else the widest.
    """
    if across > BROAD * down:
        width = min(ACROSS, LOW * across / down)
        return int(width), SMALLEST * POINT * across / width, True
    for most in BESIDE:
        width = min(most, HIGH * across / down)
        letters = SMALLEST * POINT * across / width
        if letters <= LETTERS:
            break
    return int(width), max(letters, LETTERS), False


def _counted(ctx: Context, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the tiles with what happened in their areas."""
    condition, parameters = within(ctx.area)
    events: dict[str, list[dict[str, Any]]] = {}
    for row in ctx.rows("mart.area_events", HAPPENED.format(condition=condition), parameters):
        events.setdefault(row["area_code"], []).append(row)
    none = Counter(
        row["area_code"] for row in ctx.rows("mart.three_zeros", NONE.format(condition=condition), parameters)
    )

    def counted(row: dict[str, Any]) -> dict[str, Any]:
        found = events.get(row["area_code"], [])
        return row | {
            "n_elections": len({one["election_id"] for one in found}),
            "n_tps": sum(int(one["n"]) for one in found),
            "is_at_least": any(one["is_at_least"] for one in found),
            "n_court": sum(int(one["n"]) for one in found if one["outcome"] == "psu_court"),
            "n_none": none[row["area_code"]],
        }

    return [counted(row) for row in rows]


def _tile(ctx: Context, row: dict[str, Any], href: str, group: str) -> Tile:
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
    """Return the name of a province in the shortest form for a map."""
    rows = ctx.rows("ref.areas", "select name from {table} where area_code = ?", [code])
    name = numbers.clean(rows[0]["name"]) if rows else code
    if len(name) <= 8 or code not in SHORT_NAMES:
        return name
    short = SHORT_NAMES[code][0]
    return short.upper() if len(short) <= 3 else short.capitalize()
