"""What people of the sample company ask: clocks run, one is late, a task is done in part, and all of it opens."""

from models.assignment import Assignment, standing
from models.case import ANSWERED, CLOSED, OPEN, Case, Message
from models.caseload import counts
from models.opinion import Opinion
from models.person import Person
from models.request import ACCEPTED, ASKED, Request
from models.todo import waiting
from tests.filled import Filled
from tests.models.test_content import foreign


def test_one_question_waits_and_one_is_answered(full: Filled) -> None:
    settled, answered, waits = full.rows(Case)
    assert (settled.state, answered.state, waits.state) == (CLOSED, ANSWERED, OPEN)
    assert waits.due_at > full.now > waits.asked_at
    assert (counts(full.db, full.now).running, counts(full.db, full.now).late) == (2, 0)
    assert [one.subject_id for one in waiting(full.db, waits.waits_for_id) if one.kind == "case.answer"] == [waits.id]


def test_one_request_is_late_and_a_task_is_done_in_part(full: Filled) -> None:
    _settled, late, fresh = [one for one in full.rows(Request) if one.assignment_id is None]
    assert (late.state, late.overdue(full.now), fresh.overdue(full.now)) == (ASKED, True, False)
    (task,) = full.rows(Assignment)
    far = standing(full.db, [task.id], full.now)[task.id]
    assert (far.total, far.done, far.late) == (3, 1, 0)


def test_one_of_each_is_over(full: Filled) -> None:
    settled, given, (word,) = full.rows(Case)[0], full.rows(Request)[0], full.rows(Opinion)
    assert settled.rated
    assert (word.owner_id, word.shown) == (settled.waits_for_id, False)
    assert not foreign(full.vault.open(("case_opinion", "word", word.id), word.word or b""), "zh_Hant")
    assert (given.state, given.returns, given.ended_at is None) == (ACCEPTED, 1, False)
    locale = full.db.get_one(Person, given.person_id).locale
    for column in ("answer", "reason", "link"):
        assert not foreign(full.vault.open(("request", column, given.id), getattr(given, column)), locale)


def test_all_of_it_is_written_in_the_language_of_who_asked(full: Filled) -> None:
    for message in full.rows(Message):
        asker = full.db.get_one(Person, full.db.get_one(Case, message.case_id).person_id)
        assert not foreign(full.vault.open(("case_message", "body", message.id), message.body or b""), asker.locale)
    for row in (*full.rows(Request), *full.rows(Assignment)):
        if row.what is not None:
            said = full.vault.open((row.noun, "what", row.id), row.what)
            assert not foreign(said, full.db.get_one(Person, row.person_id).locale)
