"""Cards of messages at the moment they are sent, each as its reader's platform can show it."""

import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from pydantic_core import to_json
from sqlmodel import Session

from bot import conversation
from bot.capability import Capabilities, Message, Platform, no_chart
from bot.cards import Card, Chart, Table
from bot.charts import Charts, NoPicture
from bot.degrade import Press, fit
from bot.drawing import LINE, Easel, gone_card, page_card
from bot.ops import frames
from bot.text import LOCALES, Texts
from models.delivery import PAGED, Addressed, Delivery
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
    others: Mapping[str, Card] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A card as a platform can show it, what its numbered menu means, and the same in other languages."""

    card: Card
    presses: tuple[Press, ...]
    others: Mapping[str, Card]
    digest: str


@dataclass(frozen=True, slots=True)
class Shared:
    """What equal readers see alike: who they are, by view, subject and person, and their cards drawn a moment ago."""

    mates: Mapping[tuple[str, int, int], Hashable] = field(default_factory=dict)
    cards: dict[tuple[object, ...], Fitted | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Painter:
    """Draws what was leased."""

    easel: Easel
    platforms: Mapping[str, Platform]
    charts: Charts
    clock: Callable[[], datetime]

    def all(self, db: Session, taken: Sequence[tuple[Addressed, float]]) -> list[Drawn]:
        """Every card; one that cannot be drawn does not keep the others, or a handler's work, back."""
        drawn, shared = list[Drawn](), self._shared(db, [addressed for addressed, _at in taken])
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
        if (person.left_at is not None and row.state != PAGED) or self._late(row):
            return Drawn(row, account, None)
        t = self.easel.texts_for(person)
        fitted = self._alike(db, t, addressed, shared or Shared())
        if fitted is None:
            return Drawn(row, account, None)
        return Drawn(row, account, fitted.card, fitted.presses, t.locale, fitted.digest, at, others=fitted.others)

    def _late(self, row: Delivery) -> bool:
        return not row.message and row.not_after is not None and row.not_after <= self.clock()

    def _shared(self, db: Session, taken: Sequence[Addressed]) -> Shared:
        """Which of the readers of new messages see the same, asked once for each view of a subject."""
        asked: dict[tuple[str, int], list[int]] = {}
        for row, _account, person, _roles in taken:
            if not row.message and row.view in self.easel.router.alike:
                asked.setdefault((row.view, row.subject_id), []).append(person.id)
        mates: dict[tuple[str, int, int], Hashable] = {}
        for (view, subject), people in asked.items():
            if len(people) > 1:
                found = self.easel.router.alike[view](db, subject, people)
                mates |= {(view, subject, person): value for person, value in found.items()}
        return Shared(mates)

    def _alike(self, db: Session, t: Texts, addressed: Addressed, shared: Shared) -> Fitted | None:
        """A new message is drawn once for all who see the same, read alike and may do the same."""
        row, account, person, roles = addressed
        mine = (row.view, row.subject_id, person.id)
        if row.message or mine not in shared.mates:
            return self._fitted(db, t, addressed)
        alike = (row.view, row.subject_id, shared.mates[mine], roles, to_json(row.facts))
        key = (account.platform, t.locale, t.zone, bool(person.locale), *alike)
        if key not in shared.cards:
            shared.cards[key] = self._fitted(db, t, addressed)
        return shared.cards[key]

    def _fitted(self, db: Session, t: Texts, addressed: Addressed) -> Fitted | None:
        row, account, person, _roles = addressed
        card = self._card(db, t, addressed)
        if card is None and row.message and row.subject_noun:
            card = self.easel.closed(db, person, row.subject_noun, row.subject_id)
        if row.state == PAGED:
            card = gone_card(t) if person.left_at is not None else page_card(t, row.view, card)
        if card is None:
            return None
        shown, presses = fit(card, self.platforms[account.platform].can)
        others = self._others(db, t, addressed, shown)
        digest = hashlib.sha256(to_json([shown, others] if others else shown)).hexdigest()
        return Fitted(shown, presses, others, digest)

    def _others(self, db: Session, t: Texts, addressed: Addressed, shown: Card) -> Mapping[str, Card]:
        """The same in our other languages, for who chose none. Not of a table or a picture, which no platform has in
        several, nor of what was said in one."""
        row, account, person, roles = addressed
        can = self.platforms[account.platform].can
        if not can.languages or person.locale or row.view in (LINE, conversation.QUESTION):
            return {}
        if any(isinstance(block, Table | Chart) for block in shown.body):
            return {}
        about = (row.view, row.subject_id, row.facts, self.clock(), roles)
        drawn = {tag: self.easel.draw(db, person, *about, locale=tag) for tag in LOCALES if tag != t.locale}
        return {tag: fit(card, can)[0] for tag, card in drawn.items() if card is not None}

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

    async def message(
        self,
        card: Card,
        locale: str,
        key: str = "",
        *,
        doubtful: bool = False,
        others: Mapping[str, Card] | None = None,
        draws: Callable[[Chart], bool] = no_chart,
    ) -> Message:
        """The card with pictures of the charts that the platform does not draw; where one cannot be made, with its
        figures instead."""
        wanted = [chart for chart in card.charts() if not draws(chart)]
        if not wanted:
            return Message(card, locale, {}, key, doubtful, others or {})
        try:
            pictures = {chart: await self.charts.png(chart) for chart in wanted}
        except NoPicture as fault:
            log.error("no picture", fault=frames(fault))
            return Message(fit(card, Capabilities(charts=False))[0], locale, {}, key, doubtful)
        return Message(card, locale, pictures, key, doubtful, others or {})
