"""A broadcast by two replicas stays within what Feishu takes: the fake counts, and has nothing to refuse."""

from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, select

from bot.capability import Answer
from bot.db import Database
from bot.events import Changed, FromPerson
from bot.platforms.feishu import Feishu
from models.delivery import SENT, Delivery, enqueue
from models.identity import Identity
from tests.bot.test_outbox import sending, until
from tests.fakes.feishu import FeishuFake
from tests.fakes.feishu_store import TENANT
from tests.models.rows import person

PEOPLE, EACH = 25, 2


async def nothing(_: FromPerson | Changed) -> Answer:
    """Nobody says anything here."""
    raise AssertionError


def queued(database: Database) -> None:
    """Messages for a crowd, two for each of them."""

    def work(db: Session) -> None:
        now, rows = datetime.now(UTC), []
        for number in range(PEOPLE):
            owner = person(db, f"P{number}")
            account = Identity(platform="feishu", tenant=TENANT, user=f"ou_{number}", person_id=owner.id, seen_at=now)
            db.add(account)
            db.flush()
            line = {
                "person_id": owner.id,
                "identity_id": account.id,
                "view": "line",
                "subject_noun": "",
                "subject_id": 0,
            }
            rows += [line | {"facts": {"text": f"Line {turn}"}} for turn in range(EACH)]
        enqueue(db, rows, now)

    database.now(work)


async def test_two_replicas_stay_within_the_limits(database: Database, tmp_path: Path) -> None:
    fake = FeishuFake(limited=True)
    for number in range(PEOPLE):
        fake.add_user(f"ou_{number}", name=f"P{number}")
    await fake.start()
    token = fake.verification_token
    replicas = [
        Feishu(fake.app_id, fake.secret, base=fake.base, delivery="webhook", verification_token=token) for _ in range(2)
    ]
    for one in replicas:
        await one.start(nothing)
    queued(database)
    try:
        async with sending(database, tmp_path, *replicas):  # type: ignore[arg-type]
            await until(lambda: not database.now(lambda db: db.exec(select(Delivery.id).where(Delivery.due)).all()))
    finally:
        for one in replicas:
            await one.stop()
        await fake.stop()
    states = database.now(lambda db: db.exec(select(Delivery.state)).all())
    assert (set(states), len(states)) == ({SENT}, PEOPLE * EACH)
    assert fake.refused == []
    said = [post.content["body"]["elements"][0]["text"]["content"] for post in fake.store.posts if post.own]
    assert (said.count("Line 0"), said.count("Line 1")) == (PEOPLE, PEOPLE)
