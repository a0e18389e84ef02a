"""Each platform's wall of the gallery: the JSON of a card or a form, as its renderer makes it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.capability import Capabilities, Message
from bot.cards import Card, Chart
from bot.degrade import fit
from bot.events import Where
from bot.forms import Sheet
from bot.platforms.slack import Slack
from bot.platforms.slack import render as slack
from bot.platforms.slack import views as slack_views
from bot.platforms.web import render as web

Json = dict[str, object]
Links = Mapping[Chart, str]


@dataclass(frozen=True, slots=True)
class Wall:
    """One platform: `can` as the platform itself says, `hang` for a fitted card, `ask` for a form."""

    name: str
    can: Capabilities
    hang: Callable[[str, Message, Links], Json]
    ask: Callable[[Sheet], Json]

    def hangs(self, name: str, card: Card, locale: str, links: Links) -> Json:
        """A card, made as simple as the platform needs; `links` leads to the picture of every chart."""
        fitted, _presses = fit(card, self.can)
        return self.hang(name, Message(fitted, locale), links)

    def asks(self, sheet: Sheet) -> Json:
        """A form."""
        return self.ask(sheet)


def _slack_card(name: str, message: Message, links: Links) -> Json:
    """Home cards are the App Home tab, all others are messages."""
    files = {chart: _file(link) for chart, link in links.items()}
    if name.startswith("home."):
        return {"surface": "home", "payload": slack.home(message.card, files)}
    return {"surface": "message", "payload": slack.message(message.card, files)}


def _slack_sheet(sheet: Sheet) -> Json:
    return {"surface": "modal", "payload": slack_views.modal(sheet, Where(channel="D0SAMPLE", message="1.000001"))}


def _file(link: str) -> str:
    """An uploaded picture has an id that Slack chose; here it follows from the picture's place."""
    return "F" + hashlib.sha256(link.encode()).hexdigest()[:10].upper()


WALLS = (
    Wall("slack", Slack.can, _slack_card, _slack_sheet),
    Wall("console", Capabilities(), web.message, web.sheet),
)
