"""`perf lang`: the language a person reads; `perf link`: HR makes a code for an account that nobody vouches for."""

from base64 import b64decode, b64encode
from typing import Any

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Command, Tick
from bot.router import Router
from bot.text import LOCALES, N_, NAMES, clean, negotiate, texts
from bot.vault import Unreadable
from handlers.cards.profile import link_card, profile_card
from models.access import NOT_FOUND
from models.base import Refused, record
from models.identity import LinkCode, expire_codes, make_code
from models.person import Person

router = Router()
LANGUAGES = N_("I speak these languages: {names}.")


@router.command(
    "lang", N_("Choose the language you read"), usage="[en | zh-Hans | zh-Hant | ja]", right="profile.change"
)
def lang(ctx: Context, event: Command) -> None:
    """Shows the choice, or makes it."""
    if event.text:
        _choose(ctx, _locale(event.text))
    else:
        ctx.reply("profile.card", ctx.get(Person, ctx.actor.id))


@router.button("profile.show", right="profile.change")
def show(ctx: Context, event: Click) -> None:
    """The same by a button."""
    ctx.reply("profile.card", ctx.get(Person, ctx.actor.id))


@router.button("profile.lang", right="profile.change")
def choose(ctx: Context, event: Click) -> None:
    """A language from the list."""
    _choose(ctx, event.value if event.value in LOCALES else "")


@router.view("profile.card")
def profile_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """The reader's own settings."""
    return profile_card(ctx.t, ctx.get(Person, ctx.actor.id).called(ctx.t.locale), ctx.t.zone.key)


@router.command("link", N_("Make a code that links somebody's account"), usage="@person", right="link.make")
def link(ctx: Context, event: Command) -> None:
    """A one-time code for the HR person who asked: the message that shows it holds it sealed only."""
    person = ctx.person(event.text)
    entry, code = make_code(ctx.db, person, ctx.actor.id, ctx.now)
    record(ctx.db, "link.made", person)
    ctx.reply("link.code", entry, sealed=b64encode(ctx.vault.seal(_place(entry), code)).decode())


@router.view("link.code")
def code_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """The code while it can be used, for whoever made it; afterwards what became of it."""
    entry = ctx.get(LinkCode, subject)
    ctx.check("link.make")
    if entry.made_by_id != ctx.actor.id:
        raise Refused(NOT_FOUND)
    code = _opened(ctx, entry, str(facts.get("sealed", ""))) if entry.valid(ctx.now) else ""
    name = ctx.get(Person, entry.person_id).called(ctx.t.locale)
    return link_card(ctx.t, name, code, entry, ctx.now)


@router.every("link.expire", "*/10 * * * *")
def expire(ctx: Context, tick: Tick) -> None:
    """Codes that nobody used in time vanish from the conversation they were shown in."""
    expire_codes(ctx.db, tick.at)


def _place(entry: LinkCode) -> tuple[str, str, int]:
    """Where the vault binds a code to: its row, although the envelope itself lies in the message."""
    return (str(LinkCode.__tablename__), "code", entry.id)


def _opened(ctx: Context, entry: LinkCode, sealed: str) -> str:
    """The code; "" if its key was retired meanwhile or the envelope is not of this row."""
    try:
        return ctx.vault.open(_place(entry), b64decode(sealed))
    except (Unreadable, ValueError):
        return ""


def _choose(ctx: Context, locale: str) -> None:
    if not locale:
        raise Refused(LANGUAGES, names=[NAMES[tag] for tag in LOCALES])
    person = ctx.get(Person, ctx.actor.id)
    person.locale = locale
    ctx.db.add(person)
    record(ctx.db, "person.language_chosen", person, locale=locale)
    ctx.t = texts(locale, ctx.t.zone.key)
    ctx.toast(ctx.t("I speak English with you from now on."))


def _locale(typed: str) -> str:
    """A tag ("zh-TW"), or a language's own name ("日本語")."""
    word = clean(typed).casefold()
    named = next((tag for tag, name in NAMES.items() if word == name.casefold()), "")
    return named or negotiate(word, default="")
