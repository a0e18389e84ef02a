"""The calls about interactive cards: created and delivered in one, updated by an id of our own, never replaced."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.platforms.dingtalk.api import Api
from bot.platforms.dingtalk.shapes import Template

BUTTONS = "1366a1eb-bc54-4859-ac88-517c56a9acb1.schema"  # DingTalk's own template, which every organisation may use
CREATE, CARD, REGISTER = (
    "/v1.0/card/instances/createAndDeliver",
    "/v1.0/card/instances",
    "/v1.0/card/callbacks/register",
)
ROUTE = "pandian"  # the name under which our address for presses is registered
BY_KEY = {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
LANGUAGES = ("ZH_CN", "ZH_TW", "EN_US", "JA_JP")
OURS = "pm-"


class Undelivered(Exception):
    """The card was made, and did not arrive."""


@dataclass(frozen=True, slots=True)
class Templates:
    """What cards are made of: the template with buttons, and the one with a form ("" if there is none)."""

    buttons: str = BUTTONS
    form: str = ""


class Cards:
    """Cards of one robot. Presses come back over the stream, or to our address if that is how events come."""

    def __init__(self, api: Api, robot: str, templates: Templates, *, stream: bool) -> None:
        self._api, self._robot, self._templates, self._stream = api, robot, templates, stream

    def named(self, key: str) -> str:
        """The id of the card for a message: the same one again has the same. Without a key it is new."""
        if not key:
            return OURS + secrets.token_hex(16)
        return OURS + hashlib.sha256(f"{self._robot}:{key}".encode()).hexdigest()[:32]

    def ours(self, name: str) -> bool:
        """Whether it is the id of such a card."""
        return name.startswith(OURS)

    async def send(self, user: str, name: str, drawn: Template, *, form: bool = False) -> None:
        """Creates a card and puts it into the private conversation. Raises Undelivered, Later, Gone or OSError."""
        back = {"callbackType": "STREAM"} if self._stream else {"callbackType": "HTTP", "callbackRouteKey": ROUTE}
        space = {"supportForward": False, "lastMessageI18n": dict.fromkeys(LANGUAGES, drawn.title)}
        asked = {
            "cardTemplateId": self._templates.form if form else self._templates.buttons,
            "outTrackId": name,
            **back,
            "userIdType": 1,
            "cardData": {"cardParamMap": dict(drawn.params)},
            "openSpaceId": f"dtv1.card//IM_ROBOT.{user}",
            "imRobotOpenSpaceModel": space,
            "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": self._robot},
        }
        _delivered(await self._api.call("POST", CREATE, asked))

    async def update(self, name: str, params: Mapping[str, str]) -> None:
        """Changes the named values of a card, and leaves the others. Raises Later, Expired, Gone or OSError."""
        asked = {"outTrackId": name, "userIdType": 1, **changes(params)}
        await self._api.call("PUT", CARD, asked)

    async def register(self, url: str, secret: str) -> None:
        """Tells DingTalk where presses go, and the key that it signs them with."""
        asked = {"callbackRouteKey": ROUTE, "callbackUrl": url, "apiSecret": secret, "forceUpdate": True}
        await self._api.call("POST", REGISTER, asked)


def changes(params: Mapping[str, str]) -> dict[str, Any]:
    """Values of a card as an update, or an answer to a press, carries them; without the options all others would go."""
    return {"cardUpdateOptions": BY_KEY, "cardData": {"cardParamMap": dict(params)}}


def _delivered(answer: Mapping[str, Any]) -> None:
    """A card that was made may still have arrived nowhere."""
    result = answer.get("result")
    told = result.get("deliverResults") if isinstance(result, dict) else None
    if any(isinstance(one, dict) and one.get("success") is False for one in told or ()):
        raise Undelivered("not delivered")
