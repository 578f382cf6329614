"""Plan of a download: turn the requested areas into parts for workers, by regency."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..catalog.messages import Message
from ..storage import SharedStorage
from .errors import AcquireUsageError, ServerTroubleError
from .fetch import Fetcher
from .lists import area_list
from .settings import Settings
from .tree import DISTRICT, NATION, REGENCY, STATION, ancestors, is_area


@dataclass(frozen=True)
class Part:
    """Work for one worker: a regency, or only the districts and villages in `only`."""

    regency: str
    only: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Name of the round for exactly this part."""
        if not self.only:
            return self.regency
        return f"{self.regency}-{hashlib.sha256(','.join(self.only).encode()).hexdigest()[:8]}"

    def wants(self, code: str) -> bool:
        """Return whether a district or village belongs to this part."""
        return not self.only or any(o.startswith(code) or code.startswith(o) for o in self.only)


def plan_parts(areas: Sequence[str], settings: Settings, place: str | Path) -> list[Part]:
    """Return the parts that cover `areas`, each regency once.

    Args:
        areas: codes of 2, 4, 6 or 10 digits; `00` is the nation.
        settings: how to download.
        place: output folder or fsspec URL; the fetched lists are stored there.
    Raises:
        AcquireUsageError: not a code, or missing from the published lists.
        ServerTroubleError: the lists cannot be fetched.
    """
    wanted = sorted(set(areas))
    for code in wanted:
        if not is_area(code) or len(code) == STATION:
            raise AcquireUsageError(
                Message("acquire.not_an_area", code=code),
            )
    if not wanted:
        raise AcquireUsageError(
            Message("acquire.no_area"),
        )
    return asyncio.run(_plan(wanted, settings, SharedStorage(place)))


async def _plan(wanted: Iterable[str], settings: Settings, store: SharedStorage) -> list[Part]:
    whole: set[str] = set()
    narrow: dict[str, set[str]] = {}
    async with Fetcher(settings) as fetch:

        async def below(code: str) -> list[str]:
            found = await area_list(fetch, store, settings, code)
            if found.codes is None:
                raise ServerTroubleError(
                    Message("acquire.no_list", code=code, reason=found.reason),
                )
            return found.codes

        cache: dict[str, list[str]] = {}
        for code in wanted:
            if code == NATION:
                for province in await below(NATION):
                    whole.update(await below(province))
                continue
            province = code[:2]
            if province not in cache:
                cache[province] = await below(province)
            if len(code) == 2 and cache[province]:
                whole.update(cache[province])
            elif (regency := code[:REGENCY]) not in cache[province]:
                raise _unknown(code, cache[province])
            elif len(code) == REGENCY:
                whole.add(regency)
            else:
                for above in ancestors(code)[1:-1]:
                    under = await below(above)
                    following = code[: DISTRICT if len(above) == REGENCY else len(code)]
                    if following not in under:
                        raise _unknown(code, under)
                narrow.setdefault(regency, set()).add(code)
    parts = [Part(regency) for regency in whole]
    parts += [Part(r, tuple(sorted(only))) for r, only in narrow.items() if r not in whole]
    return sorted(parts, key=lambda part: part.regency)


def _unknown(code: str, listed: Sequence[str]) -> AcquireUsageError:
    known = ", ".join(listed[:40]) or "-"
    return AcquireUsageError(
        Message("acquire.unknown_area", code=code, known=known),
    )
