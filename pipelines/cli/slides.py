"""`titikrawan slides`: a presentation for a coordination meeting, from the published release."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from pipelines.catalog.messages import USAGE, UserError, speak_in
from pipelines.cli.answers import answers, complain, tell


@answers
def slides(root: Path, lang: str, named: tuple[str, ...], voting_day: dt.datetime | None = None) -> int:
    """Write one presentation per area to reports/slides.

    `named`: provinces or the nation, by code, name or short name. All are looked up before the first is written.
    `voting_day`: of the coming election; steps then carry dates.
    """
    say = speak_in(lang)
    if not named:
        complain(say("cli.slides_area"))
        return USAGE
    from pipelines.reporting.facts.find import find
    from pipelines.reporting.facts.queries import areas, release
    from pipelines.reporting.files import file_name, put
    from pipelines.reporting.slides import deck, presentation
    from pipelines.warehouse.read import open_readonly
    from pipelines.warehouse.releases import reading

    warehouse, out = root / "data" / "warehouse", root / "reports" / "slides"
    with reading(warehouse) as served, open_readonly(served.database) as con:
        known = areas(con)
        asked = list({find(known, text).code: None for text in named})
        changed = _changed(warehouse, served.name)
        decks = [
            (code, deck(con, code, lang, changed, voting_day.date() if voting_day else None))
            for code in asked
        ]
        created = release(con).data_date
        out.mkdir(parents=True, exist_ok=True)
        for code, one in decks:
            written = put(out / file_name(known[code], lang, "pptx"), presentation(one, created))
            tell(say("cli.written", path=written.relative_to(root)))
    return 0


def _changed(warehouse: Path, name: str):  # type: ignore[no-untyped-def]
    """The comparison with the release before; None where there is none."""
    from pipelines.jobs.differences import between
    from pipelines.reporting.slides import Changed

    try:
        found = between(warehouse, None, name)
    except UserError:
        return None
    return Changed(found["before"], found["notes"], found["tables"])
