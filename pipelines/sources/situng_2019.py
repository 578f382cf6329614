"""Presidential result of 2019 per polling station (TPS): Situng, one table with its own area names and codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from ..catalog.forms import NAMES, FormText
from ..catalog.messages import Message
from ..catalog.sql import literal
from .about import About, look_at_table
from .csv_text import TextTable
from .errors import refuse
from .inputs import input_paths
from .plain_csv import unpack_csv

PATTERN = "situng*.csv*"
_COLUMNS = ("kel_id", "prov", "kab", "kec", "kel", "no_tps", "pas1", "pas2", "sah", "tSah", "jum")
ABOUT = About(
    title=Message("sources.about_situng_2019"),
    needs=Message("sources.needs_situng_2019", columns=", ".join(_COLUMNS), pattern=PATTERN),
    accepts=(PATTERN,),
    look=lambda path, file: look_at_table(
        path, file, _COLUMNS, lambda row: re.fullmatch(r"-?[0-9]+", row["kel_id"]) is not None
    ),
    header=_COLUMNS,
)
# Our station numbers have three digits; this source drops leading zeros.
_NUMBER = "case when regexp_full_match(no_tps, '[0-9]{1,2}') then lpad(no_tps, 3, '0') else no_tps end"


def read(folder: Path) -> Iterator[TextTable]:
    """Yield nothing: this source holds forms only."""
    return iter(())


def read_forms(folder: Path, out: Path) -> Iterator[tuple[FormText, pd.DataFrame]]:
    """Yield the forms of the whole country, in one file.

    Raises:
        SourceError: the file is missing or unreadable.
    """
    paths = input_paths(folder, ABOUT.accepts)
    if not paths:
        raise refuse(folder.name, Message("sources.no_situng_file", pattern=PATTERN))
    for number, path in enumerate(paths):
        file = f"{folder.name}/{path.name}"
        plain = unpack_csv(path, out / f"{number:05d}.csv", _COLUMNS, "core.result", file)
        columns = {
            "election_id": "'pemilu-2019'",
            "contest": "'ppwp'",
            "tps_id": "kel_id || '/' || no_tps",
            "tps": _NUMBER,
            "province": "prov",
            "regency": "kab",
            "district": "kec",
            "village": "kel",
            "votes_valid": "sah",
            "votes_invalid": "tSah",
            "votes_total": "jum",
        }
        yield (
            FormText(
                source=folder.name,
                relation=plain.relation,
                columns=columns,
                files=(str(plain.path),),
                pairs={"01": "pas1", "02": "pas2"},
                source_file=literal(file),
                n_read={file: plain.n_read},
                n_lost={file: plain.n_lost},
                unreadable=plain.unreadable,
                areas=NAMES,
            ),
            plain.problems,
        )
