"""Crawl one regency village by village; an interruption loses at most the village in progress."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any, TypeVar

from ..catalog.messages import Message
from ..storage import LockedError, SharedStorage
from .content import check_list, check_result, children
from .errors import BusyError, ServerTroubleError
from .fetch import Answer, Fetcher
from .journal import Journal
from .lists import AreaList, area_list
from .manifest import write_tables
from .plan import Part
from .records import AREAS, RESULT, Record, latest, pack, read_records
from .settings import Settings
from .summary import Summary
from .tree import list_path, result_path, village_file
from .versions import absorb

# Called with ("villages", number of newly discovered villages) and ("village", 1) when one is finished,
# each time with the summary so far.
OnEvent = Callable[[str, int, Summary], None]
T = TypeVar("T")


def crawl_part(part: Part, settings: Settings, place: str | Path, on_event: OnEvent | None = None) -> Summary:
    """Download a part into `place`, resuming an interrupted round.

    Args:
        part: from `plan_parts`.
        settings: how to download.
        place: output folder or fsspec URL.
        on_event: progress callback.
    Returns:
        Summary; it names the URLs that failed after all attempts, which the next call requests again.
    Raises:
        ServerTroubleError: too many consecutive failures, or the server asked for a very long pause.
        BusyError: another process is working on the same regency in the same folder.
    """
    store = SharedStorage(place)
    try:
        with store.locked(part.regency):
            return asyncio.run(_crawl(part, settings, store, on_event or (lambda *_: None)))
    except LockedError:
        raise BusyError(Message("acquire.busy", name=part.regency)) from None


async def _crawl(part: Part, settings: Settings, store: SharedStorage, on_event: OnEvent) -> Summary:
    summary, journal = Summary(areas=1), Journal(store, part.key)
    try:
        async with Fetcher(settings) as fetch:
            last: list[str] = []
            districts = await area_list(fetch, store, settings, part.regency)
            for district in filter(part.wants, _note(districts, summary)):
                listed = await area_list(fetch, store, settings, district)
                villages = [v for v in _note(listed, summary) if part.wants(v)]
                on_event("villages", len(villages), summary)
                last += filter(journal.turn, villages)
                for village in villages:
                    if village not in last:
                        await _visit(fetch, store, settings, village, journal, summary)
                        on_event("village", 1, summary)
            for village in sorted(last, key=journal.turn):
                await _visit(fetch, store, settings, village, journal, summary)
                on_event("village", 1, summary)
    finally:
        for contest in settings.contests:
            summary.changes += write_tables(store, settings.tree, contest, part.regency)
    if summary.is_complete:
        journal.close()
    return summary


def _note(listed: AreaList, summary: Summary) -> list[str]:
    summary.lists[listed.outcome] += 1
    summary.odd = [*summary.odd, *(f"{listed.path}: {code}" for code in listed.odd)][:20]
    if listed.codes is None:
        summary.fail(listed.path, listed.reason)
    return listed.codes or []


async def _visit(
    fetch: Fetcher, store: SharedStorage, settings: Settings, village: str, journal: Journal, summary: Summary
) -> None:
    """Crawl one village in every contest that this round has not finished yet."""
    contests = tuple(c for c in settings.contests if not journal.is_done(f"{c}/{village}"))
    if not contests:
        summary.skipped += 1
        return
    try:
        found = await crawl_village(fetch, store, settings, village, contests)
    except ServerTroubleError:
        journal.trouble(village)
        raise
    summary.add(found)
    if found.is_complete:
        journal.done((f"{c}/{village}" for c in contests), dict(found.results))
    else:
        journal.trouble(village)


async def crawl_village(
    fetch: Fetcher, store: SharedStorage, settings: Settings, village: str, contests: tuple[str, ...]
) -> Summary:
    """Fetch the stations of a village and their results; write each contest's file once, when it is complete."""
    summary = Summary(villages=1)
    kept = {c: read_records(store, village_file(c, village)) for c in contests}
    path = list_path(settings.tree, village)
    known = next((r for k in kept.values() if (r := latest(k).get((AREAS, village)))), None)
    answer = await fetch.get(path, check_list, known)
    stations = _note(_stations(known, answer, village, path), summary)
    if answer.outcome == "failed":
        return summary
    for contest in contests:
        records = kept[contest]
        newest = latest(records)
        paths = [result_path(settings.tree, contest, s) for s in stations]
        answers = await _all(
            fetch.get(p, check_result, newest.get((RESULT, s))) for s, p in zip(stations, paths, strict=True)
        )
        added = [_list_record(newest.get((AREAS, village)), answer, known, village, path)]
        for station, p, result in zip(stations, paths, answers, strict=True):
            before = newest.get((RESULT, station))
            outcome, record = absorb(before, result, RESULT, contest, station, p)
            summary.results[outcome] += 1
            added.append(record)
            if outcome == "failed":
                summary.fail(p, result.reason)
        if new := [record for record in added if record is not None]:
            store.write(village_file(contest, village), pack([*records, *new]))
    return summary


def _stations(known: Record | None, answer: Answer, village: str, path: str) -> AreaList:
    if answer.outcome == "failed":
        return AreaList(path, "failed", None, [], answer.reason)
    value = answer.value if answer.outcome == "new" else None
    if answer.outcome == "unchanged" and known is not None:
        value = known.value()
    codes, odd = children(value or [], village)
    return AreaList(path, absorb(known, answer, AREAS, "", village, path)[0], codes, odd)


def _list_record(
    before: Record | None, answer: Answer, known: Record | None, village: str, path: str
) -> Record | None:
    """Return the version of the village's list to append to one contest's file."""
    if answer.outcome == "unchanged":
        return known if before is None else None  # another contest's file already holds it
    return absorb(before, answer, AREAS, "", village, path)[1]


async def _all(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Return all results in order; if one fails, cancel the others and re-raise its error."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
