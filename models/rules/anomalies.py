"""Scores that somebody should look at before they are published (rules, examples and error rates: docs/rules.md).

A rule finds, it never decides. Each `Found.rule` is one sentence; its figures, by name:

| rule | on | figures |
|---|---|---|
| inflated_gap | department | people, rated, measured, gap, limit: mean points |
| inflated_share | department | people, top and lifted: numbers of people; share, limit: parts of 1 |
| inflated_deviation | department | people, departments: number of others; rated, others, spread, limit: points |
| uniform_totals, uniform_ratings | rater | people, mean, deviation, limit: points |
| alliance_department | department | people, items, same: numbers; share: part of 1; mean: points |
| alliance_pair | pair: key the person, other the rater | items, same: numbers over both cycles; share; mean |
| jump | person | before, after, change, limit: points |
| contradiction_rated_above, contradiction_rated_below | person | measured, rated: points |

The part of a rule's name before "_" is its family. Points are to 0.01, parts of 1 to 0.0001, both half up, and what is
compared with a limit is what is shown. Everything is linear in the number of sheets and deaf to their order.
"""

from collections.abc import Sequence
from decimal import Decimal

from models.rules.inflation import inflated
from models.rules.sheets import (
    PART,
    USUAL,
    ZERO,
    Figures,
    Found,
    Limits,
    Line,
    Reading,
    Sheet,
    borne_out,
    deviation,
    grouped,
    mean,
    read,
    rounded,
)

__all__ = ["RULES", "USUAL", "Found", "Limits", "Line", "Reading", "Sheet", "anomalies", "inflated", "read"]

RULES = (
    "inflated_gap",
    "inflated_share",
    "inflated_deviation",
    "uniform_totals",
    "uniform_ratings",
    "alliance_department",
    "alliance_pair",
    "jump",
    "contradiction_rated_above",
    "contradiction_rated_below",
)


def anomalies(
    sheets: Sequence[Sheet], before: Sequence[Sheet] = (), limits: Limits = USUAL, top: str = "S"
) -> list[Found]:
    """What all rules find, in the order of `RULES`, then of ids; `before` are the sheets of the cycle before, `top` is
    the name of the best rating."""
    return detected(read(sheets), read(before), limits, top)


def detected(
    now: Sequence[Reading], before: Sequence[Reading] = (), limits: Limits = USUAL, top: str = "S"
) -> list[Found]:
    """The same of sheets that were read already."""
    found = [*inflated(now, limits, top), *uniform(now, limits), *alliance(now, before, limits)]
    return [*found, *jump(now, limits), *contradiction(now, limits)]


def uniform(readings: Sequence[Reading], limits: Limits = USUAL) -> list[Found]:
    """Raters who make hardly a difference, in the totals or in what they themselves gave."""
    judged = [reading for reading in readings if reading.rated is not None]
    groups = grouped(judged, lambda sheet: sheet.rater)
    found = [_even("uniform_totals", key, [one.sheet.total for one in members], limits) for key, members in groups]
    for key, members in groups:
        if sum(one.judged for one in members) >= limits.uniform_items:
            given = [one.rated for one in members if one.rated is not None]
            found.append(_even("uniform_ratings", key, given, limits))
    return [*filter(None, found)]


def alliance(readings: Sequence[Reading], before: Sequence[Reading] = (), limits: Limits = USUAL) -> list[Found]:
    """Self and manager say the same, and it is high, though measurements do not bear it out: in a department, or
    between two people in this cycle and the one before."""
    compared = [reading for reading in readings if reading.compared]
    groups = grouped(compared, lambda sheet: sheet.department)
    found = [_allied(key, members, limits) for key, members in groups]
    then = {(one.sheet.person, one.sheet.rater): one for one in before if one.compared and one.sheet.rater}
    for one in sorted(compared, key=lambda one: one.sheet.person):
        earlier = then.get((one.sheet.person, one.sheet.rater))
        if earlier is not None:
            found.append(_pair(one, earlier, limits))
    return [*filter(None, found)]


def jump(readings: Sequence[Reading], limits: Limits = USUAL) -> list[Found]:
    """People whose total is far from that of the cycle before."""
    found = []
    for sheet in sorted((one.sheet for one in readings), key=lambda sheet: sheet.person):
        change = ZERO if sheet.previous is None else sheet.total - sheet.previous
        if abs(change) > limits.jump:
            figures = {"before": sheet.total - change, "after": sheet.total, "change": change, "limit": limits.jump}
            found.append(Found("jump", "person", sheet.person, 0, figures))
    return found


def contradiction(readings: Sequence[Reading], limits: Limits = USUAL) -> list[Found]:
    """People whose measured items fail while the rated ones shine, or the reverse."""
    low, high = limits.contradiction_low, limits.contradiction_high
    above, below = [], []
    for one in sorted(readings, key=lambda one: one.sheet.person):
        if one.rated is None or one.measured is None:
            continue
        figures: Figures = {"measured": one.measured, "rated": one.rated}
        if one.measured < low and one.rated >= high:
            above.append(Found("contradiction_rated_above", "person", one.sheet.person, 0, figures))
        elif one.rated < low and one.measured >= high:
            below.append(Found("contradiction_rated_below", "person", one.sheet.person, 0, figures))
    return [*above, *below]


def _even(rule: str, rater: int, values: Sequence[Decimal], limits: Limits) -> Found | None:
    if len(values) < limits.least:
        return None
    spread = deviation(len(values), sum(values, ZERO), sum((value * value for value in values), ZERO))
    if spread >= limits.uniform_deviation:
        return None
    figures: Figures = {
        "people": len(values),
        "mean": mean(values),
        "deviation": spread,
        "limit": limits.uniform_deviation,
    }
    return Found(rule, "rater", rater, 0, figures)


def _allied(department: int, members: Sequence[Reading], limits: Limits) -> Found | None:
    items = sum(one.compared for one in members)
    if len(members) < limits.least or items < limits.alliance_items or not _agreed(members, limits):
        return None
    if borne_out(members, limits):
        return None
    return Found("alliance_department", "department", department, 0, {"people": len(members), **_agreement(members)})


def _pair(now: Reading, then: Reading, limits: Limits) -> Found | None:
    both = (now, then)
    if now.compared + then.compared < limits.alliance_pair_items or borne_out(both, limits):
        return None
    if not all(_agreed([one], limits) for one in both):
        return None
    return Found("alliance_pair", "pair", now.sheet.person, now.sheet.rater, _agreement(both))


def _agreed(readings: Sequence[Reading], limits: Limits) -> bool:
    said = _agreement(readings)
    return said["share"] >= limits.alliance_share and said["mean"] >= limits.alliance_mean


def _agreement(readings: Sequence[Reading]) -> dict[str, Decimal | int]:
    items, same = sum(one.compared for one in readings), sum(one.same for one in readings)
    given = sum((one.given for one in readings), ZERO)
    return {"items": items, "same": same, "share": rounded(Decimal(same) / items, PART), "mean": rounded(given / items)}
