"""The page a run leaves in Prefect: one table of steps, in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PHRASES: dict[str, dict[str, str]] = {
    "id": {
        "title": "Pembaruan titik-rawan",
        "release": "Rilis",
        "areas": "Daerah laporan",
        "header": "Langkah | Detik | Dibaca | Dipakai | Karantina | Pemeriksaan | Lainnya",
        "failed": "GAGAL pada langkah",
        "kept": "Rilis yang terbit sebelumnya tetap melayani.",
        "total": "Jumlah",
    },
    "en": {
        "title": "titik-rawan refresh",
        "release": "Release",
        "areas": "Areas reported on",
        "header": "Step | Seconds | Read | Kept | Quarantined | Checks | Other",
        "failed": "FAILED at step",
        "kept": "The release published before keeps serving.",
        "total": "Total",
    },
}
# Facts of a step that have a column of their own; everything else a step returns stands under "other".
COLUMNS = ("rows_read", "rows_kept", "rows_quarantined", "checks")


@dataclass
class StepRecord:
    """What one step did: filled in while it runs, hence not frozen."""

    name: str
    title: str
    seconds: float = 0.0
    attempts: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""


def markdown(release: str, areas: Sequence[str], records: Sequence[StepRecord], lang: str = "id") -> str:
    """The summary page of one run.

    Args:
        release: version being built.
        areas: area codes reported on.
        records: the steps that started, in order.
        lang: `id` or `en`; anything else falls back to `id`.
    Returns:
        Markdown with one table row per step that started.
    """
    words = PHRASES.get(lang, PHRASES["id"])
    lines = [
        f"# {words['title']}",
        "",
        f"{words['release']}: `{release}`  ",
        f"{words['areas']}: {', '.join(areas) or '-'}",
        "",
        f"| {words['header']} |",
        "|---|--:|--:|--:|--:|--:|---|",
        *(_row(record) for record in records),
        f"| **{words['total']}** | {sum(record.seconds for record in records):.2f} | | | | | |",
    ]
    for record in records:
        if record.error:
            lines += ["", f"**{words['failed']} {_cell(record.title)}.** {words['kept']}", "", "```"]
            lines += [record.error.replace("```", "'''"), "```"]
    return "\n".join(lines) + "\n"


def _row(record: StepRecord) -> str:
    known = (record.facts.get(name) for name in COLUMNS)
    other = [f"{key} = {value}" for key, value in record.facts.items() if key not in COLUMNS]
    if record.attempts > 1:
        other.append(f"× {record.attempts}")
    cells = [
        record.title,
        f"{record.seconds:.2f}",
        *("" if value is None else str(value) for value in known),
        "; ".join(other),
    ]
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(text: str, limit: int = 200) -> str:
    flat = " ".join(text.split()).replace("|", "\\|")
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
