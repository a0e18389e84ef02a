"""The app manifest: what to paste into Slack's developer console."""

from typing import Any

from bot.platforms.slack.inbound import KEEP, TASKS

COMMAND = "/perf"
SCOPES = [
    "app_mentions:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "im:history",
    "im:write",
    "users:read",
    "users:read.email",
]
EVENTS = ["app_home_opened", "app_mention", "app_uninstalled", "message.im", "tokens_revoked", "user_change"]
REDIRECT = "/slack/oauth_redirect"
LONG = (
    "Pandian runs performance management where your company already talks. Set indicators, approve and confirm plans, "
    "report progress and read charts, with buttons and forms inside Slack. Type /perf to begin, or open the Home "
    "tab. Everything about a person is shown to that person and to who is responsible, never in a channel."
)


def manifest(public_url: str = "", *, socket: bool | None = None, oauth: bool = False) -> dict[str, Any]:
    """The manifest of the app at `public_url`. `socket`: events come by Socket Mode (without an address they do);
    `oauth`: many workspaces, or a whole organisation, install it by our own page, which needs the address. Raises
    ValueError, saying so."""
    base = public_url.rstrip("/")
    if not base and (oauth or socket is False):
        raise ValueError("the manifest needs the https address of this service")
    url = "" if socket or not base else f"{base}/slack/events"
    back = {"redirect_urls": [f"{base}{REDIRECT}"]} if oauth else {}
    return {
        "_metadata": {"major_version": 2, "minor_version": 0},
        "display_information": {
            "name": "Pandian",
            "description": "Performance management in your chat",
            "long_description": LONG,
            "background_color": "#1f3a5f",
        },
        "features": _features(url),
        "oauth_config": back | {"scopes": {"bot": [*SCOPES]}},
        "settings": _settings(url, whole=oauth),
    }


def _features(url: str) -> dict[str, Any]:
    command = {
        "command": COMMAND,
        "description": "Plans, approvals and progress",
        "usage_hint": "[goals | progress | help]",
        "should_escape": True,
    }
    return {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "bot_user": {"display_name": "Pandian", "always_online": True},
        "shortcuts": [
            {
                "name": "My tasks",
                "type": "global",
                "callback_id": TASKS,
                "description": "Shows what waits for you",
            },
            {
                "name": "Keep as evidence",
                "type": "message",
                "callback_id": KEEP,
                "description": "Keeps a message as evidence of one of your indicators",
            },
        ],
        "slash_commands": [command | {"url": url} if url else command],
    }


def _settings(url: str, *, whole: bool) -> dict[str, Any]:
    address = {"request_url": url} if url else {}
    return {
        "event_subscriptions": address | {"bot_events": [*EVENTS]},
        "interactivity": {"is_enabled": True} | address,
        "org_deploy_enabled": whole,
        "socket_mode_enabled": not url,
        "token_rotation_enabled": False,
    }
