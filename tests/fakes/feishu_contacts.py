"""What the contact API of the fake Feishu tells of people and departments, as far as the app's scopes reach."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from tests.fakes.feishu_store import BOT, Json, Person, Refuse, Store

NAME = "contact:user.base:readonly"
EMAIL = "contact:user.email:readonly"
NUMBER = "contact:user.employee_id:readonly"
DEPARTMENT = "contact:user.department:readonly"
JOB = "contact:user.employee:readonly"
LOOKUP = "contact:user.id:readonly"
BASE = "contact:contact.base:readonly"
UNIT = "contact:department.base:readonly"
TREE = "contact:department.organize:readonly"
OF_UNITS = {"name": UNIT, "parent_department_id": TREE, "leader_user_id": TREE}
KINDS = ("open_id", "union_id", "user_id")


class Contacts:
    """Answers by what `scopes` allow; a field without its scope is absent."""

    def __init__(self, store: Store, scopes: set[str]) -> None:
        self.store, self.scopes = store, scopes

    def routes(self) -> Mapping[tuple[str, str], Callable[[web.Request, Json], Json]]:
        """Handlers by method and path; literal paths stand before those with an id."""
        return {
            ("GET", "/contact/v3/users/batch"): self.batch,
            ("GET", "/contact/v3/users/find_by_department"): self.in_department,
            ("POST", "/contact/v3/users/batch_get_id"): self.by_address,
            ("POST", "/contact/v3/users/basic_batch"): self.basic,
            ("GET", "/contact/v3/users/{id}"): self.one,
            ("GET", "/contact/v3/departments/{id}/children"): self.children,
            ("GET", "/contact/v3/departments/{id}"): self.department,
            ("GET", "/contact/v3/scopes"): self.scope,
        }

    def user(self, person: Person) -> Json:
        """An account as the scopes show it."""
        made: Json = {"open_id": person.open_id, "union_id": person.ids["union_id"]}
        if NUMBER in self.scopes:
            made["user_id"] = person.ids["user_id"]
        if NAME in self.scopes:
            avatar = {"avatar_72": "https://avatar.example/72.png"}
            made |= {"name": person.name, "en_name": person.name, "avatar": avatar}
        if EMAIL in self.scopes:
            made |= {"email": person.email} | ({"enterprise_email": person.email} if person.vouched else {})
        if DEPARTMENT in self.scopes:
            made |= {"department_ids": list(person.departments), "leader_user_id": person.leader}
        if JOB in self.scopes:
            number = person.key if person.number is None else person.number
            made |= {"status": self.status(person), "employee_no": number, "job_title": person.job, "employee_type": 1}
            made |= {"join_time": person.joined} if person.joined else {}
        return made

    def status(self, person: Person) -> Json:
        """Whether the account is in use."""
        resigned = {"is_resigned": person.resigned, "is_activated": not person.resigned}
        return {"is_frozen": person.frozen, "is_exited": False, "is_unjoin": False} | resigned

    def one(self, request: web.Request, _: Json) -> Json:
        """GET /contact/v3/users/:id."""
        self._needs(BASE)
        wanted, kind = request.match_info["id"], _kind(request)
        found = self._found(kind, wanted)
        if found is None:
            code = 99992361 if "other_app" in wanted else 99992351
            raise Refuse(code, f"id not exist: {kind}")
        if not found.seen:
            raise Refuse(41050, "no user authority error", status=403)
        return {"user": self.user(found)}

    def batch(self, request: web.Request, _: Json) -> Json:
        """GET /contact/v3/users/batch: who is outside the scope is missing without a word."""
        self._needs(BASE)
        wanted, kind = request.query.getall("user_ids", []), _kind(request)
        if not 0 < len(wanted) <= 50:
            raise Refuse(99992402, "field validation failed: user_ids")
        found = [self._found(kind, one) for one in wanted]
        return {"items": [self.user(one) for one in found if one and one.seen]}

    def basic(self, request: web.Request, body: Json) -> Json:
        """POST /contact/v3/users/basic_batch: names only, whatever the contact scope."""
        wanted, kind = body.get("user_ids") or [], _kind(request)
        if not 0 < len(wanted) <= 10:
            raise Refuse(99992402, "field validation failed: user_ids")
        found = [(one, self._found(kind, one)) for one in wanted]
        return {"users": [{"user_id": one, "name": person.name} for one, person in found if person]}

    def by_address(self, request: web.Request, body: Json) -> Json:
        """POST /contact/v3/users/batch_get_id: accounts by e-mail or telephone."""
        self._needs(LOOKUP)
        emails, kind = body.get("emails") or [], _kind(request)
        if len(emails) > 50 or len(body.get("mobiles") or []) > 50:
            raise Refuse(99992402, "field validation failed: emails")
        people = {one.email: one for one in self.store.people.values() if one.email and not one.resigned}
        found = [{"email": one} | ({"user_id": people[one].ids[kind]} if one in people else {}) for one in emails]
        return {"user_list": found}

    def in_department(self, request: web.Request, _: Json) -> Json:
        """GET /contact/v3/users/find_by_department: direct members, page by page."""
        self._needs(BASE)
        wanted = request.query.get("department_id", "")
        held = [one for one in self.store.people.values() if one.seen and wanted in (one.departments or ("0",))]
        return _page(request, [self.user(one) for one in held])

    def children(self, request: web.Request, _: Json) -> Json:
        """GET /contact/v3/departments/:id/children; with fetch_child whatever is below, too."""
        self._needs(BASE)
        deep = request.query.get("fetch_child", "false") == "true"
        return _page(request, [self._unit(one) for one in self._below(request.match_info["id"], deep=deep)])

    def department(self, request: web.Request, _: Json) -> Json:
        """GET /contact/v3/departments/:id."""
        self._needs(BASE)
        held = self.store.departments.get(request.match_info["id"])
        if held is None:
            raise Refuse(43004, "no dept authority error")
        return {"department": self._unit(held)}

    def scope(self, request: web.Request, _: Json) -> Json:
        """GET /contact/v3/scopes: what the app may see."""
        self._needs(BASE)
        people = [one.open_id for one in self.store.people.values() if one.seen]
        return {"department_ids": list(self.store.departments), "user_ids": people, "group_ids": [], "has_more": False}

    def _unit(self, held: Json) -> Json:
        return {name: value for name, value in held.items() if OF_UNITS.get(name, BASE) in self.scopes}

    def _below(self, above: str, *, deep: bool) -> list[Json]:
        direct = [one for one in self.store.departments.values() if one["parent_department_id"] == above]
        rest = [one for child in direct for one in self._below(child["open_department_id"], deep=True)] if deep else []
        return [*direct, *rest]

    def _found(self, kind: str, wanted: str) -> Person | None:
        return next((one for one in self.store.people.values() if one.ids[kind] == wanted), None)

    def _needs(self, scope: str) -> None:
        if scope not in self.scopes:
            raise Refuse(99991672, f"Access denied. One of the following scopes is required: [{scope}].")


def _kind(request: web.Request) -> str:
    kind = request.query.get("user_id_type", "open_id")
    if kind not in KINDS:
        raise Refuse(99992402, "field validation failed: user_id_type")
    return kind


def _page(request: web.Request, held: Sequence[Json]) -> Json:
    asked, token = request.query.get("page_size", "10"), request.query.get("page_token", "")
    if not asked.isdecimal() or not 0 < int(asked) <= 50 or not re.fullmatch(r"(p\d+)?", token):
        raise Refuse(99992402, "field validation failed: page")
    start, many = int(token[1:] or "0"), int(asked)
    more: dict[str, Any] = {"has_more": start + many < len(held)}
    if more["has_more"]:
        more["page_token"] = f"p{start + many}"
    return {"items": list(held[start : start + many])} | more


def bot_info(name: str) -> Json:
    """GET /bot/v3/info: `bot` stands beside the code."""
    about = {"activate_status": 2, "app_name": name, "avatar_url": "https://avatar.example/bot.png"}
    return {"bot": about | {"ip_white_list": [], "open_id": BOT}}
