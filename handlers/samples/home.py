"""Home and team: nothing to do, some things, far too many, and what is overdue."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.cards import Card
from bot.text import Texts
from handlers.cards.home import ShownHome, home_card
from handlers.cards.team import team_card
from handlers.cards.todos import KINDS, OWN, ShownTodo, todo_label, together
from handlers.samples.company import BLOCKED, DUE, HOSTILE, LATE, LONG, NEW, NOW, OWNER, STATES, Company
from models.team import Counted, Member

Samples = Iterator[tuple[str, Card]]


def home_samples(t: Texts) -> Samples:
    """(name, card) of every home and team card."""
    company = Company(t)
    yield from _homes(t, company)
    yield from _teams(t, company)


def todos(company: Company, count: int, due: datetime | None = DUE, first: int = 1) -> list[ShownTodo]:
    """So many todos, of every kind in turn; every second one for somebody else."""
    t = company.t
    kinds = list(KINDS)
    owed = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        own = kind in OWN and number % 2 == 1
        label = todo_label(t, kind, company.name(OWNER + number % 7), own=own)
        owed.append(ShownTodo(first + number, label, due))
    return owed


def _homes(t: Texts, company: Company) -> Samples:
    bare = ShownHome(
        name=company.name(OWNER),
        todos=(),
        plan=None,
        cycle="",
        deadline=None,
        done=None,
        manages=False,
        runs_cycles=False,
        now=NOW,
    )
    yield "home.no_plan", home_card(t, bare)
    yield "home.no_plan.hr", home_card(t, replace(bare, runs_cycles=True, manages=True))
    planned = replace(bare, cycle=company.cycle.name, deadline=("setting", DUE, company.cycle.name))
    for state in STATES:
        done = Decimal("0.8321") if company.plan(state).effective else None
        yield f"home.{state}", home_card(t, replace(planned, plan=company.plan(state), done=done))
    for stage in ("tracking", "self_scoring", "scoring", "published", "disputing"):
        active = replace(planned, plan=company.plan("active"), deadline=(stage, DUE + timedelta(days=30), "2026-11"))
        yield f"home.deadline.{stage}", home_card(t, active)
    busy = replace(planned, plan=company.plan("active"), done=Decimal("1.2"), manages=True, runs_cycles=True)
    leads = replace(
        busy, team=Counted({"draft": 2, "submitted": 1, "active": 12}), cycles=[(planned.cycle, "tracking")]
    )
    yield "home.team", home_card(t, leads)
    scoring = Counted({"active": 14, "amending": 1}, 9, 15)
    cycles = [(planned.cycle, stage) for stage in ("scoring", "tracking", "setting", "setting")]
    yield "home.team.scoring", home_card(t, replace(leads, todos=todos(company, 2), team=scoring, cycles=cycles))
    yield "home.todo.one", home_card(t, replace(busy, todos=todos(company, 1)))
    yield "home.todos", home_card(t, replace(busy, todos=[*todos(company, 2, LATE), *todos(company, 5, first=3)]))
    batch = [ShownTodo(0, together(t, "scorecard.submit", 9), DUE, "team.score")]
    yield "home.todos.batch", home_card(t, replace(busy, todos=[*todos(company, 3), *batch]))
    yield "home.todos.many", home_card(t, replace(busy, todos=todos(company, 23)))
    yield "home.todos.overdue", home_card(t, replace(busy, todos=todos(company, 3, LATE)))
    yield "home.todos.undated", home_card(t, replace(busy, todos=todos(company, 2, None), deadline=None))
    yield "home.hostile", home_card(t, replace(bare, name=HOSTILE, todos=_about(company, HOSTILE)))
    yield "home.long", home_card(t, replace(bare, name=LONG, todos=_about(company, LONG)))


def _about(company: Company, name: str) -> list[ShownTodo]:
    labels = [todo_label(company.t, kind, name, own=False) for kind in KINDS]
    return [ShownTodo(number, label, DUE) for number, label in enumerate(labels, 1)]


def members(company: Company) -> list[Member]:
    """A report in every state of a plan, and one who is far behind and blocked."""
    shares = (None, None, None, None, Decimal("0.6120"), Decimal("1.0450"), Decimal("0.5310"))
    return [
        Member(
            company.person(number),
            company.plan(state, id=30 + number, person_id=number + 1),
            shares[number] if number != BLOCKED else Decimal("0.2105"),
            number == BLOCKED,
        )
        for number, state in enumerate(STATES)
    ]


def _teams(t: Texts, company: Company) -> Samples:
    yield "team.empty", team_card(t, [], [], NOW)
    yield "team.nobody_waits", team_card(t, [], members(company), NOW)
    yield "team.todos", team_card(t, [*todos(company, 1, LATE), *todos(company, 3, first=2)], members(company), NOW)
    batch = [ShownTodo(0, together(t, "scorecard.submit", 9), DUE, "team.score")]
    yield "team.todos.batch", team_card(t, [*todos(company, 2), *batch], members(company), NOW, 9)
    yield "team.todos.many", team_card(t, todos(company, 30), members(company), NOW)
    hostile = [Member(company.person(NEW, HOSTILE), company.plan("draft"), None, blocked=False)]
    yield "team.hostile", team_card(t, _about(company, HOSTILE), hostile, NOW)
    long = [
        Member(company.person(NEW, LONG), company.plan("active", id=100 + number), Decimal("0.0750"), blocked=True)
        for number in range(30)
    ]
    yield "team.long", team_card(t, _about(company, LONG), long, NOW)
