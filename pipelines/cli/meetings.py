"""`titikrawan slides` and `titikrawan cards`: material for meetings and rehearsals, from the published release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines.catalog.messages import USAGE, UserError, speak_in
from pipelines.cli.answers import answers, complain, tell


@answers
def slides(root: Path, lang: str, named: tuple[str, ...], voting_day: Any = None) -> int:
    """Write one presentation per area to reports/slides.

    `named`: provinces or the nation, by code, name or short name; all are resolved before the first file is
    written. `voting_day`: of the coming election, as a datetime; the steps then carry dates.
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


def _changed(warehouse: Path, name: str) -> Any:
    """Return the comparison with the previous release; None where there is none."""
    from pipelines.jobs.differences import between
    from pipelines.reporting.slides import Changed

    try:
        found = between(warehouse, None, name)
    except UserError:
        return None
    return Changed(found["before"], found["notes"], found["tables"])


@answers
def cards(root: Path, lang: str, named: tuple[str, ...]) -> int:
    """Write the cards of each area to reports/cards.

    `named`: areas by code, name or short name; all are resolved before the first file is written.
    """
    say = speak_in(lang)
    if not named:
        complain(say("cli.cards_area"))
        return USAGE
    from pipelines.reporting.cards import document, hand
    from pipelines.reporting.facts.find import find
    from pipelines.reporting.facts.queries import areas, release
    from pipelines.reporting.files import file_name, put
    from pipelines.warehouse.read import open_readonly
    from pipelines.warehouse.releases import reading

    out = root / "reports" / "cards"
    with reading(root / "data" / "warehouse") as served, open_readonly(served.database) as con:
        known = areas(con)
        asked = list({find(known, text).code: None for text in named})
        created = release(con).data_date
        out.mkdir(parents=True, exist_ok=True)
        for code in asked:
            made = hand(con, code, lang)
            if not made.cards:
                complain(say("cli.no_cards", area=known[code].name))
                continue
            written = put(out / file_name(known[code], lang, "cards.pdf"), document(made, created))
            tell(say("cli.cards_written", path=written.relative_to(root), n=len(made.cards)))
    return 0
