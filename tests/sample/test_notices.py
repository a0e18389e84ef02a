"""Announcements of the sample company: a kick-off that some have not confirmed, one to come, two rule documents."""

from datetime import timedelta

from sqlmodel import select

from models.announcement import Announcement, addressed, confirmed, reading
from models.bulletin import Bulletin, due
from models.cycle import current
from models.fanout import Fanout
from models.rulebook import shelf
from models.wording import worded
from tests.filled import Filled
from tests.models.test_content import foreign


def test_the_kick_off_is_read_by_most(full: Filled) -> None:
    cycle = current(full.db, full.now.date())
    live = full.db.exec(select(Announcement)).one()
    count = confirmed(full.db, live.id)
    assert cycle is not None
    assert (live.cycle_id, live.edition, live.confirm) == (cycle.id, 1, True)
    assert 5 <= count.waiting <= count.asked // 5
    assert live.due_at is not None
    assert live.sent_at < full.now < live.due_at
    kenji, ana = (reading(full.db, live.id, full.person(handle).id) for handle in ("kenji", "ana"))
    assert kenji is not None
    assert kenji.read_at is None
    assert ana is not None
    assert ana.read_at is not None
    assert live.sent_at < ana.read_at < full.now
    assert addressed(full.db, live.id, full.person("kenji").id)
    assert all(one.done_at is not None for one in full.db.exec(select(Fanout)))


def test_one_is_to_come(full: Filled) -> None:
    planned = full.db.exec(select(Bulletin).where(Bulletin.state == "scheduled")).one()
    assert planned.send_at is not None
    assert full.now < planned.send_at < full.now + timedelta(days=11)
    assert due(full.db, full.now) == []
    assert due(full.db, planned.send_at) == [planned]


def test_texts_are_in_the_language_of_their_readers(full: Filled) -> None:
    rows = [one.texts for one in full.db.exec(select(Bulletin))] + [one.texts for one, _cycle in shelf(full.db)]
    for texts in rows:
        for locale, words in texts.items():
            assert "{" not in "".join(words.values())
            assert not [line for line in words.values() if foreign(line, locale)], (locale, words)


def test_the_rules_are_found_by_their_words(full: Filled) -> None:
    def titles(words: str) -> list[str]:
        return [worded(one.texts, "en").title for one, _cycle in shelf(full.db, words)]

    assert titles("") == ["How items are scored", "Bonus rules"]
    assert titles("BONUS") == titles("奖金") == ["Bonus rules"]
    assert titles("colleague anonymous") == ["How items are scored"]
    assert titles("bonus colleague") == []
