"""users.info → Profile."""

from collections.abc import Mapping
from typing import Any

from bot.capability import Profile

NOT_EMPLOYED = ("deleted", "is_bot", "is_app_user", "is_restricted", "is_ultra_restricted", "is_stranger")


def profile_of(user: Mapping[str, Any]) -> Profile:
    """The account. Its address is vouched for only if Slack had it confirmed, and never for bots, guests, strangers
    from shared channels and closed accounts."""
    said = user.get("profile") or {}
    name = said.get("real_name") or user.get("real_name") or said.get("display_name") or user.get("name") or ""
    email = str(said.get("email") or "")
    vouched = bool(email) and user.get("is_email_confirmed") is True and not any(user.get(n) for n in NOT_EMPLOYED)
    return Profile(str(name), email, vouched, str(user.get("locale") or ""), str(user.get("tz") or ""))
