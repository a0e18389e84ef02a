"""A view of a subject, drawn for one reader at this moment."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.cards import Button, Card, Note, text
from bot.context import Context
from bot.router import Router
from bot.text import N_, Texts, texts
from bot.vault import Vault
from models import audit
from models.access import Actor
from models.base import Refused
from models.delivery import MOVED
from models.person import Person, roles_of

LINE = "line"
START, HOME = "home.card", "home.show"
FIRST = 4  # actions that stand before the way back; the first five are seen on every platform
GONE = N_("Your account is not active any more.")


@dataclass(frozen=True, slots=True)
class Easel:
    """What drawing needs: the views, the vault, and the company's default language and zone."""

    router: Router
    vault: Vault
    locale: str = "en"
    zone: str = "UTC"

    @property
    def home(self) -> ZoneInfo:
        """The company's zone."""
        return ZoneInfo(self.zone)

    def texts_for(self, person: Person, locale: str = "") -> Texts:
        """The language (unless another is named) and zone a person reads in."""
        return texts(locale or person.locale or self.locale, person.zone or self.zone)

    def past(self, db: Session, t: Texts, noun: str, subject: int, by_id: int | None = None) -> str:
        """Who changed a subject last (or what `by_id` did last), how and when, in one sentence; "" if unknown."""
        entry = audit.last(db, noun, subject, by_id)
        sentence = self.router.past.get(entry.action, "") if entry is not None else ""
        person = db.get(Person, entry.actor_id) if entry is not None and entry.actor_id else None
        return t(sentence, who=person.called(t.locale), when=entry.at) if entry and sentence and person else ""

    def closed(self, db: Session, person: Person, noun: str, subject: int) -> Card:
        """What stays of a copy whose reader may not see the subject any more: what they did themselves, no figures."""
        t = self.texts_for(person)
        return closed_card(t, self.past(db, t, noun, subject, person.id))

    def draw(
        self,
        db: Session,
        person: Person,
        view: str,
        subject: int,
        facts: Mapping[str, Any],
        now: datetime,
        roles: frozenset[str] | None = None,
        *,
        locale: str = "",
    ) -> Card | None:
        """The card as this person may see it now, in their language unless another is named; None if it is not worth
        sending (any more) or not for them.

        Nobody who left is shown anything, whatever was under way to them (threat T37).
        """
        if person.left_at is not None:
            return None
        if view == LINE:
            return line_card(str(facts["text"]))
        if view == MOVED:
            return moved_card(self.texts_for(person, locale))
        actor = Actor(person.id, roles_of(db, person.id) if roles is None else roles)
        ctx = Context(db, actor, self.texts_for(person, locale), now, self.vault, self.router, self.home)
        try:
            return self.router.views[view](ctx, subject, dict(facts))
        except Refused:
            return None


def line_card(said: str) -> Card:
    """One sentence and nothing else."""
    return Card("", (text(said),), summary=said)


def moved_card(t: Texts) -> Card:
    """What stays of an older copy once a newer message shows the same: only one of them is live."""
    said = t("This goes on in a newer message below.")
    return Card("", (Note(said),), summary=said)


def gone_card(t: Texts) -> Card:
    """The page of somebody who left: nothing of anybody."""
    said = t(GONE)
    return Card("Pandian", (text(said),), summary=said)


def page_card(t: Texts, view: str, card: Card | None) -> Card:
    """A card as a page: nothing stands above it to go back to, so it leads home itself, by a button that no menu hides.
    One that shows nothing any more (None) says so."""
    card = card or closed_card(t, "")
    leads = view == START or any(isinstance(one, Button) and one.action == HOME for one in card.actions)
    if leads:
        return card
    back = Button(t("Home"), HOME)
    return replace(card, actions=(*card.actions[:FIRST], back, *card.actions[FIRST:]))


def closed_card(t: Texts, past: str) -> Card:
    """That a subject moved on, in the sentence `past` if it may be told, and no figures."""
    said = [past, t("Nothing is left for you to do here.")]
    return Card(t("Done"), tuple(text(one) for one in said if one), summary=said[-1])
