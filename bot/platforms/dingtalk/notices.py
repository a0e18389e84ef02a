"""Work notices: the last way to somebody whom the robot does not reach, where the app's agent id is configured."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from bot.capability import Gone, Message
from bot.platforms.dingtalk.api import Api
from bot.text import texts

SEND, RESULT = "/topapi/message/corpconversation/asyncsend_v2", "/topapi/message/corpconversation/getsendresult"
BYTES = 1800  # of 2,048 that a whole message may have
TRIES, PAUSE = 3, 0.3  # looks at the result, and the seconds before each
log = structlog.get_logger()


class Notices:
    """Sends notices. DingTalk reports a notice that it swallowed as sent, so the result is looked at."""

    def __init__(self, api: Api, agent_id: str, clock: Callable[[], datetime]) -> None:
        self._api, self._agent, self._clock = api, agent_id, clock

    @property
    def possible(self) -> bool:
        """Whether there is this way at all."""
        return bool(self._agent)

    async def send(self, user: str, message: Message) -> str:
        """The id of the notice: the card's summary, and when it was said, because the same words reach nobody twice a
        day. Raises Later, Gone or OSError."""
        said = f"{message.card.summary or message.card.title}\n{texts(message.locale).datetime(self._clock())}"
        text = said.encode()[:BYTES].decode(errors="ignore")
        asked = {"agent_id": self._agent, "userid_list": user, "msg": {"msgtype": "text", "text": {"content": text}}}
        task = str((await self._api.old(SEND, asked)).get("task_id") or "")
        await self._seen(task, user)
        return task

    async def _seen(self, task: str, user: str) -> None:
        """Raises Gone if the notice reached nobody; what is not decided soon is taken for sent."""
        for _try in range(TRIES):
            await asyncio.sleep(PAUSE)
            told = await self._api.old(RESULT, {"agent_id": self._agent, "task_id": task})
            result = told.get("send_result")
            found = result if isinstance(result, dict) else {}
            for name in ("invalid_user_id_list", "forbidden_user_id_list", "failed_user_id_list"):
                if user in _listed(found.get(name)):
                    raise Gone(f"account closed: {name}")
            for one in _listed(found.get("forbidden_list")):
                if isinstance(one, dict) and one.get("userid") == user:
                    raise Gone("message refused: notice limit")
            if user in [*_listed(found.get("read_user_id_list")), *_listed(found.get("unread_user_id_list"))]:
                return


def _listed(held: object) -> list[object]:
    return held if isinstance(held, list) else []
