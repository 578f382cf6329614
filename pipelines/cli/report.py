"""`titikrawan report`: pages from the published release, one area or all, into the folder that readers see."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines.cli.commands import DATA_REFUSED, ENVIRONMENT, USAGE, answers
from pipelines.cli.words import WORDS

LEVELS = ("national", "province", "regency")


@answers
def report(root: Path, lang: str, area: str | None, everything: bool, langs: tuple[str, ...]) -> int:
    """Make or keep pages; exit code 1 where a page could not be made.

    `langs`: languages asked for; none = those of the published release.
    """
    say = WORDS[lang]
    if (area is None) == (not everything):
        click.echo(say["area_or_all"], err=True)
        return USAGE
    from pipelines.cli.progress import Bar
    from pipelines.jobs.steps.pages import Order, make
    from pipelines.reporting.facts.queries import area as named
    from pipelines.reporting.facts.queries import areas
    from pipelines.reporting.site import pages
    from pipelines.reporting.site.site import around
    from pipelines.warehouse.publish import current_release, locked
    from pipelines.warehouse.read import open_readonly

    warehouse = root / "data" / "warehouse"
    database, folder = warehouse / "titikrawan.duckdb", (root / "reports" / "latest").resolve()
    with open_readonly(database) as con:
        known = areas(con)
        if area is not None:
            named(con, area)  # says which areas are near where there is no such one
    asked = [area] if area is not None else [code for code, one in known.items() if one.level in LEVELS]
    with locked(warehouse):
        site_langs = tuple((current_release(warehouse) or {}).get("langs") or WORDS)
        order_of = tuple(dict.fromkeys((*site_langs, *langs)))
        made: dict[str, set[str]] = {code: set(langs or site_langs) for code in asked}
        for code, one in pages.load(folder).pages:
            if code in known:
                made.setdefault(code, set()).add(one)
        in_order = {code: tuple(one for one in order_of if one in found) for code, found in made.items()}
        touched = {code for one in asked for code in around(known, one) if code in made}
        wanted = {code: in_order[code] for code in {*asked, *touched}}
        order = Order(database, folder, folder, order_of, in_order)
        try:
            with Bar(say["writing_pages"], len(wanted)) as bar:
                outcome = make(order, wanted, bar)
        except KeyboardInterrupt:
            click.echo(say["pages_interrupted"], err=True)
            return ENVIRONMENT
    click.echo(say["pages"].format(made=outcome.n_made, kept=outcome.n_kept))
    if area is not None:
        for page in pages.load(folder).pages.values():
            if page.area == area:
                for name in page.files:
                    click.echo(say["written"].format(path=(Path("reports") / "latest" / name)))
    else:
        click.echo(say["see_reports"].format(path="reports/latest/index.html"))
    for failure in outcome.failed:
        click.echo(
            say["page_failed"].format(
                area=failure.area, name=known[failure.area].name if failure.area in known else "",
                error=f"{failure.kind}: {failure.text}",
            ),
            err=True,
        )  # fmt: skip
    return DATA_REFUSED if outcome.failed else 0
