"""How far cycles are: departments, all cycles side by side, lists of names, and a reminder before it goes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.cards import Card
from bot.forms import Sheet
from bot.text import Texts
from handlers.cards.chase import ShownChase, ShownNames, WordsForm, chase_card, names_card
from handlers.cards.headway import Part, Running, ShownHeadway, headway_card, running_card
from handlers.samples.company import DUE, HOSTILE, LONG, NOW, OWNER, Company
from models.headway import FAULTY, LATE, TARDY, WAITING, Count, Piece

Samples = Iterator[tuple[str, Card | Sheet]]
COUNTS = (Count(8, 2, 4, 2, 3, 1), Count(31, 11, 1, 1, 0, 1), Count(70, 0, 0, 0, 2, 0), Count(4, 22, 0, 0, 0, 0))
STEPS = {"plan.submit": 21, "plan.approve": 9, "plan.pass": 8, "plan.confirm": 5}
LATER = NOW + timedelta(days=3)


def headway_samples(t: Texts) -> Samples:
    """(name, card) of every state."""
    company = Company(t)
    yield from _headways(t, company)
    yield from _running(t, company)
    yield from _names(t, company)
    yield from _chases(t, company)


def _shown(t: Texts, company: Company) -> ShownHeadway:
    names = company.departments()
    parts = [Part(number, name, count) for number, (name, count) in enumerate(zip(names, COUNTS, strict=False), 2)]
    return ShownHeadway(
        cycle_id=1,
        cycle=company.cycle.name,
        stage="setting",
        place="0",
        name=t("The company"),
        count=sum(COUNTS, Count()),
        now=NOW,
        parts=parts,
        steps=STEPS,
        stages=("setting", "tracking", "self_scoring"),
        due=LATER,
        names=True,
        several=True,
    )


def _headways(t: Texts, company: Company) -> Samples:
    shown = _shown(t, company)
    names = company.departments()
    yield "headway.company", headway_card(t, shown)
    yield "headway.executive", headway_card(t, replace(shown, names=False, several=False))
    own = {"place": "2", "name": names[0], "count": COUNTS[0], "parts": [Part(2, names[0], COUNTS[0], opens=False)]}
    head = replace(shown, **own, steps={"plan.submit": 8}, stages=("setting",), several=False)  # type: ignore[arg-type]
    yield "headway.department", headway_card(t, replace(head, above=("0", t("↑ The company"))))
    yield "headway.team", headway_card(t, replace(head, place="team", name=t("My team"), parts=()))
    done = replace(shown, count=COUNTS[2], parts=shown.parts[2:3], steps={}, due=DUE)
    yield "headway.done", headway_card(t, done)
    yield (
        "headway.early",
        headway_card(t, replace(shown, count=COUNTS[3], parts=shown.parts[3:], steps={"plan.submit": 22})),
    )
    faulty = replace(shown, count=Count(3, 2, 0, 1), parts=(), steps={"plan.pass": 1, "plan.submit": 2})
    yield "headway.not_compliant", headway_card(t, faulty)
    yield "headway.one", headway_card(t, replace(head, count=Count(late=1), parts=(), steps={"plan.confirm": 1}))
    yield "headway.empty", headway_card(t, replace(shown, count=Count(), parts=(), stages=(), stage=""))
    many = [Part(number, f"{names[number % 4]} {number}", Count(number, 30, 30 - number, 1)) for number in range(30)]
    yield "headway.many", headway_card(t, replace(shown, parts=many, count=sum((one.count for one in many), Count())))
    for name, words in (("hostile", HOSTILE), ("long", LONG)):
        parts = [Part(2, words, COUNTS[0]), Part(3, words, COUNTS[1])]
        odd = replace(shown, name=words, cycle=words, parts=parts, count=COUNTS[0] + COUNTS[1])
        yield f"headway.{name}", headway_card(t, odd)


def _running(t: Texts, company: Company) -> Samples:
    stages = [("setting", COUNTS[2], DUE), ("self_scoring", COUNTS[1], LATER), ("scoring", COUNTS[0], None)]
    first = Running(1, company.cycle.name, "scoring", stages)
    second = Running(2, "2026", "setting", [("setting", COUNTS[3], LATER)])
    yield (
        "headway.running",
        running_card(t, [first, second, Running(3, "2025", "published", [])], t("The company"), NOW),
    )
    yield "headway.running.none", running_card(t, [], company.departments()[1], NOW)
    many = [replace(second, id=number, name=f"{HOSTILE} {number}") for number in range(11)]
    yield "headway.running.many", running_card(t, many, HOSTILE, NOW)


def _pieces(company: Company) -> list[Piece]:
    day = timedelta(days=1)
    kinds = ("plan.submit", "plan.approve", "plan.pass", "plan.confirm", "scorecard.submit", "peer.answer")
    return [
        Piece(
            kind=kind,
            owner_id=OWNER + number,
            owner=company.name(OWNER + number % 2),
            desk_id=OWNER + number * 2,
            desk=company.name(OWNER + 2),
            due_at=NOW - 3 * day + number * day if number < 5 else None,
            done_at=NOW,
            faults=tuple(("source linked returned", "wording", "returned")[number % 3].split()),
        )
        for number, kind in enumerate(kinds)
    ]


def _names(t: Texts, company: Company) -> Samples:
    found = _pieces(company)
    shown = ShownNames(
        cycle_id=1,
        cycle=company.cycle.name,
        stage="setting",
        name=company.departments()[0],
        state=LATE,
        where="2 setting late",
        pieces=found,
        lists=[(LATE, 6), (FAULTY, 2), (WAITING, 31), (TARDY, 3)],
        total=6,
        page=0,
        now=NOW,
        reader_id=OWNER + 2,
    )
    for state in (LATE, FAULTY, WAITING, TARDY):
        yield f"headway.names.{state}", names_card(t, replace(shown, state=state, where=f"2 setting {state}"))
    yield "headway.names.pages", names_card(t, replace(shown, total=61, page=1))
    yield "headway.names.none", names_card(t, replace(shown, pieces=(), lists=(), total=0))
    odd = [replace(one, owner=words, desk=words) for one, words in zip(found, (HOSTILE, LONG), strict=False)]
    yield "headway.names.hostile", names_card(t, replace(shown, pieces=odd, name=HOSTILE, cycle=HOSTILE))


def _chases(t: Texts, company: Company) -> Samples:
    shown = ShownChase(
        id=4,
        version=1,
        cycle=company.cycle.name,
        stage="setting",
        state=LATE,
        name=company.departments()[0],
        writer=company.name(OWNER),
        words="",
        example=_pieces(company)[0],
        now=12,
        later=3,
        none=2,
        outside=1,
        sent=None,
        at=NOW,
    )
    yield "headway.chase", chase_card(t, shown)
    yield "headway.chase.one", chase_card(t, replace(shown, now=1, later=0, none=0, outside=0))
    yield "headway.chase.words", chase_card(t, replace(shown, words=HOSTILE))
    yield "headway.chase.nobody", chase_card(t, replace(shown, now=0, later=0, none=1, outside=0))
    yield "headway.chase.sent", chase_card(t, replace(shown, sent=NOW))
    yield "headway.chase.form", WordsForm.sheet(t, subject=4, version=1)
