"""The app's own settings in the fake Slack: apps.manifest.export, for app configuration tokens alone."""

import copy
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.slack_store import APP, Json

CONFIG_TOKEN = "xoxe.xoxp-1-fake-of-the-owner"


@dataclass
class AppSettings:
    """What the app's page in the developer console holds, as a manifest."""

    held: dict[str, Any] = field(default_factory=dict)
    expired: bool = False

    def __call__(self, given: Json, authorization: str) -> Json:
        """The method's answer (error names from its reference page)."""
        if authorization != f"Bearer {CONFIG_TOKEN}":
            return {"ok": False, "error": "not_allowed_token_type"}
        if self.expired:
            return {"ok": False, "error": "token_expired"}
        if given.get("app_id") != APP:
            return {"ok": False, "error": "invalid_app_id"}
        return {"ok": True, "manifest": copy.deepcopy(self.held)}
