"""What could not be delivered: nothing, several reasons, one reason with its people, and only waiting."""

from collections.abc import Iterator
from datetime import timedelta

from bot.cards import Card
from bot.forms import Sheet
from bot.text import Texts
from handlers.cards.undelivered import ShownGroup as Group
from handlers.cards.undelivered import ShownLetter as Letter
from handlers.cards.undelivered import ShownQueue as Queue
from handlers.cards.undelivered import ShownUndelivered, letters_card, undelivered_card
from handlers.samples.company import APPROVER, HOSTILE, NOW, OWNER, READER, Company
from models.undelivered import ACCESS, ACCOUNT, DOWN, FAULT, MESSAGE

Samples = Iterator[tuple[str, Card | Sheet]]
REASONS = (("slack", ACCOUNT), ("slack", MESSAGE), ("dingtalk", ACCESS), ("feishu", DOWN), ("web", FAULT))


def undelivered_samples(t: Texts) -> Samples:
    """(name, card) of everything HR sees about messages that did not arrive."""
    company = Company(t)
    yield "undelivered.none", undelivered_card(t, ShownUndelivered())
    sending = [Queue("slack", 1204, NOW - timedelta(minutes=7)), Queue("feishu", 0, paused=NOW + timedelta(minutes=3))]
    yield "undelivered.waiting", undelivered_card(t, ShownUndelivered((), 3, 8, sending))
    closed = Group("slack", ACCOUNT, 3, 2)
    yield "undelivered.one", undelivered_card(t, ShownUndelivered([closed], 1, 1))
    many = [Group(where, why, 40 - 7 * at, 12 - at) for at, (where, why) in enumerate(REASONS)]
    yield "undelivered.many", undelivered_card(t, ShownUndelivered(many, 3, 8, sending))
    people = [(OWNER, "plan"), (APPROVER, "announcement"), (READER, "")]
    letters = [
        Letter(at, company.name(who), noun, NOW - timedelta(days=at)) for at, (who, noun) in enumerate(people, 1)
    ]
    yield "undelivered.letters", letters_card(t, closed, letters, 0)
    yield "undelivered.letters.one", letters_card(t, Group("web", FAULT, 1, 1), letters[:1], 0)
    hostile = [Letter(at, HOSTILE, "result", NOW) for at in range(1, 21)]
    yield "undelivered.letters.paged", letters_card(t, Group("slack", DOWN, 45, 40), hostile, 1)
    yield "undelivered.letters.gone", letters_card(t, Group("slack", ACCOUNT, 0, 0), [], 0)
