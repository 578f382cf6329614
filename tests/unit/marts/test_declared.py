"""A query reads the tables that its declaration names: by them a release knows what it may take over."""

from __future__ import annotations

import re

from pipelines import catalog
from pipelines.catalog.vocabulary import LAYERS

TABLE = re.compile(rf"\b(?:{'|'.join(LAYERS)})\.[a-z_]+\b")


def test_every_query_declares_what_it_reads() -> None:
    declared = {t.full_name for t in catalog.load()}
    for table in catalog.load():
        query = re.sub(r"--.*|'[^']*'", "", table.sql)
        assert set(TABLE.findall(query)) & declared <= {*table.depends_on}, table.full_name
