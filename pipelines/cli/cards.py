"""`titikrawan cards`: case cards for rehearsals, from the published release."""

from __future__ import annotations

from pathlib import Path

from pipelines.catalog.messages import USAGE, speak_in
from pipelines.cli.answers import answers, complain, tell


@answers
def cards(root: Path, lang: str, named: tuple[str, ...]) -> int:
    """Write the cards of each area to reports/cards.

    `named`: areas by code, name or short name. All are looked up before the first is written.
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
