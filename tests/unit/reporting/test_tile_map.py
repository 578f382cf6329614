"""Tile maps: every area drawn once, what is unknown hatched, texts escaped, borders only between groups."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from pipelines.reporting.figures.palette import ALERT, PAPER
from pipelines.reporting.figures.tile_map import SHADES, Tile, tile_map

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*tiles: Tile, with_names: bool = True, letters: float = 0.0) -> ElementTree.Element:
    return ElementTree.fromstring(tile_map(tiles, "Peta", with_names=with_names, letters=letters))


def hexagons(svg: ElementTree.Element) -> dict[str, ElementTree.Element]:
    return {
        path[0].text or "": path
        for path in svg.iter(f"{SVG}path")
        if len(path) and path[0].tag == f"{SVG}title"
    }


def test_every_area_is_one_hexagon_with_its_name_and_figure() -> None:
    svg = drawn(Tile("1", 0, 0, "Bima", "2", "34"), Tile("2", 1, 0, "Dompu", "none"))
    assert set(hexagons(svg)) == {"Bima", "Dompu"}
    assert [text.text for text in svg.iter(f"{SVG}text")] == ["Bima", "34", "Dompu"]


def test_unknown_is_hatched_none_is_white_and_more_is_darker() -> None:
    svg = drawn(*(Tile(fill, k, 0, fill, fill) for k, fill in enumerate(("unknown", "none", "1", "4"))))
    fills = {name: path.get("fill") for name, path in hexagons(svg).items()}
    assert fills == {"unknown": "url(#hatch)", "none": PAPER, "1": SHADES["1"], "4": SHADES["4"]}


def test_marked_area_has_a_thick_edge_that_lies_on_top() -> None:
    svg = drawn(Tile("1", 0, 0, "Palopo", "4", is_marked=True), Tile("2", 1, 0, "Luwu", "1"))
    names = list(hexagons(svg))
    assert names[-1] == "Palopo"
    assert hexagons(svg)["Palopo"].get("stroke") == ALERT


def test_long_names_stay_within_three_short_lines() -> None:
    svg = drawn(Tile("1", 0, 0, "Pangkajene dan Kepulauan Sekali Panjang", "1"))
    lines = [text.text or "" for text in svg.iter(f"{SVG}text")]
    assert len(lines) == 3
    assert all(len(line) <= 11 for line in lines)


def test_texts_are_escaped() -> None:
    svg = tile_map([Tile("1", 0, 0, "<b>&", "1", said='"<script>')], '"><script>', with_names=True)
    assert "<script>" not in svg
    assert "<b>" not in svg


def test_groups_are_parted_and_named_once() -> None:
    svg = drawn(
        Tile("1", 0, 0, "a", "1", group="NTB"),
        Tile("2", 1, 0, "b", "1", group="NTB"),
        Tile("3", 2, 0, "c", "1", group="NTT"),
        with_names=False,
    )
    assert sorted(text.text or "" for text in svg.iter(f"{SVG}text")) == ["NTB", "NTT"]
    border = next(path for path in svg.iter(f"{SVG}path") if path.get("fill") == "none")
    # Three hexagons have 18 edges; one is inside a group, and the one between groups is drawn once.
    assert len(re.findall("M", border.get("d") or "")) == 18 - 2 - 1


def test_names_of_groups_keep_clear_of_each_other() -> None:
    """A small group keeps its middle; the name of its larger neighbour moves to a tile further away."""
    large = [Tile(f"l{n}", n, 0, "", "1", group="Lampung") for n in range(9)]
    svg = drawn(*large, Tile("s", 4, 1, "", "1", group="DKI"), with_names=False, letters=60)
    at = {
        text.text: (float(text.get("x") or 0), float(text.get("y") or 0)) for text in svg.iter(f"{SVG}text")
    }
    assert abs(at["Lampung"][0] - at["DKI"][0]) > 60 * (len("Lampung") + len("DKI")) * 0.25


def test_no_areas_no_drawing() -> None:
    assert tile_map([], "Peta", with_names=True) == ""


def test_far_islands_are_drawn_closer_and_stay_where_they_were_seen_from_the_others() -> None:
    svg = drawn(Tile("1", 0, 0, "Rote", "1"), Tile("2", 1, 0, "Kupang", "1"), Tile("3", 20, 9, "Alor", "1"))
    at = {
        text.text: (float(text.get("x") or 0), float(text.get("y") or 0)) for text in svg.iter(f"{SVG}text")
    }
    assert at["Kupang"][0] < at["Alor"][0] < at["Kupang"][0] + 4 * 52
    assert at["Kupang"][1] < at["Alor"][1] < at["Kupang"][1] + 4 * 45
    assert at["Kupang"][0] - at["Rote"][0] > 50


def test_many_tiles_share_their_look_and_their_hexagon() -> None:
    tiles = [Tile(str(n), n, 0, f"a{n}", ("1", "unknown")[n % 2], is_marked=n == 7) for n in range(120)]
    svg = drawn(*tiles, with_names=False)
    shapes = {path.get("id"): path for path in svg.iter(f"{SVG}path") if path.get("id")}
    used = list(svg.iter(f"{SVG}use"))
    assert len(used) == 120 and {use.get("href", "")[1:] for use in used} == set(shapes)
    assert not [use for use in used if use.get("fill")]
    groups = [g for g in svg.iter(f"{SVG}g") if g.get("fill")]
    assert [(g.get("fill"), len(list(g))) for g in groups] == [
        (SHADES["1"], 60), ("url(#hatch)", 59), ("url(#hatch)", 1),
    ]  # fmt: skip
    at = {use[0].text: (use.get("x"), use.get("y")) for use in used}
    assert len(set(at.values())) == 120
