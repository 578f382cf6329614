"""The book of methods: explanations given once per release instead of on every area's page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..facts import queries
from ..facts.context import Context
from ..files import index_name, methods_name, put
from ..language import numbers
from ..model import Report
from ..sections import in_methods
from .render import FRAME, has_brief


def methods_report(con: queries.Con, lang: str) -> Report | None:
    """Return the content of the book; None if pages still include all of it themselves."""
    area, release = queries.area(con, queries.NATION), queries.release(con)
    ctx = Context(con, area, lang, queries.elections(con, lang), release, lists_caveats=True)
    if not has_brief(ctx):
        return None
    return Report(
        area_code=area.code,
        area_name=area.name,
        level=ctx.words.label("level", area.level),
        lang=lang,
        title=ctx.say("report.methods_title"),
        release=numbers.clean(release.release_id),
        release_date=numbers.long_date(release.data_date, lang),
        sections=tuple(section for module in in_methods() if (section := module.build(ctx))),
        words={name: ctx.say(f"report.{name}") for name in FRAME},
        banner=ctx.say("report.simulated") if release.is_simulated else "",
    )


def render_methods(
    con: queries.Con, langs: Sequence[str], out_dir: Path, only: Sequence[str] = ()
) -> list[Path]:
    """Write the book in every language of the site, or those in `only`, as a page and as a PDF."""
    from ..formats.html import page
    from ..formats.pdf import document

    out_dir.mkdir(parents=True, exist_ok=True)
    names = {lang: methods_name(lang) for lang in langs}
    written = []
    for lang in only or langs:
        report = methods_report(con, lang)
        if report is None:
            continue
        text = page(report, names, {"pdf": methods_name(lang, "pdf")}, index_name(lang, langs))
        written.append(put(out_dir / names[lang], text))
        created = queries.release(con).data_date
        written.append(put(out_dir / methods_name(lang, "pdf"), document(report, created)))
    return written
