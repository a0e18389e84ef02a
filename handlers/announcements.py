"""What readers get of an announcement, and their confirmation."""

from typing import Any

from bot.cards import Card
from bot.context import Context
from bot.events import Click
from bot.router import Router
from bot.text import N_
from handlers.cards.announcements import ShownAnnouncement, announcement_card, replaced_card
from models.access import NOT_FOUND
from models.announcement import Announcement, addressed, reading, unread
from models.base import Refused, Stale
from models.bulletin import Bulletin, touch
from models.rulebook import documents, visible
from models.wording import Wording, language, worded

router = Router()
router.said(
    announcement_confirmed=N_("{who} confirmed this on {when}."),
    announcement_corrected=N_("{who} corrected this announcement on {when}."),
    announcement_replaced=N_("{who} sent a newer version of this announcement on {when}."),
    announcement_ended=N_("{who} stopped asking for confirmations on {when}."),
)


@router.view("announcement.card", alike=unread)
def announcement_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """For whom it was sent to, and for HR; nobody sees who else it went to."""
    one = ctx.get(Announcement, subject)
    _expect_reader(ctx, one)
    words = worded(one.texts, ctx.t.locale)
    if one.replaced_at is not None:
        return replaced_card(ctx.t, words.title, one.id)
    mine = reading(ctx.db, one.id, ctx.actor.id)
    shown = ShownAnnouncement(
        id=one.id,
        edition=one.edition,
        words=words,
        sent_at=one.sent_at,
        corrected_at=one.corrected_at,
        before=_before(ctx, one),
        asked=one.asking and mine is not None,
        due_at=one.due_at,
        read_at=mine.read_at if mine is not None else None,
        rulebooks=_rulebooks(ctx, one.rulebook_ids),
    )
    return announcement_card(ctx.t, shown)


@router.button("announcement.confirm")
def confirm(ctx: Context, event: Click) -> None:
    """The reader has read it."""
    one = ctx.mine(Announcement)
    if event.version not in (0, one.edition):
        raise Stale(one.noun, one.id)
    one.take_confirmation(ctx.db, ctx.actor.id, ctx.now)
    touch(ctx.db, one.bulletin_id, ctx.now)
    ctx.toast(ctx.t("Thank you. It is noted that you have read this."))


@router.button("announcement.newest", right="announcement.confirm")
def newest(ctx: Context, event: Click) -> None:
    """From an older version to the one that holds."""
    one = ctx.mine(Announcement)
    _expect_reader(ctx, one)
    live = ctx.get(Bulletin, one.bulletin_id).live_id
    ctx.reply("announcement.card", ctx.get(Announcement, live or one.id))


def _expect_reader(ctx: Context, one: Announcement) -> None:
    if not ctx.can("bulletin.watch") and not addressed(ctx.db, one.id, ctx.actor.id):
        raise Refused(NOT_FOUND)


def _before(ctx: Context, one: Announcement) -> Wording | None:
    """What the edition before said to this reader, if it was in the language they read now."""
    if one.before_id is None:
        return None
    before, locale = ctx.get(Announcement, one.before_id), ctx.t.locale
    same = language(before.texts, locale) == language(one.texts, locale)
    return worded(before.texts, locale) if same else None


def _rulebooks(ctx: Context, ids: list[int]) -> list[tuple[int, str]]:
    """The documents that the reader finds, with their titles."""
    hidden = ctx.can("rulebook.add")
    shown = [one for one in documents(ctx.db, ids) if visible(ctx.db, one, hidden=hidden)]
    return [(one.id, worded(one.texts, ctx.t.locale).title) for one in shown]
