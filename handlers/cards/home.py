"""The home card: what waits for me, my plan, the next deadline, quick buttons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.cards import Action, Block, Button, Card, Divider, Meter, Tone, facts, text
from bot.text import N_, Texts
from handlers.cards import stages
from handlers.cards.plans import STATES
from handlers.cards.todos import ShownTodo, todo_buttons, todo_lines
from models.plan import Plan
from models.team import Counted

MOST_TODOS, MOST_CYCLES = 8, 3


@dataclass(frozen=True, slots=True)
class ShownHome:
    """What one person's home says; `done` is the weighted completion of their plan, 0 to
    1.2; `deadline` is (stage, when, cycle) of what closes next, in this cycle or another of theirs; `team` is where a
    manager's people stand in the cycle, `cycles` name and stage of those that HR runs."""

    name: str
    todos: Sequence[ShownTodo]
    plan: Plan | None
    cycle: str
    deadline: tuple[str, datetime, str] | None
    done: Decimal | None
    manages: bool
    runs_cycles: bool
    now: datetime
    team: Counted | None = None
    cycles: Sequence[tuple[str, str]] = ()


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
    """Todos first, then the plan, then the team, then where to go."""
    body: list[Block] = []
    if shown.todos:
        body += todo_lines(t, shown.todos, shown.now, MOST_TODOS)
    else:
        body.append(text(t("Nothing waits for you.")))
    body.append(Divider())
    body += _plan(t, shown)
    around = facts([*_team(t, shown), (t("Cycles"), _cycles(t, shown))])
    body += [Divider(), around] if around.pairs else []
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


def _team(t: Texts, shown: ShownHome) -> Iterator[tuple[str, str]]:
    """Where the reader's people stand, in numbers."""
    if shown.team is None:
        return
    plans = [(state, shown.team.plans[state]) for state in STATES if state in shown.team.plans]
    yield t("My team's plans"), " · ".join(f"{t(STATES[state])}: {number}" for state, number in plans)
    if shown.team.to_score:
        yield t("My team's scores"), t("{n} of {total} handed in", n=shown.team.scored, total=shown.team.to_score)


def _cycles(t: Texts, shown: ShownHome) -> str:
    """The cycles that are under way, for who runs them."""
    return " · ".join(f"{name}: {t(stages.STATES[stage])}" for name, stage in shown.cycles[:MOST_CYCLES])


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
