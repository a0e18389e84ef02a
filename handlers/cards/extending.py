"""What more time means for somebody who owes something: the new dates, and why."""

from collections.abc import Sequence
from datetime import datetime

from bot.cards import Block, Button, Card, Style, Tone, text
from bot.text import Texts
from handlers.cards.home import STAGES
from models.cycle import Cycle


def extended_card(
    t: Texts, cycle: Cycle, closings: Sequence[tuple[str, datetime, datetime]], who: str, reason: str
) -> Card:
    """`closings` are (stage, before, after), `who` gave the time."""
    body: list[Block] = [text(t("{who} gave more time in {name}.", who=who, name=cycle.name))]
    body += [
        text("• ", t("{stage}: until {after}, not {before}", stage=t(STAGES[name]), before=before, after=after))
        for name, before, after in closings
    ]
    if reason:
        body.append(text(t("“{reason}”", reason=reason)))
    actions = (Button(t("What waits for me"), "home.show", style=Style.PRIMARY),)
    title = t("More time · {cycle}", cycle=cycle.name)
    return Card(title, tuple(body), actions, Tone.INFO, t("A stage ends later"))
