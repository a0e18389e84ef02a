"""People at the fake DingTalk: they type, send files, press what is really drawn, and fill forms as clients do."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.dingtalk_cards import Cards
from tests.fakes.dingtalk_push import CARD, Pushed, Pushing
from tests.fakes.dingtalk_screen import FieldSeen, Pressable, Shown, drawn, looks
from tests.fakes.dingtalk_store import BOT_ID, CORP, Held, Json, Post

Fill = Mapping[str, str | Sequence[str]]
REQUIRED = "Please complete this required field."
FEW = ("SELECT", "CHECKBOX_GROUP")
MANY = ("MULTI_SELECT", "MULTI_CHECKBOX_GROUP")
SWITCHES = ("SWITCH", "CHECKBOX")


@dataclass
class Clicked:
    """What one press did. `failed`: the client says that it did not work; `stopped`: what it said itself at required
    fields, so that nothing was sent; `changed`: the answer changed the card; `opened`: the page it led to; `said`: the
    line it made the person say."""

    status: int = 200
    failed: bool = False
    stopped: Mapping[str, str] = field(default_factory=dict)
    changed: bool = False
    opened: str = ""
    said: str = ""
    response: Json = field(default_factory=dict)


class People(Pushing):
    """Who types and presses. `names_stripped`: in groups the names of other people with an @ do not arrive, either;
    `over_quota`: messages come without what they say; `shown_by` are the forms of what a card's callback holds."""

    cards: Cards
    old_base: str
    names_stripped = False
    over_quota = False
    button_in_params = True

    def message(self, user: str, group: str, kind: str, content: Json, **more: Any) -> Json:
        """A robot message of this kind, as it is pushed."""
        person, now = self.store.people[user], self.store.clock()
        chat = group or person.chat
        session, until = self.store.session(chat, user)
        at = [{"dingtalkId": BOT_ID}] + [self._at(one) for one in more.pop("at", ())]
        placed: Json = {"conversationType": "1", "conversationId": chat}
        if group:
            title = self.store.groups[group].title
            placed |= {"conversationType": "2", "conversationTitle": title, "isInAtList": True, "atUsers": at}
        said: Json = {kind: content} if kind == "text" else {"content": content}
        if self.over_quota:
            said = {"errorCode": 20001, "errorMessage": "机器人消息配额已用完"}
        ids: Json = {} if person.hidden else {"senderStaffId": user, "senderUnionId": person.union}
        return (
            placed
            | {"senderPlatform": "Mac", "chatbotCorpId": CORP, "chatbotUserId": BOT_ID, "msgId": self.store.made("m")}
            | {"senderNick": person.name, "isAdmin": False, "senderCorpId": CORP, "senderId": f"$:LWCP_v1:${user}"}
            | {"createAt": int(now * 1000), "sessionWebhookExpiredTime": int(until * 1000)}
            | {"sessionWebhook": f"{self.old_base}/robot/sendBySession?session={session}"}
            | {"robotCode": self.client_id, "msgtype": kind}
            | ids
            | said
            | more
        )

    async def say(
        self, user: str, text: str, *, group: str = "", mentions: Mapping[str, str] | None = None, **more: Any
    ) -> Pushed:
        """Types a line; in a group with the robot's mention, which is cut out and leaves a space. `mentions` are people
        by the name that stands in the text behind an @."""
        self.store.post(group or self.store.people[user].chat, "text", {"content": text}, own=False, by=user)
        named = mentions or {}
        for name in named if self.names_stripped else ():
            text = text.replace(f"@{name.lstrip('@')}", "")
        content = {"content": f" {text}" if group else text} | dict(more.pop("text", {}))
        return await self.push_message(self.message(user, group, "text", content, at=list(named.values()), **more))

    async def say_rich(self, user: str, *parts: Json, group: str = "") -> Pushed:
        """Sends texts and pictures in one message."""
        return await self.push_message(self.message(user, group, "richText", {"richText": list(parts)}))

    async def send_file(self, user: str, name: str, content: bytes, kind: str = "file", **more: Any) -> Pushed:
        """Sends a file, picture, recording (`recognition` is what was understood) or film, only in a talk of two."""
        code = self.store.made("code")
        self.store.files[code] = Held(kind, name, content)
        about: Json = {"downloadCode": code} | more
        if kind == "file":
            about |= {"fileName": name, "spaceId": "1", "fileId": code}
        self.store.post(self.store.people[user].chat, kind, {"content": name}, own=False, by=user)
        return await self.push_message(self.message(user, "", kind, about))

    async def again(self) -> Pushed:
        """The last robot message once more, as when two connections overlap."""
        data = next(data for kind, data in reversed(self.pushes) if kind == "message")
        return await self.push_message(data)

    async def leave(self, user: str) -> Pushed:
        """Somebody leaves the company, and an event says so."""
        self.store.people[user].left = True
        return await self.send_event("user_leave_org", {"timeStamp": "1", "userId": [user], "optStaffId": "manager"})

    async def rename(self, user: str, name: str) -> Pushed:
        """Somebody's account is changed, and an event says whose."""
        self.store.people[user].name = name
        return await self.send_event("user_modify_org", {"timeStamp": "2", "userId": [user], "diffInfo": []})

    def view(self, user: str) -> list[tuple[Post, Shown]]:
        """What somebody sees of the bot in their own talk, oldest first."""
        person = self.store.people[user]
        posts = [post for post in self.store.posts if post.chat == person.chat and post.own and not post.gone]
        return [(post, drawn(post, person)) for post in posts]

    async def tap(
        self, user: str, post: Post, label: str, *, look: Shown | None = None, forged: bool = False
    ) -> Clicked:
        """Presses what has that label on a message as it stands, or stood (`look`). `forged`: by somebody who does not
        see it. Raises AssertionError for what is not there."""
        assert forged or user in self.store.readers(post), "who presses sees the message"
        seen = look or drawn(post, self.store.people[user])
        found = next((one for one in seen.buttons if one.label == label), None)
        assert found is not None, f"nothing says {label!r}: {[one.label for one in seen.buttons]}"
        if found.says is not None:
            group = post.chat if post.chat in self.store.groups else ""
            pushed = await self.say(user, found.says, group=group)
            return Clicked(pushed.status, said=found.says)
        if not found.request:
            return Clicked(opened=found.url)
        return await self.call_back(user, post, self._private(found))

    async def fill(
        self, user: str, post: Post, values: Fill, *, look: Shown | None = None, extra: Json | None = None
    ) -> Clicked:
        """Fills the form of a card by labels and submits it; only "required" is looked at by the client."""
        seen = look or drawn(post, self.store.people[user])
        assert seen.submit, "no form is open on this message"
        known = {one.label for one in seen.fields if not one.hidden}
        assert set(values) <= known, f"no field {set(values) - known} among {known}"
        form, stopped = {}, {}
        for one in seen.fields:
            given = values.get(one.label, one.standing)
            form[one.name] = _value(one, given)
            if one.required and not given:
                stopped[one.label] = REQUIRED
        if stopped:
            return Clicked(stopped=stopped)
        bound = self.cards.bound(post.card, user) if post.card else {}
        return await self.call_back(
            user, post, {"actionIds": ["submit"], "params": bound | {"form": form} | (extra or {})}
        )

    async def call_back(self, user: str, post: Post, private: Json, **more: Any) -> Clicked:
        """What a client sends for a press, whatever it holds, and what the answer does."""
        card = post.card
        assert card is not None
        if not card.callback:
            return Clicked(0, failed=True)
        said = json.dumps({"cardPrivateData": private}, ensure_ascii=False)
        data = {"type": "actionCallback", "outTrackId": card.track, "corpId": CORP, "userId": user, "userIdType": 1}
        data |= {"spaceId": post.chat, "spaceType": "IM", "extension": "{}", "content": said, "value": said} | more
        card.pending += 1
        try:
            pushed = await self.push_press(data, card)
        finally:
            card.pending -= 1
        if pushed.status != 200 or pushed.body is None or pushed.seconds > CARD * self.patience:
            if pushed.seconds > CARD * self.patience:
                self.store.flag(f"a press was answered after {pushed.seconds:.1f} s")
            return Clicked(pushed.status, failed=True)
        return Clicked(changed=self.cards.answered(post, user, pushed.body), response=pushed.body)

    def looked(self, user: str, post: Post, text: str) -> Shown | None:
        """How a message looked when it showed that text."""
        return next((one for one in looks(post, self.store.people[user]) if one.whole == text), None)

    def _private(self, found: Pressable) -> Json:
        params = dict(found.params) | {"id": found.id} if self.button_in_params else {}
        return {"actionIds": [found.id], "params": params}

    def _at(self, user: str) -> Json:
        person = self.store.people[user]
        ids = {} if person.hidden else {"staffId": user, "unionId": person.union}
        return {"dingtalkId": f"$:LWCP_v1:${user}"} | ids


def _value(one: FieldSeen, given: str | Sequence[str]) -> Any:
    if one.kind in MANY:
        wanted = [given] if isinstance(given, str) else list(given)
        chosen = [_option(one, part) for part in wanted if part]
        return {"index": [list(one.options).index(part) for part in chosen], "value": chosen}
    assert isinstance(given, str), f"{one.label} takes one value"
    if one.kind in FEW:
        chosen_one = _option(one, given) if given else ""
        return {"index": list(one.options).index(chosen_one), "value": chosen_one} if chosen_one else None
    return given in ("true", "yes") if one.kind in SWITCHES else given


def _option(one: FieldSeen, given: str) -> str:
    found = next((value for value, label in one.options.items() if given in (label, value)), None)
    assert found is not None, f"{one.label} has no option {given!r}: {list(one.options.values())}"
    return found
