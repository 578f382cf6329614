"""The entry page: the nation's three zeros, then every area with its latest known values and files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.catalog.vocabulary import LANGUAGES, REPORT_LEVELS

from ..brief.evidence import read as read_evidence
from ..brief.headline import headline
from ..brief.where import where
from ..facts import queries
from ..facts.certainty import PLACES, evidence_cell
from ..facts.context import Context
from ..facts.neighbours import Link, line_of
from ..facts.queries import NATION, Area, Con
from ..facts.values import TABLE, ZEROS, full_cell
from ..files import FORMATS, file_name, index_name, methods_name, put
from ..language import numbers
from ..language.short_names import SHORT_NAMES
from ..model import BriefMap, Cell, Sources, Table
from .explorer import known as known_of
from .render import has_brief

LEVELS = REPORT_LEVELS  # listed with or without a page; other levels only with one
OUTCOMES = tuple(outcomes[0] for outcomes in ZEROS.values())
LATEST = """
select * from {table}
where outcome in ('psu', 'late_recap', 'dispute') and value is not null
qualify row_number() over (partition by area_code, outcome order by voting_date desc, election_id) = 1
order by area_code, outcome
"""
# The class of an area is the same wherever it is listed.
EVIDENCE = "select distinct area_code, evidence from {table} order by area_code"
# The brief's class of a place, which rests on all outcomes.
STRONGEST = (
    "select distinct area_code, evidence from {table} where evidence <> 'no_statement' order by area_code"
)


@dataclass(frozen=True)
class Value:
    """A latest known value and its election; without data, the words for that and no election."""

    text: str
    election: str
    tone: str


@dataclass(frozen=True)
class Line:
    """One area: its files by format, empty without a page; `see` is then the nearest page above.

    `also`: short names under which people search for it.
    """

    code: str
    name: str
    level: str
    values: tuple[Value, ...]
    evidence: Cell
    files: Mapping[str, Link]
    see: Link | None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """A province, or the nation, with everything in it."""

    code: str
    name: str
    lines: tuple[Line, ...]

    @property
    def n_pages(self) -> int:
        return sum("html" in line.files for line in self.lines)


@dataclass(frozen=True)
class Entry:
    """Content of the entry page in one language."""

    nation: Table | None
    sources: Sources
    groups: tuple[Group, ...]
    changes: Changes
    headline: str = ""
    map: BriefMap | None = None
    known: str = ""  # data of the explorer, as JSON


@dataclass(frozen=True)
class Changes:
    """Changes since the previous release (`since`), in words; `since` is empty in the first release."""

    since: str
    notes: tuple[str, ...]


def _changes(con: Con, lang: str) -> Changes:
    since = queries.fetch(con, "select compared_with from meta.release")
    column = f"text_{LANGUAGES[lang].columns}"
    notes = queries.fetch(con, "select text_id, text_en from meta.change_notes order by note_no")
    name = numbers.clean(since[0]["compared_with"] or "") if since else ""
    return Changes(name, tuple(numbers.clean(note[column]) for note in notes))


def entry(con: Con, lang: str, langs: Sequence[str], present: Collection[str]) -> Entry:
    """Build the content of the entry page; `present`: the names of the files to link."""
    release, known = queries.release(con), queries.areas(con)
    ctx = Context(
        con,
        known.get(NATION) or Area(NATION, "", "national", None),
        lang,
        queries.elections(con, lang),
        release,
    )
    from ..sections.three_zeros import targets

    nation = targets(ctx) if NATION in known else None
    order = [lang, *(other for other in langs if other != lang)]
    begun = {_begin(name) for name in present}  # most areas have no file
    files = {
        code: _files(area, order, present) if _begin(code) in begun else {} for code, area in known.items()
    }
    lines = _lines(ctx, known, files)
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.code[:2], []).append(line)
    listed = tuple(
        Group(code, known[code].name if code in known else code, tuple(found))
        for code, found in groups.items()
    )
    changes = _changes(con, lang)
    if nation is None or not has_brief(ctx):
        return Entry(nation, Sources(ctx.sources), listed, changes)
    links = {line.code: line.files["html"].file if line.files else f"#a{line.code}" for line in lines}
    said, drawn = headline(ctx, read_evidence(ctx)), where(ctx, links)
    evidence = {row["area_code"]: row["evidence"] for row in ctx.rows(PLACES, EVIDENCE)}
    return Entry(nation, Sources(ctx.sources), listed, changes, said, drawn, known_of(ctx, evidence))


def _begin(name: str) -> str:
    """Return the digits with which the names of an area's files begin."""
    return name.partition("-")[0].partition(".")[0]


def _files(area: Area, order: Iterable[str], present: Collection[str]) -> dict[str, Link]:
    """Return the files of an area in the first language that has its page."""
    for lang in order:
        if file_name(area, lang, "html") in present:
            names = {kind: file_name(area, lang, kind) for kind in FORMATS}
            return {kind: Link(area.name, name, lang) for kind, name in names.items() if name in present}
    return {}


def _lines(ctx: Context, known: Mapping[str, Area], files: Mapping[str, Mapping[str, Link]]) -> list[Line]:
    latest = {(row["area_code"], row["outcome"]): row for row in ctx.rows(TABLE, LATEST)}
    listed = [*ctx.rows(PLACES, EVIDENCE), *ctx.rows("mart.priority_places", STRONGEST)]
    evidence = {row["area_code"]: row["evidence"] for row in listed}
    levels = {level: ctx.words.label("level", level) for level in {area.level for area in known.values()}}
    found = []
    for code, area in known.items():
        if area.level not in LEVELS and not files[code]:
            continue
        values = tuple(_value(ctx, latest.get((code, outcome))) for outcome in OUTCOMES)
        above = (files[up]["html"] for up in line_of(known, code) if files.get(up))
        see = None if files[code] else next(above, None)
        cell = evidence_cell(ctx, evidence.get(code))
        name, also = numbers.clean(area.name), SHORT_NAMES.get(code, ())
        found.append(Line(code, name, levels[area.level], values, cell, files[code], see, also))
    return found


def _value(ctx: Context, row: Mapping[str, Any] | None) -> Value:
    if row is None:
        return Value(ctx.words.label("coverage", "no_data"), "", "no-data")
    election = ctx.elections.get(row["election_id"])
    name = election.short if election else numbers.clean(row["election_id"])
    return Value(full_cell(ctx, row).text, name, "strong" if row["value"] else "")


def page_text(con: Con, lang: str, langs: Sequence[str], present: Collection[str]) -> str:
    """Return the entry page in one language; `present`: the names of the files to link."""
    from .entry_page import entry_page

    pages = {one: index_name(one, langs) for one in langs}
    has_methods = methods_name(lang) in present
    return entry_page(entry(con, lang, langs, present), lang, pages, queries.release(con), has_methods)


def render_index(con: Con, langs: Sequence[str], out_dir: Path, only: Sequence[str] = ()) -> list[Path]:
    """Write the entry page in every language, or those in `only`, with links to the reports in `out_dir`."""
    out_dir.mkdir(parents=True, exist_ok=True)
    present = {path.name for path in out_dir.iterdir()}
    chosen = [lang for lang in langs if lang in (only or langs)]
    return [put(out_dir / index_name(lang, langs), page_text(con, lang, langs, present)) for lang in chosen]
