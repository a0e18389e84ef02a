"""Every card and form of the gallery is one that DingTalk takes, at every level."""

import pytest

from bot.capability import Message
from bot.cards import Card, Chart
from bot.degrade import fit
from bot.forms import Sheet
from bot.platforms.dingtalk import forms, render, rules
from bot.text import LOCALES
from tests.test_samples import shown


def none(_chart: Chart) -> str:
    """No picture was uploaded."""
    return ""


def held(_chart: Chart) -> str:
    """Every picture was."""
    return "@lAL1"


@pytest.mark.parametrize("locale", ["zh_Hans", "ja", "en_XA"])
def test_dingtalk_takes_everything(locale: str) -> None:
    """Cards, what is sent before them and replaces them; messages with links; lines; forms with errors."""
    for name, sample in shown(locale).items():
        try:
            _taken(sample, locale if locale in LOCALES else "en")
        except rules.Unfit as wrong:
            pytest.fail(f"{name} {locale}: {wrong}")


def _taken(sample: Card | Sheet, locale: str) -> None:
    if isinstance(sample, Sheet):
        errors = {field.name: "Please choose one of the options." for field in sample.fields}
        if forms.fits(sample):
            rules.check_template(forms.card(sample, locale, "", errors), form=True)
        return
    rich, lines = (Message(fit(sample, render.capabilities(level))[0], locale) for level in ("card", "text"))
    for picture in (none, held) if sample.charts() else (none,):
        rules.check_template(render.template(rich, picture))
        sent = (*render.before(rich, picture), *render.robots(rich, "action", picture))
        for robot in (*sent, *render.robots(lines, "text", picture)):
            rules.check_robot(robot)
    rules.check_template(render.redrawn(rich, none))
