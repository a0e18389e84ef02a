"""`perf lang`: the language a person reads; `perf link`: HR makes a code for an account that nobody vouches for."""

from typing import Any

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Command
from bot.router import Router
from bot.text import LOCALES, N_, NAMES, clean, negotiate, texts
from handlers.cards.profile import profile_card
from models.base import Refused, record
from models.identity import make_code
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
    """A one-time code, shown once to the HR person who asked."""
    person = ctx.person(event.text)
    code = make_code(ctx.db, person, ctx.actor.id, ctx.now)
    record(ctx.db, "link.made", person)
    ctx.toast(
        ctx.t(
            "Code for {name}: {code}. It works once, within 24 hours. Hand it over yourself; they send me: link {code}",
            name=person.called(ctx.t.locale),
            code=code,
        )
    )


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
