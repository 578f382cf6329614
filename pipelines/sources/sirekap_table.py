"""Sirekap as a table: one row per polling station (TPS) of one contest, one gzip CSV file per province."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

from ..catalog.forms import FormText
from ..catalog.messages import Message
from ..catalog.sql import literal
from .errors import refuse
from .inputs import input_paths
from .plain_csv import PlainCsv, unpack_csv

# Our column -> column of the file, where only the name differs.
_SAME = {
    "tps_id": "kode_tps", "tps": "no_tps", "village_code": "kode_kel", "district_code": "kode_kec",
    "regency_code": "kode_kab", "province_code": "kode_prov", "province": "prov", "regency": "kab",
    "district": "kec", "village": "kel", "n_images": "n_img", "published_at": "ts",
    "votes_valid": "suara_sah", "votes_invalid": "suara_tidak_sah", "votes_total": "suara_total",
}  # fmt: skip
_BY_SEX = {"dpt": "pemilih_dpt", "dpt_users": "pengguna_dpt", "dptb_users": "pengguna_dptb",
           "dpk_users": "pengguna_non_dpt", "users": "pengguna_total"}  # fmt: skip
_SEXES = {"total": "j", "male": "l", "female": "p"}


def figures() -> dict[str, str]:
    """Return column of core.result -> Sirekap field, for the figures by sex."""
    return {
        f"{ours}_{sex}": f"{theirs}_{mark}"
        for ours, theirs in _BY_SEX.items()
        for sex, mark in _SEXES.items()
    }


def moment(column: str) -> str:
    """SQL that rewrites `20240215-101421` as `2024-02-15 10:14:21` and leaves anything else unchanged."""
    written = f"cast(try_strptime({column}, '%Y%m%d-%H%M%S') as varchar)"
    return f"case when length({column}) = 15 then coalesce({written}, {column}) else {column} end"


def table_columns(pairs: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of the files, including those of the candidate pairs."""
    return (*_SAME.values(), *figures().values(), *pairs, "upload_first", "upload_last")


def read_tables(
    folder: Path, out: Path, election_id: str, contest: str, pairs: Mapping[str, str]
) -> Iterator[tuple[FormText, pd.DataFrame]]:
    """Unpack every `*.csv.gz` and `*.csv` of `folder` below `out`.

    Args:
        pairs: column of the file -> id of the candidate pair.

    Yields:
        (text, problems of malformed lines).
    """
    columns = {"election_id": f"'{election_id}'", "contest": f"'{contest}'", **_SAME, **figures()}
    columns |= {"first_upload": moment("upload_first"), "last_upload": moment("upload_last")}
    wanted = table_columns(pairs)
    paths = input_paths(folder, ("*.csv.gz", "*.csv"))
    if not paths:
        raise refuse(folder.name, Message("sources.no_table_file"))
    # The number keeps 31.csv and 31.csv.gz apart.
    named = [(path, out / f"{n:05d}.csv", f"{folder.name}/{path.name}") for n, path in enumerate(paths)]
    # Decompression mostly releases the GIL, so two files take hardly longer than one.
    with ThreadPoolExecutor(max_workers=2) as pool:
        unpacked = pool.map(
            lambda one: unpack_csv(one[0], one[1], wanted, "core.result", one[2]),
            named,
        )
        for (_, _, file), plain in zip(named, unpacked, strict=True):
            yield _text(folder.name, file, plain, columns, pairs), plain.problems


def _text(
    source: str, file: str, plain: PlainCsv, columns: Mapping[str, str], pairs: Mapping[str, str]
) -> FormText:
    return FormText(
        source=source,
        relation=plain.relation,
        columns=columns,
        files=(str(plain.path),),
        pairs={pair: name for name, pair in pairs.items()},
        source_file=literal(file),
        n_read={file: plain.n_read},
        n_lost={file: plain.n_lost},
        unreadable=plain.unreadable,
    )
