"""Disputes of the sample company: one of each kind, and a clock that runs whenever the company is made."""

from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import col, select

from models.dispute import ADJUSTED, UPHELD, Dispute
from models.dispute import MANAGER as ANSWER
from models.person import Person
from models.result import Result
from models.todo import waiting
from tests.filled import Filled, filled
from tests.models.test_content import foreign

TEXTS = ("reason", "evidence", "answer", "ruling")


def case_of(made: Filled, handle: str) -> Dispute:
    person = made.person(handle)
    return made.db.exec(select(Dispute).where(Dispute.person_id == person.id).order_by(col(Dispute.id))).one()


def test_one_case_is_open_and_its_clock_runs(full: Filled, tmp_path: Path) -> None:
    later = filled(tmp_path, small=False, now=datetime(2028, 2, 29, 15, tzinfo=UTC))
    for made in (full, later):
        case, dana = case_of(made, "bo"), made.person("dana")
        assert (case.state, case.waits_for_id) == (ANSWER, dana.id)
        assert case.filed_at < made.now < case.awaited_by < case.due_at
        assert case.passed(made.now) == 0
        assert ("dispute.answer", case.id) in [(one.kind, one.subject_id) for one in waiting(made.db, dana.id)]
        assert case.snapshot["lines"]
        assert case.recheck["items"]
    later.db.close()
    later.database.close()


def test_one_was_adjusted_and_one_upheld(full: Filled) -> None:
    mei, kenji = case_of(full, "mei"), case_of(full, "kenji")
    assert (mei.state, kenji.state) == (ADJUSTED, UPHELD)
    for case, revision in ((mei, 2), (kenji, 1)):
        assert case.answered_at is not None
        assert case.ended_at is not None
        assert case.filed_at < case.answered_at < case.ended_at < case.due_at
        assert case.ruled_by_id not in (case.author_id, case.person_id)
        assert full.db.get_one(Result, case.result_id).revision == revision
    result = full.db.get_one(Result, mei.result_id)
    assert (result.total, result.origin) == (mei.total_after, "disputed")
    assert (mei.total_before or 0) < (mei.total_after or 0)


def test_a_case_is_written_in_the_language_of_its_owner(full: Filled) -> None:
    for handle in ("bo", "mei", "kenji"):
        case = case_of(full, handle)
        locale = full.db.get_one(Person, case.person_id).locale
        for name in TEXTS:
            envelope = getattr(case, name)
            if envelope is not None:
                text = full.vault.open(("dispute", name, case.id), envelope)
                assert text
                assert not foreign(text, locale)
