"""The published results of a place: scores, ratings, indicators, each with its findings in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.cards import Action, Block, Button, Card, Chart, Choice, Note, text
from bot.plots import Bar, Bars, Column, Columns, Range, Ranges, Stack, Stacks, Tone
from bot.text import N_, Texts
from models.overview import Group, Overview
from models.rules.statistics import Bin, Ranked

FACETS = {
    "scores": N_("Results by department"),
    "spread": N_("Spread of the results"),
    "ratings": N_("Ratings by department"),
    "indicators": N_("Indicators by completion"),
}
MOST = 20
BEST = 10
TOP = Decimal(120)
FAR = Decimal("0.10")
CAP = Decimal("1.2")


@dataclass(frozen=True, slots=True)
class ShownOverview:
    """An overview with names as the reader reads them; `guidance` in percent by rating, best first."""

    cycle: str
    place: str
    department: int
    facet: str
    overview: Overview
    guidance: Mapping[str, Decimal]
    names: Mapping[int, str]
    places: Sequence[tuple[str, str]] = ()


def overview_card(t: Texts, shown: ShownOverview) -> Card:
    """One facet; the others by a choice."""
    title = t("{place} · results of {cycle}", place=shown.place, cycle=shown.cycle)
    whole = shown.overview.totals
    if whole is None:
        said = t("Fewer than five people have a result here: nothing is shown, so that nobody is given away.")
        return Card(title, (text(said),), _actions(t, shown), summary=t("Results of a cycle"))
    draw = {"scores": _scores, "spread": _spread, "ratings": _ratings, "indicators": _indicators}[shown.facet]
    body = [*draw(t, shown), *_left_out(t, shown)]
    return Card(title, tuple(body), _actions(t, shown), summary=t("Results of a cycle"))


def _scores(t: Texts, shown: ShownOverview) -> list[Block]:
    """The middle half of every department, the best mean first; the tenths at both ends."""
    whole, groups = shown.overview, shown.overview.groups
    mean = whole.totals.mean if whole.totals is not None else Decimal(0)
    body: list[Block] = []
    if groups:
        rows = tuple(_range(t, shown, group) for group in groups[:MOST])
        ends = (t.number(0), t.number(TOP))
        plot = Ranges(rows, ends, t("mean"), t("middle half"))
        more = t("and {n} more", n=len(groups) - MOST) if len(groups) > MOST else ""
        body.append(Chart(t(FACETS["scores"]), _people(t, whole.people), plot, t.locale, more))
        best, last = groups[0], groups[-1]
        body.append(text(t("Mean of all: {mean} points.", mean=mean)))
        if len(groups) > 1:
            said = t(
                "Highest mean: {best} ({high}); lowest: {last} ({low}).",
                best=shown.names[best.department.id],
                high=best.totals.mean,
                last=shown.names[last.department.id],
                low=last.totals.mean,
            )
            body.append(text(said))
    else:
        body.append(text(t("Mean of all: {mean} points.", mean=mean)))
    if whole.tails is not None:
        said = t(
            "The highest tenth ({n} people) has {high} points on average, the lowest tenth {low}.",
            n=whole.tails.people,
            high=whole.tails.highest,
            low=whole.tails.lowest,
        )
        body.append(text(said))
    return body


def _spread(t: Texts, shown: ShownOverview) -> list[Block]:
    """How many people lie in which range of points."""
    bins = shown.overview.bins
    if len(bins) < 2:
        return [text(t("Too few people for a spread that gives nobody away."))]
    columns = tuple(Column(_from(t, one), one.people, t.number(one.people)) for one in bins)
    fullest = max(bins, key=lambda one: one.people)
    subtitle = f"{_people(t, shown.overview.people)} · {t('from so many points on')}"
    chart = Chart(t(FACETS["spread"]), subtitle, Columns(columns), t.locale)
    said = t("Most results, {n}, lie at {range} points.", n=fullest.people, range=_bin(t, fullest))
    return [chart, text(said)]


def _ratings(t: Texts, shown: ShownOverview) -> list[Block]:
    """Shares of the ratings: all people first, then each department."""
    whole = shown.overview
    names = tuple(shown.guidance)
    if whole.shares is None:
        return [text(t("Everybody here has the same rating, so that a share would be everybody's."))]
    rows = [Stack(t("All"), _parts(whole.shares), t.number(whole.people))]
    rows += [
        Stack(shown.names[one.department.id], _parts(one.shares), t.number(one.people)) for one in whole.groups[:MOST]
    ]
    more = t("and {n} more", n=len(whole.groups) - MOST) if len(whole.groups) > MOST else ""
    chart = Chart(t(FACETS["ratings"]), _people(t, whole.people), Stacks(tuple(rows), names), t.locale, more)
    return [chart, *(text("• ", said) for said in _against(t, shown))]


def _indicators(t: Texts, shown: ShownOverview) -> list[Block]:
    """Which indicators are reached best, and which least."""
    ranked = shown.overview.ranking
    if not ranked:
        return [text(t("No indicator was measured for five people or more."))]
    rows = ranked if len(ranked) <= 2 * BEST else (*ranked[:BEST], *ranked[-BEST:])
    bars = Bars(tuple(_bar(t, shown, one) for one in rows), 100 * float(CAP))
    more = t("{n} between them are not shown", n=len(ranked) - len(rows)) if len(rows) < len(ranked) else ""
    chart = Chart(t(FACETS["indicators"]), t("points of 100, mean"), bars, t.locale, more)
    weak = [shown.names.get(-one.indicator_id, "") for one in ranked if one.mean < 1]
    body: list[Block] = [chart]
    if weak:
        said = t.n(
            "{n} indicator is below its target on average.",
            "{n} indicators are below their targets on average.",
            len(weak),
        )
        body.append(text(said))
    return body


def _range(t: Texts, shown: ShownOverview, group: Group) -> Range:
    totals = group.totals
    said = t.number(totals.mean)
    if totals.low is not None and totals.high is not None:
        said = f"{said} / {t.number(totals.low)}–{t.number(totals.high)}"
    label = f"{shown.names[group.department.id]} · {t.number(group.people)}"
    return Range(label, _track(totals.low), _track(totals.mean), _track(totals.high), said)


def _against(t: Texts, shown: ShownOverview) -> list[str]:
    """Departments whose share of the best rating is far above the guidance, and those far below."""
    best, due = next(iter(shown.guidance.items()))
    said = []
    for group in shown.overview.groups:
        if group.shares is not None and group.shares[0] - due / 100 > FAR:
            values = {"name": shown.names[group.department.id], "share": t.percent(group.shares[0]), "rating": best}
            said.append(t("{name}: {share} {rating}, guidance {due}.", due=t.percent(due / 100), **values))
    return said


def _bar(t: Texts, shown: ShownOverview, one: Ranked) -> Bar:
    tone = Tone.GOOD if one.mean >= 1 else Tone.WARN if one.mean >= Decimal("0.85") else Tone.BAD
    said = t(
        "{points} · {n} people · {share} reached it",
        points=t.number(one.mean * 100),
        n=one.people,
        share=t.percent(one.reached),
    )
    return Bar(shown.names.get(-one.indicator_id, ""), float(one.mean / CAP), said, float(1 / CAP), tone)


def _left_out(t: Texts, shown: ShownOverview) -> list[Block]:
    if not shown.overview.hidden:
        return []
    return [Note(t("Departments of fewer than five people are counted, but not shown on their own."))]


def _actions(t: Texts, shown: ShownOverview) -> tuple[Action, ...]:
    """The choices carry the place and the facet: "12 ratings"."""
    facets = tuple((f"{shown.department} {name}", t(said)) for name, said in FACETS.items())
    actions: list[Action] = []
    if shown.overview.totals is not None:
        actions.append(Choice(t("Show"), "overview.show", facets))
    if len(shown.places) > 1:
        places = tuple((f"{key} {shown.facet}", name) for key, name in shown.places)
        actions.append(Choice(t("Department"), "overview.show", places))
    actions.append(Button(t("Back to the start"), "home.show"))
    return tuple(actions)


def _people(t: Texts, people: int) -> str:
    return t.n("{n} person", "{n} people", people)


def _from(t: Texts, one: Bin) -> str:
    """The short label under a column: where it begins."""
    return _bin(t, one) if one.low is None else t.number(one.low)


def _bin(t: Texts, one: Bin) -> str:
    if one.low is None and one.high is None:
        return t("all")
    if one.low is None:
        return f"< {t.number(one.high or 0)}"
    return f"≥ {t.number(one.low)}" if one.high is None else f"{t.number(one.low)}–{t.number(one.high)}"


def _parts(shares: tuple[Decimal, ...] | None) -> tuple[float, ...]:
    return tuple(float(share) for share in shares or ())


def _track(points: Decimal | None) -> float | None:
    return None if points is None else float(min(points, TOP) / TOP)
