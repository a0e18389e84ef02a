"""What the doctor asks DingTalk: token, permissions, template ids and the stream. It sends nothing to anybody."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.capability import Expired, Gone, Later
from bot.platforms.dingtalk.api import Api
from bot.platforms.dingtalk.cardcalls import BUTTONS, CARD
from bot.platforms.dingtalk.codes import NoScope
from bot.platforms.dingtalk.delivery import TO_ONE
from bot.platforms.dingtalk.profiles import GET
from bot.platforms.dingtalk.quota import Quota
from bot.platforms.dingtalk.stream import AGENT, SUBSCRIPTIONS

NOBODY = "pandian-doctor-nobody"  # an id that no account has: the calls are judged, and reach nobody
ASK = "ask for it in the developer console under permissions, and publish a version"
# A finding: its name, whether it is in order, and what to do if not.
Finding = tuple[str, bool, str]
FAILED = (Gone, Later, OSError)


@dataclass(frozen=True, slots=True)
class Asked:
    """An app and what is configured of it; `card_template` is None where no cards are wanted, "" for DingTalk's own."""

    client_id: str
    client_secret: str
    base: str
    old_base: str
    robot_code: str = ""
    card_template: str | None = ""
    form_template: str = ""
    stream: bool = True


async def examine(asked: Asked) -> AsyncIterator[Finding]:
    """Every finding; the rest is left out where the first one fails."""
    quota = Quota(0, 0, lambda: datetime.now(UTC))
    api = Api(asked.client_id, asked.client_secret, asked.base, asked.old_base, quota)
    api.open()
    try:
        try:
            await api.token()
        except FAILED as no:
            yield "DingTalk token", False, f"check DINGTALK_CLIENT_ID, DINGTALK_CLIENT_SECRET and the way out ({no})"
            return
        yield "DingTalk token", True, ""
        yield await _messages(api, asked.robot_code or asked.client_id)
        yield await _accounts(api)
        if asked.card_template is not None:
            yield await _cards(api)
            yield await _template(api, "card", asked.card_template or BUTTONS)
        if asked.form_template:
            yield await _template(api, "form", asked.form_template)
        if asked.stream:
            yield await _stream(api)
    finally:
        await api.close()


async def _messages(api: Api, robot: str) -> Finding:
    """A message to nobody: DingTalk checks permission and robot before it looks for the people."""
    asked = {"robotCode": robot, "userIds": [NOBODY], "msgKey": "sampleText", "msgParam": '{"content":"…"}'}
    refused = await _refused(api.call("POST", TO_ONE, asked))
    if isinstance(refused, NoScope):
        return f"DingTalk messages ({refused})", False, ASK
    if refused is not None and "robot" in str(refused):
        return "DingTalk robot", False, f"DINGTALK_ROBOT_CODE is not the code of this app's robot ({refused})"
    if refused is not None and not str(refused).startswith(("account closed", "message refused")):
        return "DingTalk messages", False, f"could not be tried ({refused})"
    return "DingTalk messages", True, ""


async def _accounts(api: Api) -> Finding:
    """An account that does not exist: known not to, or not shown for want of a permission."""
    refused = await _refused(api.old(GET, {"userid": NOBODY, "language": "zh_CN"}))
    if isinstance(refused, NoScope):
        return "DingTalk accounts (qyapi_get_member)", False, ASK
    if isinstance(refused, Later | OSError):
        return "DingTalk accounts", False, f"could not be tried ({refused})"
    return "DingTalk accounts", True, ""


async def _cards(api: Api) -> Finding:
    """A change of a card that does not exist."""
    name = f"doctor-{secrets.token_hex(8)}"
    refused = await _refused(api.call("PUT", CARD, {"outTrackId": name, "cardData": {"cardParamMap": {"tips": ""}}}))
    if isinstance(refused, NoScope):
        return f"DingTalk cards ({refused})", False, f"{ASK}; until then messages with links are sent instead"
    if refused is not None and not isinstance(refused, Expired):
        return "DingTalk cards", False, f"could not be tried ({refused})"
    return "DingTalk cards", True, ""


async def _template(api: Api, name: str, template: str) -> Finding:
    """A card that is made and delivered nowhere."""
    asked: Mapping[str, Any] = {
        "cardTemplateId": template,
        "outTrackId": f"doctor-{secrets.token_hex(8)}",
        "callbackType": "STREAM",
        "cardData": {"cardParamMap": {"title": "…"}},
    }
    refused = await _refused(api.call("POST", CARD, asked))
    variable = f"DINGTALK_{name.upper()}_TEMPLATE"
    advice = f"{variable} is no published template of this organisation ({refused})"
    return f"DingTalk {name} template", refused is None, advice


async def _stream(api: Api) -> Finding:
    advice = "choose Stream mode for the robot and for events, or set DINGTALK_STREAM=0"
    refused = await _refused(api.connection({"ua": AGENT, "subscriptions": SUBSCRIPTIONS}))
    return "DingTalk stream", refused is None, f"{advice} ({refused})"


async def _refused(call: Awaitable[object]) -> Gone | Later | OSError | None:
    try:
        await call
    except FAILED as no:
        return no
    return None
