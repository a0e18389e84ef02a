"""The gallery: what each platform would be sent is as agreed (tests/goldens), within its limits, and loses no action.

After a deliberate change of a card or a translation: `GOLDENS=write python -m pytest tests/test_gallery.py`.
"""

import asyncio
import hashlib
import json
import os
import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from pydantic import TypeAdapter
from structlog.testing import capture_logs

from bot import gallery
from bot.capability import Capabilities, Message
from bot.cards import Button, Card, Choice, Open
from bot.conversation import FORM, question_card
from bot.degrade import fit, lines_of
from bot.forms import Field, Kind, Sheet
from bot.gallery.page import index
from bot.gallery.walls import WALLS, Json
from bot.platforms.feishu import forms as feishu_forms
from bot.platforms.feishu import render as feishu
from bot.platforms.feishu import rules
from bot.platforms.slack import render
from bot.text import LOCALES, texts
from handlers.samples.company import NOW
from models.draft import Draft
from tests.fakes import feishu_rules, slack_rules
from tests.test_degrade import meanings
from tests.test_samples import shown

GOLDENS = Path(__file__).with_name("goldens")
RENEW = os.environ.get("GOLDENS") == "write"
DIGITS = 12
WHOLE = (
    ("home.todos", "en"),
    ("team.todos", "ja"),
    ("plan.draft.empty.author", "en"),
    ("plan.draft.findings.author", "zh_Hans"),
    ("plan.draft.hostile.author", "en"),
    ("plan.submitted.approver", "zh_Hans"),
    ("plan.compliance.failed.hr", "en"),
    ("plan.proposed.owner", "zh_Hant"),
    ("definitions.kinds.hr", "ja"),
    ("progress.person.blocked", "zh_Hans"),
    ("cycle.draft.hr", "en"),
    ("form.plan.add.filled", "ja"),
    ("form.plan.weights.filled", "en"),
)
POOR = {
    "a few buttons": Capabilities(buttons=3, choices=False),
    "buttons but no tables or pictures": Capabilities(buttons=6, tables=False, charts=False, text=500),
    "few blocks": Capabilities(buttons=5, blocks=10, text=1500, rows=5),
    "numbers instead of buttons": Capabilities(buttons=0, choices=False, confirms=False),
    "lines only": Capabilities(
        buttons=0, choices=False, forms=False, tables=False, charts=False, links=False, updates=False, text=200
    ),
}


@lru_cache(maxsize=8)
def drawn(locale: str) -> dict[str, dict[str, Json]]:
    """What every platform would be sent in a locale; the pseudo-language is sent as English."""
    return gallery.drawings(shown(locale), known(locale))


def known(locale: str) -> str:
    """A locale that there are catalogs for."""
    return locale if locale in LOCALES else "en"


def digest(of: Json) -> str:
    """The beginning of the SHA-256 of a file of the gallery."""
    return hashlib.sha256(gallery.text_of(of).encode()).hexdigest()[:DIGITS]


def digests(platform: str) -> dict[str, dict[str, str]]:
    """Name → locale → digest."""
    return {name: {locale: digest(drawn(locale)[platform][name]) for locale in LOCALES} for name in shown("en")}


# As agreed


@pytest.mark.parametrize("platform", [wall.name for wall in WALLS])
def test_everything_is_drawn_as_agreed(platform: str) -> None:
    path = GOLDENS / f"{platform}.json"
    now = digests(platform)
    if RENEW:
        path.parent.mkdir(exist_ok=True)
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(of)}" for name, of in now.items())
        path.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    agreed = json.loads(path.read_text(encoding="utf-8"))
    changed = sorted(name for name in {*agreed, *now} if agreed.get(name) != now.get(name))
    assert not changed, f"look at `make gallery`, then renew the goldens (see above): {', '.join(changed)}"


@pytest.mark.parametrize(("name", "locale"), WHOLE)
@pytest.mark.parametrize("platform", [wall.name for wall in WALLS])
def test_a_few_are_kept_whole(platform: str, name: str, locale: str) -> None:
    path = GOLDENS / platform / f"{name}.{locale}.json"
    now = gallery.text_of(drawn(locale)[platform][name])
    if RENEW:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(now, encoding="utf-8")
    assert now == path.read_text(encoding="utf-8")


# Within limits


@pytest.mark.parametrize("locale", [*LOCALES, "en_XA"])
def test_slack_accepts_everything(locale: str) -> None:
    """A home card is a message as well: the answer to `perf`. The vendor's models see no language: one is enough."""
    models, can = locale == "en", WALLS[0].can
    for name, card in drawn(locale)["slack"].items():
        payload, sample = card["payload"], shown(locale)[name]
        assert isinstance(payload, dict)
        try:
            if card["surface"] == "message":
                assert "<!" not in payload["text"], name
                slack_rules.check_message(payload["blocks"], models=models)
            else:
                slack_rules.check_view(payload, models=models)
            if isinstance(sample, Card):
                said = render.message(fit(sample, can)[0], draws=can.draws)
                slack_rules.check_message(said["blocks"], models=False)
        except slack_rules.Wrong as wrong:
            pytest.fail(f"{name} {locale}: {wrong}")


@pytest.mark.parametrize("locale", [*LOCALES, "en_XA"])
def test_slack_shows_everything_in_full(locale: str) -> None:
    """Not even a plan of ten long names, or a list of 150 indicators."""
    for name, sample in shown(locale).items():
        with capture_logs() as logs:
            WALLS[0].asks(sample, known(locale)) if isinstance(sample, Sheet) else WALLS[0].hangs(
                name, sample, locale, {}
            )
        assert not [one for one in logs if "cut" in one["event"]], name


@pytest.mark.parametrize("locale", [*LOCALES, "en_XA"])
def test_feishu_accepts_everything_and_shows_it_in_full(locale: str) -> None:
    """Also a form with an error at every field; what is behind a chart's picture is its figures."""
    for name, sample in shown(locale).items():
        with capture_logs() as logs:
            cards = [drawn(locale)["feishu"][name]]
            if isinstance(sample, Sheet):
                errors = {field.name: "Please choose one of the options." for field in sample.fields}
                cards.append(feishu_forms.form(sample, known(locale), errors))
            elif sample.charts():
                cards.append(feishu.card(Message(fit(sample, feishu.CAN)[0], known(locale)), lambda _chart: ""))
        assert not [one for one in logs if "cut" in one["event"]], name
        for card in cards:
            try:
                rules.check(card)
                feishu_rules.check(card)
            except (rules.Unfit, feishu_rules.Wrong) as wrong:
                pytest.fail(f"{name} {locale}: {wrong}")


@pytest.mark.parametrize("locale", [*LOCALES, "en_XA"])
def test_labels_are_short_enough_to_be_read(locale: str) -> None:
    """Slack cuts a button at 75 characters; names longer than anybody has are left out."""
    for name, sample in shown(locale).items():
        if "long" in name or not isinstance(sample, Card):
            continue
        for action in sample.actions:
            assert len(action.label) <= 75, (name, action.label)
            assert not isinstance(action, Button) or len(action.confirm) <= 300, (name, action.confirm)
        assert len(sample.title) <= 150, name
        assert len(sample.actions) <= 25, name


# Nothing is lost


@pytest.mark.parametrize("can", POOR.values(), ids=POOR)
def test_a_poorer_platform_drops_no_action(can: Capabilities) -> None:
    for name, sample in shown("en").items():
        if not isinstance(sample, Card):
            continue
        fitted, presses = fit(sample, can)
        assert {*meanings(fitted), *presses} == set(meanings(sample)), name
        assert len(fitted.actions) <= can.buttons, name
        said = "".join(line for block in fitted.body for line in lines_of(block)).replace("\n", "")
        kept = [one.label for one in fitted.actions]
        for action in sample.actions:
            expected = [label for _value, label in action.options] if isinstance(action, Choice) else [action.label]
            assert action.label in kept or all(label in said for label in expected), (name, action.label)
            assert not isinstance(action, Open) or action in fitted.actions or action.url in said, name


@pytest.mark.parametrize("locale", LOCALES)
def test_every_form_can_be_asked_question_by_question(locale: str) -> None:
    t, lines = texts(locale, gallery.ZONE), POOR["lines only"]
    for name, sheet in shown(locale).items():
        if not isinstance(sheet, Sheet):
            continue
        for number, field in enumerate(sheet.fields):
            answers = {done.name: done.value or "1" for done in sheet.fields[:number]}
            state = {"sheet": TypeAdapter(Sheet).dump_python(sheet, mode="json"), "answers": answers, "errors": {}}
            card = question_card(t, Draft(identity_id=1, kind=FORM, state=state, expires_at=NOW))
            _asked(card, field, lines, f"{name} {field.name}")


def _asked(card: Card, field: Field, can: Capabilities, where: str) -> None:
    """The question is there, and every option of a choice has a number."""
    fitted, presses = fit(card, can)
    said = "\n".join(line for block in fitted.body for line in lines_of(block))
    assert field.label[: can.text] in said, where
    expected = [value for value, _label in field.options] if field.kind is Kind.CHOICE else []
    assert [press.value for press in presses] == expected, where


# The folder


def test_the_folder_holds_everything_the_page_shows(tmp_path: Path) -> None:
    asyncio.run(gallery.write(tmp_path, ["ja"]))
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    linked = {unquote(one) for one in re.findall(r'(?:src|href)="(?!https://)([^"#][^"]*)"', page)}
    there = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert there == {"index.html", "fonts/cjk.ttc", *linked}
    assert 'url("fonts/cjk.ttc")' in page
    for name, card in drawn("ja")["slack"].items():
        assert json.loads((tmp_path / "slack/ja" / f"{name}.json").read_text(encoding="utf-8")) == card
    pictures = [path.read_bytes() for path in tmp_path.glob("charts/ja/*.png")]
    assert len(pictures) == sum(len(one.charts()) for one in shown("ja").values() if isinstance(one, Card))
    assert all(one.startswith(b"\x89PNG") for one in pictures)


def test_another_process_draws_the_same() -> None:
    code = (
        "import hashlib; from bot import gallery; from bot.gallery.page import index; from bot.text import texts;"
        "from handlers.samples import samples;"
        "drawn = {'ja': gallery.drawings(samples(texts('ja', gallery.ZONE)), 'ja')};"
        "print(hashlib.sha256((gallery.text_of(drawn) + index(drawn)).encode()).hexdigest())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    mine: dict[str, dict[str, dict[str, Json]]] = {"ja": drawn("ja")}
    whole = gallery.text_of({**mine}) + index(mine)
    assert ran.stdout.split()[-1] == hashlib.sha256(whole.encode()).hexdigest()


def test_the_page_makes_no_markup_of_what_people_wrote() -> None:
    page = index({"en": drawn("en")})
    assert "<!channel>" not in page
    assert "&lt;!channel&gt;" in page
