"""Read schedules.yaml: one schedule per entry, validated with messages that say what to change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from pipelines.catalog.messages import USAGE, Message, UserError
from pipelines.catalog.vocabulary import LANGUAGES

SCHEDULES = Path(__file__).with_name("schedules.yaml")
TIMEZONE = "Asia/Jakarta"
PARAMETERS = ("areas", "langs", "force")
_KEYS = ("name", "cron", "timezone", "active", "parameters", "title_id", "title_en")


class ScheduleError(UserError):
    """An invalid entry of schedules.yaml; names file, entry and key."""

    exit_code = USAGE


@dataclass(frozen=True)
class Schedule:
    """When the refresh flow runs, in which time zone and with which parameters."""

    name: str
    cron: str
    timezone: str = TIMEZONE
    active: bool = True
    title: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)


def read_schedules(path: Path = SCHEDULES) -> tuple[Schedule, ...]:
    """Return all schedules of a file, in order.

    Raises:
        ScheduleError: file missing, not YAML, an unknown key, a wrong value, or a name used twice.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScheduleError(
            Message("flows.schedules_unreadable", path=path, reason=error.strerror)
        ) from error
    except yaml.YAMLError as error:
        raise ScheduleError(Message("flows.schedules_not_yaml", path=path, error=error)) from error
    if not isinstance(entries, list) or not entries:
        raise ScheduleError(Message("flows.schedules_no_list", path=path))
    found = tuple(_schedule(entry, f"{path}: entry {number}") for number, entry in enumerate(entries, 1))
    names = [schedule.name for schedule in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ScheduleError(Message("flows.schedules_twice", path=path, twice=", ".join(twice)))
    return found


def _schedule(entry: Any, where: str) -> Schedule:
    if not isinstance(entry, Mapping):
        raise ScheduleError(Message("flows.schedule_no_keys", where=where, entry=entry))
    if unknown := sorted(set(map(str, entry)) - set(_KEYS)):
        raise ScheduleError(
            Message(
                "flows.schedule_unknown_key", where=where, unknown=", ".join(unknown), known=", ".join(_KEYS)
            )
        )
    name = entry.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise ScheduleError(Message("flows.schedule_name", where=where, name=name))
    where = f"{where} ({name})"
    cron = entry.get("cron")
    if not isinstance(cron, str) or not _is_cron(cron):
        raise ScheduleError(Message("flows.schedule_cron", where=where, cron=cron))
    timezone = entry.get("timezone", TIMEZONE)
    try:
        ZoneInfo(timezone)
    except (ValueError, TypeError, OSError, KeyError) as error:
        raise ScheduleError(
            Message("flows.schedule_timezone", where=where, timezone=timezone, example=TIMEZONE)
        ) from error
    if not isinstance(active := entry.get("active", True), bool):
        raise ScheduleError(Message("flows.schedule_active", where=where, active=active))
    return Schedule(
        name=name,
        cron=cron,
        timezone=timezone,
        active=active,
        title={lang: str(entry.get(f"title_{lang}", name)) for lang in LANGUAGES},
        parameters=_parameters(entry.get("parameters") or {}, where),
    )


def _is_cron(text: str) -> bool:
    from prefect.schedules import Cron  # imported late: prefect takes a second to import

    try:
        Cron(text)
    except ValueError:
        return False
    return len(text.split()) == 5


def _parameters(given: Any, where: str) -> dict[str, Any]:
    if not isinstance(given, Mapping) or set(given) - set(PARAMETERS):
        raise ScheduleError(
            Message("flows.schedule_parameters", where=where, allowed=", ".join(PARAMETERS), given=given)
        )
    for key in ("areas", "langs"):
        values = given.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise ScheduleError(Message("flows.schedule_list", where=where, key=key, values=values))
    if not isinstance(given.get("force", False), bool):
        raise ScheduleError(Message("flows.schedule_force", where=where))
    return dict(given)
