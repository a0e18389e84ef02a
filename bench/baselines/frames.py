"""The same results and flags as one would write them with pandas: columns of floats, rounded half up with an epsilon.

Without the epsilon 0.285 would become 0.28; with it all cents agree, as long as no figure has more than some digits.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from bench.rows import STEPS, ItemRow, LineRow, PersonRow, Rows

EPSILON = 1e-7
CUTOFFS = ((105, "S"), (95, "A"), (80, "B"), (60, "C"))
NUMBERS = ["weight", "target", "floor", "stretch", "value", "manager", "own", "peer"]


def half_up(values: Any, digits: int = 2) -> Any:
    """Rounded half up, where floats are a little below what they should be."""
    return np.floor(values * 10.0**digits + 0.5 + EPSILON) / 10.0**digits


def read(rows: Rows) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Items, people and the lines of the cycle before."""
    items = pd.DataFrame.from_records(rows.items, columns=ItemRow._fields)
    items[NUMBERS] = items[NUMBERS].astype(float)
    people = pd.DataFrame.from_records(rows.people, columns=PersonRow._fields, index="person")
    people["previous"] = people["previous"].astype(float)
    before = pd.DataFrame.from_records(rows.before, columns=LineRow._fields)
    before[["weight", "points", "own"]] = before[["weight", "points", "own"]].astype(float)
    return items, people, before


def results(items: pd.DataFrame, people: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """People with their total and rating, NaN and "" where something is missing; items with their points."""
    items = items[~items["excluded"]].copy()
    items["points"] = np.where(items["rule"] == "rated", _rated(items), half_up(_measured(items).clip(0, 120)))
    items["earned"] = items["weight"] * items["points"]
    of = items.groupby("person")
    total = half_up(of["earned"].sum() / of["weight"].sum())
    total += items[items["part"] == "bonus"].groupby("person")["points"].sum().reindex(total.index, fill_value=0)
    total -= items[items["part"] == "penalty"].groupby("person")["points"].sum().reindex(total.index, fill_value=0)
    total = total.clip(lower=0)
    tripped = items.loc[(items["part"] == "veto") & (items["points"] == 0), "person"]
    total = total.mask(total.index.isin(tripped), total.clip(upper=60))
    total = total.mask(total.index.isin(items.loc[items["points"].isna(), "person"]))
    people = people.assign(total=half_up(total))
    reached = [people["total"] >= cutoff for cutoff, _name in CUTOFFS] + [people["total"].notna()]
    people["rating"] = np.select(reached, [name for _cutoff, name in CUTOFFS] + ["D"], "")
    return people, items


def _rated(items: pd.DataFrame) -> Any:
    both = half_up((80 * items["manager"] + 20 * items["peer"]) / 100)
    alone = items["manager"].fillna(items["peer"])
    mixed = both.where(items["manager"].notna() & items["peer"].notna(), alone)
    return mixed.where(items["part"] == "weighted", items["manager"])


def _measured(items: pd.DataFrame) -> pd.Series:
    """Points before the bounds; NaN where a value is missing or impossible."""
    rule, value, target = items["rule"], items["value"], items["target"]
    lower = items["direction"] == "lower"
    share = 100 * (value / target).where(~lower, 2 - value / target)
    share = share.where(target != 0, np.where(value <= 0, 100.0, 0.0))
    outside = np.maximum(np.maximum(items["floor"] - value, value - items["stretch"]), 0)
    width = items["stretch"] - items["floor"]
    raw = np.select(
        [rule.isin(["ratio", "count"]), rule == "anchored", rule == "range", rule == "steps", rule == "deduction"],
        [share, _anchored(items), 100 - 100 * outside / width, _stepped(value), 100 - value],
        np.where(rule == "okr", 100 * value, value),
    )
    impossible = ((rule == "milestone") & (value > 100)) | ((rule == "okr") & (value > 1))
    impossible |= (rule == "count") & (value % 1 != 0)
    impossible |= (value < 0) & ~items["unit"].isin(["CNY", "%"])
    return pd.Series(raw, items.index).mask(impossible | value.isna())


def _anchored(items: pd.DataFrame) -> Any:
    sign = np.where(items["direction"] == "lower", -1.0, 1.0)
    value, floor, target, stretch = (sign * items[name] for name in ("value", "floor", "target", "stretch"))
    to_target = 60 + 40 * (value - floor) / (target - floor)
    to_stretch = 100 + 20 * (value - target) / (stretch - target)
    return np.where(value < floor, 0.0, np.where(value > target, to_stretch, to_target))


def _stepped(value: pd.Series) -> Any:
    """Lower is better: the points of the first step that is not exceeded."""
    tops = [float(at) for at, _points in reversed(STEPS)]
    points = [float(points) for _at, points in reversed(STEPS)] + [0.0]
    return np.array(points)[np.searchsorted(tops, value)]


Flag = tuple[str, str, int, int, dict[str, float]]


def flags(people: pd.DataFrame, items: pd.DataFrame, before: pd.DataFrame) -> list[Flag]:
    """What the rules find."""
    people = people[people["total"].notna()]
    lines = items[items["person"].isin(people.index)].assign(rated=lambda every: every["rule"] == "rated")
    lines.loc[lines["rated"], "points"] = lines["manager"]
    people = people.join(_read(lines, ["person"]))
    people["lift"] = people["rated"] - people["measured"]
    departments = _departments(people)
    found = [*_gap(people), *_share(people, departments), *_standing_out(departments), *_uniform(people)]
    return [*found, *_allied(people), *_pairs(people, before), *_jump(people), *_contradiction(people)]


def _read(lines: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """A person's means by weight and how far self and manager agree."""
    lines = lines[lines["points"].notna()].assign(earned=lambda every: every["weight"] * every["points"])
    sides = {}
    for name, side in (("rated", lines[lines["rated"]]), ("measured", lines[~lines["rated"]])):
        of = side[side["weight"].notna()].groupby(keys)
        sides[name] = half_up(of["earned"].sum() / of["weight"].sum())
    rated = lines[lines["rated"]]
    compared = rated[rated["own"].notna()]
    counts = pd.DataFrame(
        {
            "judged": rated.groupby(keys).size(),
            "compared": compared.groupby(keys).size(),
            "same": (compared["own"] == compared["points"]).groupby([compared[key] for key in keys]).sum(),
            "given": compared.groupby(keys)["points"].sum(),
        }
    )
    return pd.DataFrame(sides).join(counts.fillna(0), how="outer")


def _flags(rule: str, on: str, found: pd.DataFrame, names: list[str], **fixed: float) -> Iterator[Flag]:
    """One flag a row; the key is the index, or, of a pair, person and rater."""
    for index, *values in found[names].itertuples():
        key, other = index if isinstance(index, tuple) else (index, 0)
        yield rule, on, int(key), int(other), dict(zip(names, values, strict=True)) | fixed


def _gap(people: pd.DataFrame) -> Iterator[Flag]:
    of = people[people["lift"].notna()].groupby("department")
    found = half_up(of[["rated", "measured"]].mean()).assign(people=of.size())
    found["gap"] = half_up(found["rated"] - found["measured"])
    found = found[(found["people"] >= 5) & (found["gap"] > 15)]
    yield from _flags("inflated_gap", "department", found, ["people", "rated", "measured", "gap"], limit=15)


def _departments(people: pd.DataFrame) -> pd.DataFrame:
    of = people.groupby("department")
    found: pd.DataFrame = half_up(of[["rated", "measured"]].mean())
    counts = of[["rated", "measured"]].count()
    found["people"], found["size"] = counts["rated"], of.size()
    found["measured"] = found["measured"].where(2 * counts["measured"] >= found["size"])
    return found


def _share(people: pd.DataFrame, departments: pd.DataFrame) -> Iterator[Flag]:
    top = people[people["rating"] == "S"]
    of = top.assign(lifted=top["rated"].notna() & ~(top["lift"] <= 3)).groupby("department")
    found = pd.DataFrame({"people": departments["size"], "top": of.size(), "lifted": of["lifted"].sum()}).fillna(0)
    found["share"] = half_up(found["lifted"] / found["people"], 4)
    found = found[(found["people"] >= 5) & (found["share"] > 0.4)]
    yield from _flags("inflated_share", "department", found, ["people", "top", "lifted", "share"], limit=0.4)


def _standing_out(departments: pd.DataFrame) -> Iterator[Flag]:
    known = departments[departments["people"] >= 5].copy()
    others = len(known) - 1
    if others < 5:
        return
    rated, measured = known["rated"], known["measured"]
    known["departments"] = others
    exact = (rated.sum() - rated) / others
    squares = (rated**2).sum() - rated**2
    known["spread"] = half_up(np.sqrt(((squares - others * exact**2) / (others - 1)).clip(lower=0)))
    known["others"] = half_up(exact)
    known["limit"] = half_up(known["others"] + np.maximum(10, 2 * known["spread"]))
    elsewhere = half_up((measured.sum() - measured) / (measured.count() - 1))
    merit = half_up(measured - elsewhere) >= half_up(rated - known["others"])
    found = known[(rated > known["limit"]) & ~merit]
    names = ["people", "departments", "rated", "others", "spread", "limit"]
    yield from _flags("inflated_deviation", "department", found, names)


def _uniform(people: pd.DataFrame) -> Iterator[Flag]:
    of = people[people["rated"].notna()].groupby("rater")
    for rule, column, least in (("uniform_totals", "total", 0), ("uniform_ratings", "rated", 10)):
        found = pd.DataFrame({"people": of.size(), "mean": half_up(of[column].mean())})
        found["deviation"] = half_up(of[column].std())
        found = found[(found["people"] >= 5) & (found["deviation"] < 1) & (of["judged"].sum() >= least)]
        yield from _flags(rule, "rater", found, ["people", "mean", "deviation"], limit=1)


def _agreement(found: pd.DataFrame) -> pd.DataFrame:
    found = found.assign(items=found["compared"])
    found["share"] = half_up(found["same"] / found["compared"], 4)
    found["mean"] = half_up(found["given"] / found["compared"])
    return found


def _allied(people: pd.DataFrame) -> Iterator[Flag]:
    of = people[people["compared"] > 0].groupby("department")
    found = _agreement(of[["compared", "same", "given"]].sum()).assign(people=of.size())
    lift, known = half_up(of["lift"].mean()), of["lift"].count()
    borne_out = (2 * known >= found["people"]) & (lift <= 3)
    found = found[(found["people"] >= 5) & (found["items"] >= 10) & (found["share"] >= 0.9) & (found["mean"] >= 95)]
    found = found[~borne_out.reindex(found.index)]
    yield from _flags("alliance_department", "department", found, ["people", "items", "same", "share", "mean"])


def _pairs(people: pd.DataFrame, before: pd.DataFrame) -> Iterator[Flag]:
    then = _read(before, ["person", "rater"])
    then["lift"] = then["rated"] - then["measured"]
    both = people.set_index("rater", append=True).join(then.add_suffix("_then"), how="inner")
    both = both[(both["compared"] > 0) & (both["compared_then"] > 0)]
    for when in ("", "_then"):
        one = _agreement(
            both[[f"{name}{when}" for name in ("compared", "same", "given")]].set_axis(
                ["compared", "same", "given"], axis=1
            )
        )
        both = both[(one["share"] >= 0.9) & (one["mean"] >= 95)]
    lifts = both[["lift", "lift_then"]]
    both = both[~(half_up(lifts.mean(axis=1)) <= 3)]
    whole = pd.DataFrame({name: both[name] + both[f"{name}_then"] for name in ("compared", "same", "given")})
    found = _agreement(whole[whole["compared"] >= 10])
    yield from _flags("alliance_pair", "pair", found, ["items", "same", "share", "mean"])


def _jump(people: pd.DataFrame) -> Iterator[Flag]:
    change = half_up(people["total"] - people["previous"])
    found = pd.DataFrame({"before": people["previous"], "after": people["total"], "change": change})
    yield from _flags("jump", "person", found[change.abs() > 25], ["before", "after", "change"], limit=25)


def _contradiction(people: pd.DataFrame) -> Iterator[Flag]:
    above = people[(people["measured"] < 60) & (people["rated"] >= 95)]
    below = people[(people["rated"] < 60) & (people["measured"] >= 95)]
    yield from _flags("contradiction_rated_above", "person", above, ["measured", "rated"])
    yield from _flags("contradiction_rated_below", "person", below, ["measured", "rated"])


def said(people: pd.DataFrame, flagged: list[Flag]) -> tuple[list[str], list[str]]:
    """Results and flags in a form that can be compared, to the cent."""
    totals = [
        f"{person} {total:.2f} {rating}" if rating else f"{person} None None"
        for person, total, rating in people.sort_index()[["total", "rating"]].itertuples()
    ]
    shown = []
    for rule, on, key, other, figures in flagged:
        told = " ".join(f"{name}={float(value):.4f}" for name, value in sorted(figures.items()))
        shown.append(f"{rule} {on} {key} {other} {told}")
    return totals, sorted(shown)
