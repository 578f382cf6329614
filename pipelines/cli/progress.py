"""Progress of a run on screen: one line per step with its time and what it did."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.status import Status

if TYPE_CHECKING:
    from pipelines.jobs.run import Step, StepResult


class Progress:
    """Callback of `run_all`: a spinner while a step works, a line when it is done."""

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
        """Say something that is no step."""
        self._console.print(text, style="dim")

    def __call__(self, event: str, step: Step, result: StepResult | None) -> None:
        self._stop()
        title = step.title[self._lang]
        if event == "start":
            self._status = self._console.status(title)
            self._status.start()
        elif result is not None:
            facts = ", ".join(f"{k} {v}" for k, v in result.facts.items())
            self._console.print(f"[green]✓[/] {title:<34} {result.seconds:6.2f} s  [dim]{facts}[/]")

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


class Bar:
    """A bar for many things of one kind; nothing but the work itself where no one looks at a screen."""

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
        """One more is done."""
        self._bar.update(self._task, advance=1, now=name)
