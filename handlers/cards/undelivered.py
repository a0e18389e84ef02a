"""What could not be delivered, in words: why, to whom, what to do about it, and what is still under way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards import Action, Block, Bold, Button, Card, Choice, Facts, Note, Span, Table, Tone, text
from bot.text import N_, Texts
from models.undelivered import ACCESS, ACCOUNT, DOWN, FAULT, MESSAGE, REASONS

PAGE = 20
ALL = "all"
PLATFORMS = {"dingtalk": "DingTalk", "web": N_("Console")}
WHY = {
    ACCOUNT: N_("The account is closed"),
    ACCESS: N_("The platform does not let me write there"),
    MESSAGE: N_("The platform did not take the message"),
    DOWN: N_("The platform could not be reached for days"),
    FAULT: N_("Something failed on our side"),
}
WHAT_TO_DO = {
    ACCOUNT: N_("Link the account they use now with `perf link @name`, then send again."),
    ACCESS: N_("Whoever administers the platform allows the app to write to people. Then send again."),
    MESSAGE: N_("Tell whoever runs me: the log names the platform's reason. People find it with `perf` all the same."),
    DOWN: N_("Send again once the platform works."),
    FAULT: N_("Tell whoever runs me: the log says where. Send again once it is mended."),
}
# What a message was about, never what it said.
ABOUT = {
    "announcement": N_("an announcement"),
    "assignment": N_("a task"),
    "case": N_("a case"),
    "cycle": N_("news of a cycle"),
    "dispute": N_("a dispute"),
    "flag": N_("a flag about scores"),
    "nudge": N_("a reminder"),
    "peer": N_("feedback on a colleague"),
    "plan": N_("a plan"),
    "request": N_("a request"),
    "result": N_("a result"),
    "scorecard": N_("scores"),
}


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """What one platform did not deliver for one reason; both are ours, not words."""

    platform: str
    reason: str
    messages: int
    people: int

    @property
    def value(self) -> str:
        """As a choice carries it."""
        return f"{self.platform}.{REASONS.index(self.reason)}.0"


@dataclass(frozen=True, slots=True)
class ShownQueue:
    """What is still to be sent on a platform: the oldest is due since, nothing is sent until `paused`."""

    platform: str
    queued: int
    oldest: datetime | None = None
    paused: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShownUndelivered:
    """Everything: `people` have no account and `waiting` messages wait for them."""

    groups: Sequence[ShownGroup] = ()
    people: int = 0
    waiting: int = 0
    queues: Sequence[ShownQueue] = ()


@dataclass(frozen=True, slots=True)
class ShownLetter:
    """One message: for whom, about what kind of thing (a noun), since when."""

    id: int
    name: str
    noun: str
    since: datetime


def undelivered_card(t: Texts, shown: ShownUndelivered) -> Card:
    """How many did not arrive and why first, then what only waits."""
    many = sum(one.messages for one in shown.groups)
    head = t.n("{n} message did not arrive", "{n} messages did not arrive", many)
    body: list[Block] = [text(Bold(head))] if many else [text(t("Nothing is lost: no message failed for good."))]
    body += _table(t, shown.groups)
    body += _advice(t, [one.reason for one in shown.groups])
    if shown.waiting:
        said = t.n("{n} person has no account linked yet.", "{n} people have no account linked yet.", shown.people)
        wait = t.n("{n} message waits for them", "{n} messages wait for them", shown.waiting)
        how = t("and goes out by itself as soon as one is linked: `perf link @name`.")
        body.append(text(f"{said} {wait} {how}"))
    body += [Facts(tuple((platform(t, one.platform), _queue(t, one)) for one in shown.queues))] if shown.queues else []
    tone = Tone.WARN if many else Tone.GOOD
    title = t("What could not be delivered")
    return Card(title, tuple(body), _actions(t, shown.groups), tone, t("Messages that did not arrive"))


def letters_card(t: Texts, group: ShownGroup, letters: Sequence[ShownLetter], page: int) -> Card:
    """One reason: whose messages, what kind each was, and what to do."""
    lines: list[Span] = []
    for one in letters:
        said = t("{what}, {when}", what=about(t, one.noun), when=one.since)
        lines += ["\n" if lines else "", "• ", Bold(one.name), f" · {said}"]
    body: list[Block] = [text(*lines)] if lines else [text(t("Nothing of this kind is left."))]
    body += _advice(t, [group.reason]) if lines else []
    actions: list[Action] = []
    if letters:
        start = group.value.removesuffix("0")
        each = [(f"{start}{one.id}", f"{one.name}: {about(t, one.noun)}"[:70]) for one in letters]
        every = (group.value, t.n("{n} message", "All {n} messages", group.messages))
        options = (every, *(each if group.messages > 1 else ()))
        actions += [Choice(t("Send again"), "undelivered.resend", options)]
        actions += [Choice(t("Give up on"), "undelivered.leave", options)]
    pages = (group.messages + PAGE - 1) // PAGE
    if pages > 1:
        numbered = [(f"{group.value}.{n}", t("Page {n} of {total}", n=n + 1, total=pages)) for n in range(pages)]
        actions.append(Choice(t("Page"), "undelivered.page", tuple(numbered[:100])))
    actions.append(Button(t("All reasons"), "undelivered.show"))
    title = f"{t(WHY[group.reason])} · {platform(t, group.platform)}"
    return Card(
        title, tuple(body), tuple(actions), Tone.WARN if letters else Tone.GOOD, t("Messages that did not arrive")
    )


def platform(t: Texts, name: str) -> str:
    """A platform as people call it."""
    return t(PLATFORMS[name]) if name in PLATFORMS else name.capitalize()


def about(t: Texts, noun: str) -> str:
    """What a message was about, in a word or two."""
    return t(ABOUT[noun]) if noun in ABOUT else t("a message")


def _table(t: Texts, groups: Sequence[ShownGroup]) -> list[Block]:
    rows = [
        (t(WHY[one.reason]), platform(t, one.platform), t.number(one.messages), t.number(one.people)) for one in groups
    ]
    return [Table((t("Why"), t("Where"), t("Messages"), t("People")), tuple(rows))] if rows else []


def _advice(t: Texts, reasons: Sequence[str]) -> list[Block]:
    """What to do about each, once."""
    found = dict.fromkeys(reasons)
    alone = len(found) == 1
    return [Note(t(WHAT_TO_DO[one]) if alone else f"{t(WHY[one])}: {t(WHAT_TO_DO[one])}") for one in found]


def _queue(t: Texts, one: ShownQueue) -> str:
    said = [t.n("{n} message to be sent", "{n} messages to be sent", one.queued)]
    if one.oldest is not None:
        said.append(t("the oldest since {when}", when=one.oldest))
    if one.paused is not None:
        said.append(t("paused until {when}, as the platform asked", when=one.paused))
    return " · ".join(said)


def _actions(t: Texts, groups: Sequence[ShownGroup]) -> tuple[Action, ...]:
    if not groups:
        return ()
    named = [(one.value, f"{t(WHY[one.reason])} · {platform(t, one.platform)}") for one in groups]
    every = [(ALL, t("Everything"))] if len(named) > 1 else []
    return (
        Choice(t("See who"), "undelivered.pick", tuple(named)),
        Choice(t("Send again"), "undelivered.resend", (*every, *named)),
        Choice(t("Give up on"), "undelivered.leave", (*every, *named)),
    )
