"""Make the files of a report: build the content once, write it as HTML, PDF and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from . import numbers, queries
from .context import Context
from .errors import ReportError
from .files import file_name, index_name
from .model import Report
from .sections import modules

FORMATS = ("html", "pdf", "csv", "xlsx")
FRAME = (
    "kicker", "level", "release", "date", "contents", "language", "pdf", "index", "page", "skip", "footer",
    "csv", "xlsx", "sources",
)  # fmt: skip


def content(con: duckdb.DuckDBPyConnection, area_code: str, lang: str) -> Report:
    """The whole report of one area in one language, not yet rendered; raises ReportError for unknown areas."""
    numbers.locale(lang)
    area, release = queries.area(con, area_code), queries.release(con)
    ctx = Context(con, area, lang, queries.elections(con, lang), release)
    sections = tuple(section for module in modules() if (section := module.build(ctx)))
    words = {name: ctx.say(f"report.{name}") for name in FRAME}
    return Report(
        area_code=area.code,
        area_name=area.name,
        level=ctx.words.label("level", area.level),
        lang=lang,
        title=ctx.say("report.title", area=area.name),
        release=numbers.clean(release.release_id),
        release_date=numbers.long_date(release.data_date, lang),
        sections=sections,
        words=words,
        banner=ctx.say("report.simulated") if release.is_simulated else "",
    )


def render(
    con: duckdb.DuckDBPyConnection,
    area_code: str,
    lang: str,
    out_dir: Path,
    formats: Sequence[str] = FORMATS,
    langs: Sequence[str] = (),
    index: str = "",
) -> list[Path]:
    """Write the report of one area; returns the files written.

    `con`: open (read-only) warehouse; `area_code`: Kemendagri code as text, '00' = nation; `lang`: 'id' or 'en';
    `langs`: languages written in the same folder, for the language switch; `index`: name of the index page to link
    to, if there is one. Raises ReportError for an unknown area, language or format.
    """
    if unknown := [name for name in formats if name not in FORMATS]:
        raise ReportError(f"no report format {unknown[0]!r}; use {' or '.join(FORMATS)}")
    report, area = content(con, area_code, lang), queries.area(con, area_code)
    out_dir.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name in formats:
        path = out_dir / file_name(area, lang, name)
        if name == "html":
            from .html import page

            links = {other: file_name(area, other, "html") for other in dict.fromkeys((*langs, lang))}
            beside = {kind: file_name(area, lang, kind) for kind in formats if kind != "html"}
            path.write_text(page(report, links, beside, index), encoding="utf-8", newline="\n")
        elif name == "csv":
            from .sheets import document as sheets

            path.write_bytes(sheets(report))
        elif name == "xlsx":
            from .xlsx import document as workbook

            path.write_bytes(workbook(report, queries.release(con).data_date))
        else:
            from .pdf import document

            path.write_bytes(document(report, queries.release(con).data_date))
        written.append(path)
    return written


def render_index(
    con: duckdb.DuckDBPyConnection, areas: Sequence[str], langs: Sequence[str], out_dir: Path
) -> list[Path]:
    """Write the entry page in every language, with links to the reports that exist in `out_dir`."""
    from .html import index_page
    from .index import entries

    out_dir.mkdir(parents=True, exist_ok=True)
    pages: Mapping[str, str] = {lang: index_name(lang, langs) for lang in langs}
    written: list[Path] = []
    for lang, name in pages.items():
        release = queries.release(con)
        text = index_page(entries(con, areas, lang, out_dir), lang, pages, release)
        (out_dir / name).write_text(text, encoding="utf-8", newline="\n")
        written.append(out_dir / name)
    return written
