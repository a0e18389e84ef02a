"""Each platform's wall of the gallery: the JSON of a card or a form, as its renderer makes it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.capability import Capabilities, Message
from bot.cards import Card, Chart
from bot.conversation import opening_card
from bot.degrade import fit
from bot.events import Where
from bot.forms import Sheet
from bot.platforms.dingtalk import forms as dingtalk_forms
from bot.platforms.dingtalk import render as dingtalk
from bot.platforms.feishu import Feishu
from bot.platforms.feishu import forms as feishu_forms
from bot.platforms.feishu import render as feishu
from bot.platforms.slack import Slack
from bot.platforms.slack import render as slack
from bot.platforms.slack import views as slack_views
from bot.platforms.web import render as web
from bot.text import texts

Json = dict[str, object]
Links = Mapping[Chart, str]
DINGTALK = dingtalk.capabilities("card", forms=True)


@dataclass(frozen=True, slots=True)
class Wall:
    """One platform: `can` as the platform itself says, `hang` for a fitted card, `ask` for a form in a locale."""

    name: str
    can: Capabilities
    hang: Callable[[str, Message, Links], Json]
    ask: Callable[[Sheet, str], Json]

    def hangs(self, name: str, card: Card, locale: str, links: Links) -> Json:
        """A card, made as simple as the platform needs; `links` leads to the picture of every chart."""
        fitted, _presses = fit(card, self.can)
        return self.hang(name, Message(fitted, locale), links)

    def asks(self, sheet: Sheet, locale: str) -> Json:
        """A form."""
        return self.ask(sheet, locale)


def _slack_card(name: str, message: Message, links: Links) -> Json:
    """Home cards are the App Home tab, all others are messages."""
    files = {chart: _file(link) for chart, link in links.items()}
    if name.startswith("home."):
        return {"surface": "home", "payload": slack.home(message.card, files)}
    drawn = {chart: file for chart, file in files.items() if not Slack.can.draws(chart)}
    return {"surface": "message", "payload": slack.message(message.card, drawn, Slack.can.draws)}


def _slack_sheet(sheet: Sheet, locale: str) -> Json:
    where = Where(channel="D0SAMPLE", message="1.000001")
    return {"surface": "modal", "payload": slack_views.modal(sheet, where, texts(locale))}


def _feishu_card(_name: str, message: Message, links: Links) -> Json:
    draws = Feishu.can.draws
    return feishu.card(message, lambda chart: "" if draws(chart) or chart not in links else _key(links[chart]))


def _dingtalk_card(_name: str, message: Message, links: Links) -> Json:
    """What is sent before the card because no card holds it, and the card's values."""
    first = dingtalk.before(message, lambda chart: _media(links[chart]) if chart in links else "")
    card = dingtalk.template(message, lambda chart: _media(links[chart]) if chart in links else "")
    said = [{"msgKey": one.key, "msgParam": dict(one.param)} for one in first]
    return {"kind": "card", "payload": {"before": said, "cardParamMap": dict(card.params)}}


def _dingtalk_sheet(sheet: Sheet, locale: str) -> Json:
    """A form card, or the first question of a form that is too long for one."""
    if dingtalk_forms.fits(sheet):
        return {"kind": "form", "payload": {"cardParamMap": dict(dingtalk_forms.card(sheet, locale).params)}}
    asked = opening_card(texts(locale), sheet)
    shown = _dingtalk_card("", Message(fit(asked, DINGTALK)[0], locale), {})
    return {**shown, "kind": "conversation"}


def _file(link: str) -> str:
    """An uploaded picture has an id that Slack chose; here it follows from the picture's place."""
    return "F" + hashlib.sha256(link.encode()).hexdigest()[:10].upper()


def _key(link: str) -> str:
    """The same for a key of Feishu's."""
    return "img_v3_" + hashlib.sha256(link.encode()).hexdigest()[:10]


def _media(link: str) -> str:
    """The same for a picture's id at DingTalk."""
    return "@lAL" + hashlib.sha256(link.encode()).hexdigest()[:10]


WALLS = (
    Wall("slack", Slack.can, _slack_card, _slack_sheet),
    Wall("feishu", Feishu.can, _feishu_card, feishu_forms.form),
    Wall("dingtalk", DINGTALK, _dingtalk_card, _dingtalk_sheet),
    Wall("console", Capabilities(), web.message, lambda sheet, _locale: web.sheet(sheet)),
)
