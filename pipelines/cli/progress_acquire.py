"""Progress of a download on screen: villages done of those in sight, and what was found so far."""

from __future__ import annotations

import threading
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipelines.acquire import Summary

_WORDS = {
    "id": ("Desa/kelurahan", "kab/kota", "hasil", "gagal"),
    "en": ("Villages", "regencies", "results", "failed"),
}


class AcquireProgress:
    """Callback of a download; may be called from several threads. On a file or a pipe nothing is drawn."""

    def __init__(self, lang: str, console: Console | None = None) -> None:
        self._villages, self._regencies, self._results, self._failed = _WORDS[lang]
        self._console = console or Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[found]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task(self._villages, total=0, found="")
        self._lock = threading.Lock()
        self._in_sight, self._parts, self._parts_done = 0, 0, 0
        self._by_part: dict[int, Summary] = {}

    def __enter__(self) -> AcquireProgress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def note(self, text: str) -> None:
        """Say something that is no progress."""
        self._console.print(text, style="dim")

    def __call__(self, event: str, count: int, summary: Summary) -> None:
        with self._lock:
            if event == "parts":
                self._parts = count
            elif event == "part":
                self._parts_done += count
            elif event == "villages":
                self._in_sight += count
            elif event == "village":
                self._bar.advance(self._task, count)
            if event.startswith("village"):
                self._by_part[id(summary)] = summary
            found = sum(sum(s.results.values()) for s in self._by_part.values())
            failed = sum(s.n_failures for s in self._by_part.values())
            self._bar.update(
                self._task,
                total=self._in_sight,
                found=f"{self._parts_done}/{self._parts} {self._regencies}, {found} {self._results}, "
                f"{failed} {self._failed}",
            )
