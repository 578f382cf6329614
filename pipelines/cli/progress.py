"""Progress on the terminal: the steps of a run, the pages of a report, the villages of a download."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.status import Status

from pipelines.catalog.messages import speak_in
from pipelines.catalog.printable import printable

if TYPE_CHECKING:
    from pipelines.acquire import Summary
    from pipelines.jobs.run import Step, StepResult


class Progress:
    """Callback of `run_all`: a spinner while a step runs, a line when it is done."""

    def __init__(self, lang: str) -> None:
        self._lang = lang
        self._console = Console(highlight=False, soft_wrap=True)
        self._status: Status | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def note(self, text: str) -> None:
        """Print a message that is not a step."""
        self._console.print(escape(printable(text)), style="dim")

    def __call__(self, event: str, step: Step, result: StepResult | None) -> None:
        self._stop()
        title = step.title[self._lang]
        if event == "start":
            self._status = self._console.status(title)
            self._status.start()
        elif result is not None:
            facts = escape(printable(", ".join(f"{k} {v}" for k, v in result.facts.items())))
            self._console.print(f"[green]✓[/] {title:<34} {result.seconds:6.2f} s  [dim]{facts}[/]")

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


class Bar:
    """A progress bar for many similar items; draws nothing if the output is not a terminal."""

    def __init__(self, title: str, total: int) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("[dim]{task.fields[now]}"),
        )
        self._bar = Bars(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task(title, total=total, now="")

    def __enter__(self) -> Bar:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, name: str) -> None:
        """Count one more item as done."""
        self._bar.update(self._task, advance=1, now=escape(printable(name)))


class AcquireProgress:
    """Progress callback of a download; thread-safe. Draws nothing if the output is not a terminal."""

    def __init__(self, lang: str, console: Console | None = None) -> None:
        self._say = speak_in(lang)
        self._console = console or Console(stderr=True)
        self._bar = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[found]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task(self._say("cli.villages"), total=0, found="")
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
        """Print a message that is not progress."""
        self._console.print(escape(printable(text)), style="dim")

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
                found=self._say(
                    "cli.found_so_far", done=self._parts_done, parts=self._parts, found=found, failed=failed
                ),
            )
