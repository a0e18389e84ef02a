"""Cards that show every block and action, in English and simplified Chinese, for the console's own tests."""

import io
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from PIL import Image, ImageDraw, ImageFont
from pydantic import Field

from bot.capability import Message
from bot.cards import (
    Bold,
    Button,
    Card,
    Chart,
    Choice,
    Divider,
    Link,
    Mention,
    Meter,
    Note,
    Open,
    Style,
    Table,
    Tone,
    facts,
    text,
)
from bot.forms import Ask, Form, Kind
from bot.plots import Bar, Bars

CHINESE = {
    "Your plan for Q4 2026": "你的2026年第四季度绩效计划",
    "{who} proposed {n} goals. The weights add up to {sum}.": "{who}提出了 {n} 个指标，权重合计{sum}。",
    "Read the rules": "查看规则",
    "Line manager": "直接上级",
    "Deadline": "截止日期",
    "State": "状态",
    "waiting for your approval": "等待你审批",
    "New customer bookings": "新客户签约额",
    "Customer renewal rate": "客户续约率",
    "Projects delivered on time": "项目按时交付率",
    "Goal": "指标",
    "Target": "目标",
    "Weight": "权重",
    "Actual": "实际",
    "Figures come from the CRM and were fetched today.": "数据来自客户管理系统，今天获取。",
    "Approve": "批准",
    "Return": "退回",
    "Change a goal": "修改指标",
    "Open the rules": "打开规则",
    "Show another period": "查看其他周期",
    "How was it?": "表现如何？",
    "The plan goes back and has to be proposed again.": "计划将被退回，需要重新提出。",
    "Progress": "进展",
    "on track for two of three goals": "三个指标中两个进展正常",
    "Your plan is approved": "你的绩效计划已批准",
    "Everything is set: the next check-in is in May.": "一切就绪，下次进展汇报在五月。",
    "Good morning, {who}": "早上好，{who}",
    "Three things wait for you.": "有三件事等你处理。",
    "I did not understand that": "我没有听懂",
    "Try “perf goals”.": "试试“perf goals”。",
    "Evidence received": "已收到佐证材料",
    "Saved.": "已保存。",
    "Change of a goal": "修改指标",
    "Name of the goal": "指标名称",
    "Reason": "原因",
    "What changed since the plan was made?": "计划制定之后发生了什么变化？",
    "Due on": "截止日期",
    "Kind": "类型",
    "Quantitative": "定量",
    "Qualitative": "定性",
    "Sources": "数据来源",
    "Spreadsheet": "电子表格",
    "By hand": "手工填写",
    "Accountable person": "责任人",
    "Evidence": "佐证材料",
    "Save": "保存",
    "Please enter a number, such as 12.5.": "请输入数字，例如 12.5。",
    "Please fill this in.": "请填写此项。",
    "This number is too large.": "这个数字太大了。",
}
Say = Callable[..., str]


def say(locale: str) -> Say:
    """A translator with the sample's own few sentences."""
    known: Mapping[str, str] = CHINESE if locale.startswith("zh") else {}

    def said(message: str, /, **values: object) -> str:
        return known.get(message, message).format(**values)

    return said


class GoalForm(Form):
    """A field of every kind."""

    action = "goal.change"
    title: ClassVar[str] = "Change of a goal"
    name: Annotated[str, Ask("Name of the goal"), Field(max_length=200)]
    target: Annotated[Decimal, Ask("Target", hint="12.5"), Field(le=1000)]
    due_on: Annotated[date, Ask("Due on")]
    kind: Annotated[
        Literal["number", "words"], Ask("Kind", options=(("number", "Quantitative"), ("words", "Qualitative")))
    ]
    sources: Annotated[
        tuple[str, ...], Ask("Sources", options=(("crm", "CRM"), ("sheet", "Spreadsheet"), ("hand", "By hand")))
    ] = ()
    accountable: Annotated[str, Ask("Accountable person", kind=Kind.PERSON)] = ""
    reason: Annotated[
        str, Ask("Reason", hint="What changed since the plan was made?", kind=Kind.LONG), Field(max_length=1000)
    ]
    evidence: Annotated[tuple[str, ...], Ask("Evidence", kind=Kind.ATTACHMENT)] = ()


BACK = "The plan goes back and has to be proposed again."


def plan(t: Say, locale: str, version: int) -> Card:
    """Every block and every action."""
    rows = (
        (t("New customer bookings"), "¥12,500", "40%", "¥9,800"),
        (t("Customer renewal rate"), "92%", "35%", "94%"),
        (t("Projects delivered on time"), "95%", "25%", "61%"),
    )
    told = t("{who} proposed {n} goals. The weights add up to {sum}.", who="\0", n=3, sum="\1").replace("\1", "100%")
    before, after = told.split("\0")
    return Card(
        t("Your plan for Q4 2026"),
        (
            text(before, Mention(7, "Wang Fang" if locale == "en" else "王芳"), after, " ", Bold("<b>&amp;")),
            facts(
                [
                    (t("Line manager"), "Li Lei"),
                    (t("Deadline"), "2026-12-31"),
                    (t("State"), t("waiting for your approval")),
                ]
            ),
            Meter(t("New customer bookings"), 0.784, "78.4%"),
            Meter(t("Customer renewal rate"), 1, "102%"),
            Divider(),
            Table((t("Goal"), t("Target"), t("Weight"), t("Actual")), rows),
            Note(t("Figures come from the CRM and were fetched today.")),
            text(Link(t("Read the rules"), "https://example.com/rules")),
        ),
        (
            Button(t("Approve"), "plan.approve", 7, version, Style.PRIMARY),
            Button(t("Change a goal"), "goal.edit", 7, version),
            Button(t("Return"), "plan.return", 7, version, Style.DANGER, t(BACK)),
            Open(t("Open the rules"), "https://example.com/rules"),
            Choice(t("Show another period"), "period.show", (("2026Q3", "2026 Q3"), ("2026Q2", "2026 Q2")), 7, version),
            Choice(t("How was it?"), "period.show", (("a", "A"), ("b", "B")), 7, version, quick=True),
        ),
        Tone.WARN,
        t("waiting for your approval"),
    )


def progress(t: Say, locale: str) -> Card:
    """A picture."""
    bars = Bars(
        (
            Bar(t("New customer bookings"), 0.78, "78%", 0.8, Tone.WARN),
            Bar(t("Customer renewal rate"), 1, "102%", 0.8, Tone.GOOD),
            Bar(t("Projects delivered on time"), 0.61, "61%", 0.8, Tone.BAD),
        )
    )
    chart = Chart(t("Progress"), t("on track for two of three goals"), bars, locale)
    return Card(t("Progress"), (chart,), (), Tone.INFO, t("Progress"))


def short(t: Say, title: str, line: str, tone: Tone, **values: object) -> Card:
    """A title and a sentence."""
    return Card(t(title, **values), (text(t(line)),), (), tone, t(title, **values))


def message(card: Card, locale: str, key: str = "") -> Message:
    """The card with its pictures."""
    return Message(card, locale, {chart: picture(chart) for chart in card.charts()}, key)


def picture(chart: Chart) -> bytes:
    """A plain drawing of the bars, 720 px wide."""
    bars = chart.plot.rows if isinstance(chart.plot, Bars) else ()
    drawn = Image.new("RGB", (720, 90 + 70 * len(bars)), "white")
    pen = ImageDraw.Draw(drawn)
    path = Path(str(files("noto_cjk_sans_otc") / "NotoSansCJK-Regular.ttc"))
    large, small = (ImageFont.truetype(path, size, index=2) for size in (28, 21))
    pen.text((30, 20), chart.title, fill="#1b2430", font=large)
    colours = {Tone.GOOD: "#0b7a6e", Tone.WARN: "#e69f00", Tone.BAD: "#c2334a"}
    for row, bar in enumerate(bars):
        top = 80 + row * 70
        pen.text((30, top), f"{bar.label}  {bar.text}", fill="#1b2430", font=small)
        pen.rounded_rectangle((30, top + 34, 690, top + 48), 7, fill="#e5e9f0")
        filled = 30 + 660 * (bar.done or 0.02)
        pen.rounded_rectangle((30, top + 34, filled, top + 48), 7, fill=colours.get(bar.tone, "#2563eb"))
    out = io.BytesIO()
    drawn.save(out, "PNG")
    return out.getvalue()
