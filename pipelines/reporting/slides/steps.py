"""Slides on actions, by responsibility and day."""

from __future__ import annotations

from ..brief.steps import chosen_steps, day, short_law
from ..facts import actions
from ..facts.context import Context
from ..model import Cell, Column
from .foot import foot
from .model import Grid, Slide

MOST_STEPS = 14


def steps_slide(ctx: Context) -> Slide:
    """Build the steps grouped by responsibility, each group by day."""
    say = ctx.say
    order = list(actions.read()["duties"])
    chosen = sorted(chosen_steps(ctx, MOST_STEPS), key=lambda one: (order.index(one[0].duty), one[0].day))
    rows = tuple(
        (
            Cell(actions.duty(step.duty, ctx.lang), tone="strong"),
            Cell(day(ctx, step.day), step.day),
            Cell(step.text[ctx.lang]),
            Cell(short_law(ctx, law), tone="muted"),
        )
        for step, law in chosen
    )
    columns = (
        Column(say("actions.duty"), width=1.6),
        Column(say("actions.day"), width=1.3),
        Column(say("actions.step"), width=6.4),
        Column(say("slides.law"), width=2.6),
    )
    title = say("slides.steps_title")
    ending = foot(ctx, "", say("slides.certain_steps"), say("slides.steps_basis"))
    grid = Grid(columns, rows, title)
    return Slide(title, ending, grid=grid, notes=(say("slides.steps_note"),), most_pages=2)
