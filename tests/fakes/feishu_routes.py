"""Messages of the fake Feishu: sending, answering, updating, recalling, urging, batches, cards for one pair of eyes."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from tests.fakes.feishu_rules import BYTES, Known, Wrong, check, every
from tests.fakes.feishu_store import BOT, DAY, HOUR, PREFIXES, TENANT, Json, Post, Refuse, Store

SEND, UPDATE, URGENT, BATCH = (
    "im:message:send_as_bot",
    "im:message:update",
    "im:message.urgent",
    "im:message:send_multi_users",
)
LOCKED = 11310
TEXT_BYTES = 150 * 1024
BUSY = (230020, "This operation triggers the frequency limit.")
SENSITIVE = (230022, "The content of the message contains sensitive information.")


class Messages:
    """Every check in the order of the real server. `limited` switches the limits by receiver and by message;
    `sensitive` are words that no message may hold."""

    def __init__(self, store: Store, scopes: set[str], app_id: str) -> None:
        self.store, self.scopes, self.app_id = store, scopes, app_id
        self.limited, self.locking = True, True
        self.lost: list[str] = []
        self.sensitive: set[str] = set()

    def routes(self) -> Mapping[tuple[str, str], Callable[[web.Request, Json], Json]]:
        """Handlers by method and path."""
        return {
            ("POST", "/im/v1/messages"): self.send,
            ("POST", "/im/v1/messages/{id}/reply"): self.reply,
            ("PATCH", "/im/v1/messages/{id}"): self.patch,
            ("PUT", "/im/v1/messages/{id}"): self.edit,
            ("DELETE", "/im/v1/messages/{id}"): self.recall,
            ("GET", "/im/v1/messages/{id}"): self.read,
            ("PATCH", "/im/v1/messages/{id}/urgent_app"): self.urge,
            ("POST", "/interactive/v1/card/update"): self.update,
            ("POST", "/ephemeral/v1/send"): self.ephemeral,
            ("POST", "/ephemeral/v1/delete"): self.vanish,
            ("POST", "/message/v4/batch_send/"): self.batch,
        }

    def send(self, request: web.Request, body: Json) -> Json:
        """POST /im/v1/messages."""
        self._needs(SEND)
        self._paced(f"to {body.get('receive_id')}")
        kind = request.query.get("receive_id_type", "")
        if kind not in PREFIXES:
            raise Refuse(99992402, "field validation failed: receive_id_type")
        chat = self.store.place(kind, str(body.get("receive_id") or ""))
        return self._sent(chat, body)

    def reply(self, request: web.Request, body: Json) -> Json:
        """POST /im/v1/messages/:id/reply."""
        self._needs(SEND)
        posted = self.store.find(request.match_info["id"])
        self._paced(f"to {posted.chat}")
        return self._sent(self.store.room(posted.chat), body)

    def _sent(self, chat: str, body: Json) -> Json:
        kind, content = str(body.get("msg_type")), self._content(body)
        uuid = str(body.get("uuid") or "")
        if len(uuid) > 50:
            raise _invalid("uuid")
        at, before = self.store.uuids.get(uuid, (-HOUR, None))
        if uuid and before and self.store.clock() - at < HOUR:
            return self._shown(before)
        posted = self.store.post(chat, kind, content, uuid=uuid)
        self.store.uuids[uuid] = (self.store.clock(), posted)
        return self._shown(posted)

    def patch(self, request: web.Request, body: Json) -> Json:
        """PATCH /im/v1/messages/:id."""
        self._needs(UPDATE)
        self._paced(f"patch {request.match_info['id']}")
        posted = self._ours(request.match_info["id"])
        if posted.kind != "interactive" or posted.user:
            raise _invalid("This message is NOT a card")
        if self.store.clock() - posted.at > 14 * DAY:
            raise Refuse(230031, "The message has been sent for more than 14 days.")
        content = self._content({"msg_type": "interactive", "content": body.get("content")})
        self._shared(posted.content, content)
        if posted.served and self.locking:
            raise _rejected(Wrong(LOCKED, "card action is lock"))
        posted.become(content)
        return {}

    def edit(self, request: web.Request, body: Json) -> Json:
        """PUT /im/v1/messages/:id: a text, twenty times."""
        self._needs(UPDATE)
        posted = self._ours(request.match_info["id"])
        if posted.kind not in ("text", "post") or body.get("msg_type") != posted.kind:
            raise Refuse(230054, "This message type does not support edit.")
        if len(posted.past) >= 20:
            raise Refuse(230072, "The message has reached the number of times it can be edited.")
        posted.become(self._content(body))
        return self._shown(posted)

    def recall(self, request: web.Request, _: Json) -> Json:
        """DELETE /im/v1/messages/:id."""
        self._ours(request.match_info["id"]).gone = True
        return {}

    def read(self, request: web.Request, _: Json) -> Json:
        """GET /im/v1/messages/:id."""
        return {"items": [self._shown(self.store.find(request.match_info["id"]))]}

    def urge(self, request: web.Request, body: Json) -> Json:
        """PATCH /im/v1/messages/:id/urgent_app."""
        self._needs(URGENT)
        posted = self._ours(request.match_info["id"])
        users = body.get("user_id_list") or []
        if request.query.get("user_id_type") not in ("open_id", "union_id", "user_id") or not 0 < len(users) <= 200:
            raise _invalid("user_id_list")
        if self.store.urgent_left < len(users):
            raise Refuse(230023, "The number of unread buzz messages of the user has reached the limit.")
        self.store.urgent_left -= len(users)
        inside = [one for one in users if one in self.store.members(posted.chat)]
        posted.urged.extend(inside)
        return {"invalid_user_id_list": [one for one in users if one not in inside]}

    def update(self, _: web.Request, body: Json) -> Json:
        """POST /interactive/v1/card/update: by the token of a press, after its answer."""
        press = self.store.presses.get(str(body.get("token")))
        if press is None:
            raise Refuse(300020, "token is invalid")
        if self.store.clock() - press.at > 30 * 60:
            raise Refuse(300030, "token is expired")
        if press.uses >= 2:
            raise Refuse(300040, "token has been used up")
        if press.post.gone:
            raise Refuse(200310, "message is recalled")
        self._card(body.get("card"))
        press.uses += 1
        if not press.answered:
            self.lost.append(press.post.id)  # the answer of the press puts the card back
        else:
            press.post.become(body["card"])
        return {}

    def ephemeral(self, _: web.Request, body: Json) -> Json:
        """POST /ephemeral/v1/send: in a group, for one person who is there."""
        self._needs(SEND)
        chat, card = str(body.get("chat_id")), body.get("card")
        self._paced(f"to {chat}", 40)
        if chat not in self.store.groups or body.get("msg_type") != "interactive":
            raise _invalid("chat_id")
        reader = self.store.who(str(body.get("open_id") or body.get("user_id") or body.get("email") or ""))
        if reader is None or reader.open_id not in self.store.members(self.store.room(chat)) or not reader.online:
            raise Refuse(230013, "The user can not be reached.")
        self._card(card)
        if any("i18n_content" in thing for thing in every(card)):
            raise _invalid("i18n_content")
        assert isinstance(card, dict)
        self._audited(card)
        return {"message_id": self.store.post(chat, "interactive", card, user=reader.open_id).id}

    def vanish(self, _: web.Request, body: Json) -> Json:
        """POST /ephemeral/v1/delete."""
        posted = self._ours(str(body.get("message_id")))
        if not posted.user:
            raise _invalid("message_id")
        posted.gone = True
        return {}

    def batch(self, _: web.Request, body: Json) -> Json:
        """POST /message/v4/batch_send/: the same for many; every error comes with HTTP 200."""
        try:
            return self._batched(body)
        except Refuse as refused:
            raise Refuse(refused.code, refused.msg, status=200) from None

    def _batched(self, body: Json) -> Json:
        self._needs(BATCH)
        wanted = body.get("open_ids") or []
        if len(wanted) > 200:
            raise _invalid("open_ids")
        kind = str(body.get("msg_type"))
        content = body.get("card") if kind == "interactive" else body.get("content")
        if not isinstance(content, dict):
            raise _invalid("content is no object")
        if kind == "interactive":
            self._card(content)
        people = {one: self.store.people.get(one) for one in wanted}
        valid = [one for one in people.values() if one and one.reachable and not one.resigned]
        name = f"bm-{next(self.store.count):06d}"
        for person in valid:
            self.store.post(person.chat, kind, content, batch=True).id = name
        missing = [one for one in wanted if people[one] not in valid]
        empty: list[str] = []
        rest = {"invalid_department_ids": empty, "invalid_user_ids": empty, "invalid_union_ids": empty}
        return {"message_id": name, "invalid_open_ids": missing} | rest

    def _content(self, body: Json) -> Json:
        """What is sent, checked; it comes as a JSON string."""
        raw, kind = body.get("content"), str(body.get("msg_type"))
        content = _parsed(raw)
        most = {"text": TEXT_BYTES, "interactive": BYTES, "post": BYTES}.get(kind, BYTES)
        if len(str(raw).encode()) > most:
            raise Refuse(230025, "The length of the message content reaches its limit.")
        if kind == "interactive":
            self._card(content)
        elif kind == "image" and content.get("image_key") not in self.store.images:
            raise _invalid("image_key")
        elif kind == "file" and not self.store.files.get(content.get("file_key", ""), {}).get("own"):
            raise Refuse(230017, "The bot is NOT the owner of the resource.")
        elif kind not in ("text", "post", "image", "file"):
            raise _invalid("msg_type")
        self._audited(content)
        return content

    def _card(self, card: object) -> None:
        try:
            check(card, Known(self.store.images, {*self.store.people, BOT}))
        except Wrong as wrong:
            raise _rejected(wrong) from None

    def _audited(self, content: Json) -> None:
        if any(word in json.dumps(content, ensure_ascii=False) for word in self.sensitive):
            raise Refuse(*SENSITIVE)

    def _shared(self, before: Json, after: Json) -> None:
        if any(card.get("config", {}).get("update_multi") is not True for card in (before, after)):
            raise _invalid("This card is NOT shared")

    def _ours(self, message: str) -> Post:
        posted = self.store.find(message)
        if not posted.own or posted.batch:
            raise Refuse(
                230001, "Your request contains an invalid request parameter, ext=The operator is NOT the owner."
            )
        return posted

    def _needs(self, scope: str) -> None:
        if scope not in self.scopes:
            raise Refuse(230027, f"Lack of necessary permissions, ext=need scope: {scope}")

    def _paced(self, what: str, most: int = 5) -> None:
        if self.limited and self.store.window.full(what, most, 1.0):
            raise Refuse(*BUSY)

    def _shown(self, posted: Post) -> Json:
        stamp = str(int(posted.at * 1000))
        sender = {"id": self.app_id, "id_type": "app_id", "sender_type": "app", "tenant_key": TENANT}
        about: dict[str, Any] = {"message_id": posted.id, "chat_id": posted.chat, "msg_type": posted.kind}
        times = {"create_time": stamp, "update_time": stamp, "deleted": False, "updated": bool(posted.past)}
        return about | times | {"sender": sender, "body": {"content": json.dumps(posted.content)}}


def _parsed(raw: object) -> Json:
    try:
        content = json.loads(raw) if isinstance(raw, str) else None
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise _invalid("content is no JSON string")
    return content


def _invalid(what: str) -> Refuse:
    return Refuse(230001, f"Your request contains an invalid request parameter, ext={what}.")


def _rejected(wrong: Wrong) -> Refuse:
    ext = f"ErrCode: {wrong.code}; ErrMsg: {wrong.what}; ErrorValue: ; ErrPath: {wrong.path}"
    return Refuse(230099, f"Failed to create card content, ext={ext}")
