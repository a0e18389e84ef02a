"""Calibration: how results are spread against the guidance, and what is said about each before they are published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from bot.cards import Action, Block, Bold, Button, Card, Chart, Choice, Note, Style, Table, Tone, facts, text
from bot.forms import Ask, Form, Kind
from bot.plots import Column, Columns
from bot.text import N_, Texts
from handlers.cards.planforms import Long

MOST = 10
FAR = Decimal(10)  # percent of the people away from the guidance before the findings name a rating

Points = Annotated[Decimal, Field(ge=0, le=200, max_digits=5, decimal_places=2, allow_inf_nan=False)]


class QuestionForm(Form):
    """What should be talked about."""

    action: ClassVar[str] = "result.question"
    title: ClassVar[str] = N_("Question a result")
    submit: ClassVar[str] = N_("Put the question")
    note: Annotated[
        Long, Ask(N_("What should be talked about?"), N_("HR and those who calibrate read this."), Kind.LONG)
    ]


class CalibrateForm(Form):
    """Another total, with the reason its owner will read."""

    action: ClassVar[str] = "result.calibrate"
    title: ClassVar[str] = N_("Change the total")
    total: Annotated[Points, Ask(N_("New total"), N_("In points; what the rating follows from."))]
    reason: Annotated[Long, Ask(N_("Because …"), N_("The person reads this with their result."), Kind.LONG)]


@dataclass(frozen=True, slots=True)
class Spread:
    """Results of a cycle in one place; `counts` by rating, best first; `guidance` in percent; rows by total;
    `cycles` are all that are in review."""

    cycle: str
    place: str
    counts: Mapping[str, int]
    guidance: Mapping[str, Decimal]
    rows: Sequence["Row"]
    page: int = 0
    unfinished: int = 0
    places: Sequence[tuple[str, str]] = ()
    department: int = 0
    id: int = 0
    cycles: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One result in the list: how many agree, how many have a question, how many flags are open."""

    id: int
    name: str
    total: Decimal
    rating: str
    agree: int
    questions: int
    flags: int


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody said: `note` is the question."""

    name: str
    agrees: bool
    note: str


@dataclass(frozen=True, slots=True)
class Case:
    """One result as those who calibrate see it; `came` are the steps from the computed to the present total."""

    id: int
    version: int
    name: str
    cycle: str
    total: Decimal
    rating: str
    came: Sequence[str]
    last: str
    opinions: Sequence[Opinion]
    flags: Sequence[str]
    votes: bool = False
    calibrates: bool = False
    open: bool = True
    cycle_id: int = 0
    agreed: bool = False


def spread_card(t: Texts, shown: Spread) -> Card:
    """The distribution against the guidance, its findings, and the people a page at a time."""
    people = sum(shown.counts.values())
    body: list[Block] = []
    if people:
        body.append(_chart(t, shown, people))
        body += [text("• ", one) for one in findings(t, shown)]
    else:
        body.append(text(t("No result is computed here yet.")))
    if shown.unfinished:
        said = t.n("{n} result is not finished: scores are missing.", "{n} results are not finished.", shown.unfinished)
        body.append(Note(said))
    rows = shown.rows[shown.page * MOST : (shown.page + 1) * MOST]
    if rows:
        header = (t("Person"), t("Total"), t("Rating"), t("Opinions"))
        body.append(Table(header, tuple((row.name, t.number(row.total), row.rating, _said(t, row)) for row in rows)))
    title = t("Calibration · {cycle} · {place}", cycle=shown.cycle, place=shown.place)
    return Card(title, tuple(body), _spread_actions(t, shown, rows), Tone.INFO, t("Results before publication"))


def case_card(t: Texts, shown: Case) -> Card:
    """One result to be talked about."""
    pairs = [(t("Cycle"), shown.cycle), (t("Total"), t.number(shown.total)), (t("Rating"), shown.rating)]
    pairs.append((t("Last time"), shown.last))
    body: list[Block] = [facts(pairs), *(text("• ", line) for line in shown.came)]
    body += [text("! ", line) for line in shown.flags]
    for one in shown.opinions:
        said = t("agrees") if one.agrees else t("asks: {note}", note=one.note)
        body.append(text("• ", Bold(one.name), f" {said}"))
    if not shown.opinions:
        body.append(Note(t("Nobody has said anything about this result yet.")))
    actions: list[Action] = []
    at = (shown.id, shown.version)
    if shown.votes and shown.open:
        if not shown.agreed:
            actions.append(Button(t("Agree"), "result.agree", *at, style=Style.PRIMARY))
        actions.append(Button(t("Question…"), "result.question", *at))
    if shown.calibrates and shown.open:
        actions.append(Button(t("Change the total…"), "result.calibrate", *at))
    actions.append(Button(t("Back to the list"), "calibration.show", shown.cycle_id))
    title = t("Calibration · {place}", place=shown.name)
    return Card(title, tuple(body), tuple(actions), Tone.INFO, t("One result before publication"))


def findings(t: Texts, shown: Spread) -> list[str]:
    """Where the shares are far from the guidance, in words; one sentence if they are not."""
    people = sum(shown.counts.values())
    said = []
    for name, number in shown.counts.items():
        share, due = Decimal(100 * number) / people, shown.guidance.get(name, Decimal(0))
        if abs(share - due) > FAR:
            values = {"rating": name, "share": t.percent(share / 100), "due": t.percent(due / 100)}
            more = t("More {rating} than the guidance: {share} instead of {due}.", **values)
            said.append(more if share > due else t("Fewer {rating} than the guidance: {share}, not {due}.", **values))
    return said or [t("The ratings are spread about as the guidance says.")]


def _chart(t: Texts, shown: Spread, people: int) -> Chart:
    columns = tuple(
        Column(
            label=name,
            value=number / people,
            text=f"{t.number(number)} · {t.percent(Decimal(number) / people)}",
            expected=float(shown.guidance.get(name, Decimal(0))) / 100,
            expected_text=t.percent(shown.guidance.get(name, Decimal(0)) / 100),
        )
        for name, number in shown.counts.items()
    )
    subtitle = t.n("{n} result", "{n} results", people)
    return Chart(
        t("Ratings in {cycle}", cycle=shown.cycle),
        f"{shown.place} · {subtitle}",
        Columns(columns, t("guidance"), 100),
        t.locale,
    )


def _said(t: Texts, row: Row) -> str:
    parts = [
        t("{n} agree", n=row.agree) if row.agree else "",
        t.n("{n} question", "{n} questions", row.questions) if row.questions else "",
        t.n("{n} flag", "{n} flags", row.flags) if row.flags else "",
    ]
    return " · ".join(part for part in parts if part) or "–"


def _spread_actions(t: Texts, shown: Spread, rows: Sequence[Row]) -> tuple[Action, ...]:
    actions: list[Action] = []
    if rows:
        options = tuple((str(row.id), f"{row.name} · {row.rating}"[:70]) for row in rows)
        actions.append(Choice(t("Open a result"), "calibration.pick", options))
    pages = (len(shown.rows) + MOST - 1) // MOST
    if pages > 1:
        options = tuple(
            (f"{shown.department} {n}", t("Page {n} of {total}", n=n + 1, total=pages)) for n in range(pages)
        )
        actions.append(Choice(t("Page"), "calibration.page", options, shown.id))
    if len(shown.places) > 1:
        actions.append(
            Choice(
                t("Department"), "calibration.place", tuple((key, name[:70]) for key, name in shown.places), shown.id
            )
        )
    if len(shown.cycles) > 1:
        actions.append(Choice(t("Cycle"), "calibration.cycle", tuple(shown.cycles)))
    return tuple(actions)
