"""How mails and letters begin, whoever they are for."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from app.domain.customers import salutations


@dataclass(frozen=True)
class Person:
    salutation: str = ""
    title: str = ""
    first_name: str = ""
    last_name: str = ""


TANJA = Person("ms", "", "Tanja", "Müller")
DOCTOR = Person("ms", "Dr.", "Tanja", "Müller")
PROFESSOR = Person("ms", "Prof. Dr.", "Tanja", "Müller")
WEBER = Person("mr", "Univ.-Prof. Dr. Dr. h. c. mult.", "Hans", "Weber")
KIM = Person("mx", "", "Kim", "Meier")
KIM_DOCTOR = Person("mx", "Dr. med.", "Kim", "Meier")
NOBODY_KNOWS = Person("", "", "Kim", "Meier")
FAMILY = Person("family", "", "Petra", "Huber")
ENGINEER = Person("mr", "Dipl.-Ing.", "Jörg", "Weiß")


@pytest.mark.parametrize(
    ("who", "formal", "neutral", "familiar"),
    [
        (TANJA, "Sehr geehrte Frau Müller,", "Guten Tag Tanja Müller,", "Hallo Tanja,"),
        (DOCTOR, "Sehr geehrte Frau Dr. Müller,", "Guten Tag Dr. Tanja Müller,", "Hallo Tanja,"),
        (
            PROFESSOR,
            "Sehr geehrte Frau Professorin Müller,",
            "Guten Tag Prof. Tanja Müller,",
            "Hallo Tanja,",
        ),
        (
            WEBER,
            "Sehr geehrter Herr Professor Weber,",
            "Guten Tag Prof. Hans Weber,",
            "Hallo Hans,",
        ),
        (KIM, "Guten Tag Kim Meier,", "Guten Tag Kim Meier,", "Hallo Kim,"),
        (KIM_DOCTOR, "Guten Tag Dr. Kim Meier,", "Guten Tag Dr. Kim Meier,", "Hallo Kim,"),
        (NOBODY_KNOWS, "Guten Tag Kim Meier,", "Guten Tag Kim Meier,", "Hallo Kim,"),
        (
            FAMILY,
            "Sehr geehrte Familie Huber,",
            "Guten Tag Familie Huber,",
            "Hallo Familie Huber,",
        ),
        (ENGINEER, "Sehr geehrter Herr Weiß,", "Guten Tag Jörg Weiß,", "Hallo Jörg,"),
        (None, "Sehr geehrte Damen und Herren,", "Guten Tag,", "Hallo,"),
        (
            Person("mr", "", "", "Weiß"),
            "Sehr geehrter Herr Weiß,",
            "Guten Tag Herr Weiß,",
            "Hallo Herr Weiß,",
        ),
        (Person("ms", "", "Tanja"), "Guten Tag Tanja,", "Guten Tag Tanja,", "Hallo Tanja,"),
        (Person("", "Dr.", "", "Meier"), "Guten Tag Dr. Meier,", "Guten Tag Dr. Meier,", None),
        (Person("mx", "", "", "Meier"), "Guten Tag,", "Guten Tag,", "Hallo,"),
        (Person("family", "", "Petra"), "Guten Tag Petra,", "Guten Tag Petra,", "Hallo Petra,"),
        (Person(), "Guten Tag,", "Guten Tag,", "Hallo,"),
    ],
)
def test_in_german(who: Person | None, formal: str, neutral: str, familiar: str | None):
    assert salutations.salutation(who, "de") == formal
    assert salutations.greeting(who, "de") == neutral
    if familiar:
        assert salutations.hello(who, "de") == familiar


@pytest.mark.parametrize(
    ("who", "formal", "neutral", "familiar"),
    [
        (TANJA, "Dear Ms Müller,", "Hello Tanja Müller,", "Hello Tanja,"),
        (DOCTOR, "Dear Dr Müller,", "Hello Dr Tanja Müller,", "Hello Tanja,"),
        (WEBER, "Dear Professor Weber,", "Hello Prof Hans Weber,", "Hello Hans,"),
        (KIM, "Dear Kim Meier,", "Hello Kim Meier,", "Hello Kim,"),
        (KIM_DOCTOR, "Dear Dr Meier,", "Hello Dr Kim Meier,", "Hello Kim,"),
        (FAMILY, "Dear Huber family,", "Hello Huber family,", "Hello Huber family,"),
        (ENGINEER, "Dear Mr Weiß,", "Hello Jörg Weiß,", "Hello Jörg,"),
        (None, "Dear Sir or Madam,", "Hello,", "Hello,"),
        (Person("mx", "", "", "Meier"), "Dear Sir or Madam,", "Hello,", "Hello,"),
        (Person("ms", "Dr.", "", "Meier"), "Dear Dr Meier,", "Hello Dr Meier,", "Hello Dr Meier,"),
    ],
)
def test_in_english(who: Person | None, formal: str, neutral: str, familiar: str):
    assert salutations.salutation(who, "en") == formal
    assert salutations.greeting(who, "en") == neutral
    assert salutations.hello(who, "en") == familiar


@pytest.mark.parametrize("country", ["CH", "LI"])
def test_the_swiss_write_no_comma(country: str):
    assert salutations.salutation(TANJA, "de", country) == "Sehr geehrte Frau Müller"
    assert salutations.greeting(None, "de", country) == "Guten Tag"
    assert salutations.hello(TANJA, "de", country) == "Hallo Tanja"
    assert salutations.salutation(TANJA, "en", country) == "Dear Ms Müller,"


@pytest.mark.parametrize(
    ("title", "formal"),
    [
        ("Mag.", "Sehr geehrte Frau Mag. Huber,"),
        ("DI", "Sehr geehrte Frau DI Huber,"),
        ("Ing. Mag. (FH)", "Sehr geehrte Frau Mag. Huber,"),
        ("Mag. Dr.", "Sehr geehrte Frau Dr. Huber,"),
        ("BSc", "Sehr geehrte Frau Huber,"),
    ],
)
def test_austrians_bear_their_degrees(title: str, formal: str):
    who = Person("ms", title, "Eva", "Huber")
    assert salutations.salutation(who, "de", "AT") == formal
    if "Dr." not in title:
        assert salutations.salutation(who, "de", "DE") == "Sehr geehrte Frau Huber,"


@pytest.mark.parametrize("who", [KIM, KIM_DOCTOR, NOBODY_KNOWS, Person("mx", "Prof.", "A", "B")])
@pytest.mark.parametrize("language", ["de", "en"])
def test_nobody_is_called_what_they_are_not_known_to_be(who: Person, language: str):
    for begin in (salutations.salutation, salutations.greeting, salutations.hello):
        said = begin(who, language)
        for word in ("Herr", "Frau", "Mr", "Ms", "geehrte"):
            assert word not in said


@pytest.mark.parametrize(
    ("who", "company", "german", "english"),
    [
        (DOCTOR, "", ["Frau Dr. Tanja Müller"], ["Dr. Tanja Müller"]),
        (WEBER, "", ["Herrn Univ.-Prof. Dr. Dr. h. c. mult. Hans Weber"], None),
        (
            TANJA,
            "Weber GmbH",
            ["Weber GmbH", "Frau Tanja Müller"],
            ["Weber GmbH", "Ms Tanja Müller"],
        ),
        (KIM, "", ["Kim Meier"], ["Kim Meier"]),
        (FAMILY, "", ["Familie Huber"], ["Huber family"]),
        (Person(), "Weber GmbH", ["Weber GmbH"], ["Weber GmbH"]),
    ],
)
def test_on_an_envelope(who: Person, company: str, german: list[str], english: list[str] | None):
    assert salutations.name_lines(who, company, "de") == german
    if english:
        assert salutations.name_lines(who, company, "en") == english
