"""Counts that every replica adds to and that outlive a restart, by name."""

from bot.db import Database
from models.deployment import add_to


class Tally:
    """Kept in the database's facts about the deployment."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def __call__(self, name: str, more: int) -> int:
        """Adds to a count; what it is now."""
        return await self._db.run(lambda db: add_to(db, name, more))
