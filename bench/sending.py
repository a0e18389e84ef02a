"""One replica that sends a broadcast, in its own process: `python -m bench.sending '{"database": …}'`.

The outbox, the drawing and the Slack platform with its client are the bot's own; only its doors stay closed. It sends
until it is told to stop, finishes what is in flight and leaves notes of what it did.
"""

import asyncio
import gc
import json
import signal
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col

from bench.asked import SECRET, TOKEN
from bench.multitude import BOSS
from bot.app import Bot
from bot.capability import Rate, Rates
from bot.charts import Charts
from bot.db import Database
from bot.ops import configure_logs
from bot.platforms.slack import Slack
from bot.serving import COLLECTED, run
from bot.vault import Vault
from models import fanout
from models.bulletin import begin_bulletin
from models.delivery import Delivery
from models.wording import Wording

TEXT = (
    "From Monday on we agree what each of us wants to reach until the end of the year. Your manager talks with you "
    "about it before the first week is over.\nPlease read what has changed: a goal needs a measure, and a measure "
    "needs a source. If yours has none, say so now and not in December.\nQuestions? Type `perf ask`."
)


@dataclass(frozen=True)
class Given:
    """What a sender is told: its database, the receiver, where its notes go, and how often it may send (0: always)."""

    database: str
    api: str
    notes: str
    broadcasts: int = 1
    calls: int = 0


@dataclass(frozen=True)
class Notes:
    """What a sender did: instants of the wall clock in s, messages by state."""

    begun: float
    queued: float
    cpu: float
    states: dict[str, int]


def clock() -> datetime:
    """The instant."""
    return datetime.now(UTC)


async def send(given: Given) -> Notes:
    """Begins the broadcasts and sends until SIGTERM; what it did."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    database = Database(given.database)
    bot = Bot(database, Vault([bytes(range(32))]), clock, Charts(Path(given.notes).parent))
    bot.add(_slack(given))
    for platform in bot.platforms.values():
        await platform.start(bot.inbound)
    gc.set_threshold(*COLLECTED)  # both as bot.serving does
    gc.freeze()
    before = time.process_time()
    await database.run(lambda db: _begin(db, given.broadcasts))
    bot.outbox.start()
    bot.outbox.wake()
    await stop.wait()
    await bot.outbox.stop()
    cpu = time.process_time() - before
    for platform in bot.platforms.values():
        await platform.stop()
    notes = await database.read(lambda db: _notes(db, cpu))
    database.close()
    return notes


def _slack(given: Given) -> Slack:
    """The platform with the limit that is asked for instead of Slack's own."""
    rates = Rates(send=(Rate(given.calls, 1.0),)) if given.calls else Rates()
    return Slack(SECRET, TOKEN, "", given.api, rates=rates)


def _begin(db: Session, broadcasts: int) -> None:
    """Announcements to everybody, each to be confirmed."""
    for number in range(1, broadcasts + 1):
        words = Wording(f"The fourth quarter begins ({number})", TEXT)
        made = begin_bulletin(db, BOSS, clock(), {"en": words}, due_at=clock() + timedelta(days=14))
        made.send(db, BOSS, made.version, clock())


def _notes(db: Session, cpu: float) -> Notes:
    """When the broadcast was begun and when the last message was queued, and how the messages ended."""
    counted = sa.select(col(Delivery.state), sa.func.count()).group_by(col(Delivery.state))
    states = {str(row[0]): int(row[1]) for row in db.connection().execute(counted)}
    times = sa.select(sa.func.min(col(fanout.Fanout.begun_at)), sa.func.max(col(fanout.Fanout.done_at)))
    begun, done = db.connection().execute(times).one()
    return Notes(begun.timestamp(), done.timestamp() if done else 0.0, cpu, states)


def main() -> None:
    """Sends as the JSON in the first argument says, and writes its notes."""
    configure_logs(human=False)
    given = Given(**json.loads(sys.argv[1]))
    Path(given.notes).write_text(json.dumps(asdict(run(send(given)))))


if __name__ == "__main__":
    main()
