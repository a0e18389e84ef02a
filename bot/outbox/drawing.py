"""Cards of messages at the moment they are sent, each as its reader's platform can show it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from pydantic_core import to_json
from sqlmodel import Session

from bot import conversation
from bot.capability import Capabilities, Message, Platform
from bot.cards import Card
from bot.charts import Charts, NoPicture
from bot.degrade import Press, fit
from bot.drawing import Easel
from bot.ops import frames
from bot.text import Texts
from models.delivery import Addressed, Delivery
from models.identity import Identity

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Drawn:
    """One message with its card as the platform can show it; no card: nothing to send, or a `fault` when it was drawn.
    Not before `at`, an instant of the process's own monotonic clock in seconds."""

    row: Delivery
    account: Identity
    card: Card | None
    presses: tuple[Press, ...] = ()
    locale: str = "en"
    digest: str = ""
    at: float = 0.0
    fault: Exception | None = None


Fitted = tuple[Card, tuple[Press, ...], str]
Shared = dict[tuple[object, ...], Fitted | None]


@dataclass(frozen=True, slots=True)
class Painter:
    """Draws what was leased."""

    easel: Easel
    platforms: Mapping[str, Platform]
    charts: Charts
    clock: Callable[[], datetime]

    def all(self, db: Session, taken: Sequence[tuple[Addressed, float]]) -> list[Drawn]:
        """Every card; one that cannot be drawn does not keep the others, or a handler's work, back."""
        drawn, shared = [], Shared()
        for addressed, at in taken:
            try:
                drawn.append(self.one(db, addressed, at, shared))
            except Exception as fault:
                log.error("drawing failed", delivery=addressed[0].id, fault=frames(fault))
                drawn.append(Drawn(addressed[0], addressed[1], None, fault=fault))
        return drawn

    def one(self, db: Session, addressed: Addressed, at: float = 0.0, shared: Shared | None = None) -> Drawn:
        """One message; `shared` holds the cards that equal readers see alike, drawn a moment ago."""
        row, account, person, _roles = addressed
        if person.left_at is not None or self._late(row):
            return Drawn(row, account, None)
        t = self.easel.texts_for(person)
        fitted = self._alike(db, t, addressed, {} if shared is None else shared)
        if fitted is None:
            return Drawn(row, account, None)
        card, presses, digest = fitted
        return Drawn(row, account, card, presses, t.locale, digest, at)

    def _late(self, row: Delivery) -> bool:
        return not row.message and row.not_after is not None and row.not_after <= self.clock()

    def _alike(self, db: Session, t: Texts, addressed: Addressed, shared: Shared) -> Fitted | None:
        """A new message whose view says that it shows every reader the same is drawn once for all who read alike."""
        row, account, _person, _roles = addressed
        if row.message or row.view not in self.easel.router.same:
            return self._fitted(db, t, addressed)
        key = (account.platform, row.view, row.subject_id, to_json(row.facts), t.locale, t.zone)
        if key not in shared:
            shared[key] = self._fitted(db, t, addressed)
        return shared[key]

    def _fitted(self, db: Session, t: Texts, addressed: Addressed) -> Fitted | None:
        row, account, person, _roles = addressed
        card = self._card(db, t, addressed)
        if card is None and row.message and row.subject_noun:
            card = self.easel.closed(db, person, row.subject_noun, row.subject_id)
        if card is None:
            return None
        shown, presses = fit(card, self.platforms[account.platform].can)
        return shown, presses, hashlib.sha256(to_json(shown)).hexdigest()

    def _card(self, db: Session, t: Texts, addressed: Addressed) -> Card | None:
        row, _account, person, roles = addressed
        if row.view == conversation.QUESTION:
            return self._question(db, t, addressed)
        return self.easel.draw(db, person, row.view, row.subject_id, row.facts, self.clock(), roles)

    def _question(self, db: Session, t: Texts, addressed: Addressed) -> Card | None:
        """The open question of the account; an old question stays as it was said."""
        row, account, _person, _roles = addressed
        draft = conversation.draft_of(db, account.id, conversation.FORM, self.clock())
        return conversation.question_card(t, draft) if draft is not None and not row.message else None

    async def message(self, card: Card, locale: str, key: str = "", *, doubtful: bool = False) -> Message:
        """The card with its pictures; where one cannot be drawn, with its figures instead."""
        try:
            pictures = {chart: await self.charts.png(chart) for chart in card.charts()}
        except NoPicture as fault:
            log.error("no picture", fault=frames(fault))
            return Message(fit(card, Capabilities(charts=False))[0], locale, {}, key, doubtful)
        return Message(card, locale, pictures, key, doubtful)
