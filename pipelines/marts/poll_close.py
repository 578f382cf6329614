"""ref.poll_close: when polls closed in each province, in the time zone of the uploads."""

from __future__ import annotations

import pandas as pd

from pipelines.catalog import columns
from pipelines.catalog.polls import polls

from . import Read, Release


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Return every election with every province that has a single time zone."""
    declared = polls()
    elections = read("ref.elections")
    rows = [
        {
            "election_id": election,
            "province_code": province,
            "zone": zone,
            "closes_at": declared.closes_at(election, pd.Timestamp(day).date(), province),
        }
        for election, day in zip(elections["election_id"], elections["voting_date"], strict=True)
        for province, zone in declared.zone_of.items()
    ]
    frame = pd.DataFrame(rows, columns=columns("ref.poll_close"))
    return {"ref.poll_close": frame.astype({"closes_at": "datetime64[s]"})}
