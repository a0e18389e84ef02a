"""One clock for all replicas: PostgreSQL's, asked now and then and carried on by this machine's steady clock."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlmodel import Session

from bot.db import Database
from bot.ops import frames

EVERY = 15.0  # seconds between two questions
ASKED = sa.text("SELECT clock_timestamp()")
log = structlog.get_logger()


class SharedClock:
    """The instant as the database knows it. A jump of this machine's own clock changes nothing; one of the database
    server's is followed within seconds. Drift between two questions is some microseconds."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known = (datetime.now(UTC), time.monotonic())
        self._asking: asyncio.Task[None] | None = None

    def __call__(self) -> datetime:
        """The instant."""
        at, then = self._known
        return at + timedelta(seconds=time.monotonic() - then)

    def start(self) -> None:
        """Begins to ask; until the first answer it is this machine's clock."""
        self._asking = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Asks no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    def ask(self) -> None:
        """Asks once, in this thread."""
        self._db.now(self._ask)

    def _ask(self, db: Session) -> None:
        before = time.monotonic()
        found: datetime = db.connection().execute(ASKED).scalar_one()
        self._known = (found.astimezone(UTC), (before + time.monotonic()) / 2)

    async def _keep(self) -> None:
        while True:
            try:
                await self._db.run(self._ask)
            except Exception as fault:
                log.error("the database's clock is not known", fault=frames(fault))
            await asyncio.sleep(EVERY)
