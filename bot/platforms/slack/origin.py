"""Which installation a payload is for: a workspace, or an organisation that installed the bot as a whole."""

from collections.abc import Iterator, Mapping
from typing import Any

Body = Mapping[str, Any]
# The id an installation is kept under, and whether it is an organisation's.
Tenant = tuple[str, bool]


def tenants(body: Body) -> tuple[Tenant, ...]:
    """The installations that a payload (`shape.well_formed`) can be for, the likeliest first.

    An event names them in `authorizations`, and only there: in a channel shared with another company its team_id is
    that of either. A modal opened there says in `app_installed_team_id` where the bot is; `team` is whose person it
    was. Everything of an organisation that installed the bot as a whole says `is_enterprise_install`, and may have no
    team at all.
    """
    found = list(_granted(body) if body.get("authorizations") else _stated(body))
    return tuple(dict.fromkeys((name, whole) for name, whole in found if isinstance(name, str) and name))


def _granted(body: Body) -> Iterator[tuple[object, bool]]:
    for one in body["authorizations"]:
        whole = _true(one.get("is_enterprise_install"))
        yield (one.get("enterprise_id") if whole else one.get("team_id")), whole


def _stated(body: Body) -> Iterator[tuple[object, bool]]:
    team, view = body.get("team") or {}, body.get("view")
    enterprise = body.get("enterprise_id") or (body.get("enterprise") or {}).get("id") or team.get("enterprise_id")
    if _true(body.get("is_enterprise_install")):
        yield enterprise, True
        return
    if isinstance(view, dict):
        yield view.get("app_installed_team_id"), False
    yield body.get("team_id") or team.get("id"), False
    yield enterprise, True


def _true(said: object) -> bool:
    """Slash commands say it in a word."""
    return said is True or said == "true"
