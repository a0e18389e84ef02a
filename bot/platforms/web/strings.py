"""Every sentence of the page itself, by the key the page knows it under; {placeholders} are filled in by the page."""

from bot.platforms.web.players import Role
from bot.text import N_, Texts

STRINGS = {
    "skip": N_("Skip to the conversation"),
    "sample": N_("Sample company"),
    "person": N_("Playing {name}"),
    "people": N_("Who do you want to be?"),
    "people-hint": N_("This is a sample company: look at everything through anybody's eyes."),
    "people-search": N_("Search by name, department or position"),
    "people-none": N_("Nobody matches."),
    "people-count": N_("{n} people match."),
    "featured": N_("Good places to start"),
    "you": N_("you"),
    "language": N_("Language"),
    "theme": N_("Dark colours"),
    "log": N_("Conversation"),
    "said": N_("You said:"),
    "sent-file": N_("File: {name}"),
    "message": N_("Message"),
    "working": N_("Working on it…"),
    "write": N_("Write to Pandian"),
    "write-hint": N_("Try “perf goals”, or type / to see everything you can do"),
    "send": N_("Send"),
    "attach": N_("Attach a file"),
    "drop": N_("Drop the file to send it"),
    "words": N_("Commands"),
    "chips": N_("Shortcuts"),
    "chip-home": N_("Home"),
    "chip-goals": N_("My goals"),
    "chip-progress": N_("Progress"),
    "chip-help": N_("Help"),
    "empty": N_("Hello {name}, this is your conversation with Pandian."),
    "empty-hint": N_("Plans, approvals and progress happen right here. Start with one of these:"),
    "empty-home": N_("See what waits for you"),
    "empty-goals": N_("Look at your goals"),
    "empty-progress": N_("See how far you are"),
    "empty-help": N_("Find out what you can do"),
    "empty-more": N_("Or become somebody else with the button at the top."),
    "nobody": N_("There is nobody to play yet."),
    "connected": N_("Connected again."),
    "reconnecting": N_("Connection lost, trying again…"),
    "failed": N_("That did not work. Please try again."),
    "too-large": N_("This is too large to send."),
    "unreachable": N_("Pandian does not answer at the moment. Nothing was lost, please try again."),
    "newer": N_("New messages below"),
    "tone-info": N_("Information"),
    "tone-good": N_("Good"),
    "tone-warn": N_("Needs attention"),
    "tone-bad": N_("Problem"),
    "figures": N_("Show the figures"),
    "choose": N_("Choose…"),
    "apply": N_("Apply"),
    "outside": N_("opens in a new tab"),
    "confirm": N_("Are you sure?"),
    "cancel": N_("Cancel"),
    "close": N_("Close"),
    "optional": N_("optional"),
    "fix": N_("Please look at the marked answers."),
    "restored": N_("Your draft is back. It is kept in this tab until you send it."),
    "date-hint": N_("Year-month-day, such as 2026-12-31"),
    "calendar": N_("Open the calendar"),
    "left": N_("{n} of {most} characters"),
    "person-search": N_("Type a name"),
    "role-executive": N_("Executives"),
    "role-hr": N_("HR"),
    "role-head": N_("Department heads"),
    "role-manager": N_("Managers"),
    "role-employee": N_("Employees"),
}


def strings(t: Texts) -> dict[str, str]:
    """The sentences in the reader's language, placeholders untouched."""
    return {key: t(sentence) for key, sentence in STRINGS.items()}


def role(value: Role) -> str:
    """The key under which a role's name stands."""
    return f"role-{value.value}"
