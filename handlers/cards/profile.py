"""A person's own settings: the language they read."""

from bot.cards import Card, Choice, Note, facts
from bot.text import LOCALES, NAMES, Texts


def profile_card(t: Texts, name: str, zone: str) -> Card:
    """The language and time zone, and how to change the language."""
    options = tuple((tag, NAMES[tag]) for tag in LOCALES)
    body = (
        facts([(t("Full name"), name), (t("Language"), NAMES[t.locale]), (t("Time zone"), zone)]),
        Note(t("You can also type: perf lang ja")),
    )
    return Card(t("Language"), body, (Choice(t("Language"), "profile.lang", options),), summary=t("Your language"))
