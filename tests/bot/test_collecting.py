"""Files on their way: fetched once by whoever is first, tried again after a failure, stored once by what they hold."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot import storage
from bot.capability import Capabilities, Gone, Later, Message, Profile, Rates, Ref, TooLarge
from bot.collecting import LAST, Collector
from bot.db import Database
from bot.events import Fetched, File, Who, unpacked
from bot.rotation import rotate
from bot.sample.small import fill_small
from bot.vault import Unreadable, Vault
from models import deposit
from models.base import put
from models.cycle import Cycle
from models.deposit import PIECE, Deposit, Piece
from models.evidence import FILE, WANTED, Evidence
from models.identity import Identity
from models.person import Person
from models.plan import Plan
from models.wish import PAUSES, Wish, want
from tests.prepared import sqlite_at
from tests.world import KEY, START

NEW = bytes(range(32, 64))
PDF = b"%PDF-1.7\n" + bytes(3 * PIECE)


class Store:
    """A platform that has one file, or fails as it is told."""

    name = "web"
    can = Capabilities()
    rates = Rates()

    def __init__(self) -> None:
        self.fetched = 0
        self.faults: list[Exception] = []
        self.content = PDF

    def routes(self) -> tuple[()]:
        return ()

    async def start(self, inbound: object) -> None: ...

    async def stop(self) -> None: ...

    def ready(self) -> bool:
        return True

    async def fetch(self, url: str, most: int) -> bytes:
        self.fetched += 1
        await asyncio.sleep(0)
        if self.faults:
            raise self.faults.pop(0)
        return self.content

    async def deliver(self, to: Who, message: Message, channel: str = "") -> Ref:
        raise AssertionError("nothing is sent here")

    hand = deliver

    async def update(self, to: Who, ref: Ref, message: Message) -> None:
        raise AssertionError("nothing is sent here")

    async def profile(self, who: Who) -> Profile | None:
        return None


class Ground:
    """A wish of somebody, a clock that is set by hand, and what two replicas' collectors took in."""

    def __init__(self, database: Database) -> None:
        self.db, self.vault, self.now, self.store = database, Vault([KEY]), START, Store()
        self.taken: list[Fetched] = []
        self.replicas = [self.replica() for _ in range(2)]
        database.now(self._wished)

    def replica(self, name: str = "web") -> Collector:
        stores: Mapping[str, Store] = {name: self.store}
        return Collector(self.db, self.vault, stores, lambda: self.now, self._take)  # type: ignore[arg-type]

    async def _take(self, fetched: Fetched) -> None:
        self.taken.append(fetched)
        await self.db.run(lambda db: db.delete(db.get_one(Wish, fetched.wish)))

    def _wished(self, db: Session) -> None:
        fill_small(db, self.vault, START)
        person, cycle = db.exec(select(Person)).all()[0], _cycle(db)
        plan, account = Plan(cycle_id=cycle.id, person_id=person.id, changed_at=START), _account(person.id)
        put(db, plan)
        put(db, account)
        about: dict[str, Any] = {
            "cycle_id": cycle.id,
            "plan_id": plan.id,
            "person_id": person.id,
            "lineage": 1,
            "at": START,
        }
        piece = Evidence(**about, kind=FILE, state=WANTED)
        put(db, piece)
        file = File("a.pdf", "application/pdf", 0, "console:x/a.pdf").packed()
        want(db, piece, account.id, START, lambda row, name, said: self.vault.seal(("wish", name, row.id), said), file)


def _cycle(db: Session) -> Cycle:
    day, owner = START.date(), db.exec(select(Person.id)).first() or 0
    cycle = Cycle(kind="year", name="Y", starts_on=day, ends_on=day, chain=[], languages=[], owner_id=owner)
    put(db, cycle)
    return cycle


def _account(person_id: int) -> Identity:
    return Identity(platform="web", tenant="t", user="u", person_id=person_id, seen_at=START)


@pytest.fixture
def ground(tmp_path: Path):  # type: ignore[no-untyped-def]
    database = sqlite_at(tmp_path)
    yield Ground(database)
    database.close()


async def test_one_replica_fetches_and_nobody_else(ground: Ground) -> None:
    await asyncio.gather(*(one.idle() for one in ground.replicas), ground.replica("slack").idle())
    assert (ground.store.fetched, [(one.ending, one.fault) for one in ground.taken]) == (1, [("pdf", "")])
    assert ground.taken[0].content == PDF


async def test_a_failure_is_tried_again_a_few_times(ground: Ground) -> None:
    first, second = ground.replicas
    ground.store.faults = [OSError("away"), Later(300), *(OSError("away") for _ in PAUSES)]
    pauses = [PAUSES[0], 300, *PAUSES[2:], PAUSES[-1], PAUSES[-1]]
    for pause in pauses[: len(PAUSES)]:
        await first.idle()
        assert not ground.taken
        ground.now += timedelta(seconds=pause - 1)
        await second.idle()
        ground.now += timedelta(seconds=1)
    await second.idle()
    assert [one.fault for one in ground.taken] == ["unreached"]


@pytest.mark.parametrize(
    ("error", "fault"), [(Gone("deleted"), "gone"), (TooLarge("too large"), "large"), (ValueError("strange"), "gone")]
)
async def test_what_can_never_be_had_is_said_at_once(ground: Ground, error: Exception, fault: str) -> None:
    ground.store.faults = [error]
    await ground.replicas[0].idle()
    assert [one.fault for one in ground.taken] == [fault]


async def test_what_cannot_be_read_or_taken_in_does_not_go_on_for_ever(ground: Ground) -> None:
    ground.store.content = b"<html>"
    await ground.replicas[0].idle()
    assert [one.fault for one in ground.taken] == ["unknown"]
    await ground.db.run(lambda db: _tried(db, ground.vault))
    await ground.replicas[1].idle()
    assert [one.fault for one in ground.taken] == ["unknown", "unreached"]


def _tried(db: Session, vault: Vault) -> None:
    piece, account = db.exec(select(Evidence)).one(), db.exec(select(Identity)).all()[-1]
    put(db, Wish(evidence_id=piece.id, identity_id=account.id, not_before=START, tries=LAST))


def test_a_description_is_read_back_and_nothing_else() -> None:
    file = File('a"\n报告.pdf', "application/pdf", 3, "https://files.example/1")
    assert unpacked(file.packed()) == file
    assert [unpacked(said) for said in ("", "x", "5", "[]", '["a","b",-1,"c"]', "[" * 100_000)] == [None] * 6


def test_the_same_content_is_stored_once_sealed_and_goes_with_the_last_who_has_it(tmp_path: Path) -> None:
    database, old, both = sqlite_at(tmp_path), Vault([KEY]), Vault([NEW, KEY])
    first = database.now(lambda db: storage.store(db, old, PDF, "application/pdf", START).id)
    later = START + timedelta(hours=2)
    assert database.now(lambda db: storage.store(db, old, PDF, "application/pdf", later).id) == first
    assert database.now(_sealed) == 4
    assert database.now(lambda db: storage.load(db, old, first)) == PDF
    assert rotate(database, both) == 4
    assert database.now(lambda db: storage.load(db, Vault([NEW]), first)) == PDF
    database.now(_swap)
    with pytest.raises(Unreadable):
        database.now(lambda db: storage.load(db, both, first))
    assert database.now(lambda db: deposit.forget(db, later)) == 0, "given anew a moment ago"
    assert database.now(lambda db: deposit.forget(db, later + timedelta(seconds=1))) == 1
    assert database.now(lambda db: (db.exec(select(Deposit)).all(), db.exec(select(Piece)).all())) == ([], [])
    database.close()


def _sealed(db: Session) -> int:
    pieces = db.exec(select(Piece)).all()
    assert all(PDF[:9] not in (piece.sealed or b"") for piece in pieces)
    return len(pieces)


def _swap(db: Session) -> None:
    """Somebody exchanges two pieces of a file in the database."""
    first, second = db.exec(select(Piece).order_by(col(Piece.number))).all()[:2]
    first.sealed, second.sealed = second.sealed, first.sealed
    db.add_all([first, second])
