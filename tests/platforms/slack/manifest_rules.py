"""What Slack takes in an app manifest, written down from its reference (docs.slack.dev, App manifest reference)."""

from typing import Any

Rules = dict[str, Any]


def text(most: int, least: int = 1, **more: object) -> Rules:
    """A text of so many characters."""
    return {"type": "string", "minLength": least, "maxLength": most, **more}


def thing(required: str = "", **properties: object) -> Rules:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def things(item: Rules, most: int) -> Rules:
    """So many different things at most."""
    return {"type": "array", "items": item, "maxItems": most, "uniqueItems": True}


ADDRESS = {"type": "string", "pattern": r"^https?://[^\s]+$"}
SWITCH = {"type": "boolean"}
NUMBER = {"type": "integer", "minimum": 0}
SHORTCUT = thing(
    "name callback_id description type",
    name=text(24),
    callback_id=text(255),
    description=text(150),
    type={"enum": ["message", "global"]},
)
COMMAND = thing(
    "command description",
    command=text(32, 2, pattern="^/[^ ]+$"),
    description=text(2000),
    usage_hint=text(1000),
    should_escape=SWITCH,
    url=ADDRESS,
)
MANIFEST = thing(
    "display_information",
    _metadata=thing(major_version=NUMBER, minor_version=NUMBER),
    display_information=thing(
        "name",
        name=text(35),
        description=text(140),
        long_description=text(4000, 175),
        background_color={"type": "string", "pattern": "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"},
    ),
    features=thing(
        app_home=thing(home_tab_enabled=SWITCH, messages_tab_enabled=SWITCH, messages_tab_read_only_enabled=SWITCH),
        bot_user=thing("display_name", display_name=text(80), always_online=SWITCH),
        shortcuts=things(SHORTCUT, 10),
        slash_commands=things(COMMAND, 50),
    ),
    oauth_config=thing(redirect_urls=things(ADDRESS, 1000), scopes=thing(bot=things(text(100), 255))),
    settings=thing(
        event_subscriptions=thing(request_url=ADDRESS, bot_events=things(text(100), 100)),
        interactivity=thing("is_enabled", is_enabled=SWITCH, request_url=ADDRESS),
        org_deploy_enabled=SWITCH,
        socket_mode_enabled=SWITCH,
        token_rotation_enabled=SWITCH,
    ),
)
