"""Contacts and media of the fake DingTalk's old API: people, departments, uploads."""

from collections.abc import Callable, Mapping

from aiohttp import web

from tests.fakes.dingtalk_store import Held, Json, OldRefuse, Person, Store

READ, MAIL, TREE = "qyapi_get_member", "fieldEmail", "qyapi_get_department_list"
MOST = 20 * 1024 * 1024
KINDS = {
    "image": ("jpg", "jpeg", "gif", "png", "bmp"),
    "file": ("doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "pdf", "rar"),
    "voice": ("amr", "mp3", "wav"),
    "video": ("mp4",),
}


class Contacts:
    """What the old API tells, as far as the scopes reach; samples of the docs hold numbers and flags as strings, so
    `stringly` answers do."""

    def __init__(self, store: Store, scopes: set[str]) -> None:
        self.store, self.scopes = store, scopes
        self.stringly = False

    def routes(self) -> Mapping[str, Callable[[web.Request, Json], Json]]:
        """Handlers by path, all POST with a token in the query."""
        return {
            "/topapi/v2/user/get": self.user,
            "/topapi/v2/user/list": self.users,
            "/topapi/user/listid": self.ids,
            "/topapi/v2/user/getbymobile": self.nobody,
            "/topapi/v2/department/listsub": self.departments,
            "/topapi/v2/department/get": self.department,
        }

    def user(self, _: web.Request, body: Json) -> Json:
        """POST /topapi/v2/user/get."""
        self._needs(READ)
        person = self.store.people.get(str(body.get("userid")))
        if person is None or person.left:
            raise OldRefuse(33012, "无效的USERID")
        return _fine(self.shown(person))

    def users(self, _: web.Request, body: Json) -> Json:
        """POST /topapi/v2/user/list, page by page."""
        self._needs(READ)
        inside = self._inside(body)
        start, size = int(body.get("cursor") or 0), int(body.get("size") or 0)
        if not 0 < size <= 100:
            raise OldRefuse(40035, "size")
        more = start + size < len(inside)
        page: Json = {"has_more": more, "list": [self.shown(one) for one in inside[start : start + size]]}
        return _fine(page | ({"next_cursor": start + size} if more else {}))

    def ids(self, _: web.Request, body: Json) -> Json:
        """POST /topapi/user/listid."""
        self._needs(READ)
        return _fine({"userid_list": [one.staff for one in self._inside(body)]})

    def nobody(self, _: web.Request, __: Json) -> Json:
        """A scope that nobody asked for."""
        raise OldRefuse(88, "没有调用该接口的权限", "60011")

    def departments(self, _: web.Request, body: Json) -> Json:
        """POST /topapi/v2/department/listsub: direct children only."""
        self._needs(TREE)
        above = self._department(body)
        return {"errcode": 0, "result": [one for one in self.store.departments.values() if one["parent_id"] == above]}

    def department(self, _: web.Request, body: Json) -> Json:
        """POST /topapi/v2/department/get."""
        self._needs(TREE)
        return _fine(self.store.departments[self._department(body)])

    def shown(self, person: Person) -> Json:
        """An account as the scopes show it; a manager only where one is filled in."""
        leads = [one for one, unit in self.store.departments.items() if person.staff in unit.get("leaders", ())]
        made: Json = {
            "userid": person.staff,
            "unionid": person.union,
            "name": person.name,
            "title": person.title,
            "dept_id_list": list(person.departments),
            "leader_in_dept": [{"dept_id": one, "leader": one in leads} for one in person.departments],
            "job_number": person.number,
            "active": True,
            "admin": False,
            "boss": False,
        }
        if person.manager:
            made["manager_userid"] = person.manager
        if person.hired:
            made["hired_date"] = int(person.hired * 1000)
        if MAIL in self.scopes:
            made |= {"email": person.email} | ({"org_email": person.email} if person.vouched else {})
        if self.stringly:
            made = {name: _string(value) for name, value in made.items()}
        return made

    def upload(self, kind: str, name: str, content: bytes) -> Json:
        """POST /media/upload."""
        suffix = name.rpartition(".")[2].lower()
        if kind not in KINDS or suffix not in KINDS[kind]:
            raise OldRefuse(40004, "无效的媒体文件类型")
        if not 0 < len(content) <= MOST:
            raise OldRefuse(40006, "不合法的文件大小")
        media = f"@lAL{self.store.made('media')}"
        self.store.media[media] = Held(kind, name, content)
        return {"errcode": 0, "errmsg": "ok", "type": kind, "media_id": media, "created_at": int(self.store.clock())}

    def _inside(self, body: Json) -> list[Person]:
        wanted = self._department(body)
        return [one for one in self.store.people.values() if not one.left and wanted in one.departments]

    def _department(self, body: Json) -> int:
        wanted = int(body.get("dept_id") or 1)
        if wanted not in self.store.departments:
            raise OldRefuse(60003, "部门不存在")
        return wanted

    def _needs(self, scope: str) -> None:
        if scope not in self.scopes:
            raise OldRefuse(88, f"应用尚未开通所需的权限：[{scope}]", "60011")


def _fine(result: Json) -> Json:
    return {"errcode": 0, "errmsg": "ok", "request_id": "15r", "result": result}


def _string(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value
