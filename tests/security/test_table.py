"""docs/security.md says what is true of the tests and of the policy."""

from tests.security.table import PAGE, THREATS, named, page


def test_the_page_is_current() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert page(written) == written, "python -m tests.security.table --update"


def test_every_number_in_a_tests_name_is_a_known_threat() -> None:
    assert {threat for threat, _file, _test in named()} <= set(THREATS)
