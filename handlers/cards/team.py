"""The team card: who waits for the manager, and where everybody stands."""

from collections.abc import Sequence
from datetime import datetime

from bot.cards import Action, Block, Button, Card, Choice, Style, Table, Tone, text
from bot.text import Texts
from handlers.cards.plans import STATES
from handlers.cards.todos import TOGETHER, ShownTodo, todo_buttons, todo_lines
from models.team import Member

MOST = 12


def team_card(t: Texts, todos: Sequence[ShownTodo], members: Sequence[Member], now: datetime, scoring: int = 0) -> Card:
    """What waits for the reader first, then everybody who reports to them; `scoring` are the people to be scored."""
    body: list[Block] = []
    if todos:
        body += todo_lines(t, todos, now, MOST)
    else:
        body.append(text(t("Nobody waits for you.")))
    rows = tuple((one.person.called(t.locale), t(STATES[one.plan.state]), _done(t, one)) for one in members)
    if rows:
        body.append(Table((t("Person"), t("Plan"), t("Progress")), rows))
    tone = Tone.INFO if todos else Tone.NEUTRAL
    return Card(t("My team"), tuple(body), _actions(t, todos, members, scoring), tone, t("Who waits for you"))


def _actions(t: Texts, todos: Sequence[ShownTodo], members: Sequence[Member], scoring: int) -> tuple[Action, ...]:
    batch = TOGETHER["scorecard.submit"]
    actions: list[Action] = [Button(t("Score my people"), batch, style=Style.PRIMARY)] if scoring else []
    others = [todo for todo in todos if todo.action != batch]
    actions += todo_buttons(t, others, Style.PLAIN if scoring else Style.PRIMARY)
    if members:
        options = tuple((str(one.plan.id), one.person.called(t.locale)) for one in members)
        actions.append(Choice(t("Open a plan"), "team.plan", options))
        actions.append(Button(t("Team progress"), "team.progress"))
    return tuple(actions)


def _done(t: Texts, one: Member) -> str:
    said = "–" if one.done is None else t.percent(one.done)
    return t("{share} · blocked", share=said) if one.blocked else said
