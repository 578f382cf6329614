"""A complete download: plan, process the parts, keep the sidecar up to
date. Sequential; flows/acquire.py maps it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from pipelines.acquire import Part, Settings, Summary, crawl_part, plan_parts
from pipelines.acquire.crawl import OnEvent
from pipelines.acquire.journal import Journal
from pipelines.acquire.manifest import write_list_table
from pipelines.sources import seal
from pipelines.sources.inputs import SIDECAR as NAME
from pipelines.storage import SharedStorage

FOLDER = "sirekap_json"


def default_place(root: Path) -> Path:
    """Return the default folder of downloads: that of the source that reads them."""
    return root / "data" / "raw" / FOLDER


def prepare(settings: Settings, place: str | Path) -> None:
    """Write the head of the sidecar first, so that a run during the download finds consistent inputs."""
    store = SharedStorage(place)
    if store.read(NAME) is None:
        head = {
            "name": FOLDER.replace("_", "-"),
            "title": f"{settings.source}: results per polling station as published by KPU",
            "description": "Downloaded by `titikrawan acquire`; pipelines/sources/ACQUIRED.md describes the files.",
            "licenses": [{"name": "not-stated", "title": "The publisher states no licence"}],
            "sources": [{"title": "Komisi Pemilihan Umum, Sirekap", "path": settings.base}],
            "resources": [],
        }
        store.write(NAME, (json.dumps(head, indent=2, ensure_ascii=False) + "\n").encode())


def close_part(settings: Settings, place: str | Path) -> None:
    """Update the tables of lists and the sidecar; only one process may do this at a time."""
    store = SharedStorage(place)
    write_list_table(store, settings.tree)
    if store.folder:
        seal(store.folder)


class Round:
    """One call over several parts and what is left to do, so that repeating an interrupted command resumes it."""

    def __init__(
        self, settings: Settings, areas: Sequence[str], place: str | Path, parts: Sequence[Part]
    ) -> None:
        words = json.dumps([settings.source, sorted(set(areas)), sorted(settings.contests)])
        self._journal = Journal(
            SharedStorage(place), f"call-{hashlib.sha256(words.encode()).hexdigest()[:12]}"
        )
        self._settings, self._place = settings, place
        left = [part for part in parts if not self._journal.is_done(part.key)]
        self.waiting = sorted(left, key=lambda part: self._journal.turn(part.key))
        self.total = Summary(areas_skipped=len(parts) - len(left))

    def finish(self, part: Part, result: Callable[[], Summary]) -> None:
        """Record the result of a part; re-raises its error."""
        try:
            summary = result()
        except BaseException:
            self._journal.trouble(part.key)
            raise
        finally:
            close_part(self._settings, self._place)
        self.total.add(summary)
        if summary.is_complete:
            self._journal.done([part.key], summary.facts())
        else:
            self._journal.trouble(part.key)

    def close(self) -> Summary:
        """Return the total; if nothing is left to fetch, the next identical call starts over."""
        if self.total.is_complete:
            self._journal.close()
        return self.total


def acquire_plainly(
    settings: Settings, areas: Sequence[str], place: str | Path, on_event: OnEvent | None = None
) -> Summary:
    """Download areas sequentially, regency by regency, in this process.

    Args:
        settings: how to download.
        areas: codes of 2, 4, 6 or 10 digits; `00` is the nation.
        place: output folder or fsspec URL.
        on_event: progress callback.
    Raises:
        AcquireUsageError, ServerTroubleError, BusyError: see `pipelines.acquire.errors`.
    """
    prepare(settings, place)
    tell = on_event or (lambda *_: None)
    call = Round(settings, areas, place, plan_parts(areas, settings, place))
    tell("parts", len(call.waiting), call.total)
    for part in call.waiting:
        call.finish(part, lambda part=part: crawl_part(part, settings, place, on_event))  # type: ignore[misc]
        tell("part", 1, call.total)
    return call.close()
