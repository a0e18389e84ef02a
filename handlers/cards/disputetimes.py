"""How fast disputes are answered: figures for HR and auditors, nobody's case."""

from collections.abc import Sequence
from decimal import Decimal

from bot.cards import Block, Button, Card, Note, Table, facts, text
from bot.text import Texts
from handlers.cards.disputes import STATES
from models.dispute import RUNNING
from models.rules.durations import LEAST, Summary, Times


def times_card(t: Texts, cycle: str, whole: Summary, departments: Sequence[tuple[str, Summary]]) -> Card:
    """Median, 90th percentile and promises kept; by department where there are enough cases."""
    title = t("Answer times · {cycle}", cycle=cycle)
    back = (Button(t("All disputes"), "dispute.list"),)
    if not whole.count:
        said = t("Nobody has disputed a result in this cycle.")
        return Card(title, (text(said),), back, summary=said)
    body: list[Block] = [facts(_figures(t, whole))]
    if departments:
        header = (t("Department"), t("Cases"), t("Ruling, median"), t("Within 24 h"))
        body.append(Table(header, tuple(_row(t, name, one) for name, one in departments)))
    body.append(Note(t("Departments with fewer than {least} cases are not shown by themselves.", least=LEAST)))
    return Card(title, tuple(body), back, summary=t("How fast disputes are answered"))


def _figures(t: Texts, whole: Summary) -> list[tuple[str, str]]:
    ended = {state: count for state, count in whole.outcomes.items() if state not in RUNNING}
    outcomes = [f"{t(STATES[state])}: {t.number(count)}" for state, count in ended.items()]
    waiting = whole.count - sum(ended.values())
    return [
        (t("Cases"), t.number(whole.count)),
        (t("Not ruled on yet"), t.number(waiting)),
        (t("Until the answer"), _times(t, whole.answers)),
        (t("Until the ruling"), _times(t, whole.rulings)),
        (t("Within 24 h"), _share(t, whole.kept)),
        (t("Outcomes"), " · ".join(outcomes)),
    ]


def _row(t: Texts, name: str, one: Summary) -> tuple[str, ...]:
    return name, t.number(one.count), _hours(t, one.rulings.median), _share(t, one.kept)


def _times(t: Texts, times: Times) -> str:
    if times.median is None:
        return "–"
    values = {"median": _hours(t, times.median), "high": _hours(t, times.high), "n": times.count}
    return t("half within {median}, 9 of 10 within {high} (cases: {n})", **values)


def _hours(t: Texts, hours: Decimal | None) -> str:
    return "–" if hours is None else t("{hours} h", hours=hours)


def _share(t: Texts, share: Decimal | None) -> str:
    return "–" if share is None else t.percent(share)
