"""Findings of a run that need attention: rows in quarantine, failed checks, changes, new priority places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.summary import StepRecord
from pipelines.catalog.messages import Message, speak_in
from pipelines.catalog.printable import printable
from pipelines.catalog.vocabulary import LANGUAGES

WARNED = "CompletedWithWarnings"
SHOWN = 20
Counts = Mapping[str, tuple[int, ...]]
Places = Mapping[tuple[str, str], str]  # (parent, area) -> name


@dataclass(frozen=True)
class Outcome:
    """Findings of a run; `is_good` if nothing needs attention.

    Attributes:
        rows_quarantined, checks_failed: numbers. quarantined: one line per row, with file and line, at most
            `SHOWN`.
        checks: one line per check that failed or warned, at most `SHOWN`.
        changes: sentences on changes since the previous release.
        counts: rows added, removed and changed since then, by election.
        places_new, places_gone: names of places to look at first that were added or removed since the previous
            release.
        held: the release awaiting acceptance.
    """

    rows_quarantined: int = 0
    checks_failed: int = 0
    quarantined: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    counts: Counts = field(default_factory=dict)
    places_new: list[str] = field(default_factory=list)
    places_gone: list[str] = field(default_factory=list)
    held: str = ""

    @property
    def is_good(self) -> bool:
        return not self.rows_quarantined and not self.checks_failed

    def facts(self) -> dict[str, Any]:
        """Return the findings in the form used by the notice."""
        return {
            "rows_quarantined": self.rows_quarantined,
            "checks_failed": self.checks_failed,
            "quarantined": self.quarantined,
            "changes": self.changes,
            "places_new": self.places_new,
            "places_gone": self.places_gone,
            **({"held": self.held} if self.held else {}),
        }

    def lines(self, lang: str) -> list[str]:
        """Return Markdown lines for the summary page; empty if nothing needs attention."""
        say = speak_in(lang)
        groups = (
            ("flows.summary_changes", self.changes),
            ("flows.summary_quarantined", self.quarantined),
            ("flows.summary_checks", self.checks),
            ("flows.summary_places_new", self.places_new),
            ("flows.summary_places_gone", self.places_gone),
        )
        found = []
        for key, entries in groups:
            if entries:
                found += ["", f"## {say(key)}", "", *(f"- `{one.replace('`', chr(39))}`" for one in entries)]
            if key == "flows.summary_changes" and self.counts:
                found += ["", f"| {say('flows.summary_counts')} |", "|---|--:|--:|--:|"]
                found += [
                    f"| {name} | {' | '.join(map(str, self.counts[name]))} |" for name in sorted(self.counts)
                ]
        return found

    def message(self, release: str) -> Message:
        """Return one sentence for the state of the run."""
        key = "flows.run_good" if self.is_good else "flows.run_warned"
        return Message(key, release=release, quarantined=self.rows_quarantined, failed=self.checks_failed)


def outcome(
    run: Any,
    records: Sequence[StepRecord],
    before: Places,
    since: float,
    lang: str,
    election: str = "",
    held: str = "",
) -> Outcome:
    """Return the findings of a run, however it ended.

    Args:
        run: the run. records: what its steps reported.
        before: places to look at first before the run.
        since: when it began (seconds of `time.time`); older files in `last_attempt` are ignored.
        lang: language of the lines.
        election: report only changes of this election; empty: of all.
        held: the release that the run put on hold.
    """
    root: Path = run.root
    facts = {record.name: record.facts for record in records}
    n_rows, rows = _quarantined(root, since, lang)
    quarantined = max((int(one.get("rows_quarantined") or 0) for one in facts.values()), default=0)
    changes, counts = _changes(root, held or run.id, lang, election)
    after = {} if held else places(root)
    changed = bool(before) and bool(after)
    return Outcome(
        max(quarantined, n_rows),
        int(facts.get("check", {}).get("failed") or 0),
        rows,
        _checks(root, since, lang),
        changes,
        counts,
        _names(after, before) if changed else [],
        _names(before, after) if changed else [],
        held,
    )


def _attempt(root: Path, name: str, since: float) -> Path | None:
    path = root / "data" / "warehouse" / "last_attempt" / f"{name}.parquet"
    try:
        # File timestamps are less precise than the clock.
        return path if path.stat().st_mtime >= since - 2 else None
    except OSError:
        return None


def _quarantined(root: Path, since: float, lang: str) -> tuple[int, list[str]]:
    """Return the number of rows in quarantine; file, line and reason of the first `SHOWN`."""
    path = _attempt(root, "quarantine", since)
    if path is None:
        return 0, []
    rows = _fetch(
        "select source_file, source_row, columns(c -> c = ('message_' || $lang)) from read_parquet($path) "
        "where disposition = 'quarantined' order by source_file, source_row",
        path,
        lang,
    )
    return len({row[:2] for row in rows}), [_line(row[-1]) for row in rows[:SHOWN]]


def _checks(root: Path, since: float, lang: str) -> list[str]:
    path = _attempt(root, "checks", since)
    if path is None:
        return []
    rows = _fetch(
        "select table_name, rule, columns(c -> c = ('message_' || $lang)) from read_parquet($path) "
        "where status <> 'pass' order by status, table_name, rule",
        path,
        lang,
    )
    return [_line(f"{row[0]}: {row[1]}: {row[-1]}") for row in rows[:SHOWN]]


def _fetch(sql: str, path: Path, lang: str) -> list[Any]:
    import duckdb

    with duckdb.connect() as con:
        return con.execute(sql, {"path": str(path), "lang": LANGUAGES[lang].columns}).fetchall()


def _line(text: object) -> str:
    return printable(" ".join(str(text).split()))


def _changes(root: Path, release: str, lang: str, election: str) -> tuple[list[str], Counts]:
    """Return the changes that the release lists since the previous one."""
    from pipelines.jobs.steps.compare import read
    from pipelines.warehouse import releases

    warehouse = root / "data" / "warehouse"
    found = next(
        (one for one in (releases.held(warehouse), releases.served(warehouse)) if one and one.id == release),
        None,
    )
    if found is None:
        return [], {}
    diff, counts = read(found.folder), dict[str, tuple[int, ...]]()
    for table in diff["tables"]:
        for group in table["groups"]:
            name = group["election_id"] or "-"
            if election and name != election:
                continue
            old = counts.get(name, (0, 0, 0))
            new = (group["n_added"], group["n_removed"], group["n_changed"])
            counts[name] = tuple(map(sum, zip(old, new, strict=True)))
    notes = [note for note in diff["notes"] if not election or note["election_id"] == election]
    return [_line(note[LANGUAGES[lang].columns]) for note in notes], counts


def _names(of: Places, without: Places) -> list[str]:
    return [f"{name} ({key[1]})" for key, name in of.items() if key not in without][:SHOWN]


def places(root: Path) -> Places:
    """Return the places to look at first in the published release; empty if there is none, or no such table."""
    from pipelines.warehouse.read import open_readonly

    try:
        with open_readonly(root / "data" / "warehouse" / "titikrawan.duckdb") as con:
            rows = con.execute(
                "select parent_code, area_code, area_name from mart.first_places order by parent_code, rank"
            ).fetchall()
    except Exception:  # the comparison is optional: the run succeeds without it
        return {}
    return {(str(parent), str(area)): printable(name) for parent, area, name in rows}
