"""What a finished run found that somebody should look at: rows in quarantine, failed checks, other priority places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.summary import StepRecord
from pipelines.catalog.messages import Message, speak_in
from pipelines.catalog.printable import printable

WARNED = "CompletedWithWarnings"
SHOWN = 20
Places = Mapping[tuple[str, str], str]  # (parent, area) -> name


@dataclass(frozen=True)
class Outcome:
    """Findings of a run; `is_good` where nobody needs to look.

    Attributes:
        rows_quarantined, checks_failed: numbers. quarantined: one line per row, with file and line, at most `SHOWN`.
        places_new, places_gone: names of places to look at first that the release before had not, or had.
    """

    rows_quarantined: int = 0
    checks_failed: int = 0
    quarantined: list[str] = field(default_factory=list)
    places_new: list[str] = field(default_factory=list)
    places_gone: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.rows_quarantined and not self.checks_failed

    def facts(self) -> dict[str, Any]:
        """As the notice carries them."""
        return {
            "rows_quarantined": self.rows_quarantined,
            "checks_failed": self.checks_failed,
            "quarantined": self.quarantined,
            "places_new": self.places_new,
            "places_gone": self.places_gone,
        }

    def lines(self, lang: str) -> list[str]:
        """As Markdown, for the summary page; empty where there is nothing to look at."""
        say = speak_in(lang)
        groups = (
            ("flows.summary_quarantined", self.quarantined),
            ("flows.summary_places_new", self.places_new),
            ("flows.summary_places_gone", self.places_gone),
        )
        found = []
        for key, entries in groups:
            if entries:
                found += ["", f"## {say(key)}", "", *(f"- `{one.replace('`', chr(39))}`" for one in entries)]
        return found

    def message(self, release: str) -> Message:
        """One sentence for the state of the run."""
        key = "flows.run_good" if self.is_good else "flows.run_warned"
        return Message(key, release=release, quarantined=self.rows_quarantined, failed=self.checks_failed)


def outcome(root: Path, records: Sequence[StepRecord], before: Places, after: Places, lang: str) -> Outcome:
    """Findings from what the steps said and what they left in `last_attempt`."""
    facts = {record.name: record.facts for record in records}
    quarantined = max((int(one.get("rows_quarantined") or 0) for one in facts.values()), default=0)
    failed = int(facts.get("check", {}).get("failed") or 0)
    changed = bool(before) and bool(after)
    return Outcome(
        quarantined,
        failed,
        quarantined_lines(root, lang) if quarantined else [],
        _names(after, before) if changed else [],
        _names(before, after) if changed else [],
    )


def _names(of: Places, without: Places) -> list[str]:
    return [f"{name} ({key[1]})" for key, name in of.items() if key not in without][:SHOWN]


def quarantined_lines(root: Path, lang: str) -> list[str]:
    """File, line and reason of rows that the last attempt put into quarantine, the first `SHOWN`."""
    path = root / "data" / "warehouse" / "last_attempt" / "quarantine.parquet"
    if not path.exists():
        return []
    import duckdb

    with duckdb.connect() as con:
        rows = con.execute(
            "select source_file, source_row, columns(c -> c in ('message_' || $lang)) from read_parquet($path) "
            "where disposition = 'quarantined' order by source_file, source_row limit $shown",
            {"path": str(path), "lang": lang, "shown": SHOWN},
        ).fetchall()
    return [printable(" ".join(str(one[-1]).split())) for one in rows]


def places(root: Path) -> Places:
    """The places to look at first in the published release; empty where there is none, or it has no such table."""
    from pipelines.warehouse.read import open_readonly

    try:
        with open_readonly(root / "data" / "warehouse" / "titikrawan.duckdb") as con:
            rows = con.execute(
                "select parent_code, area_code, area_name from mart.first_places order by parent_code, rank"
            ).fetchall()
    except Exception:  # the comparison is an extra: without it the run is as good as before
        return {}
    return {(str(parent), str(area)): printable(name) for parent, area, name in rows}
