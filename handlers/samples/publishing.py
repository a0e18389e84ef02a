"""Publication in a company and a department: ready, held back, half done, done."""

from collections.abc import Iterator
from dataclasses import replace

from bot.cards import Card
from bot.text import Texts
from handlers.cards.flags import RULES
from handlers.cards.publishing import ShownRelease, no_release_card, release_card
from handlers.samples.company import HOSTILE, LONG, NAMES, Company

Samples = Iterator[tuple[str, Card]]


def publishing_samples(t: Texts) -> Samples:
    """(name, card) of every state of a publication."""
    company = Company(t)
    places = [("0", t("The company")), *((str(n), name) for n, name in enumerate(company.departments(), 1))]
    ready = ShownRelease(company.cycle_in("review"), t("The company"), ready=197, places=places)
    names = list(NAMES[t.locale])
    flags = [(n, f"{names[n % 7]} · {t(said)}") for n, said in enumerate(RULES.values(), 1)]
    yield "publish.ready", release_card(t, ready)
    yield "publish.department", release_card(t, replace(ready, ready=1, department=2, place=company.departments()[1]))
    yield "publish.flags", release_card(t, replace(ready, ready=180, held=17, flags=flags[:2], wanting=names[:3]))
    many = [*flags, *((number + 20, about) for number, about in flags)]
    yield "publish.flags.many", release_card(t, replace(ready, held=197, ready=0, flags=many))
    yield "publish.flags.own", release_card(t, replace(ready, held=1, hidden=1))
    half = replace(ready, ready=57, published=140, acknowledged=90, wanting=names * 4)
    yield "publish.half", release_card(t, half)
    done = replace(ready, cycle=company.cycle_in("published"), ready=0, published=197, acknowledged=150)
    yield "publish.done", release_card(t, done)
    yield "publish.acknowledged", release_card(t, replace(done, acknowledged=197))
    for name, words in (("hostile", HOSTILE), ("long", LONG)):
        odd = replace(half, place=words, wanting=[words], flags=[(1, words)], ready=0)
        yield f"publish.{name}", release_card(t, replace(odd, cycle=company.cycle_in("review", name=words)))
    yield "publish.none", no_release_card(t)
