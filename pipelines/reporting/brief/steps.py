"""Five steps: first those for the commonest grounds and outcomes here, then those for every area."""

from __future__ import annotations

from ..facts import actions
from ..facts.calendar import told
from ..facts.context import Context
from ..model import StepLine
from ..sections.actions import article, reasons

MOST = 5
ROOM = 80  # letters available for citations beside a step


def step_lines(ctx: Context) -> tuple[StepLine, ...]:
    """Return steps by day; every reason gets one step before any gets a second."""
    return tuple(
        StepLine(
            day(ctx, step.day), step.text[ctx.lang], actions.duty(step.duty, ctx.lang), short_law(ctx, law)
        )
        for step, law in chosen_steps(ctx, MOST)
    )


def chosen_steps(ctx: Context, most: int) -> list[tuple[actions.Step, str]]:
    """Return up to `most` steps with the law for their reason, earliest first."""
    queues = [[(step, article(ctx, one)) for step in one.steps] for one in reasons(ctx)]
    queues.append([(step, "") for step in actions.basics()])
    chosen: list[tuple[actions.Step, str]] = []
    seen: set[str] = set()
    while len(chosen) < most and any(queues):
        for queue in queues:
            if not queue:
                continue
            step, law = queue.pop(0)
            text = step.text[ctx.lang]
            if text not in seen and len(chosen) < most:
                seen.add(text)
                chosen.append((step, law))
    return sorted(chosen, key=lambda one: one[0].day)


def short_law(ctx: Context, law: str) -> str:
    """Return the first citations that fit on a line; the details list all. A step without an article has none."""
    parts = [part for part in law.split("; ") if part and part != ctx.words.label("law_state", "uncited")]
    shown: list[str] = []
    for part in parts:
        if len("; ".join([*shown, part])) > ROOM:
            break
        shown.append(part)
    return "; ".join(shown)


def day(ctx: Context, number: int) -> str:
    """Return `H−30`, `H`, `H+1`: days relative to voting day, with the date if the office has set that day."""
    letter = ctx.say("brief.day_letter")
    text = f"{letter}{'−' if number < 0 else '+'}{abs(number)}" if number else letter
    return told(ctx, number, text)
