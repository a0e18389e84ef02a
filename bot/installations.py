"""Where installations are kept: in the database, the token sealed by the vault."""

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.db import Database, insert_once
from bot.tenants import Installed
from bot.vault import Vault
from models import audit, installation
from models.base import changes
from models.delivery import Inbox
from models.installation import Installation


class Installations:
    """The installations of one platform (`bot.tenants.Tenants`). Nothing of a token is in the audit trail."""

    def __init__(self, db: Database, vault: Vault, clock: Callable[[], datetime], platform: str) -> None:
        self._db, self._vault, self._clock, self._platform = db, vault, clock, platform

    async def find(self, tenant: str) -> Installed | None:
        """The installation of a tenant, None if there is none any more."""
        return await self._db.read(lambda db: self._found(db, tenant), brief=True)

    async def all(self) -> Sequence[Installed]:
        """Every installation there is, the oldest first."""
        return await self._db.read(
            lambda db: [self._opened(row, row.sealed) for row in installation.living(db, self._platform) if row.sealed]
        )

    async def save(self, installed: Installed) -> None:
        """Keeps an installation; one of the same tenant gives way to it."""
        await self._db.run(lambda db: self._save(db, installed))

    async def end(self, tenant: str, token: str, why: str) -> bool:
        """Forgets a token that does not work any more; False if it is another one by now."""
        return await self._db.run(lambda db: self._end(db, tenant, token, why))

    async def used(self, key: str) -> bool:
        """Whether a key was used; they are remembered as long as the ids of events."""
        mine = select(Inbox.id).where(Inbox.platform == self._platform, Inbox.tenant == "", col(Inbox.key) == key)
        return await self._db.read(lambda db: db.exec(mine).first() is not None)

    async def use(self, *keys: str) -> bool:
        """Notes keys as used; False if one was before."""
        return await self._db.run(lambda db: all(self._use(db, key) for key in keys))

    def _use(self, db: Session, key: str) -> bool:
        return insert_once(db, Inbox, platform=self._platform, tenant="", key=key, at=self._clock())

    def _found(self, db: Session, tenant: str) -> Installed | None:
        row = installation.of(db, self._platform, tenant)
        return None if row is None or row.sealed is None else self._opened(row, row.sealed)

    def _opened(self, row: Installation, sealed: bytes) -> Installed:
        return Installed(
            row.tenant,
            self._vault.open(_place(row), sealed),
            app=row.app,
            bot=row.bot,
            bot_user=row.bot_user,
            name=row.name,
            scopes=row.scopes,
            by=row.by,
            enterprise=row.enterprise,
            whole=row.whole,
        )

    def _save(self, db: Session, given: Installed) -> None:
        now = self._clock()
        fresh = insert_once(db, Installation, platform=self._platform, tenant=given.tenant, at=now)
        row = installation.of(db, self._platform, given.tenant, lock=True)
        if row is None:
            raise LookupError("an installation is never deleted")
        row.begin(
            db,
            now,
            fresh=fresh,
            enterprise=given.enterprise,
            whole=given.whole,
            app=given.app,
            bot=given.bot,
            bot_user=given.bot_user,
            name=given.name,
            scopes=given.scopes,
            by=given.by,
        )
        row.sealed = self._vault.seal(_place(row), given.token)
        db.add(row)
        self._note(db, now)

    def _end(self, db: Session, tenant: str, token: str, why: str) -> bool:
        row = installation.of(db, self._platform, tenant, lock=True)
        if row is None or row.sealed is None:
            return False
        known = self._vault.open(_place(row), row.sealed)
        if not hmac.compare_digest(known.encode(), token.encode()):
            return False
        now = self._clock()
        row.end(db, now, why)
        self._note(db, now)
        return True

    def _note(self, db: Session, now: datetime) -> None:
        db.flush()
        audit.append(db, changes(db), None, self._platform, now)


def _place(row: Installation) -> tuple[str, str, int]:
    return ("installation", "sealed", row.id)
