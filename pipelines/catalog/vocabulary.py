"""The words the project counts in: languages, layers and every code list, each declared once.

A code list stands in `codes.yaml`; `codes("outcome")` gives its codes in the order of that file, so that a code added
there is known everywhere. What only code needs to know (languages, layers, which levels have reports) stands here. A
test refuses any other literal list of two or more members of one of these vocabularies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Language:
    """A language of the output.

    Attributes:
        name: what its readers call it. locale: Babel's, for numbers and dates.
        decimal: mark before decimals. separator: between the cells of a CSV file, as spreadsheets set to it expect.
        columns: the language its readers are shown where tables name things in two columns, `ground_id`, `ground_en`.
    """

    name: str
    locale: str
    decimal: str
    separator: str
    columns: str = "en"


# The first one is the default. Another language is one row here and one folder pipelines/catalog/locale/<code>.
LANGUAGES: dict[str, Language] = {
    "id": Language("Bahasa Indonesia", "id_ID", decimal=",", separator=";", columns="id"),
    "en": Language("English", "en_GB", decimal=".", separator=","),
}
SOURCE_LANGUAGE = "en"
LANGS = tuple(LANGUAGES)
"""Languages of this installation, for defaults; whatever translates asks `LANGUAGES` at the time."""

LAYERS = ("ref", "core", "mart", "meta")
"""Schemas of the warehouse, in the order in which they are filled."""
LAYERS_TO_READ = ("mart", "core", "ref", "meta")
"""The same, what people should use first."""

RUNNERS = ("threads", "processes", "dask")
"""Where mapped tasks run."""


@cache
def codes(code_list: str) -> tuple[str, ...]:
    """Codes of a list in codes.yaml, in its order.

    Raises:
        KeyError: there is no such list.
    """
    from .load import code_lists

    return tuple(code_lists()[code_list])


@cache
def some(code_list: str, wanted: str) -> tuple[str, ...]:
    """Codes of a list that are picked by name, in the order given: `some("level", "province regency")`.

    Raises:
        KeyError: a code is not in the list.
    """
    known = codes(code_list)
    picked = tuple(wanted.split())
    for code in picked:
        if code not in known:
            raise KeyError(f"{code!r} is no code of {code_list!r}; there are: {', '.join(known)}")
    return picked


def without(code_list: str, unwanted: Iterable[str]) -> tuple[str, ...]:
    """Codes of a list but for some of them."""
    gone = frozenset(unwanted)
    return tuple(code for code in codes(code_list) if code not in gone)
