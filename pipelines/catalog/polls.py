"""Closing times of polls in each province, declared in polls.yaml."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .declared import HERE, read_yaml
from .messages import Message
from .model import CatalogError


@dataclass(frozen=True)
class Polls:
    """Closing times and time zones.

    Attributes:
        closing_time: local time. exceptions: election -> a different closing time.
        zone_of: province -> zone. utc_offset: zone -> hours ahead of UTC.
        upload_zone: time zone of the timestamps in core.upload.
    """

    closing_time: dt.time
    exceptions: Mapping[str, dt.time]
    zone_of: Mapping[str, str]
    utc_offset: Mapping[str, int]
    upload_zone: str

    def closes_at(self, election_id: str, voting_date: dt.date, province: str) -> dt.datetime:
        """Return when polls close in a province, in the time zone of core.upload."""
        local = dt.datetime.combine(voting_date, self.exceptions.get(election_id, self.closing_time))
        ahead = self.utc_offset[self.zone_of[province]] - self.utc_offset[self.upload_zone]
        return local - dt.timedelta(hours=ahead)


def read_polls(path: Path) -> Polls:
    """Read the declaration in a YAML file.

    Raises:
        CatalogError: a time is invalid, a province stands in two zones, or the zone of uploads is unknown.
    """
    raw: dict[str, Any] = read_yaml(path)
    zones: dict[str, dict[str, Any]] = raw["zones"]
    zone_of = {str(p): name for name, zone in zones.items() for p in zone["provinces"]}
    if len(zone_of) != sum(len(zone["provinces"]) for zone in zones.values()):
        raise CatalogError(Message("catalog.two_zones", name=path.name))
    if raw["upload_zone"] not in zones:
        raise CatalogError(
            Message("catalog.upload_zone", name=path.name, zone=raw["upload_zone"], zones=", ".join(zones))
        )
    try:
        times = {name: dt.time.fromisoformat(t) for name, t in (raw.get("exceptions") or {}).items()}
        closing = dt.time.fromisoformat(raw["closing_time"])
    except (TypeError, ValueError) as error:
        raise CatalogError(Message("catalog.times_in_quotes", name=path.name, error=error)) from error
    offsets = {name: int(zone["utc_offset"]) for name, zone in zones.items()}
    return Polls(closing, times, zone_of, offsets, str(raw["upload_zone"]))


@cache
def polls() -> Polls:
    """Return the declaration of this package."""
    return read_polls(HERE / "polls.yaml")
