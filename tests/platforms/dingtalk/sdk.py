"""The vendor's own Stream client in a thread of a process of its own: what it hears is a JSON line out.

DINGTALK_OPENAPI_ENDPOINT, which it reads when it is imported, says where to connect.
"""

import asyncio
import json
import logging
import sys
import threading
from typing import Any

import dingtalk_stream as theirs

Json = dict[str, Any]
BUTTON = {"text": "Approve", "id": "t:1", "color": "blue", "request": True, "params": {"action": "t:1"}}
SHOWN = {"cardParamMap": {"tips": "understood"}}


def tell(kind: str, **what: object) -> None:
    """A line out."""
    sys.stdout.write(json.dumps({"kind": kind} | what) + "\n")
    sys.stdout.flush()


class Talk(theirs.ChatbotHandler):  # type: ignore[misc]
    """Answers with a sentence, or with a card where one is asked for."""

    async def process(self, callback: Any) -> tuple[int, str]:
        """A robot message."""
        incoming = theirs.ChatbotMessage.from_dict(callback.data)
        said = "".join(incoming.get_text_list() or ())
        tell("message", said=said, staff=incoming.sender_staff_id, type=incoming.conversation_type)
        if said.strip() == "card":
            self.reply_markdown_button(incoming, "**Ship** it", [BUTTON], title="Goal 7")
        else:
            self.reply_text("understood", incoming)
        return theirs.AckMessage.STATUS_OK, "OK"


class Press(theirs.CallbackHandler):  # type: ignore[misc]
    """Answers by a change of the card."""

    async def process(self, callback: Any) -> tuple[int, Json]:
        """A press on a card."""
        pressed = theirs.CardCallbackMessage.from_dict(callback.data)
        tell("press", user=pressed.user_id, content=pressed.content)
        return theirs.AckMessage.STATUS_OK, {"cardUpdateOptions": {"updateCardDataByKey": True}, "cardData": SHOWN}


class Happened(theirs.EventHandler):  # type: ignore[misc]
    """Takes every event."""

    async def process(self, event: Any) -> tuple[int, str]:
        """An event."""
        tell("event", type=event.headers.event_type, corp=event.headers.event_corp_id, data=event.data)
        return theirs.AckMessage.STATUS_OK, "OK"


def listen(client_id: str, secret: str) -> None:
    """Runs until the process ends."""
    quiet = logging.getLogger("quiet")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    client = theirs.DingTalkStreamClient(theirs.Credential(client_id, secret), logger=quiet)
    client.register_callback_handler(theirs.ChatbotMessage.TOPIC, Talk())
    client.register_callback_handler(theirs.CallbackHandler.TOPIC_CARD_CALLBACK, Press())
    client.register_all_event_handler(Happened())
    asyncio.run(client.start())


def main() -> None:
    """Listens with an app's credentials until the input ends."""
    threading.Thread(target=listen, args=sys.argv[1:3], daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
