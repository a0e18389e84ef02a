"""`perf help`: what each person can do, by their role."""

from typing import Any

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Command
from bot.router import Reads, Router, aliases
from bot.text import LOCALES, N_, clean, texts
from handlers.cards.guide import help_card, unknown_card, welcome_card
from models.access import NOT_FOUND
from models.base import Refused
from models.person import Person

router = Router()


@router.command("help", N_("What I can do here, and the rules"), usage="[rules]", right="help.see", reads=Reads.FEW)
def help_command(ctx: Context, event: Command) -> None:
    """The commands of this person; "rules", in any language, and words lead to the documents that say them."""
    sought = _sought(event.text)
    if sought is None:
        ctx.reply("help.card")
    else:
        ctx.reply("rulebook.list", words=sought)


def _sought(typed: str) -> str | None:
    """What is looked for in the rules; None if they are not asked for."""
    said = clean(typed).casefold()
    for word in ["rules", *(one for locale in LOCALES for one in texts(locale).p("help", "rules").casefold().split())]:
        rest = said.removeprefix(word)
        if rest != said and (not rest or rest[0] == " " or not word.isascii()):
            return rest.strip()
    return None


@router.button("help.show", right="help.see")
def show(ctx: Context, event: Click) -> None:
    """The same by a button."""
    ctx.reply("help.card")


@router.view("help.card")
def help_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Drawn from the declarations themselves, so it is never out of date."""
    rows = []
    for name in ctx.usable():
        entry = ctx.router.commands[name]
        other = [word for word in aliases(name, ctx.t.locale) if word != name]
        rows.append((f"perf {name} {entry.usage}".strip(), ", ".join(other[:2]), ctx.t(entry.about)))
    return help_card(ctx.t, rows)


@router.view("help.welcome")
def welcome_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """Who the bot is, sent once to an account that met it on a page or by a command."""
    return welcome_card(ctx.t, ctx.get(Person, ctx.actor.id).called(ctx.t.locale))


@router.view("help.unknown")
def unknown_view(ctx: Context, subject: int, facts: dict[str, Any]) -> Card | None:
    """What somebody may have meant."""
    return unknown_card(ctx.t, str(facts["typed"]), list(facts["near"]))


@router.button("help.run", right="help.see")
def run(ctx: Context, event: Click) -> None:
    """Runs a suggested command."""
    entry = ctx.router.commands.get(event.value)
    if entry is None or event.value not in ctx.usable():
        raise Refused(NOT_FOUND)
    entry.run(ctx, Command(event.key, event.who, event.where, ""))
