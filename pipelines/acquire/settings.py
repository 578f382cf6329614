"""Download settings: the tree, the base URL (from configuration only) and the limits that keep it polite."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from ..catalog.messages import Message
from .errors import AcquireUsageError

BASE_VARIABLE = "TITIKRAWAN_SIREKAP_BASE"
CONTACT_VARIABLE = "TITIKRAWAN_CONTACT"


@dataclass(frozen=True)
class Tree:
    """Paths of a published tree's area lists and results below the base URL."""

    areas: str
    results: str
    contests: tuple[str, ...]


# One entry per published tree; the command line accepts these names.
TREES: Mapping[str, Tree] = {
    "sirekap-2024": Tree(
        "/wilayah/pemilu/ppwp", "/pemilu/hhcw", ("ppwp", "pdpr", "pdpd", "pdprdp", "pdprdk")
    ),
}


@dataclass(frozen=True)
class Settings:
    """All options of a download; small and picklable, so that it can be sent to other machines.

    Attributes:
        base: URL to which the paths of the tree are appended; the code has no default.
        rate: requests per second, over all workers together.
        concurrency: concurrent requests, over all workers together.
        timeout: seconds before a connection, or a gap between two chunks of an answer, counts as failed.
        deadline: seconds allowed for one whole answer, however steadily it arrives.
        attempts: attempts per URL before it is left for the next run.
        backoff: seconds before the second attempt; doubled each time up to `backoff_limit`, with jitter.
        wait_limit: longest pause in seconds that a server may ask for; beyond it the run stops and can be
            resumed.
        max_bytes: largest answer accepted, decompressed.
        patience: consecutive URLs that may fail after all attempts before the run stops.
    """

    base: str
    source: str = "sirekap-2024"
    contests: tuple[str, ...] = ("ppwp",)
    rate: float = 5.0
    concurrency: int = 4
    timeout: float = 20.0
    deadline: float = 120.0
    attempts: int = 6
    backoff: float = 1.0
    backoff_limit: float = 60.0
    wait_limit: float = 600.0
    max_bytes: int = 4_000_000
    patience: int = 10
    contact: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.base)
        if "@" in parts.netloc:  # it would end up in the sidecar, so the message does not repeat it either
            raise AcquireUsageError(
                Message("acquire.base_with_password"),
            )
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise AcquireUsageError(
                Message("acquire.base_not_http", base=self.base),
            )
        if self.source not in TREES:
            known = ", ".join(TREES)
            raise AcquireUsageError(
                Message("acquire.unknown_source", source=self.source, known=known),
            )
        unknown = sorted(set(self.contests) - set(self.tree.contests))
        if unknown or not self.contests:
            known = ", ".join(self.tree.contests)
            raise AcquireUsageError(
                Message(
                    "acquire.unknown_contest",
                    unknown=", ".join(unknown) or Message("acquire.none_named"),
                    source=self.source,
                    known=known,
                ),
            )
        for name in ("rate", "concurrency", "timeout", "deadline", "attempts", "max_bytes", "patience"):
            if not getattr(self, name) > 0:
                raise AcquireUsageError(Message("acquire.not_above_zero", name=name))

    @property
    def tree(self) -> Tree:
        return TREES[self.source]

    def shared_among(self, workers: int) -> Settings:
        """Return one worker's share of the limits, for workers that cannot coordinate; the total is
        unchanged."""
        return replace(self, rate=self.rate / workers, concurrency=max(1, self.concurrency // workers))

    def with_concurrency(self, concurrency: int) -> Settings:
        """Return the same settings with another number of concurrent requests."""
        return replace(self, concurrency=concurrency)

    @classmethod
    def of(cls, base: str | None, environment: Mapping[str, str] = os.environ, **options: Any) -> Settings:
        """Build settings from options, falling back to environment variables.

        Raises:
            AcquireUsageError: no base URL, or an option outside its range.
        """
        address = (base or environment.get(BASE_VARIABLE, "")).strip().rstrip("/")
        if not address:
            raise AcquireUsageError(
                Message("acquire.no_base", variable=BASE_VARIABLE),
            )
        options.setdefault("contact", environment.get(CONTACT_VARIABLE, ""))
        return cls(base=address, **options)
