"""Cards of the fake DingTalk: created, delivered, updated, and changed by the answer to a press."""

from collections.abc import Callable, Mapping

from aiohttp import web

from tests.fakes.dingtalk_rules import I18N, PUBLIC, params
from tests.fakes.dingtalk_store import Card, Json, Post, Refuse, Store

SCOPE = "Card.Instance.Write"
SPACES = {
    "IM_ROBOT": ("imRobotOpenSpaceModel", "imRobotOpenDeliverModel"),
    "IM_GROUP": ("imGroupOpenSpaceModel", "imGroupOpenDeliverModel"),
}
OPTIONS = {"updateCardDataByKey", "updatePrivateDataByKey"}
CREATE, DELIVER, BOTH = "/v1.0/card/instances", "/v1.0/card/instances/deliver", "/v1.0/card/instances/createAndDeliver"


class Cards:
    """Every check of §10.5. `templates` are the variables of every published template, by id; `binds` what the
    submit of its form sends besides the answers (variables by parameter); `strict`: a parameter has at most 1 KB."""

    def __init__(self, store: Store, robot: str) -> None:
        self.store, self.robot, self.strict = store, robot, True
        self.templates: dict[str, set[str]] = {name: set(known) for name, known in PUBLIC.items()}
        self.binds: dict[str, dict[str, str]] = {}

    def routes(self) -> Mapping[tuple[str, str], Callable[[web.Request, Json], Json]]:
        """Handlers by method and path."""
        return {
            ("POST", BOTH): self.create_and_deliver,
            ("POST", DELIVER): self.deliver,
            ("POST", CREATE): self.create,
            ("PUT", CREATE): self.update,
            ("POST", "/v1.0/card/callbacks/register"): self.register,
        }

    def create(self, _: web.Request, body: Json) -> Json:
        """POST /v1.0/card/instances."""
        track = self._made(body).track
        return {"success": True, "result": track}

    def deliver(self, _: web.Request, body: Json) -> Json:
        """POST /v1.0/card/instances/deliver."""
        card = self.found(body)
        return {"success": True, "result": self._delivered(card, body)}

    def create_and_deliver(self, _: web.Request, body: Json) -> Json:
        """POST /v1.0/card/instances/createAndDeliver."""
        self._spaces(body, whole=True)
        known = self.store.cards.get(str(body.get("outTrackId")))
        card = self._made(body)
        results = self._delivered(card, body, anew=known is None)
        return {"success": True, "result": {"outTrackId": card.track, "deliverResults": results}}

    def update(self, _: web.Request, body: Json) -> Json:
        """PUT /v1.0/card/instances."""
        card = self.found(body)
        if card.pending:
            self.store.flag(f"{card.track} is updated while a press on it waits for its answer")
        if again(card.track) in self.store.flags:  # somebody thought of it
            self.store.flags.remove(again(card.track))
        public, private = body.get("cardData"), body.get("privateData")
        if not public and not private:
            raise Refuse("param.cardDataAndPrivateDataBothEmpty")
        options = body.get("cardUpdateOptions") or {}
        if set(options) - OPTIONS:
            raise Refuse("param.error", "cardUpdateOptions")
        card.change(
            self._given(card.template, public) if public else None, self._private(card.template, private or {}), options
        )
        return {"success": True, "result": True}

    def register(self, _: web.Request, body: Json) -> Json:
        """POST /v1.0/card/callbacks/register."""
        if not all(isinstance(body.get(name), str) and body[name] for name in ("callbackRouteKey", "callbackUrl")):
            raise Refuse("param.error", "callbackRouteKey, callbackUrl")
        if not str(body["callbackUrl"]).startswith(("https://", "http://127.0.0.1")):
            raise Refuse("param.error", "callbackUrl")
        self.store.routes[body["callbackRouteKey"]] = body
        return {"success": True, "result": {"callbackUrl": body["callbackUrl"], "apiSecret": body.get("apiSecret", "")}}

    def answered(self, post: Post, user: str, given: Json) -> bool:
        """Applies the answer to a press by this person; whether anything changed. What is no string falls away."""
        card = post.card
        assert card is not None
        unknown = set(given) - {"cardUpdateOptions", "cardData", "userPrivateData"}
        if unknown:
            self.store.flag(f"a press was answered with {sorted(unknown)}")
        public, private = (self._strings(given.get(name), card.template) for name in ("cardData", "userPrivateData"))
        if not public and not private:
            return False
        before = card.params(user)
        card.change(public or None, {user: private} if private else {}, given.get("cardUpdateOptions") or {})
        return card.params(user) != before

    def bound(self, card: Card, user: str) -> Json:
        """What the form of a template sends besides the answers: values of its variables, by parameter."""
        given = card.params(user)
        return {name: given.get(variable, "") for name, variable in self.binds.get(card.template, {}).items()}

    def found(self, body: Json) -> Card:
        """The card with this outTrackId."""
        track = body.get("outTrackId")
        if not track:
            raise Refuse("param.outTrackIdEmpty")
        if track not in self.store.cards:
            raise Refuse("param.cardNotExist")
        return self.store.cards[str(track)]

    def _made(self, body: Json) -> Card:
        track, template = body.get("outTrackId"), body.get("cardTemplateId")
        if not isinstance(track, str) or not track:
            raise Refuse("param.outTrackIdEmpty")
        if not isinstance(template, str) or template not in self.templates:
            raise Refuse("param.cardTemplateIdEmpty" if not template else "param.cardTemplateNotExist")
        public = self._given(template, body.get("cardData"))
        private = self._private(template, body.get("privateData") or {})
        if body.get("callbackType", "STREAM") not in ("STREAM", "HTTP") or body.get("userIdType", 1) != 1:
            raise Refuse("param.error", "callbackType, userIdType")
        if track in self.store.cards:
            if self.store.cards[track].public != public:
                self.store.flag(again(track))
            return self.store.cards[track]
        card = Card(track, template, public, private, str(body.get("callbackType", "")))
        card.route = str(body.get("callbackRouteKey", ""))
        if card.callback == "HTTP" and card.route not in self.store.routes:
            self.store.flag(f"{track} calls back to {card.route!r}, which nobody registered")
        self.store.cards[track] = card
        return card

    def _given(self, template: str, data: object) -> dict[str, str]:
        inner = data.get("cardParamMap") if isinstance(data, dict) else None
        return params(self.store, inner, self.templates[template], strict=self.strict)

    def _private(self, template: str, data: Json) -> dict[str, dict[str, str]]:
        for user in data:
            if user not in self.store.people:
                raise Refuse("param.userIdNotExist")
        return {user: self._given(template, inner) for user, inner in data.items()}

    def _strings(self, data: object, template: str) -> dict[str, str]:
        inner = data.get("cardParamMap") if isinstance(data, dict) else None
        if not isinstance(inner, dict):
            return {}
        for name in [name for name, value in inner.items() if not isinstance(value, str)]:
            self.store.flag(f"{name} in the answer to a press is no string")
        good = {name: value for name, value in inner.items() if isinstance(value, str)}
        try:
            return params(self.store, good, self.templates[template], strict=self.strict)
        except Refuse as refused:
            self.store.flag(f"the answer to a press: {refused}")
            return {}

    def _spaces(self, body: Json, *, whole: bool) -> list[tuple[str, str]]:
        """The kinds and ids of where a card goes; each needs the model of its delivery, and, `whole`, of its space."""
        found = []
        for one in str(body.get("openSpaceId") or "").split(";"):
            kind, dot, name = one.removeprefix("dtv1.card//").partition(".")
            if not one.startswith("dtv1.card//") or kind not in SPACES or not dot or not name:
                raise Refuse("param.openSpaceIdInvalid")
            space, model = SPACES[kind]
            for needed in (space, model) if whole else (model,):
                if not isinstance(body.get(needed), dict):
                    raise Refuse("param.error", f"{kind} needs {needed}")
            if set(body.get(space, {}).get("lastMessageI18n", {})) - I18N:
                raise Refuse("param.error", "lastMessageI18n")
            if body[model].get("robotCode", self.robot if kind == "IM_ROBOT" else "") != self.robot:
                raise Refuse("invalidParameter.robotCode.auth")
            found.append((kind, name))
        return found

    def _delivered(self, card: Card, body: Json, *, anew: bool = True) -> list[Json]:
        return [self._placed(card, kind, name, body, anew=anew) for kind, name in self._spaces(body, whole=False)]

    def _placed(self, card: Card, kind: str, name: str, body: Json, *, anew: bool) -> Json:
        person, group = self.store.people.get(name), self.store.groups.get(name)
        chat, wrong = "", ""
        if kind == "IM_ROBOT":
            wrong = "" if person and not person.left else "user is not in the organization"
            chat = person.chat if person else ""
        else:
            wrong = "" if group and group.robot else "robot is not in the conversation"
            chat = name
            card.recipients = tuple(body[SPACES[kind][1]].get("recipients") or ())
        if not wrong and anew and name not in card.spaces:
            card.spaces.append(name)
            self.store.post(chat, "card", {}, card=card)
        return {"spaceType": kind, "spaceId": name, "success": not wrong, "carrierId": chat, "errorMsg": wrong}


def again(track: str) -> str:
    """The flag of a card that is created a second time with something else in it."""
    return f"{track} is created again with other data, which changes nothing"
