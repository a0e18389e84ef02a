"""A missing or weak secret refuses to start, names the variable and never shows the value (threat T05)."""

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import Misconfigured, Settings, load, sample_key

STRONG = {"SLACK_SIGNING_SECRET": secrets.token_hex(16), "SLACK_BOT_TOKEN": f"xoxb-{secrets.token_hex(12)}"}
FEISHU = {"FEISHU_APP_ID": "cli_9f5343c580712544", "FEISHU_APP_SECRET": secrets.token_hex(16)}
KEY = base64.b64encode(secrets.token_bytes(32)).decode()
SHORT = "k3!pQ9xZ7-short"
WEAK = {
    "empty": "",
    "spaces": " " * 40,
    "a word": "changeme",
    "a padded word": "  changeme\t",
    "too short": SHORT,
    "one letter": "x" * 40,
    "a second one that is empty": f"{secrets.token_hex(16)},",
    "a second one that is short": f"{secrets.token_hex(16)}, {SHORT}",
}

WEAK_KEYS = {
    "a word": "changeme",
    "no base64": "é" * 40,
    "too short": base64.b64encode(b"short").decode(),
    "all zeros": base64.b64encode(bytes(32)).decode(),
    "a second one that is none": f"{KEY},nonsense",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nothing of ours is set."""
    for name in os.environ:
        if name.startswith(("SLACK_", "FEISHU_", "DINGTALK_", "PANDIAN_", "DATABASE_URL")):
            monkeypatch.delenv(name)
    return monkeypatch


def refusal(environment: pytest.MonkeyPatch, **values: str) -> str:
    """What is said about an environment that does not do."""
    for name, value in values.items():
        environment.setenv(name, value)
    with pytest.raises(Misconfigured) as said:
        load()
    return str(said.value)


def test_without_anything_set_no_platform_is_on(environment: pytest.MonkeyPatch) -> None:
    assert not load().slack
    assert load().keys() == ()


def test_a_whole_platform_is_on(environment: pytest.MonkeyPatch) -> None:
    for name, value in STRONG.items():
        environment.setenv(name, value)
    assert load().slack


@pytest.mark.parametrize("kind", WEAK)
@pytest.mark.parametrize("name", ["SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
def test_T05_a_weak_secret_is_named_but_not_shown(environment: pytest.MonkeyPatch, name: str, kind: str) -> None:
    said = refusal(environment, **{**STRONG, name: WEAK[kind]})
    assert name in said
    for part in WEAK[kind].split(","):
        assert not part.strip() or part.strip() not in said


@pytest.mark.parametrize("name", ["SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN"])
def test_T05_a_half_set_platform_names_what_is_missing(environment: pytest.MonkeyPatch, name: str) -> None:
    said = refusal(environment, **{other: value for other, value in STRONG.items() if other != name})
    assert f"{name} is missing" in said


def test_T05_an_app_token_alone_is_half_a_platform(environment: pytest.MonkeyPatch) -> None:
    assert "is missing" in refusal(environment, SLACK_APP_TOKEN=f"xapp-{secrets.token_hex(12)}")


def several(**more: str) -> dict[str, str]:
    """An app that several workspaces install."""
    client = {"SLACK_CLIENT_ID": "1000200030.4000500060", "SLACK_CLIENT_SECRET": secrets.token_hex(16)}
    made = {"SLACK_SIGNING_SECRET": STRONG["SLACK_SIGNING_SECRET"], "PANDIAN_PUBLIC_URL": "https://perf.example.com"}
    return {**made, **client, **more}


@pytest.mark.parametrize("url", ["https://perf.example.com", "http://127.0.0.1:8080", "http://localhost:8080/"])
def test_an_app_that_several_workspaces_install_is_on(environment: pytest.MonkeyPatch, url: str) -> None:
    for name, value in several(PANDIAN_PUBLIC_URL=url).items():
        environment.setenv(name, value)
    assert load().slack


@pytest.mark.parametrize("name", ["SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"])
def test_T05_half_of_an_app_names_what_is_missing(environment: pytest.MonkeyPatch, name: str) -> None:
    assert f"{name} is missing" in refusal(
        environment, **{key: value for key, value in several().items() if key != name}
    )
    assert name in refusal(environment, **several(**{name: SHORT}))


def test_an_app_for_several_has_no_token_of_one(environment: pytest.MonkeyPatch) -> None:
    said = refusal(environment, **several(SLACK_BOT_TOKEN=STRONG["SLACK_BOT_TOKEN"]))
    assert "SLACK_BOT_TOKEN must not be set" in said
    assert STRONG["SLACK_BOT_TOKEN"] not in said


@pytest.mark.parametrize(
    "url", ["", "http://perf.example.com", "perf.example.com", "https://", "http://[::1", "ftp://127.0.0.1"]
)
def test_an_app_for_several_needs_an_address_for_browsers(environment: pytest.MonkeyPatch, url: str) -> None:
    assert "PANDIAN_PUBLIC_URL must be an https address" in refusal(environment, **several(PANDIAN_PUBLIC_URL=url))


def test_feishu_is_on_with_two_secrets_and_by_webhook_with_a_third(environment: pytest.MonkeyPatch) -> None:
    for name, value in FEISHU.items():
        environment.setenv(name, value)
    assert load().feishu
    assert load().feishu_long_connection
    assert "FEISHU_VERIFICATION_TOKEN is missing" in refusal(environment, FEISHU_LONG_CONNECTION="0")
    environment.setenv("FEISHU_VERIFICATION_TOKEN", secrets.token_hex(16))
    assert load().feishu_encrypt_key is None, "the doctor asks for it"


@pytest.mark.parametrize("kind", WEAK)
@pytest.mark.parametrize("name", [*FEISHU, "FEISHU_ENCRYPT_KEY", "FEISHU_VERIFICATION_TOKEN"])
def test_T05_a_weak_secret_of_feishu_is_named(environment: pytest.MonkeyPatch, name: str, kind: str) -> None:
    assert name in refusal(environment, **{**FEISHU, name: WEAK[kind]})


@pytest.mark.parametrize("name", FEISHU)
def test_T05_half_of_feishu_names_what_is_missing(environment: pytest.MonkeyPatch, name: str) -> None:
    assert f"{name} is missing" in refusal(
        environment, **{other: value for other, value in FEISHU.items() if other != name}
    )


@pytest.mark.parametrize("kind", WEAK_KEYS)
def test_T05_a_weak_key_is_named_but_not_shown(environment: pytest.MonkeyPatch, kind: str) -> None:
    said = refusal(environment, PANDIAN_SECRET_KEY=WEAK_KEYS[kind])
    assert "PANDIAN_SECRET_KEY" in said
    assert WEAK_KEYS[kind] not in said


def test_several_keys_are_read_newest_first(environment: pytest.MonkeyPatch) -> None:
    other = base64.b64encode(secrets.token_bytes(48)).decode()
    environment.setenv("PANDIAN_SECRET_KEY", f"{KEY}, {other}")
    assert load().keys() == (base64.b64decode(KEY), base64.b64decode(other))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PANDIAN_LOCALE", "../../etc/passwd"),
        ("PANDIAN_TIMEZONE", "Mars/Olympus"),
        ("PANDIAN_TIMEZONE", "../../etc/passwd"),
        ("PANDIAN_PORT", "eighty-eighty"),
        ("PANDIAN_PORT", "70000"),
        ("PANDIAN_CONSOLE", "open-to-all"),
    ],
)
def test_a_wrong_setting_is_named_but_not_shown(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    said = refusal(environment, **{name: value})
    assert name in said
    assert value not in said


def test_T56_settings_do_not_show_secrets(environment: pytest.MonkeyPatch) -> None:
    settings = Settings(PANDIAN_SECRET_KEY=KEY, **STRONG)  # type: ignore[arg-type]
    for shown in (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json()):
        assert not any(secret in shown for secret in (KEY, *STRONG.values()))


def test_T56_the_generated_key_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    first = sample_key(folder)
    assert (folder / "secret.key").stat().st_mode & 0o777 == 0o600
    assert sample_key(folder).get_secret_value() == first.get_secret_value()
    assert len(base64.b64decode(first.get_secret_value())) == 32


@pytest.mark.parametrize("command", ["run", "migrate"])
def test_T05_the_process_really_refuses_to_start(tmp_path: Path, command: str) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    wrong = {**STRONG, "SLACK_SIGNING_SECRET": SHORT, "DATABASE_URL": f"sqlite:///{tmp_path / 'never.db'}"}
    started = [sys.executable, "-m", "bot", command]
    ended = subprocess.run(started, env={**kept, **wrong}, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1
    assert "SLACK_SIGNING_SECRET" in ended.stderr
    assert not any(secret in ended.stdout + ended.stderr for secret in (SHORT, STRONG["SLACK_BOT_TOKEN"], "Traceback"))
    assert not (tmp_path / "never.db").exists()
