"""Help: the commands a person can use, and what to try when a word was not understood."""

from collections.abc import Sequence

from bot.cards import Button, Card, Choice, Note, Table, text
from bot.text import Texts


def help_card(t: Texts, commands: Sequence[tuple[str, str, str]]) -> Card:
    """(command, alias, what it does) for this reader."""
    named = any(alias for _command, alias, _about in commands)
    header = (t("Command"), t("Also"), t("What it does")) if named else (t("Command"), t("What it does"))
    rows = tuple((command, alias, about) if named else (command, about) for command, alias, about in commands)
    body = (
        text(t("Type a command, or press a button on any card. Chinese and English words both work.")),
        Table(header, rows),
        Note(t("Nothing about you is ever shown in a channel.")),
    )
    actions = (
        Button(t("Home"), "home.show"),
        Button(t("Rules"), "rulebook.list"),
        Button(t("Language"), "profile.show"),
    )
    return Card(t("Help"), body, actions, summary=t("What you can do here"))


def welcome_card(t: Texts, name: str) -> Card:
    """The first words to somebody who met the bot elsewhere than in its conversation."""
    body = (
        text(
            t("Hello {name}, I am Pandian. Plans, progress, scores and results of your work are kept here.", name=name)
        ),
        text(t("What waits for you comes to this conversation, and you can ask here for whatever you need.")),
        Note(t("What I show you is seen by you alone. I speak your language: say “perf lang” for another one.")),
    )
    actions = (Button(t("What waits for me"), "home.show"), Button(t("Help"), "help.show"))
    return Card(t("Welcome"), body, actions, summary=t("Who I am, and what you can do here"))


def unknown_card(t: Texts, typed: str, near: Sequence[str]) -> Card:
    """The nearest commands to what was typed."""
    body = [text(t("I don't know “{typed}”.", typed=typed))]
    if near:
        body.append(text(t("Did you mean: {near}?", near=t.list([f"perf {name}" for name in near]))))
    options = tuple((name, f"perf {name}") for name in near)
    chosen = (Choice(t("Did you mean"), "help.run", options),) if near else ()
    actions = (*chosen, Button(t("Help"), "help.show"))
    return Card(t("Not understood"), tuple(body), actions, summary=t("Not understood"))
