"""Lists of the areas above villages, versioned like results."""

from __future__ import annotations

from dataclasses import dataclass

from ..storage import SharedStorage
from .content import check_list, children
from .fetch import Fetcher
from .records import AREAS, latest, pack, read_records
from .settings import Settings
from .tree import list_file, list_path
from .versions import absorb


@dataclass(frozen=True)
class AreaList:
    """`codes` of the areas below, None when the list could not be fetched; `odd`: entries not followed."""

    path: str
    outcome: str
    codes: list[str] | None
    odd: list[str]
    reason: str = ""


async def area_list(fetch: Fetcher, store: SharedStorage, settings: Settings, code: str) -> AreaList:
    """Fetch the list of areas below `code` (`00`: provinces) and store a new version of it.

    A missing list (404) counts as empty.
    """
    path, name = list_path(settings.tree, code), list_file(code)
    records = read_records(store, name)
    known = latest(records).get((AREAS, code))
    answer = await fetch.get(path, check_list, known)
    outcome, record = absorb(known, answer, AREAS, "", code, path)
    if record is not None:
        store.write(name, pack([*records, record]))
        known = record
    if outcome == "failed":
        return AreaList(path, outcome, None, [], answer.reason)
    value = known.value() if known is not None else None
    codes, odd = children(value or [], code)
    return AreaList(path, outcome, codes, odd)
