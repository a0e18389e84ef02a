"""What people type: languages, full-width characters, no spaces, mistakes; and help by role."""

import pytest

from bot.router import Router
from handlers import ROUTERS
from tests.stories.acts import cycle_opened
from tests.world import World

ROUTER = Router.merged(ROUTERS)


@pytest.mark.parametrize(
    ("typed", "name", "rest"),
    [
        ("perf goals @ana", "goals", "@ana"),
        ("PERF GOALS", "goals", ""),
        ("goals", "goals", ""),
        ("绩效 目标 @ana", "goals", "@ana"),
        ("绩效目标@ana", "goals", "@ana"),
        ("ｐｅｒｆ　ｇｏａｌｓ　＠ａｎａ", "goals", "@ana"),
        ("績效 使用說明", "guide", ""),
        ("perf lang ja", "lang", "ja"),
        ("/perf help", "guide", ""),
        ("绩效帮助", "guide", ""),
        ("perf ヘルプ", "guide", ""),
        ("＃帮助。", "guide", ""),
        ("/目标？", "goals", ""),
        ("目标＠ana。", "goals", "@ana。"),
    ],
)
def test_commands_are_understood_in_every_spelling(typed: str, name: str, rest: str) -> None:
    found, left = ROUTER.parse(typed)
    assert found is not None, typed
    assert (found.name.replace("help", "guide"), left) == (name, rest)


@pytest.mark.parametrize("typed", ["perf", "绩效", "績效", "/perf", " ｐｅｒｆ "])
def test_the_root_word_alone_is_home(typed: str) -> None:
    assert ROUTER.parse(typed) == (None, "")


@pytest.mark.parametrize("typed", ["performance", "goalsetting", "perfgoals2", "helper"])
def test_longer_words_are_not_commands(typed: str) -> None:
    assert ROUTER.parse(typed)[0] is None


@pytest.mark.parametrize(("typed", "near"), [("gaols", "goals"), ("chekin", "checkin"), ("progres", "progress")])
def test_mistakes_get_the_nearest_command(typed: str, near: str) -> None:
    assert near in ROUTER.nearest(typed, ROUTER.commands)


async def test_unknown_words_are_answered_with_suggestions(world: World) -> None:
    ana = world["ana"]
    await ana.says("perf progres")
    ana.sees("I don't know “progres”", "perf progress")
    await ana.clicks("perf progress")
    assert "progres”" not in (ana.last.toast or "")


async def test_language_changes_at_once_and_stays(world: World) -> None:
    await cycle_opened(world)
    ana = world["ana"]
    await ana.says("perf lang ja")
    await ana.says("perf help")
    ana.sees("ヘルプ")
    await ana.says("perf lang en")
    await ana.says("perf help")
    ana.sees("Type a command")


async def test_unknown_language_is_told_which_there_are(console: World) -> None:
    ana = console["ana"]
    await ana.says("perf lang tlh")
    ana.sees("I speak these languages", "日本語")


async def test_help_depends_on_the_role(world: World) -> None:
    for name in ("ana", "helen"):
        await world[name].says("perf help")
    assert "perf cycle" not in world["ana"].text
    assert "perf cycle" in world["helen"].text


async def test_forbidden_and_missing_read_the_same(console: World) -> None:
    ana = console["ana"]
    await cycle_opened(console)
    await ana.says("perf goals @bo")
    forbidden = ana.messages[-1].text
    await ana.says("perf goals @boss")
    assert ana.messages[-1].text == forbidden
