"""What people of the sample company gave as evidence: it opens, some of it is accepted, and scorers find it."""

from bot import storage
from models.deposit import Deposit
from models.evidence import ACCEPTED, FILE, GIVEN, LINK, RETURNED, WORDS, Evidence, open_for
from models.person import Person
from models.plan import Plan
from models.rules.files import examined
from tests.filled import Filled
from tests.models.test_content import foreign


def test_there_are_files_links_and_words_and_some_are_accepted(full: Filled) -> None:
    pieces = full.rows(Evidence)
    assert {one.kind for one in pieces} == {FILE, LINK, WORDS}
    assert {one.state for one in pieces} == {GIVEN, ACCEPTED, RETURNED}
    assert all(one.at < full.now and open_for(full.db, full.db.get_one(Plan, one.plan_id)) for one in pieces)
    assert len([one for one in pieces if one.kind == FILE]) > len(full.rows(Deposit)), "the same is stored once"


def test_every_file_opens_and_everything_is_in_its_owners_language(full: Filled) -> None:
    for piece in full.rows(Evidence):
        owner = full.db.get_one(Person, piece.person_id)
        title, body = (
            full.vault.open(("evidence", name, piece.id), getattr(piece, name)) for name in ("title", "body")
        )
        assert not foreign(body, owner.locale)
        if piece.deposit_id is not None:
            content = storage.load(full.db, full.vault, piece.deposit_id)
            assert examined(content, title).media == piece.media
            assert not foreign(content.decode(), owner.locale)
