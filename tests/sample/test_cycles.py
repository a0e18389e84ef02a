"""The cycles of the sample company: consistent states, plausible values, the same content every time."""

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlmodel import Session, SQLModel, select

from bot.db import Database
from bot.sample import fill
from bot.vault import Vault
from models import audit, checkin, cycle, plan, todo
from models.approval import decisions
from models.base import changes
from models.item import items_of, text_of
from models.plan import Plan, plan_of
from models.stages import ends_at, obstacle
from models.todo import waiting
from tests.filled import FULL_SIZE, KEYS, NOW, Filled, current, everything, filled


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


def _of_plan(one: todo.Todo) -> bool:
    return one.done_at is None and one.kind.startswith("plan.")


def test_exactly_the_right_person_is_asked(full: Filled) -> None:
    kinds = {plan.SUBMITTED: "plan.approve", plan.COMPLIANCE: "plan.pass", plan.CONFIRMING: "plan.confirm"}
    waited = {(one.subject_id, one.kind): one for one in full.rows(todo.Todo) if _of_plan(one)}
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


def test_nobody_of_the_tours_begins_with_something_overdue(full: Filled) -> None:
    for handle in ("boss", "dana", "ana", "bo", "mei", "kenji", "wang", "helen"):
        due = [one.due_at for one in waiting(full.db, full.person(handle).id) if one.due_at is not None]
        assert all(at > NOW for at in due), handle


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
    years = {one.id: one.name for one in full.rows(cycle.Cycle) if one.kind == "year"}
    assert sorted(years.values()) == ["2024", "2025"]
    old = {one.id for one in full.rows(Plan) if one.cycle_id in years}
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
    names = [one.name for one in made.rows(cycle.Cycle)]
    assert names == ["2025", "2026", "2027-02", "2026 Q4", "2027 Q1"]
    made.db.close()
    made.database.close()


def test_the_clock_moves_nothing_in_the_first_week(full: Filled) -> None:
    """Whoever plays the company for some days finds it as the tour says."""
    a_week = NOW + timedelta(days=7)
    for one in full.rows(cycle.Cycle):
        due = ends_at(full.db, one)
        assert due is None or due > a_week, one.name
        assert obstacle(full.db, one, a_week) is None, one.name
