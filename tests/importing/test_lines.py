"""Headings and lines: what is read, and what is said about what cannot be."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.importing.cells import oddities
from bot.importing.checks import looped
from bot.importing.columns import LABELS, field_of, works_here
from bot.importing.people import Entry, Finding, Known
from bot.text import LOCALES, Texts
from tests.importing.tables import NOW, found, person, report_of


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        (["Employee No", "Name", "E-mail", "Job Title", "Manager No", "Hire Date", "Hourly Rate"], 7),
        (["工号", "姓名", "邮箱", "岗位", "部门", "上级工号", "入职日期", "月薪", "在职", "语言", "时区"], 11),
        (["員工編號", "姓名", "電子郵件", "職稱", "部門", "主管工號", "到職日期", "月薪", "在職", "語言", "時區"], 11),
        (["社員番号", "氏名", "メールアドレス", "役職", "部署", "上司番号", "入社日", "月給", "在籍", "言語"], 10),
    ],
)
def test_headings_in_four_languages(headings: list[str], fields: int) -> None:
    assert len({field_of(heading) for heading in headings} - {""}) == fields


def test_headings_missing_doubled_and_unknown() -> None:
    report = report_of(["1", "Ann", "x", "y"], header=["No.", "NAME", "Employee ID", "Shoe size"])
    assert found(report) == [(1, "number", "error"), (1, "", "warning"), (1, "department", "error")]
    assert report.entries == ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"Employee No": ""}, "number"),
        ({"Employee No": "1.5"}, ""),
        ({"Employee No": 1.5}, "number"),
        ({"Employee No": "1 2"}, "number"),
        ({"Name": ""}, "name"),
        ({"Name": "\u200b\u200b"}, "name"),
        ({"Name": "n" * 300}, "name"),
        ({"Name": 12}, "name"),
        ({"Department": ""}, "department"),
        ({"E-mail": "ann at home"}, "email"),
        ({"E-mail": "ann@localhost"}, "email"),
        ({"Hire Date": "03/04/2020"}, "hired_on"),
        ({"Hire Date": "2020-02-30"}, "hired_on"),
        ({"Hire Date": 43831}, "hired_on"),
        ({"Hire Date": "1020-01-01"}, "hired_on"),
        ({"Salary": "lots"}, "pay"),
        ({"Salary": "-5"}, "pay"),
        ({"Salary": "NaN"}, "pay"),
        ({"Salary": "1e999"}, "pay"),
        ({"Salary": "=1+1"}, "pay"),
        ({"Active": "perhaps"}, "active"),
        ({"Manager No": "77"}, "manager"),
        ({"Manager No": "1"}, "manager"),
    ],
)
def test_what_is_wrong_in_a_line_is_named(changes: dict[str, object], field: str) -> None:
    errors = report_of(person("1", **changes)).errors
    assert [one.field for one in errors] == ([field] if field else [])
    assert all(one.line == 2 for one in errors)


@pytest.mark.parametrize("written", ["2020-1-31", "2020/01/31", "2020.1.31", "2020年1月31日", "２０２０－０１－３１"])
def test_dates_with_the_year_first(written: str) -> None:
    report = report_of(person("1", **{"Hire Date": written}))
    assert report.entries[0].hired_on == date(2020, 1, 31)
    assert report.errors == []


def test_odd_text_is_kept_and_pointed_out() -> None:
    report = report_of(
        person("1", Name="=HYPERLINK(1)"),
        person("2", Name="A\u200bnn\u202e"),
        person("3", Name="\u0410nn"),
        person("4", Name="Ａｎｎ　Ｌｅｅ"),
        person("5", Name="Ann\tLee"),
    )
    assert [entry.name for entry in report.entries] == ["=HYPERLINK(1)", "Ann", "\u0410nn", "Ann Lee", "Ann Lee"]
    assert found(report) == [(2, "name", "warning"), (3, "name", "warning"), (4, "name", "warning")]
    assert oddities("林志强") == []


def test_duplicates_name_the_other_line() -> None:
    address = {"E-mail": "Ann@harbourlight.example"}
    report = report_of(person("1", **address), person("１"), person("2", **{"E-mail": "ann@HARBOURLIGHT.example"}))
    assert [(one.line, one.field, one.facts["other"]) for one in report.errors] == [(3, "number", 2), (4, "email", 2)]


def test_an_address_held_by_somebody_else() -> None:
    held = Known({"9": Entry("9", "Old", "ann@harbourlight.example", active=True)}, {}, {}, NOW.date())
    assert [
        one.field for one in report_of(person("1", **{"E-mail": "ann@harbourlight.example"}), known=held).errors
    ] == ["email"]


def test_managers_in_a_circle_are_all_named() -> None:
    rows = [person("1", "2"), person("2", "3"), person("3", "1"), person("4", "1"), person("5")]
    assert [one.line for one in report_of(*rows).errors] == [2, 3, 4]
    known = Known({"9": Entry("9", "Boss", manager="1", active=True)}, {}, {}, NOW.date())
    assert [one.line for one in report_of(person("1", "9"), known=known).errors] == [2]


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.integers(0, 9).map(str), st.integers(0, 9).map(str) | st.just("")))
def test_circles_are_found_exactly(above: dict[str, str]) -> None:
    def returns(start: str) -> bool:
        at = above.get(start, "")
        for _step in range(12):
            if at == start:
                return True
            at = above.get(at, "")
        return False

    assert looped(above) == {number for number in above if returns(number)}


@pytest.mark.parametrize(
    ("header", "cells", "pay"),
    [
        (["Hourly Rate", "Pay Frequency"], ["30", "biweekly"], "5200.00 CNY"),
        (["Annual salary", "Currency"], ["120,000", "usd"], "10000.00 USD"),
        (["月薪"], ["１２３４５"], "12345.00 CNY"),
        (["Salary", "Pay Frequency"], ["1000", "biweekly"], "2166.67 CNY"),
        (["Salary", "Currency"], ["480000", "JPY"], "480000 JPY"),
    ],
)
def test_pay_becomes_a_month(header: list[str], cells: list[str], pay: str) -> None:
    report = report_of(["1", "Ann", "Sales", *cells], header=["No", "Name", "Department", *header])
    assert report.entries[0].pay == pay
    assert report.errors == []


@pytest.mark.parametrize(
    ("word", "answer"), [("在职", True), ("離職", False), ("はい", True), ("1", True), ("x", None)]
)
def test_words_for_working_here(word: str, answer: bool | None) -> None:
    assert works_here(word) is answer


@pytest.mark.parametrize("locale", LOCALES)
def test_findings_can_be_said_in_every_language(locale: str) -> None:
    report = report_of(person("", "77", Name="", **{"E-mail": "x", "Hire Date": "y", "Salary": "z", "Active": "q"}))
    t = Texts(locale)
    for finding in report.findings:
        assert isinstance(finding, Finding)
        said = t(finding.message, **finding.facts)
        assert said
        assert "{" not in said
        assert finding.field in LABELS
