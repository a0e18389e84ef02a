"""Why Slack refuses a message for good, in words that mean the same on every platform."""

from bot.capability import Gone

# From the error lists of chat.postMessage, views.publish and conversations.open in Slack's API reference.
ACCOUNT = frozenset(
    {
        "cannot_dm_bot",
        "channel_not_found",
        "is_inactive",
        "user_deleted",
        "user_disabled",
        "user_not_found",
        "user_not_visible",
        "users_not_found",
    }
)
ACCESS = frozenset(
    {
        "access_denied",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "is_archived",
        "messages_tab_disabled",
        "method_not_supported_for_channel_type",
        "missing_scope",
        "no_permission",
        "not_enabled",
        "not_allowed_token_type",
        "not_in_channel",
        "restricted_action",
        "team_access_not_granted",
        "team_not_found",
    }
)


def explained(refused: Gone) -> Gone:
    """The same with what it means for the message in front of Slack's own name for it."""
    name = str(refused)
    meaning = "account closed" if name in ACCOUNT else "no access" if name in ACCESS else "message refused"
    return Gone(f"{meaning}: {name}")
