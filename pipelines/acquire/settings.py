"""How to download: the tree, the base address (configuration only) and the limits that keep it polite."""

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
    """Where a published tree keeps its area lists and results, below the base address."""

    areas: str
    results: str
    contests: tuple[str, ...]


# One entry per published tree; the name is what the command line takes.
TREES: Mapping[str, Tree] = {
    "sirekap-2024": Tree(
        "/wilayah/pemilu/ppwp", "/pemilu/hhcw", ("ppwp", "pdpr", "pdpd", "pdprdp", "pdprdk")
    ),
}


@dataclass(frozen=True)
class Settings:
    """All options of a download; small and picklable, so that it can be sent to other machines.

    Attributes:
        base: address the paths of the tree are appended to; no default exists in the code.
        rate: requests per second, over all workers together.
        concurrency: requests under way at the same time, over all workers together.
        timeout: seconds until a connection or a pause between two pieces of an answer counts as failed.
        deadline: seconds one answer may take as a whole, however steadily it trickles.
        attempts: tries per address before it is left for the next run.
        backoff: seconds before the second try; doubled each time up to `backoff_limit`, with jitter.
        wait_limit: longest pause in seconds a server may ask for; above it the run ends, to be continued.
        max_bytes: largest answer accepted, unpacked.
        patience: addresses in a row that may fail after all tries before the run ends.
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
        if "@" in parts.netloc:  # it would end up in the sidecar; not repeated here either
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
        """The share of one of several workers that cannot see each other, so that the total stays the same."""
        return replace(self, rate=self.rate / workers, concurrency=max(1, self.concurrency // workers))

    def with_concurrency(self, concurrency: int) -> Settings:
        """The same with so many requests at a time."""
        return replace(self, concurrency=concurrency)

    @classmethod
    def of(cls, base: str | None, environment: Mapping[str, str] = os.environ, **options: Any) -> Settings:
        """Settings from options, and the environment where an option is missing.

        Raises:
            AcquireUsageError: no base address, or an option outside its range.
        """
        address = (base or environment.get(BASE_VARIABLE, "")).strip().rstrip("/")
        if not address:
            raise AcquireUsageError(
                Message("acquire.no_base", variable=BASE_VARIABLE),
            )
        options.setdefault("contact", environment.get(CONTACT_VARIABLE, ""))
        return cls(base=address, **options)
