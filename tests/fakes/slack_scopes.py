"""What a token must be granted for each method, from the methods' reference pages (docs.slack.dev)."""

from collections.abc import Mapping

# A method without an entry needs none beyond a valid token.
NEEDED: Mapping[str, str] = {
    "bots.info": "users:read",
    "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "im:history",
    "conversations.open": "im:write",
    "files.completeUploadExternal": "files:write",
    "files.getUploadURLExternal": "files:write",
    "files.info": "files:read",
    "users.info": "users:read",
    "users.list": "users:read",
}
ADDRESS = "users:read.email"  # without it accounts are told without their e-mail address
# What a subscription to an event needs, from the events' reference pages.
EVENTS: Mapping[str, str] = {
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "app_uninstalled": "",
    "message.im": "im:history",
    "tokens_revoked": "",
    "user_change": "users:read",
}
OTHER: Mapping[str, str] = {"slash commands and shortcuts": "commands", "url_private of a file": "files:read"}
