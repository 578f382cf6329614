"""`titikrawan report`: build the pages of some or all areas from the published release into the served folder."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.catalog.messages import DATA_REFUSED, ENVIRONMENT, USAGE, Joined, speak_in
from pipelines.catalog.vocabulary import LANGUAGES, REPORT_LEVELS
from pipelines.cli.answers import answers, complain, tell

if TYPE_CHECKING:
    from pipelines.jobs.beside import Pool

FEW = 2  # areas that one process builds while this one composes the entry pages


@answers
def report(root: Path, lang: str, named: tuple[str, ...], everything: bool, langs: tuple[str, ...]) -> int:
    """Build pages, or keep those that are up to date; exit code 1 if a page could not be built.

    `named`: areas by code, name or short name; `langs`: requested languages; empty = those of the published
    release.
    """
    say = speak_in(lang)
    if bool(named) == everything:
        complain(say("cli.area_or_all"))
        return USAGE
    from pipelines.jobs.garbage import collected_seldom
    from pipelines.jobs.steps.page_workers import ahead

    with collected_seldom(), ahead() if 0 < len(named) <= FEW else nullcontext() as helper:
        return _write(root, lang, named, langs, helper)


def _write(root: Path, lang: str, named: tuple[str, ...], langs: tuple[str, ...], helper: Pool | None) -> int:
    say = speak_in(lang)
    from pipelines.jobs.steps import more_pages
    from pipelines.reporting.facts.find import find
    from pipelines.reporting.facts.queries import areas
    from pipelines.reporting.site import pages
    from pipelines.reporting.site.site import around, formats_of
    from pipelines.warehouse.publish import locked
    from pipelines.warehouse.read import open_readonly
    from pipelines.warehouse.releases import Release, reading

    warehouse, reports = root / "data" / "warehouse", root / "reports"
    warehouse.mkdir(parents=True, exist_ok=True)
    with (
        locked(warehouse),
        reading(warehouse) as release,
        open_readonly(release.database) as con,  # kept open: opening takes longer than a page
    ):
        known = areas(con)
        if named:
            asked = list(dict.fromkeys(find(known, text).code for text in named))
        else:
            asked = [code for code, one in known.items() if one.level in REPORT_LEVELS]
        site_langs = more_pages.languages(release) or tuple(LANGUAGES)
        order_of = tuple(dict.fromkeys((*site_langs, *langs)))
        made: dict[str, set[str]] = {code: set(langs or site_langs) for code in asked}
        formats: dict[str, tuple[str, ...]] = {}
        for (code, one), page in pages.load(release.pages).pages.items():
            if code in known:
                made.setdefault(code, set()).add(one)
                if code not in asked:
                    formats[code] = formats_of(page)
        in_order = {code: tuple(one for one in order_of if one in found) for code, found in made.items()}
        touched = {code for one in asked for code in around(known, one) if code in made}
        wanted = {code: in_order[code] for code in {*asked, *touched}}
        try:
            with _bar(say("cli.writing_pages"), len(wanted)) as bar:
                outcome = more_pages.add(
                    warehouse, reports, release, order_of, in_order, wanted, formats, bar, helper
                )
        except KeyboardInterrupt:
            complain(say("cli.pages_interrupted"))
            return ENVIRONMENT
        folder = Release(release.folder).pages
    tell(say("cli.pages", made=outcome.n_made, kept=outcome.n_kept))
    if named:
        for page in pages.load(folder).pages.values():
            if page.area in asked:
                for name in page.files:
                    tell(say("cli.written", path=(Path("reports") / "latest" / name)))
    else:
        tell(say("cli.see_reports", path="reports/latest/index.html"))
    for failure in outcome.failed:
        complain(
            say("cli.page_failed",
                area=failure.area, name=known[failure.area].name if failure.area in known else "",
                error=Joined(f"{failure.kind}:", failure.text)[lang],
            ),
        )  # fmt: skip
    return DATA_REFUSED if outcome.failed else 0


def _bar(title: str, total: int) -> AbstractContextManager[Callable[[str], None]]:
    """Return a progress bar; without a terminal, nothing is imported to draw it."""
    if not sys.stderr.isatty():
        return nullcontext(lambda _: None)
    from pipelines.cli.progress import Bar

    return Bar(title, total)
