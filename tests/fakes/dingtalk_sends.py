"""Messages of the fake DingTalk: by robot, by sessionWebhook, work notices, to-dos; recalls."""

import json
from collections.abc import Callable, Mapping

from aiohttp import web

from tests.fakes.dingtalk_rules import message, webhook
from tests.fakes.dingtalk_store import DAY, Json, OldRefuse, Person, Refuse, Store

ROBOT, TODO = "qyapi_robot_sendmsg", "Todo.Todo.Write"
NOTICE_BYTES = 2048
ONE, GROUP = "/v1.0/robot/oToMessages/batchSend", "/v1.0/robot/groupMessages/send"
Handler = Callable[[web.Request, Json], Json]


class Sends:
    """What robots send."""

    def __init__(self, store: Store, robot: str, agent: int, base: Callable[[], str]) -> None:
        self.store, self.robot, self.agent, self._base = store, robot, agent, base

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        """Handlers of the new API by method and path."""
        return {
            ("POST", ONE): self.to_people,
            ("POST", GROUP): self.to_group,
            ("POST", "/v1.0/robot/otoMessages/batchRecall"): self.recall,
            ("POST", "/v1.0/robot/groupMessages/recall"): self.recall,
            ("POST", "/v1.0/robot/messageFiles/download"): self.download,
            ("POST", "/v1.0/robot/plugins/set"): lambda _request, _body: {"result": True},
            ("POST", "/v1.0/todo/users/{union}/tasks"): self.todo,
        }

    def old_routes(self) -> Mapping[str, Handler]:
        """Handlers of the old API, all POST with a token in the query."""
        return {
            "/topapi/message/corpconversation/asyncsend_v2": self.notice,
            "/topapi/message/corpconversation/getsendresult": self.noticed,
        }

    def to_people(self, _: web.Request, body: Json) -> Json:
        """POST oToMessages/batchSend: 200 does not mean delivered."""
        self._robot(body)
        users = body.get("userIds")
        if not isinstance(users, list) or not users:
            raise Refuse("invalidParameter.userIds.empty")
        if len(users) > 20:
            raise Refuse("invalidParameter.userIds.overMax")
        content = message(self.store, body.get("msgKey"), body.get("msgParam"))
        key = self.store.made("pqk")
        people = {user: self.store.people.get(user) for user in users}
        for person in people.values():
            if person and _reached(person):
                self.store.post(person.chat, body["msgKey"], content, key=key)
        return {
            "processQueryKey": key,
            "invalidStaffIdList": [user for user, one in people.items() if one is None or one.left],
            "flowControlledStaffIdList": [user for user, one in people.items() if one and one.flowed and not one.left],
        }

    def to_group(self, _: web.Request, body: Json) -> Json:
        """POST groupMessages/send."""
        self._robot(body)
        group = self.store.groups.get(str(body.get("openConversationId")))
        if group is None or not group.robot:
            raise Refuse("invalidParameter.openConversationId.invalid", "robot is not in the group")
        key = self.store.made("pqk")
        content = message(self.store, body.get("msgKey"), body.get("msgParam"))
        self.store.post(group.cid, body["msgKey"], content, key=key)
        return {"processQueryKey": key}

    def recall(self, _: web.Request, body: Json) -> Json:
        """Both recalls: at most 20 keys, within a day."""
        self._robot(body)
        keys = body.get("processQueryKeys") or []
        if not 0 < len(keys) <= 20:
            raise Refuse("invalidParameter.processQueryKeys")
        since = self.store.clock() - DAY
        done = {post.key for post in self.store.posts if post.key in keys and post.at >= since and not post.gone}
        for post in self.store.posts:
            post.gone = post.gone or post.key in done
        failed = {key: "not found" for key in keys if key not in done}
        return {"successResult": sorted(done), "failedResult": failed}

    def download(self, _: web.Request, body: Json) -> Json:
        """POST messageFiles/download."""
        self._robot(body)
        if body.get("downloadCode") not in self.store.files:
            raise Refuse("invalidParameter.downloadCode.invalid")
        return {"downloadUrl": f"{self._base()}/files/{body['downloadCode']}"}

    def todo(self, request: web.Request, body: Json) -> Json:
        """POST /v1.0/todo/users/:union/tasks: once for every sourceId."""
        unions = {one.union for one in self.store.people.values()}
        missing = [name for name in ("sourceId", "subject", "executorIds", "detailUrl") if not body.get(name)]
        if missing or request.match_info["union"] not in unions or set(body["executorIds"]) - unions:
            raise Refuse("invalidParameter", f"missing {missing}")
        known = next((one for one in self.store.todos if one["sourceId"] == body["sourceId"]), None)
        if known is None:
            known = {"id": self.store.made("todo"), **body}
            self.store.todos.append(known)
        return known

    def hook(self, session: str, body: Json) -> Json:
        """POST /robot/sendBySession: no token, only the session."""
        held = self.store.sessions.get(session)
        if held is None or held.until <= self.store.clock():
            raise OldRefuse(300001, "session 不存在")
        kind, content = webhook(self.store, body)
        if not self.store.spend("hook"):
            raise OldRefuse(90020, "本月调用次数已用完")
        self.store.post(held.chat, kind, content)
        return {"errcode": 0, "errmsg": "ok"}

    def notice(self, _: web.Request, body: Json) -> Json:
        """POST asyncsend_v2: what goes too far is taken and not delivered."""
        msg = body.get("msg")
        msg = json.loads(msg) if isinstance(msg, str) else msg
        if int(body.get("agent_id") or 0) != self.agent or not isinstance(msg, dict) or "msgtype" not in msg:
            raise OldRefuse(33012 if isinstance(msg, dict) else 40035, "agent_id, msg")
        if len(json.dumps(msg, ensure_ascii=False).encode()) > NOTICE_BYTES:
            raise OldRefuse(40035, "msg is too long")
        users = [one for one in str(body.get("userid_list") or "").split(",") if one]
        if not 0 < len(users) <= 100:
            raise OldRefuse(33012, "userid_list")
        number = next(self.store.count)
        forbidden = [{"code": "143106", "userid": user} for user in users if not self._noticed(user, msg)]
        unknown = [user for user in users if user not in self.store.people]
        self.store.notices[number] = {"invalid_user_id_list": unknown, "forbidden_list": forbidden}
        return {"errcode": 0, "errmsg": "ok", "task_id": number}

    def _noticed(self, user: str, msg: Json) -> bool:
        """Delivers a notice unless the same was sent to the same person that day."""
        person = self.store.people.get(user)
        if person is None or person.left:
            return True
        said = json.dumps(msg, sort_keys=True)
        if self.store.window.full(f"notice {user} {said}", 1, DAY):
            return False
        kind = str(msg["msgtype"])
        inner = msg.get(kind, {})
        self.store.post(f"notices-{user}", kind, {"text": inner.get("text", inner.get("content", ""))} | inner)
        return True

    def noticed(self, _: web.Request, body: Json) -> Json:
        """POST getsendresult."""
        result = self.store.notices.get(int(body.get("task_id") or 0))
        if result is None:
            raise OldRefuse(33012, "task_id")
        return {"errcode": 0, "send_result": result}

    def _robot(self, body: Json) -> None:
        if body.get("robotCode") != self.robot:
            raise Refuse("invalidParameter.robotCode.auth" if body.get("robotCode") else "invalidParameter.robotCode")


def _reached(person: Person) -> bool:
    return not (person.left or person.flowed)
