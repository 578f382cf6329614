"""The data dictionary as a page: every table and column as declared in the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pipelines import catalog
from pipelines.catalog import Field, Table
from pipelines.catalog.vocabulary import LANGUAGES, LAYERS_TO_READ

from ..facts import queries
from ..files import dictionary_name, index_name, put
from ..formats.html import page
from ..language import numbers
from ..language.phrases import Phrases
from ..model import Block, Cell, Column, Facts, Group, Note, Report, Section
from ..model import Table as Grid

TABLE = "meta.dictionary"
SHOWN = ("column_name", "type", "title_{lang}", "description_{lang}", "unit", "constraint_text")
WIDTHS = (1.3, 0.8, 1.3, 2.6, 0.8, 2.2)


def constraint_text(table: Table, field: Field) -> str:
    """Return keys and constraints of a column in the catalog's terms."""
    found = [name for name in ("required", "unique") if field.constraints.get(name)]
    if field.name in table.primary_key:
        found.append("primary key")
    for key in table.foreign_keys:
        if field.name in key.fields:
            found.append(f"→ {key.reference}.{key.reference_fields[key.fields.index(field.name)]}")
    for name in ("minimum", "maximum", "pattern"):
        if name in field.constraints:
            found.append(f"{name} {field.constraints[name]}")
    if "enum" in field.constraints:
        found.append(", ".join(map(str, field.constraints["enum"])))
    return "; ".join(found)


def _section(table: Table, lang: str) -> Section:
    declared = catalog.table(TABLE)
    columns = tuple(
        Column(declared.field(name.format(lang=LANGUAGES[lang].columns)).title[lang], width=width)
        for name, width in zip(SHOWN, WIDTHS, strict=True)
    )
    rows = tuple(
        tuple(
            Cell(numbers.clean(text))
            for text in (
                field.name,
                field.sql_type,
                field.title[lang],
                field.description[lang],
                field.unit,
                constraint_text(table, field),
            )
        )
        for field in table.fields
    )
    grid = Grid(table.full_name, columns, (Group("", rows),))
    blocks: list[Block] = [Facts(((table.description[lang], table.grain),)), grid]
    blocks += [Note(catalog.caveats()[name][lang]) for name in table.caveats]
    return Section(
        table.full_name.replace(".", "-"), f"{table.full_name} – {table.title[lang]}", tuple(blocks)
    )


def dictionary_report(tables: Iterable[Table], release: queries.Release, lang: str) -> Report:
    """Build the content of the page; marts first, since readers should start there."""
    from .render import FRAME

    say = Phrases(lang)
    ordered = sorted(tables, key=lambda t: (LAYERS_TO_READ.index(t.layer), t.name))
    title = catalog.table(TABLE).title[lang]
    return Report(
        area_code="",
        area_name=title,
        level=title,
        lang=lang,
        title=title,
        release=numbers.clean(release.release_id),
        release_date=numbers.long_date(release.data_date, lang),
        sections=tuple(_section(table, lang) for table in ordered),
        words={name: say(f"report.{name}") for name in FRAME},
        banner=say("report.simulated") if release.is_simulated else "",
    )


def render_dictionary(
    con: queries.Con, langs: Sequence[str], out_dir: Path, only: Sequence[str] = ()
) -> list[Path]:
    """Write the dictionary in every language of the site, or those in `only`; returns the files."""
    out_dir.mkdir(parents=True, exist_ok=True)
    release, names = queries.release(con), {lang: dictionary_name(lang) for lang in langs}
    written = []
    for lang, name in ((one, names[one]) for one in only or langs):
        report = dictionary_report((*catalog.load(), *catalog.views()), release, lang)
        text = page(report, names, index=index_name(lang, langs))
        written.append(put(out_dir / name, text))
    return written
