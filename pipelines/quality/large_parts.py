"""The same form in two texts, such as two sources: the one published last is used, the other is quarantined."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd

from ..catalog.forms import FORMS, VOTES
from ..catalog.records import QUARANTINED, problem_frame
from . import messages

_KEY = "election_id, contest, tps_id"


def drop_superseded(
    con: duckdb.DuckDBPyConnection, parts: Sequence[tuple[str, str, str, Path]]
) -> tuple[pd.DataFrame, Counter[str]]:
    """Take forms out of partitions that another part of the same partition holds in a newer state.

    Args:
        con: a connection of its own. parts: (folder, election, province, file) of every partition file.

    Returns:
        Problems (columns of `meta.quarantine`), and how many forms each raw file lost.
    """
    shared: dict[Path, list[Path]] = defaultdict(list)
    for folder, _, _, path in parts:
        if folder == FORMS:
            shared[path.parent].append(path)
    problems: list[dict[str, object]] = []
    lost: Counter[str] = Counter()
    for partition, paths in sorted(shared.items()):
        if len(paths) > 1:
            for loser in _losers(con, sorted(paths)):
                problems.append(_problem(*loser))
                lost[loser[1]] += 1
            _rewrite(con, partition, sorted(paths))
    return problem_frame(problems), lost


def _losers(con: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> list[tuple[str, str, int, str, int]]:
    """(station, file, line, file used, line used) of forms that are not used; table `loser` holds them."""
    listed = ", ".join(f"'{p}'" for p in paths)
    con.execute(f"""
        create or replace table loser as
        select
            {_KEY}, filename as part, source_file, source_row,
            first_value(source_file) over best as used_file, first_value(source_row) over best as used_row
        from read_parquet([{listed}], filename = true, hive_partitioning = false)
        window best as (
            partition by {_KEY} order by published_at desc nulls last, source_file, source_row
            rows between unbounded preceding and current row
        )
        qualify row_number() over best > 1
    """)  # noqa: S608 (paths and names of ours)
    return con.execute(
        "select tps_id, source_file, source_row, used_file, used_row from loser order by source_file, source_row"
    ).fetchall()


def _rewrite(con: duckdb.DuckDBPyConnection, folder: Path, paths: Sequence[Path]) -> None:
    for path in paths:
        count = con.execute("select count(*) from loser where part = ?", [str(path)]).fetchall()[0][0]
        if not count:
            continue
        votes = folder.parent.parent.parent / VOTES / folder.parent.name / folder.name / path.name
        for file, order in ((path, _KEY), (votes, f"{_KEY}, kind, option_id")):
            aside = file.with_suffix(".new")
            con.execute(f"""
                copy (
                    select * from read_parquet('{file}', hive_partitioning = false) f
                    where not exists (
                        select 1 from loser l where l.part = '{path}' and l.election_id = f.election_id
                            and l.contest = f.contest and l.tps_id = f.tps_id
                    )
                    order by {order}
                ) to '{aside}' (format parquet, compression snappy)
            """)  # noqa: S608 (paths and names of ours)
            aside.replace(file)


def _problem(tps_id: str, file: str, line: int, used_file: str, used_line: int) -> dict[str, object]:
    words = {
        "en": f"the same form stands in {used_file}, line {used_line}, in a newer state; that one is used.",
        "id": f"formulir yang sama ada pada {used_file}, baris {used_line}, dalam keadaan lebih baru; itu yang dipakai.",
    }
    said = messages.place(words, file, line, "tps_id", tps_id)
    return {
        "table_name": "core.result",
        "source_file": file,
        "source_row": line,
        "rule": "superseded",
        "disposition": QUARANTINED,
        "column_name": "tps_id",
        "value": tps_id,
        "message_id": said["id"],
        "message_en": said["en"],
        "raw_row": "",
    }
