"""The indicator library as people read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from bot.cards import Action, Block, Bold, Button, Card, Choice, Note, facts, text
from bot.forms import Ask, Form, Kind
from bot.text import N_, Texts
from handlers.cards.amounts import amount
from handlers.cards.items import scored_text
from handlers.cards.planforms import UNIT_OPTIONS, Long, Number, Short, Unit
from handlers.cards.plans import DIRECTIONS
from models.base import said
from models.indicator import Indicator

LEVELS = {"strategy": N_("Strategy"), "department": N_("Department"), "personal": N_("Personal")}
MOST = 20


class GoalForm(Form):
    """A strategic goal: measurable, for a year (requirement G1)."""

    action: ClassVar[str] = "goal.open"
    title: ClassVar[str] = N_("New strategic goal")
    name: Annotated[Short, Ask(N_("Goal"), N_("For example: Overseas share of sales"))]
    measure: Annotated[Long, Ask(N_("How it is measured"), kind=Kind.LONG)]
    target: Annotated[Number, Ask(N_("Target"))]
    unit: Annotated[Unit, Ask(N_("Unit"), kind=Kind.CHOICE, options=UNIT_OPTIONS)]


@dataclass(frozen=True, slots=True)
class Powers:
    """What the reader may change: `goals` add strategic goals, `library` link indicators to them."""

    goals: bool = False
    library: bool = False


def library_card(
    t: Texts, level: str, entries: Sequence[Indicator], unlinked: Sequence[Indicator], page: int, powers: Powers
) -> Card:
    """One level, a page at a time; HR also sees what serves no strategic goal."""
    start = page * MOST
    shown = entries[start : start + MOST]
    body: list[Block] = [text(f"• {one.name(t.locale)}") for one in shown]
    if not shown:
        body.append(text(t("Nothing here yet.")))
    if unlinked:
        names = t.list([one.name(t.locale) for one in unlinked[:10]])
        body.append(text("! ", *t.rich("Serves no strategic goal: {names}", names=Bold(names))))
    pages = (len(entries) + MOST - 1) // MOST
    if pages > 1:
        body.append(Note(t("Page {n} of {total}", n=page + 1, total=pages)))
    actions: list[Action] = [Choice(t("Level"), "library.level", tuple((key, t(said)) for key, said in LEVELS.items()))]
    if shown:
        actions.append(Choice(t("Read a definition"), "indicator.pick", _options(t, shown)))
    if pages > 1:
        options = tuple((f"{level} {n}", t("Page {n} of {total}", n=n + 1, total=pages)) for n in range(pages))
        actions.append(Choice(t("Page"), "library.page", options))
    if powers.goals:
        actions.append(Button(t("New strategic goal…"), "goal.open"))
    return Card(t("Library · {level}", level=t(LEVELS[level])), tuple(body), tuple(actions), summary=t("The library"))


def indicator_card(
    t: Texts, one: Indicator, people: dict[str, str], goal: str, goals: Sequence[tuple[str, str]] = ()
) -> Card:
    """One definition with its RACI row; with `goals` its reader may link it to one."""
    locale = t.locale
    pairs = [
        (t("Formula"), one.formulas.get(locale) or one.formulas.get("en", "")),
        (t("Direction"), t(DIRECTIONS[one.direction])),
        (t("Suggested target"), amount(t, one.target, one.unit) if one.target is not None else ""),
        (t("How it is scored"), scored_text(t, one.standard())),
        (t("Levels"), said(one.levels, locale)),
        (t("Data source"), one.sources.get(locale) or one.sources.get("en", "")),
        (t("Strategic goal"), goal or t("none")),
        (t("Data owner"), people.get("owner", "")),
        (t("Responsible"), people.get("responsible", "")),
        (t("Accountable"), people.get("accountable", "")),
        (t("Consulted"), people.get("consulted", "")),
        (t("Informed"), people.get("informed", "")),
    ]
    if not one.owner_agreed:
        pairs.append((t("Data owner agreed"), t("not yet")))
    actions: list[Action] = []
    if goals:
        actions.append(Choice(t("Serves the strategic goal"), "indicator.link", tuple(goals), one.id))
        if not one.owner_agreed:
            actions.append(Button(t("The data owner agreed"), "indicator.agree", one.id))
    actions.append(Button(t("Library"), "library.show"))
    return Card(one.name(locale), (facts(pairs),), tuple(actions), summary=one.name(locale))


def _options(t: Texts, shown: Sequence[Indicator]) -> tuple[tuple[str, str], ...]:
    return tuple((str(one.id), one.name(t.locale)[:70]) for one in shown)
