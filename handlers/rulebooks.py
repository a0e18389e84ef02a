"""Rule documents: everybody finds them with `perf help rules`, HR keeps them."""

from typing import Any

from sqlmodel import col, select

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Submitted
from bot.forms import SENTENCES, Invalid
from bot.router import Router
from bot.text import LOCALES, N_, NAMES
from handlers.cards.paragraphs import wording
from handlers.cards.rulebooks import RulebookForm, RulebookWordsForm, ShownRulebook, rulebook_card, safe, shelf_card
from models.access import NOT_FOUND
from models.base import Refused
from models.cycle import Cycle
from models.rulebook import Rulebook, add, shelf, visible
from models.wording import Wording, language, worded

router = Router()
router.said(
    rulebook_added=N_("{who} added this document on {when}."),
    rulebook_written=N_("{who} changed this document on {when}."),
    rulebook_removed=N_("{who} removed this document on {when}."),
)
CYCLES = 20


@router.button("rulebook.list", right="rulebook.see")
def show_list(ctx: Context, event: Click) -> None:
    """All of them."""
    ctx.reply("rulebook.list", words="")


@router.view("rulebook.list")
def list_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """What says all the words, those of the newest cycle first; what belongs to a draft only HR sees."""
    manages = ctx.can("rulebook.add")
    words = str(facts["words"])
    found = shelf(ctx.db, words, hidden=manages)
    rows = [(one.id, worded(one.texts, ctx.t.locale).title, cycle.name) for one, cycle in found]
    return shelf_card(ctx.t, rows, words=words, manages=manages)


@router.button("rulebook.pick", right="rulebook.see")
def pick(ctx: Context, event: Click) -> None:
    """One from the list."""
    _show(ctx, ctx.chosen(Rulebook, event.value))


@router.button("rulebook.show", right="rulebook.see")
def show(ctx: Context, event: Click) -> None:
    """One from an announcement."""
    _show(ctx, ctx.mine(Rulebook))


@router.view("rulebook.card")
def rulebook_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """In the reader's language, or the nearest there is."""
    one = ctx.get(Rulebook, subject)
    _expect_visible(ctx, one)
    tag = language(one.texts, ctx.t.locale)
    shown = ShownRulebook(
        id=one.id,
        version=one.version,
        cycle=ctx.get(Cycle, one.cycle_id).name,
        words=worded(one.texts, ctx.t.locale),
        link=one.link,
        changed_at=one.changed_at,
        language=tag if tag != ctx.t.locale else "",
        manages=ctx.can("rulebook.add"),
    )
    return rulebook_card(ctx.t, shown)


@router.button("rulebook.add")
def ask_add(ctx: Context, event: Click) -> None:
    """For the newest cycle, unless told otherwise."""
    cycles = _cycles(ctx)
    if not cycles:
        raise Refused("Rules belong to a cycle, and there is none yet: perf cycle.")
    ctx.ask(RulebookForm, values={"cycle": cycles[0][0], "locale": ctx.t.locale}, options={"cycle": cycles})


@router.form(RulebookForm)
def take_added(ctx: Context, event: Submitted, form: RulebookForm) -> None:
    """Everybody finds it, as soon as the cycle is announced."""
    cycle = ctx.chosen(Cycle, form.cycle)
    words = Wording(form.heading, form.text or "", form.more or "")
    made = add(ctx.db, cycle, ctx.actor.id, ctx.now, _locale(ctx, form.locale), words, _link(ctx, form.link))
    ctx.toast(ctx.t("Added. Everybody finds it with “perf help rules” once the cycle is announced."))
    ctx.reply("rulebook.card", made)


@router.button("rulebook.write", right="rulebook.add", versioned=True)
def ask_words(ctx: Context, event: Click) -> None:
    """The words in one language, as they are."""
    one, locale = ctx.mine(Rulebook), _locale(ctx, event.value)
    _expect_visible(ctx, one)
    known = one.texts.get(locale, {})
    values = {"locale": locale, "heading": known.get("title"), "text": known.get("text"), "more": known.get("more")}
    options = {"locale": [(locale, NAMES[locale])]}
    ctx.ask(RulebookWordsForm, one, values={**values, "link": one.link}, options=options)


@router.form(RulebookWordsForm, right="rulebook.add", versioned=True)
def write(ctx: Context, event: Submitted, form: RulebookWordsForm) -> None:
    """A title at least, or nothing: then there are no words in this language."""
    words = wording(form.heading, form.text, form.more)
    if words is not None and not words.title:
        raise Invalid({"heading": ctx.t(SENTENCES["missing"])})
    one = ctx.mine(Rulebook)
    one.write(ctx.db, event.version, ctx.now, _locale(ctx, form.locale), words, _link(ctx, form.link))
    ctx.toast(ctx.t("Saved."))


@router.button("rulebook.remove", right="rulebook.add", versioned=True)
def remove(ctx: Context, event: Click) -> None:
    """Nobody finds it any more."""
    ctx.mine(Rulebook).remove(ctx.db, event.version, ctx.now)
    ctx.toast(ctx.t("Removed."))


# Parts


def _show(ctx: Context, one: Rulebook) -> None:
    _expect_visible(ctx, one)
    ctx.reply("rulebook.card", one)


def _expect_visible(ctx: Context, one: Rulebook) -> None:
    if not visible(ctx.db, one, hidden=ctx.can("rulebook.add")):
        raise Refused(NOT_FOUND)


def _cycles(ctx: Context) -> list[tuple[str, str]]:
    wanted = select(Cycle).where(Cycle.state != "cancelled")
    rows = ctx.db.exec(wanted.order_by(col(Cycle.starts_on).desc(), col(Cycle.id).desc()).limit(CYCLES))
    return [(str(one.id), one.name) for one in rows]


def _link(ctx: Context, typed: str | None) -> str:
    if typed and not safe(typed):
        raise Invalid({"link": ctx.t("Please give a link that begins with https://.")})
    return typed or ""


def _locale(ctx: Context, value: str) -> str:
    if value not in LOCALES:
        raise Invalid({"locale": ctx.t(SENTENCES["literal_error"])})
    return value
