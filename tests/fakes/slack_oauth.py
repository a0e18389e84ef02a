"""Several workspaces in the fake Slack: who installs the app where, codes, tokens, and taking them back.

After docs.slack.dev: "Installing with OAuth", oauth.v2.access and its errors, the sample payloads of organisation-wide
apps, the events app_uninstalled and tokens_revoked, auth.teams.list.
"""

import base64
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from bot.platforms.slack.manifest import SCOPES
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_methods import Arguments, Methods
from tests.fakes.slack_store import APP, BOT, BOT_ID, TEAM, Json, Refuse, Store

CLIENT_ID, CLIENT_SECRET = "1000200030.4000500060", "5f1d9a77c30e4b8896aa01fedcba7788"
CODE_LIFE = 600  # seconds
ADMIN = "UADMIN"


class Branch(Store):
    """A workspace, or with `whole` an organisation: its people have one account in all its `teams`."""

    def __init__(
        self, clock: Callable[[], float], team: str, name: str, *, enterprise: str = "", teams: tuple[str, ...] = ()
    ) -> None:
        super().__init__(clock)
        self.team, self.name, self.enterprise, self.teams = team, name, enterprise, teams
        self.bot, self.bot_id = f"{BOT}{team}", f"{BOT_ID}{team}"
        self.whole = bool(teams)

    @property
    def token(self) -> str:
        """The bot token of its newest installation."""
        return f"xoxb-1-fake-of-{self.team.lower()}"


class Organisation(Methods):
    """The methods with a token of a whole organisation."""

    def __init__(self, branch: Branch, base: Callable[[], str], connect: Callable[[], str]) -> None:
        super().__init__(branch, base, connect)
        self.branch = branch
        self.table = {**self.table, "auth.teams.list": self.teams_list, "users.list": self.members}

    def auth_test(self, given: Arguments) -> Json:
        """Who the token is."""
        about = {"enterprise_id": self.branch.team, "team_id": self.branch.team, "is_enterprise_install": True}
        return super().auth_test(given) | about

    def teams_list(self, given: Arguments) -> Json:
        """The workspaces that the app was added to."""
        return {"teams": [{"id": team, "name": team.lower()} for team in self.branch.teams]}

    def members(self, given: Arguments) -> Json:
        """The accounts of one workspace, which has to be named."""
        if given.get("team_id") not in self.branch.teams:
            raise Refuse("missing_argument")
        return self.users_list(given)


@dataclass
class Code:
    """What an installer's consent is good for, once."""

    branch: Branch
    redirect: str
    scope: str
    made: float
    used: bool = False


@dataclass
class Distribution:
    """The app as workspaces install it from. `consenting`: who presses Allow next; None: somebody presses Cancel."""

    fake: FakeSlack
    redirects: list[str] = field(default_factory=list)
    consenting: Branch | None = None
    rotates: bool = False
    withheld: str = ""  # a scope that is asked for and not granted
    asked: list[Mapping[str, str]] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    _count: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.fake.open["oauth.v2.access"] = self._access

    def routes(self) -> list[web.RouteDef]:
        """Where browsers are sent."""
        return [web.get("/oauth/v2/authorize", self._authorize)]

    def add(self, team: str, name: str, *, enterprise: str = "", teams: tuple[str, ...] = ()) -> Branch:
        """A workspace that has not installed the app, or an organisation of several."""
        branch = Branch(self.fake.store.clock, team, name, enterprise=enterprise, teams=teams)
        branch.count = itertools.count(10_000 * (next(self._count) + 1))  # ids are nowhere the same
        branch.add_user(ADMIN, name="Adele Min", email="")
        return branch

    def install(self, branch: Branch) -> str:
        """Puts the app into a workspace: the token."""
        made = Organisation if branch.whole else Methods
        self.fake.ended.pop(branch.token, None)
        self.fake.branches[branch.token] = made(branch, lambda: self.fake.base, self.fake.ticket)
        return branch.token

    def remove(self, branch: Branch, why: str = "account_inactive") -> None:
        """Takes the app out of a workspace."""
        self.fake.ended[branch.token] = why

    async def _authorize(self, request: web.Request) -> web.Response:
        """The page with Allow and Cancel, pressed at once. Slack shows its own page where the app is wrong."""
        given = dict(request.query)
        self.asked.append(given)
        wrong = self._wrong(given)
        if wrong:
            return web.Response(text=wrong, status=400)
        back = {"state": given.get("state", "")}
        if self.consenting is None:
            return _sent(given["redirect_uri"], {"error": "access_denied"} | back)
        code = f"{next(self._count)}.code.{self.consenting.team.lower()}"
        self.codes[code] = Code(self.consenting, given["redirect_uri"], given["scope"], self.fake.store.clock())
        return _sent(given["redirect_uri"], {"code": code} | back)

    def _wrong(self, given: Mapping[str, str]) -> str:
        if given.get("client_id") != CLIENT_ID:
            return "invalid_client_id"
        if not any(given.get("redirect_uri", "").startswith(known) for known in self.redirects):
            return "bad_redirect_uri"
        scopes = given.get("scope", "").split(",")
        return "" if set(scopes) <= set(SCOPES) and scopes != [""] else "invalid_scope"

    def _access(self, given: Json, authorization: str) -> Json:
        """oauth.v2.access: client id and secret by HTTP Basic, or as arguments."""
        client = (given.get("client_id"), given.get("client_secret"))
        if authorization.startswith("Basic "):
            client = tuple(base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":", 1))  # type: ignore[assignment]
        code = self.codes.get(str(given.get("code")))
        problem = self._refused(client, code, given)
        if problem or code is None:
            return {"ok": False, "error": problem}
        code.used = True
        return {"ok": True} | self._granted(code)

    def _refused(self, client: tuple[Any, ...], code: Code | None, given: Json) -> str:
        if client[0] != CLIENT_ID:
            return "invalid_client_id"
        if client[1] != CLIENT_SECRET:
            return "bad_client_secret"
        if code is None or self.fake.store.clock() - code.made > CODE_LIFE:
            return "invalid_code"
        if code.used:
            return "code_already_used"
        return "" if given.get("redirect_uri") == code.redirect else "bad_redirect_uri"

    def _granted(self, code: Code) -> Json:
        branch = code.branch
        granted = ",".join(scope for scope in code.scope.split(",") if scope != self.withheld)
        expires = {"refresh_token": "xoxe-1-fake", "expires_in": 43200} if self.rotates else {}
        organisation = branch.team if branch.whole else branch.enterprise
        return {
            "access_token": self.install(branch),
            "token_type": "bot",
            "scope": granted,
            "bot_user_id": branch.bot,
            "app_id": APP,
            "team": None if branch.whole else {"id": branch.team, "name": branch.name},
            "enterprise": {"id": organisation, "name": branch.name} if organisation else None,
            "is_enterprise_install": branch.whole,
            "authed_user": {"id": ADMIN},
        } | expires


def _sent(to: str, back: Mapping[str, str]) -> web.Response:
    joined = "&" if urlsplit(to).query else "?"
    return web.Response(status=302, headers={"Location": f"{to}{joined}{urlencode(back)}"})


def placed(payload: Json, branch: Store, team: str = "") -> Json:
    """A payload as Slack makes it for another workspace than the first: its ids, and those of its organisation."""
    whole = isinstance(branch, Branch) and branch.whole
    said: Json = _renamed(payload, {TEAM: team or branch.team, f"<@{BOT}>": f"<@{branch.bot}>", BOT: branch.bot})
    organisation = branch.team if whole else branch.enterprise
    if not organisation:
        return said
    if "command" in said:
        return said | {"enterprise_id": organisation, "is_enterprise_install": "true" if whole else "false"}
    if said.get("type") == "event_callback":
        team_id = None if whole else branch.team
        granted = {"enterprise_id": organisation, "team_id": team_id, "is_enterprise_install": whole}
        told = [one | granted for one in said["authorizations"]]
        return said | {"enterprise_id": organisation, "authorizations": told}
    held = None if whole else said["team"] | {"enterprise_id": organisation}
    about = {"enterprise": {"id": organisation, "name": branch.name}, "is_enterprise_install": whole}
    return said | about | {"team": held}


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    match value:
        case str():
            found = names.get(value, value)
            for old, new in names.items():
                found = found.replace(old, new) if old.startswith("<@") else found
            return found
        case dict():
            return {key: _renamed(held, names) for key, held in value.items()}
        case list():
            return [_renamed(held, names) for held in value]
    return value
