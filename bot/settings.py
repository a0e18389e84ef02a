"""Everything the environment decides, read once; a missing or weak secret refuses to start, named but never shown."""

import base64
import binascii
import secrets
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.text import LOCALES

WEAK = frozenset({"changeme", "change-me", "secret", "password", "test", "xxx", "todo", "none", "null", "example"})
SHORTEST = 16
KEY_FILE = "secret.key"  # of a sample database
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Misconfigured(Exception):
    """The environment does not do; the text names the variable and what is wrong, never a value."""


class Settings(BaseSettings):
    """One frozen copy of the environment (names in docs/operation.md)."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    database_url: str = Field("sqlite:///./var/pandian.db", alias="DATABASE_URL")
    host: str = Field("127.0.0.1", alias="PANDIAN_HOST")
    port: int | None = Field(None, alias="PANDIAN_PORT", ge=0, le=65535)
    public_url: str = Field("", alias="PANDIAN_PUBLIC_URL")
    secret_key: SecretStr = Field(SecretStr(""), alias="PANDIAN_SECRET_KEY")
    console: Literal["", "sample", "signed-in", "off"] = Field("", alias="PANDIAN_CONSOLE")
    locale: str = Field("en", alias="PANDIAN_LOCALE")
    timezone: str = Field("UTC", alias="PANDIAN_TIMEZONE")
    now: str = Field("", alias="PANDIAN_NOW")

    slack_signing_secret: SecretStr | None = Field(None, alias="SLACK_SIGNING_SECRET")
    slack_bot_token: SecretStr | None = Field(None, alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr | None = Field(None, alias="SLACK_APP_TOKEN")
    slack_client_id: SecretStr | None = Field(None, alias="SLACK_CLIENT_ID")
    slack_client_secret: SecretStr | None = Field(None, alias="SLACK_CLIENT_SECRET")
    slack_api_url: str = Field("https://slack.com/api/", alias="SLACK_API_URL")
    # 0: no limit of ours. One call a minute could not be spread.
    slack_posts_per_minute: int = Field(300, alias="SLACK_POSTS_PER_MINUTE", ge=0)
    slack_redraws_per_minute: int = Field(50, alias="SLACK_REDRAWS_PER_MINUTE", ge=0)
    slack_pages_per_minute: int = Field(100, alias="SLACK_PAGES_PER_MINUTE", ge=0)
    slack_gap: float = Field(1.0, alias="SLACK_SECONDS_PER_CONVERSATION", ge=0, le=60)
    slack_connections: int = Field(2, alias="SLACK_CONNECTIONS", ge=1, le=10)  # of Socket Mode; Slack takes ten an app
    slack_config_token: SecretStr | None = Field(None, alias="SLACK_CONFIG_TOKEN")  # for the doctor alone

    feishu_app_id: SecretStr | None = Field(None, alias="FEISHU_APP_ID")
    feishu_app_secret: SecretStr | None = Field(None, alias="FEISHU_APP_SECRET")
    feishu_encrypt_key: SecretStr | None = Field(None, alias="FEISHU_ENCRYPT_KEY")
    feishu_verification_token: SecretStr | None = Field(None, alias="FEISHU_VERIFICATION_TOKEN")
    feishu_long_connection: bool = Field(True, alias="FEISHU_LONG_CONNECTION")
    feishu_api_url: str = Field("https://open.feishu.cn", alias="FEISHU_API_URL")

    dingtalk_client_id: SecretStr | None = Field(None, alias="DINGTALK_CLIENT_ID")
    dingtalk_client_secret: SecretStr | None = Field(None, alias="DINGTALK_CLIENT_SECRET")
    dingtalk_token: SecretStr | None = Field(None, alias="DINGTALK_TOKEN")
    dingtalk_aes_key: SecretStr | None = Field(None, alias="DINGTALK_AES_KEY")
    dingtalk_stream: bool = Field(True, alias="DINGTALK_STREAM")
    dingtalk_robot_code: str = Field("", alias="DINGTALK_ROBOT_CODE")
    dingtalk_agent_id: str = Field("", alias="DINGTALK_AGENT_ID")
    dingtalk_corp_id: str = Field("", alias="DINGTALK_CORP_ID")
    dingtalk_level: Literal["card", "action", "text"] = Field("card", alias="DINGTALK_LEVEL")
    dingtalk_card_template: str = Field("", alias="DINGTALK_CARD_TEMPLATE")
    dingtalk_form_template: str = Field("", alias="DINGTALK_FORM_TEMPLATE")
    # What the organisation has of a month; 0: no limit of ours.
    dingtalk_calls: int = Field(5000, alias="DINGTALK_CALLS_PER_MONTH", ge=0)
    dingtalk_pushes: int = Field(3000, alias="DINGTALK_PUSHES_PER_MONTH", ge=0)
    dingtalk_api_url: str = Field("https://api.dingtalk.com", alias="DINGTALK_API_URL")
    dingtalk_oapi_url: str = Field("https://oapi.dingtalk.com", alias="DINGTALK_OAPI_URL")

    @field_validator("slack_posts_per_minute", "slack_redraws_per_minute", "slack_pages_per_minute")
    @classmethod
    def _spreadable(cls, value: int) -> int:
        if value == 1:
            raise ValueError("must be 0 (no limit) or at least 2")
        return value

    @field_validator("locale")
    @classmethod
    def _known_locale(cls, value: str) -> str:
        if value not in LOCALES:
            raise ValueError(f"must be one of {', '.join(LOCALES)}")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("is not a time zone name such as Asia/Shanghai") from error
        return value

    @model_validator(mode="after")
    def _whole_platforms(self) -> Self:
        _whole("Slack", self._slack_secrets())
        if self.slack_client_id is not None and self.slack_bot_token is not None:
            raise ValueError(
                "SLACK_BOT_TOKEN must not be set with SLACK_CLIENT_ID: each workspace has a token of its own"
            )
        if self.slack_client_id is not None and not _reached(self.public_url):
            raise ValueError("PANDIAN_PUBLIC_URL must be an https address: Slack sends there who installs the bot")
        _whole("Feishu", self._feishu_secrets())
        _whole("DingTalk", self._dingtalk_secrets())
        if self.secret_key.get_secret_value():
            self.keys()
        return self

    def _slack_secrets(self) -> dict[str, SecretStr | None]:
        """What Slack needs: a token for one workspace, or an app that several install."""
        found = {"SLACK_SIGNING_SECRET": self.slack_signing_secret}
        if self.slack_app_token is not None:
            found["SLACK_APP_TOKEN"] = self.slack_app_token
        if self.slack_client_id is None and self.slack_client_secret is None:
            return found | {"SLACK_BOT_TOKEN": self.slack_bot_token}
        return found | {"SLACK_CLIENT_ID": self.slack_client_id, "SLACK_CLIENT_SECRET": self.slack_client_secret}

    def _feishu_secrets(self) -> dict[str, SecretStr | None]:
        """What Feishu needs. A webhook needs the token; the key is advised, and the doctor asks for it (T07)."""
        found = {"FEISHU_APP_ID": self.feishu_app_id, "FEISHU_APP_SECRET": self.feishu_app_secret}
        if self.feishu_encrypt_key is not None:
            found["FEISHU_ENCRYPT_KEY"] = self.feishu_encrypt_key
        if self.feishu_verification_token is not None or (not self.feishu_long_connection and any(found.values())):
            found["FEISHU_VERIFICATION_TOKEN"] = self.feishu_verification_token
        return found

    def _dingtalk_secrets(self) -> dict[str, SecretStr | None]:
        """What DingTalk needs. Token and key belong together: they protect the events of HTTP mode."""
        found = {"DINGTALK_CLIENT_ID": self.dingtalk_client_id, "DINGTALK_CLIENT_SECRET": self.dingtalk_client_secret}
        if self.dingtalk_token is not None or self.dingtalk_aes_key is not None:
            found |= {"DINGTALK_TOKEN": self.dingtalk_token, "DINGTALK_AES_KEY": self.dingtalk_aes_key}
        return found

    @property
    def slack(self) -> bool:
        """Whether Slack is configured."""
        return self.slack_signing_secret is not None

    @property
    def feishu(self) -> bool:
        """Whether Feishu is configured."""
        return self.feishu_app_id is not None

    @property
    def dingtalk(self) -> bool:
        """Whether DingTalk is configured."""
        return self.dingtalk_client_id is not None

    def keys(self) -> tuple[bytes, ...]:
        """The secret keys, newest first; raises ValueError naming the variable."""
        return tuple(_key(part) for part in self.secret_key.get_secret_value().split(",") if part.strip())


def load() -> Settings:
    """The settings of this process; raises Misconfigured with one line per fault, without values."""
    try:
        return Settings()
    except ValidationError as error:
        lines = (f"{'.'.join(map(str, e['loc']))}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors())
        raise Misconfigured("\n".join(line.removeprefix(": ") for line in lines)) from None


def sample_key(folder: Path) -> SecretStr:
    """The generated key of a sample database, kept beside it and readable by its owner alone."""
    path = folder / KEY_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    return SecretStr(path.read_text().strip())


def _reached(url: str) -> bool:
    """Whether browsers may be sent there: by https, or to this machine."""
    try:
        found = urlsplit(url)
    except ValueError:
        return False
    return bool(found.hostname) and (found.scheme == "https" or (found.scheme == "http" and found.hostname in LOOPBACK))


def _whole(platform: str, values: dict[str, SecretStr | None]) -> None:
    """A platform is on when its secrets are set; half-set, empty or weak ones refuse (threat T05)."""
    if all(value is None for value in values.values()):
        return
    for name, value in values.items():
        if value is None:
            raise ValueError(f"{name} is missing, but other {platform} settings are set")
        parts = [part.strip() for part in value.get_secret_value().split(",")]
        if any(_weak(part) for part in parts):
            raise ValueError(f"{name} is empty or too weak: at least {SHORTEST} characters, as {platform} gave it")


def _weak(secret: str) -> bool:
    """Too short, too few different characters, or little more than well-known words."""
    rest = secret.casefold()
    for word in WEAK:
        rest = rest.replace(word, "")
    return len(secret) < SHORTEST or len(set(secret)) < 4 or len(rest) < SHORTEST // 2


def _key(encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < 32 or len(set(key)) < 8:
        raise ValueError("PANDIAN_SECRET_KEY must be at least 32 random bytes in base64 (several: comma separated)")
    return key
