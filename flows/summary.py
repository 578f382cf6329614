"""The summary page of a run in Prefect: one table of steps, in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.pages import address_of
from pipelines.catalog.messages import speak_in
from pipelines.catalog.vocabulary import LANGS, LANGUAGES

SHOWN = 40  # maximum number of linked pages
# Facts with their own column; all other facts of a step go into "other".
COLUMNS = ("rows_read", "rows_kept", "rows_quarantined", "checks")


@dataclass
class StepRecord:
    """Record of one step, filled in while it runs (hence not frozen)."""

    name: str
    title: str
    seconds: float = 0.0
    attempts: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""


def markdown(
    release: str,
    areas: Sequence[str],
    records: Sequence[StepRecord],
    lang: str = LANGS[0],
    more: Sequence[str] = (),
    is_held: bool = False,
) -> str:
    """Return the summary page of one run.

    Args:
        release: version being built.
        areas: area codes reported on.
        records: the steps that started, in order.
        lang: one of `vocabulary.LANGUAGES`; anything else falls back to the first.
        more: Markdown lines below the table.
        is_held: the release was put on hold, so the step that did so has not failed.
    Returns:
        Markdown with one table row per step that started.
    """
    say = speak_in(lang if lang in LANGUAGES else LANGS[0])
    lines = [
        f"# {say('flows.summary_title')}",
        "",
        f"{say('flows.summary_release')}: `{release}`  ",
        f"{say('flows.summary_areas')}: {', '.join(areas) or '-'}",
        "",
        f"| {say('flows.summary_header')} |",
        "|---|--:|--:|--:|--:|--:|---|",
        *(_row(record) for record in records),
        f"| **{say('flows.summary_total')}** | {sum(record.seconds for record in records):.2f} | | | | | |",
    ]
    ended = say("flows.summary_held" if is_held else "flows.summary_failed")
    for record in records:
        if record.error:
            lines += [
                "",
                f"**{ended} {_cell(record.title)}.** {say('flows.summary_kept')}",
                "",
                "```",
            ]
            lines += [record.error.replace("```", "'''"), "```"]
    return "\n".join([*lines, *more, ""]) + "\n"


def links(root: Path, lang: str) -> list[str]:
    """Return links to pages and warehouse, as Markdown: the entry page, the nation and the provinces in one
    language.

    Pages are links if the server that shows the summary serves them; otherwise pages, and always the warehouse,
    are paths.
    """
    from pipelines.reporting.site.pages import load

    say, reports = speak_in(lang), root / "reports" / "latest"
    pages = load(reports).pages
    langs = {one for _, one in pages}
    shown = lang if lang in langs else min(langs, default="")
    found = {
        area: name
        for (area, one), page in sorted(pages.items(), key=lambda item: (len(item[0][0]), item[0]))
        if one == shown
        for name in sorted(page.files)
        if name.endswith(".html") and name.count(".") == 2  # the page, not its checklist
    }
    names = ["index.html", *list(found.values())[:SHOWN]]
    lines = []
    for path in (*(reports / name for name in names), root / "data" / "warehouse" / "titikrawan.duckdb"):
        if path.exists():
            address = address_of(path.name) if path.parent == reports else None
            lines.append(f"- [{path.name}]({address})" if address else f"- `{path.absolute()}`")
    return ["", f"## {say('flows.summary_links')}", "", *lines] if lines else []


def facts_line(facts: Mapping[str, Any]) -> str:
    """Return the facts of a step in one line."""
    return "; ".join(f"{key} = {value}" for key, value in facts.items())


def _row(record: StepRecord) -> str:
    known = (record.facts.get(name) for name in COLUMNS)
    other = [facts_line({key: record.facts[key]}) for key in record.facts if key not in COLUMNS]
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
