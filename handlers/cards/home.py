"""The home card: what waits for me, my plan, the next deadline, quick buttons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.cards import Action, Block, Button, Card, Divider, Meter, Tone, facts, text
from bot.text import N_, Texts
from handlers.cards.plans import STATES
from handlers.cards.todos import ShownTodo, todo_buttons, todo_lines
from models.plan import Plan

MOST_TODOS = 8


@dataclass(frozen=True, slots=True)
class ShownHome:
    """What one person's home says; `done` is the weighted completion of their plan, 0 to
    1.2; `deadline` is (stage, when, cycle) of what closes next, in this cycle or another of theirs."""

    name: str
    todos: Sequence[ShownTodo]
    plan: Plan | None
    cycle: str
    deadline: tuple[str, datetime, str] | None
    done: Decimal | None
    manages: bool
    runs_cycles: bool
    now: datetime


STAGES = {
    "setting": N_("Plans agreed"),
    "tracking": N_("Work on the plans"),
    "self_scoring": N_("Self scores"),
    "scoring": N_("Manager scores"),
    "review": N_("Scores reviewed"),
    "published": N_("Results published"),
    "disputing": N_("Disputes taken"),
}


def home_card(t: Texts, shown: ShownHome) -> Card:
    """Todos first, then the plan, then where to go."""
    body: list[Block] = []
    if shown.todos:
        body += todo_lines(t, shown.todos, shown.now, MOST_TODOS)
    else:
        body.append(text(t("Nothing waits for you.")))
    body.append(Divider())
    body += _plan(t, shown)
    title = t("Hello {name}", name=shown.name)
    tone = Tone.INFO if shown.todos else Tone.NEUTRAL
    return Card(title, tuple(body), _actions(t, shown), tone, t("What waits for you, and your plan"))


def _plan(t: Texts, shown: ShownHome) -> list[Block]:
    if shown.plan is None:
        return [text(t("No cycle is open for you now. HR will announce the next one here."))]
    blocks: list[Block] = [
        facts(
            [
                (t("Cycle"), shown.cycle),
                (t("My plan"), t(STATES[shown.plan.state])),
                (t("Next deadline"), _deadline(t, shown)),
            ]
        )
    ]
    if shown.done is not None:
        done = float(min(shown.done, Decimal(1)))
        blocks.append(Meter(t("Progress, weighted"), done, t.percent(shown.done)))
    return blocks


def _deadline(t: Texts, shown: ShownHome) -> str:
    if shown.deadline is None:
        return ""
    stage, at, cycle = shown.deadline
    said = f"{t(STAGES[stage])} · {t.datetime(at)}"
    return said if cycle == shown.cycle else f"{said} · {cycle}"


def _actions(t: Texts, shown: ShownHome) -> tuple[Action, ...]:
    actions = todo_buttons(t, shown.todos)
    if len(shown.todos) > MOST_TODOS:
        actions.append(Button(t("All my tasks"), "todo.list"))
    if shown.plan is not None:
        actions.append(Button(t("My plan"), "plan.show", shown.plan.id))
        if shown.plan.effective:
            actions.append(Button(t("Report progress"), "plan.checkin", shown.plan.id))
            actions.append(Button(t("My progress"), "person.progress", shown.plan.person_id))
    if shown.manages:
        actions.append(Button(t("My team"), "team.show"))
    if shown.runs_cycles:
        actions.append(Button(t("Cycles"), "cycle.list"))
    actions.append(Button(t("Help"), "help.show"))
    return tuple(actions)
