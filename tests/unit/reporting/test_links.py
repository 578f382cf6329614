"""Names of places lead to their pages, and only where the whole cell is the name."""

from __future__ import annotations

from pipelines.reporting.facts.neighbours import Link
from pipelines.reporting.figures.tile_map import Tile, tile_map
from pipelines.reporting.formats.links import with_linked_names, with_linked_tiles

BIMA = Link("Kab. Bima", "5206-kabupaten-bima.id.html", "id", "5206")


def test_a_cell_that_is_a_name_leads_to_its_page() -> None:
    page = '<td>Kab. Bima</td><td class=n>5</td><td role="cell" data-label="x"><span>Kab. Bima</span></td>'
    anchor = '<a href="5206-kabupaten-bima.id.html">Kab. Bima</a>'
    assert with_linked_names(page, [BIMA]) == (
        f'<td>{anchor}</td><td class=n>5</td><td role="cell" data-label="x"><span>{anchor}</span></td>'
    )


def test_text_around_a_name_a_heading_and_a_shared_name_stay() -> None:
    for page in ("<td>di Kab. Bima</td>", '<th scope="col">Kab. Bima</th>', "<p>Kab. Bima</p>"):
        assert with_linked_names(page, [BIMA]) == page
    twin = Link("Kab. Bima", "9999-x.id.html", "id", "9999")
    assert with_linked_names("<td>Kab. Bima</td>", [BIMA, twin]) == "<td>Kab. Bima</td>"


def test_a_name_with_signs_of_markup_stays_text() -> None:
    link = Link("A & <b>", "1.html", "id", "1")
    assert with_linked_names("<td>A &amp; &lt;b&gt;</td>", [link]) == (
        '<td><a href="1.html">A &amp; &lt;b&gt;</a></td>'
    )


def test_tiles_lead_to_pages_that_exist() -> None:
    svg = tile_map(
        [Tile("5206", 0, 0, "Bima", "1", said='Kab. "Bima": 1'), Tile("5205", 1, 0, "Dompu", "none")],
        "Peta",
        with_names=True,
    )
    assert 'role="img"' in svg and "<a " not in svg
    linked = with_linked_tiles(svg, {"5206": BIMA})
    assert linked.count("<a ") == 1 and 'href="5206-kabupaten-bima.id.html"' in linked
    assert "<title>Kab. &quot;Bima&quot;: 1</title><path" in linked and 'role="group"' in linked
    assert with_linked_tiles(svg, {}) == svg
