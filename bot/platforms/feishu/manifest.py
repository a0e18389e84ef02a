"""What to set in Feishu's developer console: scopes to import, events, callbacks and the bot's menu."""

from typing import Any

# Scope, and what does not work without it.
SCOPES = {
    "im:message:send_as_bot": "sending cards",
    "im:message:update": "redrawing them",
    "im:message.p2p_msg:readonly": "reading what people write to the bot alone",
    "im:message.group_at_msg:readonly": "reading a line in a group that names the bot",
    "im:resource": "the pictures of charts, and files sent to the bot",
    "im:user_agent:read": "the language of a person's client",
    "contact:contact.base:readonly": "accounts",
    "contact:user.base:readonly": "names",
    "contact:user.email:readonly": "linking an account by its e-mail address",
    "contact:user.employee:readonly": "seeing that somebody has left",
    "application:application.bot.operator_name:readonly": "the bot's menu",
}
NEEDED = frozenset(
    {
        "im:message:send_as_bot",
        "im:message.p2p_msg:readonly",
        "im:resource",
        "contact:contact.base:readonly",
        "contact:user.base:readonly",
    }
)
EVENTS = (
    "im.message.receive_v1",
    "im.chat.access_event.bot_p2p_chat_entered_v1",
    "application.bot.menu_v6",
    "contact.user.created_v3",
    "contact.user.updated_v3",
    "contact.user.deleted_v3",
)
CALLBACKS = ("card.action.trigger",)
# Three entries with up to five below each; what is pressed comes back by its key.
MENU = (
    ("我的绩效", "My performance", (("待办", "To do", "perf"), ("我的指标", "My indicators", "perf.goals"))),
    (
        "进展与结果",
        "Progress",
        (
            ("汇报进展", "Check in", "perf.checkin"),
            ("进度", "Progress", "perf.progress"),
            ("结果", "Result", "perf.result"),
        ),
    ),
    ("更多", "More", (("任务", "Tasks", "perf.tasks"), ("团队", "Team", "perf.team"), ("帮助", "Help", "perf.help"))),
)


def manifest(public_url: str = "") -> dict[str, Any]:
    """The settings for a webhook at `public_url`, or for a long connection when it is empty."""
    base = public_url.rstrip("/")
    where = {"mode": "webhook", "events": f"{base}/feishu/events", "callbacks": f"{base}/feishu/cards"}
    return {
        "features": {"bot": True},
        "scopes": {"tenant": sorted(SCOPES), "user": []},
        "delivery": where if base else {"mode": "long connection"},
        "events": list(EVENTS),
        "callbacks": list(CALLBACKS),
        "bot_menu": [_entry(*entry) for entry in MENU],
    }


def _entry(chinese: str, english: str, below: tuple[tuple[str, str, str], ...]) -> dict[str, Any]:
    names = {"zh_cn": chinese, "en_us": english}
    return {"name": names, "children": [{"name": {"zh_cn": z, "en_us": e}, "event_key": key} for z, e, key in below]}
