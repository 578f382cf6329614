"""Values that the title above a table gives for missing columns: kind, election, the office's area."""

from __future__ import annotations

from ..catalog.messages import Given, Message
from ..catalog.vocabulary import AREA_LEVELS, LANGUAGES
from ..catalog.workbooks import Kind, workbooks
from .cells import Sheet, shown
from .columns import Header
from .findings import Passed
from .register import Register, mentioned
from .text import normal


def title_says(
    kind: Kind, sheet: Sheet, header: Header, register: Register, stem: str, passed: list[Passed]
) -> dict[str, str]:
    """Return column -> code for columns that the sheet lacks and its title
    states; each is reported in `passed`."""
    above = [shown(cell) for row in sheet.rows[: header.line] for cell in row]
    title = " . ".join(text for text in (stem, sheet.name, *above) if text)
    found = {}
    for field_ in kind.asked:
        if field_.name not in workbooks().from_title or field_.name in header.positions:
            continue
        meant = mentioned(register.choices(kind.table, field_), title)
        if len(meant) == 1:
            found[field_.name] = meant[0].code
            words = Given({lang: meant[0].label(lang) for lang in LANGUAGES})
            titles = Given(field_.title)
            said = Message("workbooks.from_title", column=titles, choice=words)
            passed.append(Passed(sheet.name, header.line + 1, meant[0].label("id"), said))
    return found


def office_in_title(sheet: Sheet, header: Header, register: Register, passed: list[Passed]) -> str:
    """Return the code of the area whose KPU the title names if no column has regencies or codes; else ''."""
    if {"regency", "area_code"} & header.positions.keys():
        return ""
    for cell in (cell for row in sheet.rows[: header.line] for cell in row):
        _, found, rest = f" {normal(shown(cell))} ".partition(" kpu ")
        words = rest.split()
        for n in range(len(words) if found else 0, 0, -1):
            for level in AREA_LEVELS[1::-1]:
                _, areas = register.places.named(level, " ".join(words[:n]))
                if len(areas) == 1:
                    name = register.places.full_name(areas[0].code)
                    said = Message("workbooks.office_in_title", area=name)
                    passed.append(Passed(sheet.name, header.line + 1, name, said))
                    return areas[0].code
    return ""
