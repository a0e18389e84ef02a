"""Absences: who is away, who stands in, and the form that says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, ClassVar

from bot.cards import Action, Block, Bold, Button, Card, Note, Style, Tone, facts, text
from bot.forms import Ask, Form, Kind
from bot.text import N_, Texts
from handlers.cards.planforms import Short


class AbsenceForm(Form):
    """From when to when somebody is away, and who stands in."""

    action: ClassVar[str] = "person.away"
    title: ClassVar[str] = N_("Away")
    from_on: Annotated[date, Ask(N_("First day away"))]
    to_on: Annotated[date, Ask(N_("Last day away"))]
    delegate: Annotated[
        Short | None,
        Ask(N_("Who stands in"), N_("They see and do what waits meanwhile, except what is personal."), Kind.PERSON),
    ] = None


@dataclass(frozen=True, slots=True)
class ShownAbsence:
    """One absence; `waits` is how many things wait for whoever stands in, if that is the reader."""

    id: int
    version: int
    name: str
    delegate: str
    from_on: date
    to_on: date
    active: bool
    over: bool
    mine: bool
    stands_in: bool
    ends: bool
    waits: int = 0
    ended_at: datetime | None = None


def absence_card(t: Texts, shown: ShownAbsence) -> Card:
    """One absence, as everybody concerned sees it."""
    body: list[Block] = [facts(_facts(t, shown))]
    if shown.over:
        body.append(text(t("This absence is over.")))
    elif shown.stands_in:
        body.append(text(Bold(t("You stand in for {name}.", name=shown.name))))
        said = t.n("{n} thing waits for them now.", "{n} things wait for them now.", shown.waits)
        body.append(text(said if shown.active and shown.waits else t("What comes up stands in your own list.")))
    elif not shown.delegate:
        body.append(Note(t("Nobody stands in. What is overdue goes to the line manager, then to HR.")))
    title = t("Your absence") if shown.mine else t("{name} is away", name=shown.name)
    return Card(title, tuple(body), _actions(t, shown), Tone.INFO if not shown.over else Tone.NEUTRAL, t("An absence"))


def _facts(t: Texts, shown: ShownAbsence) -> list[tuple[str, str]]:
    return [
        (t("First day away"), t.date(shown.from_on)),
        (t("Last day away"), t.date(shown.to_on)),
        (t("Stands in"), shown.delegate),
    ]


def _actions(t: Texts, shown: ShownAbsence) -> tuple[Action, ...]:
    actions: list[Action] = []
    if shown.stands_in and shown.active and shown.waits:
        actions.append(Button(t("What waits for me"), "home.show", style=Style.PRIMARY))
    if shown.ends and not shown.over:
        confirm = t("From now on everything waits for {name} again.", name=shown.name)
        actions.append(Button(t("End this absence"), "absence.end", shown.id, shown.version, Style.DANGER, confirm))
    return tuple(actions)


def absences_card(
    t: Texts, name: str, person_id: int, own: Sequence[ShownAbsence], others: Sequence[ShownAbsence], *, mine: bool
) -> Card:
    """The absences of somebody, and those in which they stand in."""
    body: list[Block] = [_line(t, one) for one in own]
    if not own:
        body.append(text(t("No absence is planned.")))
    body += [text(t("You stand in for {name}:", name=one.name), " ", _days(t, one)) for one in others]
    if mine:
        body.append(Note(t("While you are away I do not remind you; whoever stands in sees what waits.")))
    label = t("I will be away…") if mine else t("Plan an absence…")
    actions: list[Action] = [Button(label, "person.away", person_id, style=Style.PRIMARY)]
    actions += [Button(_days(t, one), "absence.show", one.id) for one in (*own, *others)[:4]]
    title = t("Your absences") if mine else t("Absences of {name}", name=name)
    return Card(title, tuple(body), tuple(actions), summary=t("Who is away"))


def _line(t: Texts, one: ShownAbsence) -> Block:
    who = t("{name} stands in", name=one.delegate) if one.delegate else t("nobody stands in")
    return text("• ", Bold(_days(t, one)), f" · {who}")


def _days(t: Texts, one: ShownAbsence) -> str:
    return f"{t.date(one.from_on)} – {t.date(one.to_on)}"
