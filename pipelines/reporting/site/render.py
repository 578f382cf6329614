"""Build the content of a report once and write its files: HTML, PDF and tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from pipelines.catalog.messages import Message

from ..brief import build as brief_of
from ..errors import ReportError
from ..facts import queries
from ..facts.context import Context
from ..facts.known import is_known
from ..facts.neighbours import Neighbours
from ..facts.queries import Con
from ..files import CHECKLIST, FORMATS, file_name, formats_for, put
from ..language import numbers
from ..model import Report
from ..sections import in_details, without_brief

FRAME = (
    "kicker", "level", "release", "date", "contents", "language", "pdf", "index", "page", "skip", "footer",
    "csv", "xlsx", "sources", "above", "below", "checklist_html", "checklist_pdf", "html", "methods",
    "choose", "all", "see", "glossary", "take_png", "take_csv",
)  # fmt: skip


def has_brief(ctx: Context) -> bool:
    """Return whether the warehouse has the data of a brief; otherwise pages use tables instead."""
    there = ctx.has("mart.area_events", "mart.priority_places")
    return there and bool(ctx.rows("mart.area_events", "select 1 as found from {table} limit 1"))


def _has_rows(ctx: Context, *tables: str) -> bool:
    return any(ctx.rows(table, "select 1 as found from {table} limit 1") for table in tables)


def _parts(ctx: Context) -> tuple[ModuleType, ...]:
    """Return the sections after the brief."""
    return in_details(
        has_outlines=_has_rows(ctx, "ref.boundary"),
        has_checklist=not ctx.area.is_nation,
        has_forms=_has_rows(ctx, "mart.form_audit", "mart.upload_area"),
    )


def content(con: Con, area_code: str, lang: str) -> Report:
    """Build the report of one area in one language, not yet rendered; raises ReportError for unknown areas.

    An area without any information gets only the sections with ALSO_WITHOUT_DATA.
    """
    numbers.locale(lang)
    area, release = queries.area(con, area_code), queries.release(con)
    ctx = Context(con, area, lang, queries.elections(con, lang), release)
    known = is_known(ctx)
    brief = brief_of(ctx) if has_brief(ctx) else None
    ctx.lists_caveats = brief is None
    parts = _parts(ctx) if brief else without_brief()
    chosen = (m for m in parts if known or getattr(m, "ALSO_WITHOUT_DATA", False))
    sections = tuple(section for module in chosen if (section := module.build(ctx)))
    words = {name: ctx.say(f"report.{name}") for name in FRAME}
    release_id, date = numbers.clean(release.release_id), numbers.long_date(release.data_date, lang)
    words["source_line"] = ctx.say("explorer.source", release=release_id, date=date)
    return Report(
        area_code=area.code,
        area_name=area.name,
        level=ctx.words.label("level", area.level),
        lang=lang,
        title=ctx.say("report.title", area=area.name),
        release=release_id,
        release_date=date,
        sections=sections,
        words=words,
        banner=ctx.say("report.simulated") if release.is_simulated else "",
        brief=brief,
    )


def render(
    con: Con,
    area_code: str,
    lang: str,
    out_dir: Path,
    formats: Sequence[str] = FORMATS,
    langs: Sequence[str] = (),
    index: str = "",
    around: Neighbours | None = None,
) -> list[Path]:
    """Write the report of one area; returns the files written.

    `con`: open (read-only) warehouse; `area_code`: Kemendagri code as text, '00' = nation; `lang`: 'id' or 'en';
    `langs`: languages written in the same folder, for the language switch; `index`: name of the index page to link
    to, if there is one; `around`: the pages above and below. Raises ReportError for an unknown area, language or
    format.
    """
    if unknown := [name for name in formats if name not in FORMATS]:
        raise ReportError(Message("report.no_format", format=unknown[0], formats=" or ".join(FORMATS)))
    report, area = content(con, area_code, lang), queries.area(con, area_code)
    formats = formats_for(area, formats)
    date = queries.release(con).data_date
    out_dir.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name in formats:
        data: bytes | str
        if name == "html":
            from ..formats.html import page

            links = {other: file_name(area, other, "html") for other in dict.fromkeys((*langs, lang))}
            beside = {kind: file_name(area, lang, kind) for kind in formats if kind != "html"}
            data = page(report, links, beside, index, around or Neighbours())
        elif name == "csv":
            from ..formats.sheets import document as sheets

            data = sheets(report)
        elif name == "xlsx":
            from ..formats.xlsx import document as workbook

            data = workbook(report, date)
        elif name in CHECKLIST:
            data = _checklist(con, report, area, name, formats, langs, index)
        else:
            from ..formats.pdf import document

            data = document(report, date)
        written.append(put(out_dir / file_name(area, lang, name), data))
    return written


def _checklist(
    con: Con,
    report: Report,
    area: queries.Area,
    kind: str,
    formats: Sequence[str],
    langs: Sequence[str],
    index: str,
) -> bytes | str:
    """Return the checklist as a page or on paper; both link to each other and to the other languages."""
    from .checklist import build

    lang, release = report.lang, queries.release(con)
    sheet = build(Context(con, area, lang, queries.elections(con, lang), release), report)
    if kind == "checklist.pdf":
        from ..formats.pdf import document

        return document(sheet, release.data_date, "checklist")
    from ..formats.html import page

    links = {other: file_name(area, other, kind) for other in dict.fromkeys((*langs, lang))}
    beside = {
        other: file_name(area, lang, other)
        for other in ("html", *CHECKLIST)
        if other in formats and other != kind
    }
    return page(sheet, links, beside, index)
