"""What to set in DingTalk's developer console: permissions, events and callbacks, and the form template to import."""

from typing import Any

from bot.platforms.dingtalk import template
from bot.platforms.dingtalk.inbound import EVENTS
from bot.platforms.dingtalk.webdoors import PATHS

# Permission, as its call names it where it is refused, and what does not work without it.
SCOPES = {
    "qyapi_robot_sendmsg": "messages of the robot to people and groups",
    "Card.Instance.Write": "cards that can be pressed, and redrawing them",
    "qyapi_get_member": "names of accounts, and seeing that somebody has left",
    "qyapi_get_department_list": "reading everybody from the directory",
    "qyapi_get_department_member": "reading everybody from the directory",
    "fieldEmail": "linking an account by its e-mail address",
}
NEEDED = frozenset({"qyapi_robot_sendmsg", "Card.Instance.Write", "qyapi_get_member"})


def manifest(public_url: str = "") -> dict[str, Any]:
    """The settings for HTTP at `public_url`, or for a stream when it is empty."""
    base = public_url.rstrip("/")
    http = {"mode": "HTTP", **{name: f"{base}{path}" for name, path in PATHS.items()}}
    return {
        "features": {"robot": True},
        "permissions": [{"scope": scope, "for": what} for scope, what in SCOPES.items()],
        "delivery": http if base else {"mode": "Stream"},
        "events": sorted(EVENTS),
        "callbacks": ["/v1.0/im/bot/messages/get", "/v1.0/card/instances/callback"],
        "form_template": template.importable(),
    }
