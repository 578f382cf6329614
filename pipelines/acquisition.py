"""A download as a whole: plan, go through the parts, keep the sidecar true. Plainly here, mapped in flows/acquire.py."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pipelines.acquire import Part, Settings, Summary, crawl_part, plan_parts
from pipelines.acquire.crawl import OnEvent
from pipelines.acquire.manifest import write_list_table
from pipelines.acquire.store import Folder, open_store
from pipelines.sources import seal
from pipelines.sources.sidecar import NAME

FOLDER = "sirekap_json"


def default_place(root: Path) -> Path:
    """Where downloads go: the folder of the source that reads them."""
    return root / "data" / "raw" / FOLDER


def prepare(settings: Settings, place: str | Path) -> None:
    """Write the sidecar's head before anything else, so that a run beside the download finds whole inputs."""
    store = open_store(place)
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
    """Bring the tables of lists and the sidecar up to date; only one process may do this at a time."""
    store = open_store(place)
    write_list_table(store, settings.tree)
    if isinstance(store, Folder):
        seal(store.root)


def acquire_plainly(
    settings: Settings, areas: Sequence[str], place: str | Path, on_event: OnEvent | None = None
) -> Summary:
    """Download areas one regency after the other, in this process.

    Args:
        settings: how to download.
        areas: codes of 2, 4, 6 or 10 digits; `00` is the nation.
        place: output folder, or address of fsspec.
        on_event: for progress on screen.
    Raises:
        AcquireUsageError, ServerTroubleError, BusyError: see `pipelines.acquire.errors`.
    """
    prepare(settings, place)
    total = Summary()
    parts: list[Part] = plan_parts(areas, settings, place)
    if on_event:
        on_event("parts", len(parts), total)
    for part in parts:
        try:
            total.add(crawl_part(part, settings, place, on_event))
        finally:
            close_part(settings, place)
        if on_event:
            on_event("part", 1, total)
    return total
