"""The sample companies: a sane organisation, consistent states, and the same content every time."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, SQLModel, select

from bot.db import Database
from bot.sample import fill
from bot.sample.cast import cast, said
from bot.sample.organisation import build
from bot.text import LOCALES
from bot.vault import Vault
from models import audit, checkin, cycle, goal, indicator, plan, todo
from models.approval import decisions
from models.base import Refused, changes
from models.department import Department
from models.indicator import goal_of, template_items
from models.item import items_of, text_of
from models.person import AUDITOR, EXECUTIVE, HR, Person, superior, with_role
from models.plan import Plan, plan_of
from models.position import Position
from models.rules.plans import check_weights
from models.rules.units import UNITS
from models.todo import waiting
from tests.filled import KEYS, NOW, Filled, everything, filled
from tests.models.test_content import foreign

FULL_SIZE, SMALL_SIZE = 200, 14


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    made = filled(tmp_path_factory.mktemp("full"), small=False)
    yield made
    made.db.close()
    made.database.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    made = filled(tmp_path_factory.mktemp("small"), small=True)
    yield made
    made.db.close()
    made.database.close()


@pytest.fixture(params=["full", "small"])
def either(request: pytest.FixtureRequest) -> Filled:
    made: Filled = request.getfixturevalue(request.param)
    return made


def test_everybody_has_a_place_and_a_way_to_the_top(either: Filled) -> None:
    people = either.rows(Person)
    assert len(people) == (FULL_SIZE if len(people) > SMALL_SIZE else SMALL_SIZE)
    boss = either.person("boss")
    for person in people:
        assert person.department_id
        assert person.position_id
        assert person.locale in LOCALES
        assert person.zone
        assert person.hired_on <= NOW.date()
        assert person.manager_id is not None or person.handle == "boss"
        chain, at = [person.id], person
        while at.manager_id is not None:
            at = either.db.get_one(Person, at.manager_id)
            assert at.id not in chain
            chain.append(at.id)
        assert chain[-1] == boss.id


def test_numbers_handles_and_addresses_are_unique(either: Filled) -> None:
    people = either.rows(Person)
    for values in ([p.number for p in people], [p.handle for p in people], [p.email for p in people]):
        assert len(set(values)) == len(people)
    assert all(p.email == f"{p.handle}@harbourlight.example" and p.handle.isascii() for p in people)
    assert len({p.name for p in people}) >= len(people) - 2


def test_departments_are_a_tree_with_heads_inside(either: Filled) -> None:
    for department in either.rows(Department):
        parent = either.db.get(Department, department.parent_id) if department.parent_id else None
        assert department.path == f"{parent.path if parent else '/'}{department.id}/"
        if department.code == "company":
            assert department.head_id is None
        else:
            assert either.db.get_one(Person, department.head_id).department_id == department.id


def test_spans_are_sane(full: Filled) -> None:
    spans = Counter(person.manager_id for person in full.rows(Person) if person.manager_id)
    assert min(spans.values()) >= 4
    assert max(spans.values()) <= 12
    assert 25 <= len(spans) <= 45


def test_the_cast_is_as_stories_expect_it(either: Filled) -> None:
    ana, dana, eva, boss = (either.person(handle) for handle in ("ana", "dana", "eva", "boss"))
    first = superior(either.db, ana, frozenset())
    assert first is not None
    assert (first.id, dana.manager_id, eva.manager_id, boss.manager_id) == (dana.id, eva.id, boss.id, None)
    locales = {"ana": "en", "bo": "zh_Hans", "wang": "zh_Hans", "mei": "zh_Hant", "kenji": "ja"}
    assert {handle: either.person(handle).locale for handle in locales} == locales
    assert either.person("bo").manager_id == dana.id != either.person("wang").manager_id
    assert either.person("wang").name == "王芳"
    sales = either.db.exec(select(Department).where(Department.code == "sales")).one()
    assert sales.head_id == dana.id
    assert ana.salary is not None
    assert either.vault.open(("person", "salary", ana.id), ana.salary) == "18500.00 CNY"


def test_roles(full: Filled, small: Filled) -> None:
    for made, hr in ((full, 4), (small, 2)):
        assert [person.handle for person in with_role(made.db, EXECUTIVE)] == ["boss", "eva"]
        assert [person.handle for person in with_role(made.db, AUDITOR)] == ["audrey"]
        assert len(with_role(made.db, HR)) == hr
        assert {person.handle for person in with_role(made.db, HR)} >= {"helen", "henry"}


def test_every_salary_opens_where_it_belongs(full: Filled) -> None:
    for person in full.rows(Person):
        amount, currency = full.vault.open(("person", "salary", person.id), person.salary).split(" ")
        assert float(amount) > 0
        assert currency in ("CNY", "TWD", "JPY", "SGD")


def test_the_small_company_is_ready_for_a_first_cycle(small: Filled) -> None:
    assert len(small.rows(Department)) == 4
    assert len(small.rows(goal.Goal)) == 2
    assert small.rows(cycle.Cycle) == []
    entries = template_items(small.db, "finance-sales")
    assert check_weights([entry.weight for entry, _indicator in entries]) == []
    assert all(goal_of(small.db, found) and found.owner_agreed for _entry, found in entries)


def test_texts_of_the_company_are_whole_in_every_language() -> None:
    company, library = said("company"), said("library")
    named = [*company["departments"], *company["positions"], *company["goals"], *library["templates"]]
    texts = [entry["names"] for entry in named] + [entry["measures"] for entry in company["goals"]]
    parts = ("names", "formulas", "levels")
    texts += [entry[part] for entry in library["indicators"] for part in parts if part in entry]
    texts += list(library["sources"].values())
    for names in texts:
        assert sorted(names) == sorted(LOCALES)
        assert not [foreign(text, locale) for locale, text in names.items() if foreign(text, locale)]
    for locale, words in said("words").items():
        assert sorted(words) == sorted(said("words")["en"])
        assert not [foreign(text, locale) for lines in words.values() for text in lines if foreign(text, locale)]


def test_the_library_has_three_levels_and_two_strays(full: Filled) -> None:
    entries = full.rows(indicator.Indicator)
    assert {entry.level for entry in entries} == set(indicator.LEVELS)
    stray = sorted(entry.code for entry in entries if goal_of(full.db, entry) is None)
    assert stray == ["harbour-events", "harbour-reports-written"]
    for entry in entries:
        assert entry.unit in UNITS or entry.rule == "rated"
        assert entry.code in stray or (entry.owner_id and entry.accountable_id and entry.owner_agreed)
    for position in full.rows(Position):
        chosen = template_items(full.db, position.template)
        assert check_weights([item.weight for item, _one in chosen]) == []
        assert [10 <= (item.weight or 0) <= 20 for item, one in chosen if one.rule == "rated"] == [True]
    assert 5 <= len(full.rows(goal.Goal)) <= 6


def current(made: Filled) -> cycle.Cycle:
    now = cycle.current(made.db, NOW.date())
    assert now is not None
    return now


def plans(made: Filled) -> list[Plan]:
    return [one for one in made.rows(Plan) if one.cycle_id == current(made).id]


def test_states_of_the_running_cycle(full: Filled) -> None:
    assert current(full).state == "setting"
    count = Counter(one.state for one in plans(full))
    assert sum(count.values()) == FULL_SIZE
    assert count["active"] > FULL_SIZE / 2
    assert all(count[state] >= 10 for state in (plan.SUBMITTED, plan.COMPLIANCE, plan.CONFIRMING))
    drafts = [one for one in plans(full) if one.state == plan.DRAFT]
    assert sum(bool(one.reason) for one in drafts) >= 8
    assert sum(not one.items(full.db) for one in drafts) >= 3
    assert sum(not one.reason and bool(one.items(full.db)) for one in drafts) >= 5
    stray = [one for one in plans(full) if one.state == plan.COMPLIANCE and one.findings(full.db)]
    assert len(stray) == 3


def test_exactly_the_right_person_is_asked(full: Filled) -> None:
    kinds = {plan.SUBMITTED: "plan.approve", plan.COMPLIANCE: "plan.pass", plan.CONFIRMING: "plan.confirm"}
    waited = {(one.subject_id, one.kind): one for one in full.rows(todo.Todo) if one.done_at is None}
    for one in plans(full):
        if one.state == plan.ACTIVE:
            assert not [kind for subject, kind in waited if subject == one.id]
            continue
        kind = kinds.get(one.state, "plan.submit")
        asked = waited.pop((one.id, kind))
        assert asked.assignee_id not in (one.person_id, one.author_id) or kind in ("plan.confirm", "plan.submit")
        assert one.waits_for_id in (None, asked.assignee_id)
        assert asked.created_at <= NOW < asked.due_at
    assert not waited


def test_ana_and_bo(full: Filled) -> None:
    dana, ana, bo = (full.person(handle) for handle in ("dana", "ana", "bo"))
    empty, active = (plan_of(full.db, current(full).id, person.id) for person in (ana, bo))
    assert empty is not None
    assert active is not None
    assert (empty.state, list(empty.items(full.db))) == (plan.DRAFT, [])
    assert ("plan.submit", empty.id) in [(one.kind, one.subject_id) for one in waiting(full.db, dana.id)]
    assert (active.state, active.effective) == (plan.ACTIVE, 1)
    reports = full.db.exec(select(checkin.Checkin).where(checkin.Checkin.plan_id == active.id)).all()
    assert len(reports) >= 3
    assert sum(bool(report.blocker) for report in reports) == 1
    assert [entry.decision for entry in decisions(full.db, active.id)] == ["approved", "passed", "confirmed"]


def test_confirmed_texts_fit_their_hashes(full: Filled) -> None:
    for one in full.rows(Plan):
        if one.effective:
            text = text_of(items_of(full.db, one.id, one.effective))
            assert hashlib.sha256(text.encode()).hexdigest() == one.digest


def test_two_finished_years_have_values_with_provenance(full: Filled) -> None:
    closed = [one for one in full.rows(cycle.Cycle) if one.state == "closed"]
    assert [one.name for one in closed] == ["2024", "2025"]
    old = {one.id for one in full.rows(Plan) if one.cycle_id in {one.id for one in closed}}
    values = [one for one in full.rows(checkin.Measurement) if one.plan_id in old]
    assert len(values) > 8000
    assert all(one.source and one.reference and one.at < NOW and one.value >= 0 for one in values)
    assert {"CRM", "Risk engine"} <= {one.source for one in values}


def test_values_are_plausible(full: Filled) -> None:
    ratios = []
    for one in full.rows(Plan):
        if one.state == plan.ACTIVE and one.cycle_id != current(full).id:
            newest = checkin.latest_values(full.db, [one.id])
            for item in items_of(full.db, one.id, 1):
                value = newest[one.id, item.lineage].value if item.rule != "rated" else Decimal(0)
                assert value <= 100 or item.unit != "%" or item.direction == "range"
                if item.target and item.direction == "higher":
                    ratios.append(value / item.target)
    assert 0.9 < sum(ratios) / len(ratios) < 1.1
    assert len([ratio for ratio in ratios if not 0.6 < ratio < 1.5]) < len(ratios) / 100


def test_the_trail_follows_time_and_nothing_happens_later(full: Filled) -> None:
    entries = full.rows(audit.Audit)
    times = [entry.at for entry in entries]
    assert times == sorted(times)
    assert times[-1] <= NOW
    assert all(entry.leaf == hashlib.sha256(b"\x00" + entry.body.encode()).digest() for entry in entries)
    assert {"cycle.published", "plan.submitted", "plan.returned", "plan.confirmed", "plan.reported"} <= {
        entry.action for entry in entries
    }


def test_a_company_of_another_name(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/named.db")
    SQLModel.metadata.create_all(database.writer)
    made = database.now(lambda db: build(db, Vault(KEYS), cast("small"), "Sunny Loans", NOW.date()))
    assert set(made.departments["company"].names.values()) == {"Sunny Loans"}
    with pytest.raises(Refused):
        database.now(lambda db: fill(db, Vault(KEYS), NOW))
    database.close()


def test_filling_twice_gives_the_same_and_leaves_nothing_behind(full: Filled, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/again.db")
    SQLModel.metadata.create_all(database.writer)

    def left(db: Session) -> int:
        fill(db, Vault(KEYS), NOW)
        return len(changes(db))

    assert database.now(left) == 0
    again = Filled(database, Session(database.reader), full.vault)
    assert everything(again) == everything(full)
    again.db.close()
    database.close()


def test_a_sunday_night_in_march_will_do_too(tmp_path: Path) -> None:
    day = datetime(2027, 3, 28, 22, tzinfo=UTC)
    made = filled(tmp_path, small=False, now=day)
    assert max(entry.at for entry in made.rows(audit.Audit)) <= day
    assert max(entry.at for entry in made.rows(checkin.Measurement)) <= day
    assert Counter(one.state for one in plans(made))["active"] > FULL_SIZE / 2
    assert [one.name for one in made.rows(cycle.Cycle)] == ["2025", "2026", "2027 Q1"]
    made.db.close()
    made.database.close()
