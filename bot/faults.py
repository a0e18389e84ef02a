"""What people hear when our own side fails: in their language, and never that something was done which was not."""

import secrets

import structlog

from bot.capability import Answer
from bot.db import Database, Outage, outage
from bot.drawing import Easel
from bot.events import FromPerson, Submitted, Who
from bot.ops import STORAGE, frames
from bot.text import N_, Texts, texts
from models.identity import known

READERS = 10_000
BROKEN = N_(
    "Something went wrong on our side, and nothing was changed. Please try again; if it stays, quote {reference}."
)
SENTENCES = {
    Outage.AWAY: N_("I cannot reach my database right now. Please try again in a few minutes: nothing is done twice."),
    Outage.UNWRITABLE: N_(
        "I cannot save anything right now, so nothing was changed. Please try again in a few minutes."
    ),
}
log = structlog.get_logger()


class Faults:
    """Answers where nothing can be answered for; remembers how people read, as the database may be what is missing."""

    def __init__(self, db: Database, easel: Easel) -> None:
        self._db, self._easel = db, easel
        self._readers: dict[Who, Texts] = {}

    def reads(self, who: Who, t: Texts) -> None:
        """Remembers how somebody reads."""
        if len(self._readers) >= READERS:
            self._readers.clear()
        self._readers[who] = t

    async def answer(self, event: FromPerson, fault: Exception) -> Answer:
        """One sentence. For our own mistake it names a reference: the log has the same one with the place, never the
        values. What the database did not take is marked `unkept`."""
        why, reference = outage(fault), secrets.token_hex(4)
        log.error("event failed", reference=reference, kind=type(event).__name__, why=why, fault=frames(fault))
        t = await self._texts(event.who, why)
        said = t(SENTENCES[why]) if why else t(BROKEN, reference=reference)
        if why:
            STORAGE.labels(why).inc()
        errors, toast = ({"": said}, "") if isinstance(event, Submitted) else ({}, said)
        return Answer(toast=toast, errors=errors, unkept=why is not None)

    async def _texts(self, who: Who, why: Outage | None) -> Texts:
        """Those of the reader, as remembered or stored; the company's where neither says."""
        remembered = self._readers.get(who)
        if remembered is not None or why is Outage.AWAY:
            return remembered or texts(self._easel.locale, self._easel.zone)
        try:
            found = await self._db.read(lambda db: known(db, who.platform, who.tenant, who.user))
        except Exception as fault:
            log.warning("reader unknown", fault=frames(fault))
            found = None
        return self._easel.texts_for(found.person) if found else texts(self._easel.locale, self._easel.zone)
