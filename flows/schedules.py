"""Read schedules.yaml: one entry, one schedule, checked with messages that say what to change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

SCHEDULES = Path(__file__).with_name("schedules.yaml")
TIMEZONE = "Asia/Jakarta"
PARAMETERS = ("areas", "langs", "force")
_KEYS = ("name", "cron", "timezone", "active", "parameters", "title_id", "title_en")


class ScheduleError(ValueError):
    """An entry of schedules.yaml that cannot be used; names file, entry and key."""


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
    """All schedules of a file, in order.

    Raises:
        ScheduleError: file missing, not YAML, an unknown key, a wrong value, or a name used twice.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScheduleError(
            f"{path}: cannot be read ({error.strerror}); name another file with --schedules"
        ) from error
    except yaml.YAMLError as error:
        raise ScheduleError(f"{path}: not valid YAML: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise ScheduleError(f"{path}: expected a list with at least one entry, each starting with '- name:'")
    found = tuple(_schedule(entry, f"{path}: entry {number}") for number, entry in enumerate(entries, 1))
    names = [schedule.name for schedule in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ScheduleError(f"{path}: used twice: {', '.join(twice)}; give each schedule its own name")
    return found


def _schedule(entry: Any, where: str) -> Schedule:
    if not isinstance(entry, Mapping):
        raise ScheduleError(f"{where}: expected keys and values, found {entry!r}")
    if unknown := sorted(set(map(str, entry)) - set(_KEYS)):
        raise ScheduleError(f"{where}: unknown key {', '.join(unknown)}; known are {', '.join(_KEYS)}")
    name = entry.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise ScheduleError(f"{where}: name {name!r} must be lower-case letters, digits and hyphens")
    where = f"{where} ({name})"
    cron = entry.get("cron")
    if not isinstance(cron, str) or not _is_cron(cron):
        raise ScheduleError(f"{where}: cron {cron!r} must be five fields in quotes, such as '15 3 * * *'")
    timezone = entry.get("timezone", TIMEZONE)
    try:
        ZoneInfo(timezone)
    except (ValueError, TypeError, OSError, KeyError) as error:
        raise ScheduleError(f"{where}: unknown timezone {timezone!r}; such as {TIMEZONE}") from error
    if not isinstance(active := entry.get("active", True), bool):
        raise ScheduleError(f"{where}: active {active!r} must be true or false")
    return Schedule(
        name=name,
        cron=cron,
        timezone=timezone,
        active=active,
        title={lang: str(entry.get(f"title_{lang}", name)) for lang in ("id", "en")},
        parameters=_parameters(entry.get("parameters") or {}, where),
    )


def _is_cron(text: str) -> bool:
    from prefect.schedules import Cron  # late: prefect takes a second to import

    try:
        Cron(text)
    except ValueError:
        return False
    return len(text.split()) == 5


def _parameters(given: Any, where: str) -> dict[str, Any]:
    if not isinstance(given, Mapping) or set(given) - set(PARAMETERS):
        raise ScheduleError(f"{where}: parameters may be {', '.join(PARAMETERS)}, found {given!r}")
    for key in ("areas", "langs"):
        values = given.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise ScheduleError(
                f"{where}: {key} must be a list of texts in quotes, such as ['31'], found {values!r}"
            )
    if not isinstance(given.get("force", False), bool):
        raise ScheduleError(f"{where}: force must be true or false")
    return dict(given)
