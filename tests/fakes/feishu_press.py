"""Presses on the fake Feishu: what is really drawn, forms filled as clients fill them, and what the answer does."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.feishu_push import PATIENCE, Pushed, Pushing
from tests.fakes.feishu_rules import Known, Wrong, check, size
from tests.fakes.feishu_screen import FieldSeen, Pressable, Screen, forms, pictures, standing
from tests.fakes.feishu_store import BOT, BOT_NAME, DAY, TENANT, Json, Person, Post, Press

Fill = Mapping[str, str | Sequence[str]]
REQUIRED = "Please complete this required field."
TOASTS = ("info", "success", "error", "warning")
SLOW, NOT_OK, BAD_BODY, BAD_CARD, OLD_CARD = 200341, 200671, 200672, 200673, 200830
UNREACHED, UNPUBLISHED = 200342, 200340


@dataclass
class Clicked:
    """What one press showed. `code`: the error its user sees (0: none); `stopped`: what the client
    itself said at fields by their label, so that nothing was sent; `changed`: the answer brought another card."""

    status: int = 200
    code: int = 0
    toast: str = ""
    kind: str = ""
    stopped: Mapping[str, str] = field(default_factory=dict)
    changed: bool = False
    token: str = ""
    url: str = ""


class Pressing(Pushing):
    """People who read and press."""

    def screen(self, locale: str) -> Screen:
        """A client in this language."""
        return Screen(locale, {who.open_id: who.name for who in self.store.people.values()} | {BOT: BOT_NAME})

    def render(self, message: str, locale: str = "zh_cn", look: Json | None = None) -> str:
        """The characters that a client in this language shows of a message."""
        posted = self._post(message)
        return self.screen(locale).text(posted.kind, look or posted.content)

    def pressables(self, content: Json, locale: str) -> list[Pressable]:
        """What can be pressed on a card."""
        return list(self.screen(locale).pressables(content.get("body", {}).get("elements", ())))

    def fields(self, content: Json, locale: str) -> list[FieldSeen]:
        """The fields of the card's form."""
        return [one for form in forms(content) for one in self.screen(locale).fields(form["elements"])]

    def loose_error(self, content: Json, locale: str) -> str:
        """The red line above all fields of the card's form."""
        first = [form["elements"][0] for form in forms(content)]
        return self.screen(locale).error(first[0]) if first else ""

    def pictures(self, content: Json) -> int:
        """How many pictures a card shows."""
        return pictures(content.get("body", {}))

    async def click(
        self,
        user: str,
        message: str,
        what: str,
        *,
        fill: Fill | None = None,
        look: Json | None = None,
        locale: str = "",
        forged: bool = False,
    ) -> Clicked:
        """Presses what has that label (or name) on the card as it stands, or stood (`look`), with the form it is in
        filled by labels or names; the client's own checks come first. Raises AssertionError for what is not there.
        `forged`: by somebody who does not see the message."""
        posted = self._post(message)
        assert forged or user in self.store.members(posted.chat), "who presses sees the message"
        assert forged or posted.user in ("", user), "an ephemeral card has one reader"
        assert not posted.gone, "the message was recalled"
        content, reads = look or posted.content, locale or self.store.people[user].locale
        pressed = self._found(content, what, reads)
        kinds = {one["type"]: one for one in pressed.element.get("behaviors", ())}
        if pressed.element.get("form_action_type") == "reset" or "callback" not in kinds:
            return Clicked(url=str(kinds.get("open_url", {}).get("default_url", "")))
        if self.store.clock() - posted.at > 14 * DAY:
            return Clicked(code=UNPUBLISHED)
        action: Json = {"value": kinds["callback"]["value"], "tag": pressed.element["tag"], "timezone": "Asia/Shanghai"}
        if pressed.option:
            action["option"] = pressed.option
        if "name" in pressed.element:
            action["name"] = pressed.element["name"]
        if pressed.form:
            typed, stopped = self._filled(self.fields(content, reads), fill or {})
            if stopped:
                return Clicked(stopped=stopped)
            action["form_value"] = typed
        return await self.call_back(user, posted, action)

    async def call_back(self, user: str, posted: Post, action: Json, **more: Any) -> Clicked:
        """Sends what a client sends for a press, whatever it holds, and does what the answer says."""
        token = f"c-{os.urandom(12).hex()}"
        press = self.store.presses[token] = Press(posted, user, self.store.clock())
        operator = {"tenant_key": TENANT} | self.ids(user)
        place = {"open_message_id": posted.id, "open_chat_id": posted.chat}
        event = {"operator": operator, "token": token, "action": action, "host": "im_message", "context": place} | more
        posted.served += 1
        try:
            pushed = await self.push(self.envelope("card.action.trigger", event, micro=True), url=self.cards_url)
        finally:
            posted.served -= 1
        press.answered = True
        clicked = self._answered(pushed, posted, self.store.people[user])
        clicked.token = token
        return clicked

    def _answered(self, pushed: Pushed, posted: Post, reader: Person) -> Clicked:
        if pushed.seconds > PATIENCE:
            return Clicked(pushed.status, SLOW)
        if pushed.status != 200:
            return Clicked(pushed.status, NOT_OK if pushed.status else UNREACHED)
        if pushed.body is None:
            return Clicked(code=BAD_BODY)
        toast, card = pushed.body.get("toast"), pushed.body.get("card")
        if set(pushed.body) - {"toast", "card"} or not _toasts(toast):
            return Clicked(code=BAD_BODY)
        wrong = self._card_wrong(card) if card is not None else 0
        if wrong:
            return Clicked(code=wrong)
        if card is not None:
            posted.become(card["data"])
        said = self.screen(reader.locale).said(toast or {}, by="i18n")
        return Clicked(toast=said, kind=str((toast or {}).get("type", "")), changed=card is not None)

    def _card_wrong(self, card: Any) -> int:
        """The error of a card in an answer, 0 if it is a good one."""
        if not isinstance(card, dict) or card.get("type") != "raw" or not isinstance(card.get("data"), dict):
            return BAD_CARD
        if card["data"].get("schema") != "2.0":
            return OLD_CARD
        try:
            check(card["data"], Known(self.store.images, {*self.store.people, BOT}))
        except Wrong:
            return BAD_CARD
        return BAD_CARD if size(card["data"]) > 30 * 1024 else 0

    def _found(self, content: Json, what: str, locale: str) -> Pressable:
        offered = self.pressables(content, locale)
        for one in offered:
            if what in (one.label, one.element.get("name"), one.element.get("element_id")):
                return one
        raise AssertionError(f"nothing says {what!r}: {[one.label for one in offered]}")

    def _filled(self, fields: Sequence[FieldSeen], fill: Fill) -> tuple[Json, dict[str, str]]:
        """The form_value, and what the client says at fields that are empty or too full."""
        known = {one.label for one in fields} | {one.name for one in fields}
        assert set(fill) <= known, f"no field {set(fill) - known} among {[one.label for one in fields]}"
        values: Json = {}
        stopped = {}
        for one in fields:
            given = fill.get(one.label, fill.get(one.name, standing(one.element)))
            value = self._value(one, given)
            if value or one.element["tag"] == "input":
                values[one.name] = value
            if not value and one.element.get("required"):
                stopped[one.label] = REQUIRED
            elif one.element["tag"] == "input" and len(value) > one.element.get("max_length", 1000):
                stopped[one.label] = f"At most {one.element.get('max_length', 1000)} characters."
        return values, stopped

    def _value(self, one: FieldSeen, given: str | Sequence[str]) -> str | list[str]:
        tag = one.element["tag"]
        if tag.startswith("multi_"):
            wanted = [given] if isinstance(given, str) else given
            return [self._option(one, part) for part in wanted if part]
        assert isinstance(given, str), f"{one.label} takes one value"
        if tag == "date_picker":
            return f"{given} +0800" if given else ""
        if tag == "input":
            return given
        return self._option(one, given) if given else ""

    def _option(self, one: FieldSeen, given: str) -> str:
        for value, label in one.options.items():
            if given in (label, value):
                return value
        person = next((who for who in self.store.people.values() if given.lstrip("@") in (who.open_id, who.name)), None)
        if "person" in one.element["tag"] and not one.options and person:
            return person.open_id
        raise AssertionError(f"{one.label} has no option {given!r}: {list(one.options.values())}")

    def _post(self, message: str) -> Post:
        return next(post for post in self.store.posts if post.id == message)


def _toasts(toast: Any) -> bool:
    if toast is None:
        return True
    return (
        isinstance(toast, dict)
        and set(toast) <= {"type", "content", "i18n"}
        and toast.get("type", "info") in TOASTS
        and isinstance(toast.get("content"), str)
    )
