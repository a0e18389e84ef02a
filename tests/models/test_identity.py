"""Accounts are linked to the right person or to nobody (threats T39, T40, T41)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from bot.db import Database
from models.base import Refused
from models.identity import ALPHABET, CODE_LIFE, Identity, LinkCode, accounts, link_by_code, link_by_email, make_code
from models.person import Person
from tests.models.rows import AT, account, person

AFTER = AT + CODE_LIFE


def by_email(database: Database, email: str, user: str = "U1", platform: str = "slack") -> Identity | None:
    """An account that says an address."""
    return database.now(lambda db: link_by_email(db, platform, "T1", user, email, AT))


def code_for(database: Database, name: str) -> str:
    """A code that HR made for somebody new."""

    def work(db: Session) -> str:
        return make_code(db, person(db, name), person(db, f"HR of {name}").id, AT)[1]

    return database.now(work)


def by_code(database: Database, code: str, user: str = "U1", later: timedelta = timedelta(0)) -> str:
    """Whose account it is after saying a code."""

    def work(db: Session) -> str:
        linked = link_by_code(db, "slack", "T1", user, code, AT + later)
        return db.get_one(Person, linked.person_id).name

    return database.now(work)


def refused(attempt: Callable[[], object]) -> str:
    """The sentence of the refusal."""
    with pytest.raises(Refused) as no:
        attempt()
    return no.value.message


@pytest.mark.parametrize("typed", ["ana@example.com", "ANA@Example.com"])
def test_one_free_person_with_that_address_is_linked(database: Database, typed: str) -> None:
    ana = database.now(lambda db: person(db, "Ana", "Ana@example.com").id)
    linked = by_email(database, typed)
    assert linked is not None
    assert (linked.person_id, linked.user, linked.tenant) == (ana, "U1", "T1")


@pytest.mark.parametrize("typed", ["", " ", "bob@example.com", "%", "ana@example.com ", "None"])
def test_T40_an_address_that_is_nobodys_links_nobody(database: Database, typed: str) -> None:
    def work(db: Session) -> None:
        person(db, "Ana", "ana@example.com")
        person(db, "No address")

    database.now(work)
    assert by_email(database, typed) is None
    assert database.now(lambda db: db.exec(select(Identity)).all()) == []


def test_T39_an_address_of_two_people_links_neither(database: Database) -> None:
    def work(db: Session) -> None:
        person(db, "Ana", "team@example.com")
        person(db, "Bob", "TEAM@example.com")

    database.now(work)
    assert by_email(database, "team@example.com") is None


def test_T37_somebody_who_left_is_not_linked(database: Database) -> None:
    def work(db: Session) -> None:
        person(db, "Ana", "ana@example.com").left_at = AT

    database.now(work)
    assert by_email(database, "ana@example.com") is None


def test_T39_a_second_account_with_the_same_address_is_not_linked(database: Database) -> None:
    database.now(lambda db: person(db, "Ana", "ana@example.com").id)
    assert by_email(database, "ana@example.com", "U1") is not None
    assert by_email(database, "ana@example.com", "U2") is None
    assert by_email(database, "ana@example.com", "ou_1", "feishu") is not None


def test_T39_of_two_accounts_that_come_at_once_one_is_linked(database: Database) -> None:
    database.now(lambda db: person(db, "Ana", "ana@example.com").id)
    together = threading.Barrier(5)

    def attempt(number: int) -> Identity | None:
        together.wait(20)
        return by_email(database, "ana@example.com", f"U{number}")

    with ThreadPoolExecutor(5) as threads:
        linked = [found for found in threads.map(attempt, range(5)) if found]
    assert len(linked) == 1


@pytest.mark.parametrize("change", [str, str.lower, lambda code: f"  {code} "])
def test_a_code_links_whom_it_was_made_for(database: Database, change: Callable[[str], str]) -> None:
    code = code_for(database, "Ana")
    assert by_code(database, change(code)) == "Ana"


def test_T41_a_code_works_once(database: Database) -> None:
    code = code_for(database, "Ana")
    by_code(database, code)
    first = refused(lambda: by_code(database, code, "U2"))
    assert first == refused(lambda: by_code(database, "ZZZZZZZZZZ", "U2")), "both sound the same"


def test_T41_a_code_used_by_many_at_once_links_one(database: Database) -> None:
    code = code_for(database, "Ana")
    together = threading.Barrier(5)

    def attempt(number: int) -> bool:
        together.wait(20)
        try:
            return bool(by_code(database, code, f"U{number}"))
        except Refused:
            return False

    with ThreadPoolExecutor(5) as threads:
        assert sorted(threads.map(attempt, range(5))) == [False] * 4 + [True]
    assert len(database.now(lambda db: db.exec(select(Identity)).all())) == 1


def test_T41_a_code_ends_after_a_day(database: Database) -> None:
    refused(lambda: by_code(database, code_for(database, "Ana"), later=CODE_LIFE))
    assert by_code(database, code_for(database, "Bob"), later=CODE_LIFE - timedelta(seconds=1)) == "Bob"


@pytest.mark.parametrize("typed", ["", " ", "None", "A" * 5000, "０１２３４５６７８９", "' OR 1=1 --", "\x00"])
def test_T40_what_is_no_code_links_nobody(database: Database, typed: str) -> None:
    code_for(database, "Ana")
    refused(lambda: by_code(database, typed))
    assert database.now(lambda db: db.exec(select(Identity)).all()) == []


def test_T41_a_code_of_somebody_who_left_or_is_linked_already_is_refused(database: Database) -> None:
    gone, linked = code_for(database, "Gone"), code_for(database, "Linked")

    def work(db: Session) -> None:
        for owner in db.exec(select(Person)):
            if owner.name == "Gone":
                owner.left_at = AT
            if owner.name == "Linked":
                account(db, owner).tenant = "T1"

    database.now(work)
    refused(lambda: by_code(database, gone))
    refused(lambda: by_code(database, linked, "U9"))
    unused = database.now(lambda db: [code.used_at for code in db.exec(select(LinkCode))])
    assert unused == [None, None], "a refused code is not used up"


def test_codes_are_random_and_only_their_hash_is_kept(database: Database) -> None:
    codes = {code_for(database, f"P{number}") for number in range(20)}
    assert len(codes) == 20
    assert set("".join(codes)) <= set(ALPHABET)
    kept = database.now(lambda db: [code.digest for code in db.exec(select(LinkCode))])
    assert not codes & set(kept)


def test_the_account_used_last_is_the_one_to_write_to(database: Database) -> None:
    def work(db: Session) -> tuple[int, int]:
        ana = person(db, "Ana")
        account(db, ana).seen_at = AT
        feishu = account(db, ana, "feishu")
        feishu.seen_at = AFTER
        return ana.id, feishu.id

    ana, feishu = database.now(work)
    assert database.now(lambda db: accounts(db, [ana, 999])[ana]) == feishu
    assert database.now(lambda db: accounts(db, [])) == {}
