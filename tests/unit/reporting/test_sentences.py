"""Inside sentences, places lead to their pages and terms are explained; nothing else is touched."""

from __future__ import annotations

import pytest

from pipelines.reporting.facts.neighbours import Link
from pipelines.reporting.formats.sentences import with_places_and_terms
from pipelines.reporting.language.glossary import Term

LINKS = [
    Link(name, f"{code}.html", "id", code)
    for code, name in (
        ("00", "Indonesia"),
        ("11", "Aceh"),
        ("94", "Papua"),
        ("5206", "Kab. Bima"),
        ("5272", "Kota Bima"),
    )
]
PSU = Term("PSU", 'suara "ulang"', "")
BIMA = '<a href="5206.html">Kab. Bima</a>'


def put(body: str, *terms: Term) -> str:
    return with_places_and_terms(f'<p>Kab. Bima</p><main id="main">{body}', LINKS, terms).split('main">', 1)[
        1
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PSU di Kab. Bima dan Kab. Bima.", f"PSU di {BIMA} dan Kab. Bima."),
        ("di <b>Kab. Bima</b>, Kota Bima", f'di <b>{BIMA}</b>, <a href="5272.html">Kota Bima</a>'),
        ("di Aceh dan Papua.", 'di <a href="11.html">Aceh</a> dan <a href="94.html">Papua</a>.'),
        ("di Kota Banda Aceh, Papua Barat, Kab. Bima Baru", "di Kota Banda Aceh, Papua Barat, Kab. Bima Baru"),
        ("di Indonesia", "di Indonesia"),
        ("Kab. Bima, Aceh", f'{BIMA}, <a href="11.html">Aceh</a>'),
        ('<a href="x">Kab. Bima</a>', '<a href="x">Kab. Bima</a>'),
        ('<i title="Kab. Bima">x</i>', '<i title="Kab. Bima">x</i>'),
    ],
)  # fmt: skip
def test_names_in_a_paragraph_lead_to_their_pages(text: str, expected: str) -> None:
    assert put(f"<p>{text}</p>") == f"<p>{expected}</p>"
    assert put(f"<td>{text}</td>") == f"<td>{text}</td>"


def test_a_term_is_explained_once_where_it_stands_first() -> None:
    found = put('<p class="lead">Tidak ada PSU-MK; PSU di Aceh.</p><p>PSU</p>', PSU)
    assert found == (
        '<p class="lead">Tidak ada PSU-MK; <abbr title="suara &#34;ulang&#34;">PSU</abbr> di'
        ' <a href="11.html">Aceh</a>.</p><p>PSU</p>'
    )


def test_what_stands_before_the_content_and_pages_without_names_stay() -> None:
    assert with_places_and_terms("<p>Aceh</p>", LINKS, [PSU]) == "<p>Aceh</p>"
    assert (
        with_places_and_terms('<main id="main"><p>Aceh PSU</p>', [], []) == '<main id="main"><p>Aceh PSU</p>'
    )
