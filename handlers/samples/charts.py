"""One card for each kind of plot, with invented figures: what the gallery shows of the pictures themselves."""

from collections.abc import Iterator

from bot.cards import Card, Chart, text
from bot.plots import Column, Columns, Pair, Pairs, Plot, Range, Ranges, Stack, Stacks, Tone
from bot.text import Texts
from handlers.samples.company import HOSTILE, LONG, OWNER, Company, said

Samples = Iterator[tuple[str, Card]]
Words = dict[str, str]

RATINGS: Words = {
    "en": "Ratings of the company",
    "zh_Hans": "全公司绩效等级分布",
    "zh_Hant": "全公司績效等級分布",
    "ja": "全社の評価の分布",
}
SCORES: Words = {"en": "Total scores", "zh_Hans": "总分分布", "zh_Hant": "總分分布", "ja": "総合点の分布"}
BY_DEPARTMENT: Words = {
    "en": "By department",
    "zh_Hans": "各部门对比",
    "zh_Hant": "各部門對比",
    "ja": "部門ごとの比較",
}
COMPARED: Words = {"en": "Side by side", "zh_Hans": "逐项对比", "zh_Hant": "逐項對比", "ja": "項目ごとの比較"}
PEOPLE: Words = {
    "en": "226 people · Q4 2026",
    "zh_Hans": "226 人 · 2026 年第四季度",
    "zh_Hant": "226 人 · 2026 年第四季",
    "ja": "226 人 · 2026 年第 4 四半期",
}
GUIDANCE: Words = {"en": "Guidance", "zh_Hans": "指导比例", "zh_Hant": "指導比例", "ja": "目安"}
YOU: Words = {"en": "You", "zh_Hans": "我", "zh_Hant": "我", "ja": "自分"}
MEDIAN: Words = {"en": "Median", "zh_Hans": "中位数", "zh_Hant": "中位數", "ja": "中央値"}
HALF: Words = {"en": "Middle half", "zh_Hans": "中间一半的人", "zh_Hant": "中間一半的人", "ja": "中央の半数"}
FEW: Words = {
    "en": "Fewer than 5 people",
    "zh_Hans": "少于 5 人，不显示",
    "zh_Hant": "少於 5 人，不顯示",
    "ja": "5 人未満のため非表示",
}
THIS: Words = {"en": "This quarter", "zh_Hans": "本季度", "zh_Hant": "本季", "ja": "今四半期"}
LAST: Words = {"en": "Last quarter", "zh_Hans": "上季度", "zh_Hant": "上季", "ja": "前四半期"}
MORE: Words = {"en": "and 12 more", "zh_Hans": "还有 12 项", "zh_Hant": "還有 12 項", "ja": "ほか 12 件"}
GRADES = (
    {"en": "Outstanding", "zh_Hans": "卓越", "zh_Hant": "卓越", "ja": "卓越"},
    {"en": "Exceeds", "zh_Hans": "超出预期", "zh_Hant": "超出預期", "ja": "期待以上"},
    {"en": "Meets", "zh_Hans": "符合预期", "zh_Hant": "符合預期", "ja": "期待どおり"},
    {"en": "Partly meets", "zh_Hans": "部分符合", "zh_Hant": "部分符合", "ja": "一部未達"},
    {"en": "Below", "zh_Hans": "低于预期", "zh_Hant": "低於預期", "ja": "期待以下"},
)
OWN = (RATINGS, SCORES, BY_DEPARTMENT, COMPARED, PEOPLE, GUIDANCE, YOU, MEDIAN, HALF, FEW, THIS, LAST, MORE, *GRADES)

SHARES = ((14, 26, 41, 14, 5), (8, 22, 50, 15, 5), (21, 30, 38, 11, 0), (5, 18, 57, 16, 4))
HISTOGRAM = (1, 0, 2, 4, 7, 9, 15, 22, 27, 31, 34, 29, 21, 12, 8, 4)


def chart_samples(t: Texts) -> Samples:
    """(name, card) of every kind of plot."""
    company = Company(t)
    yield from _columns(t)
    yield from _ranges(t, company)
    yield from _stacks(t, company)
    yield from _pairs(t, company)


def _card(t: Texts, title: str, plot: Plot, more: str = "") -> Card:
    return Card(title, (Chart(title, said(PEOPLE, t), plot, t.locale, more), text(said(PEOPLE, t))), summary=title)


def _columns(t: Texts) -> Samples:
    due = (10, 20, 50, 15, 5)
    rated = tuple(
        Column(said(grade, t), share, f"{share}%", ought, f"{ought}%", Tone.WARN if share - ought > 5 else Tone.NEUTRAL)
        for grade, share, ought in zip(GRADES, SHARES[0], due, strict=True)
    )
    yield "chart.columns.ratings", _card(t, said(RATINGS, t), Columns(rated, said(GUIDANCE, t)))
    scores = tuple(
        Column(str(60 + 2.5 * number).removesuffix(".0"), count, str(count)) for number, count in enumerate(HISTOGRAM)
    )
    yield "chart.columns.scores", _card(t, said(SCORES, t), Columns(scores))
    me = Column("87.5", 29, f"{said(YOU, t)} 88.4", tone=Tone.INFO)
    yield "chart.columns.mine", _card(t, said(SCORES, t), Columns((*scores[:11], me, *scores[12:])))
    odd = tuple(Column(words, 3 - number, words, 1, words) for number, words in enumerate((HOSTILE, LONG, "")))
    yield "chart.columns.hostile", _card(t, HOSTILE, Columns(odd, LONG))
    yield "chart.columns.empty", _card(t, said(SCORES, t), Columns())


def _ranges(t: Texts, company: Company) -> Samples:
    figures = ((78, 84.5, 90.25), (71.5, 80, 84), (74, 76.5, 88.5), (82, 88, 93.75))
    rows = [
        Range(name, (low - 60) / 40, (mid - 60) / 40, (high - 60) / 40, f"{mid} · {low}–{high}")
        for name, (low, mid, high) in zip(company.departments(), figures, strict=False)
    ]
    rows[2] = Range(company.departments()[2], None, 0.41, None, "76")
    rows.append(Range(company.departments()[4], None, None, None, said(FEW, t)))
    title = said(BY_DEPARTMENT, t)
    few = Ranges(tuple(rows), ("60", "100"), said(MEDIAN, t), said(HALF, t))
    yield "chart.ranges", _card(t, title, few)
    many = tuple(rows[number % 5] for number in range(30))
    whole = Ranges(many, ("60", "100"), said(MEDIAN, t), said(HALF, t))
    yield "chart.ranges.many", _card(t, title, whole, said(MORE, t))
    yield "chart.ranges.empty", _card(t, title, Ranges())


def _stacks(t: Texts, company: Company) -> Samples:
    names, title = tuple(said(grade, t) for grade in GRADES), said(BY_DEPARTMENT, t)
    rows = [
        Stack(name, tuple(share / 100 for share in shares), "")
        for name, shares in zip(company.departments(), SHARES, strict=False)
    ]
    rows.append(Stack(company.departments()[4], (), said(FEW, t)))
    yield "chart.stacks", _card(t, title, Stacks(tuple(rows), names))
    many = tuple(rows[number % 5] for number in range(30))
    yield "chart.stacks.many", _card(t, title, Stacks(many, names), said(MORE, t))
    odd = Stack(LONG, (0.5, 0.3, 0.2), HOSTILE)
    yield "chart.stacks.hostile", _card(t, HOSTILE, Stacks((odd,), (HOSTILE, LONG, said(GRADES[0], t))))


def _pairs(t: Texts, company: Company) -> Samples:
    figures = ((0.92, 0.78), (0.64, 0.88), (0.7, 0.7), (None, 0.5), (1, 0.97), (0.31, None), (None, None))
    items = [item.name for item in company.items()]
    rows = tuple(
        Pair(items[number % len(items)], first, second, f"{_percent(first)} · {_percent(second)}", 0.8)
        for number, (first, second) in enumerate(figures)
    )
    people = Pairs(rows, company.name(OWNER), company.name(OWNER + 1))
    yield "chart.pairs.people", _card(t, said(COMPARED, t), people)
    again = Pairs(tuple(rows[number % 7] for number in range(30)), said(THIS, t), said(LAST, t))
    yield "chart.pairs.cycles", _card(t, said(COMPARED, t), again, said(MORE, t))
    odd = Pairs((Pair(LONG, 0.2, 0.9, HOSTILE),), LONG, HOSTILE)
    yield "chart.pairs.hostile", _card(t, HOSTILE, odd)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"
