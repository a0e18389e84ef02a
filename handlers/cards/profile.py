"""A person's own settings: the language they read; and the code that links somebody's account."""

from datetime import datetime

from bot.cards import Card, Choice, Note, Tone, facts, text
from bot.text import LOCALES, NAMES, Texts
from models.identity import LinkCode


def profile_card(t: Texts, name: str, zone: str) -> Card:
    """The language and time zone, and how to change the language."""
    options = tuple((tag, NAMES[tag]) for tag in LOCALES)
    body = (
        facts([(t("Full name"), name), (t("Language"), NAMES[t.locale]), (t("Time zone"), zone)]),
        Note(t("You can also type: perf lang ja")),
    )
    return Card(t("Language"), body, (Choice(t("Language"), "profile.lang", options),), summary=t("Your language"))


def link_card(t: Texts, name: str, code: str, entry: LinkCode, now: datetime) -> Card:
    """The code while it works, then what became of it; `code` is "" where it cannot be opened (any more)."""
    title, summary = t("Code for {name}", name=name), t("A code that links an account")
    if entry.used_at is not None:
        return Card(title, (text(t("It was used on {when}.", when=entry.used_at)),), (), Tone.GOOD, summary)
    if not entry.valid(now):
        said = t("Nobody used it by {when}. If it is still needed, make a new one.", when=entry.expires_at)
        return Card(title, (text(said),), summary=summary)
    if not code:
        said = t("It can't be shown any more. If it was not handed over yet, make a new one.")
        return Card(title, (text(said),), (), Tone.WARN, summary)
    body = (
        text(t("Hand it over yourself; they send me: link {code}", code=code)),
        Note(t("It works once, until {when}.", when=entry.expires_at)),
    )
    return Card(title, body, (), Tone.INFO, summary)
