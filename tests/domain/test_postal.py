import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.customers.postal import address_lines, join_street, split_street

LINES = [
    ("Hauptstr. 5a", "DE", "Hauptstr.", "5a"),
    ("Hauptstr. 5 a", "DE", "Hauptstr.", "5 a"),
    ("Hauptstr.5", "DE", "Hauptstr.", "5"),
    ("  Hauptstraße 5 ", "DE", "Hauptstraße", "5"),
    ("Hauptstraße", "DE", "Hauptstraße", ""),
    ("Straße des 17. Juni 135", "DE", "Straße des 17. Juni", "135"),
    ("Straße des 17. Juni", "DE", "Straße des 17. Juni", ""),
    ("Am Markt 3-5", "DE", "Am Markt", "3-5"),
    ("Am Markt 3 - 5b", "DE", "Am Markt", "3 - 5b"),
    ("Am Markt 3a-c", "DE", "Am Markt", "3a-c"),
    ("Weg 5 1/2", "DE", "Weg", "5 1/2"),
    ("Q7, 24", "DE", "Q7", "24"),
    ("C 4, 12", "DE", "C 4", "12"),
    ("Q7", "DE", "Q7", ""),
    ("Postfach 12 34", "DE", "Postfach 12 34", ""),
    ("P.O. Box 17", "US", "P.O. Box 17", ""),
    ("Case postale 12", "CH", "Case postale 12", ""),
    ("Mariahilfer Straße 10/2/15", "AT", "Mariahilfer Straße", "10/2/15"),
    ("Mariahilfer Straße 10/Stiege 2/Top 15", "AT", "Mariahilfer Straße", "10/Stiege 2/Top 15"),
    ("Bahnhofstrasse 12", "CH", "Bahnhofstrasse", "12"),
    ("Rue de Lausanne 12", "CH", "Rue de Lausanne", "12"),
    ("Rue de la Gare 12 bis", "FR", "Rue de la Gare", "12 bis"),
    ("12 bis, rue de la Gare", "FR", "rue de la Gare", "12 bis"),
    ("12 rue Foo", "FR", "rue Foo", "12"),
    ("12 rue Foo", "", "rue Foo", "12"),
    ("12 rue du 8 mai 1945", "FR", "rue du 8 mai 1945", "12"),
    ("Rue du 8 mai 1945", "FR", "Rue du 8 mai 1945", ""),
    ("350 5th Avenue", "US", "5th Avenue", "350"),
    ("221B Baker Street", "GB", "Baker Street", "221B"),
    ("Via Roma, 12", "IT", "Via Roma", "12"),
    ("Hauptstraße 5, Hinterhaus", "DE", "Hauptstraße 5, Hinterhaus", ""),
    ("12", "DE", "12", ""),
    ("", "DE", "", ""),
]


@pytest.mark.parametrize(("line", "country", "street", "number"), LINES)
def test_a_street_line_is_taken_apart(line, country, street, number):
    assert split_street(line, country) == (street, number)


@given(st.text(st.sampled_from("aZß 17/-.,\0"), max_size=400), st.sampled_from(["DE", "FR", ""]))
def test_no_letter_gets_lost(line, country):
    street, number = split_street(line, country)
    assert sorted(_letters(street + number)) == sorted(_letters(line))


def _letters(text: str) -> str:
    return re.sub(r"\W", "", text)


@pytest.mark.parametrize("line", ["1-" * 100_000, "a1 " * 100_000, "rue 1" * 50, "1/1 " * 70])
def test_odd_lines_cost_no_time(line):
    assert "".join(split_street(line, "FR"))


@pytest.mark.parametrize(
    ("street", "number", "country", "line"),
    [
        ("Hauptstr.", "5a", "DE", "Hauptstr. 5a"),
        ("Q7", "24", "DE", "Q7, 24"),
        ("rue de la Gare", "12 bis", "FR", "12 bis rue de la Gare"),
        ("rue de la Gare", "12", "LU", "12, rue de la Gare"),
        ("rue de Lausanne", "12", "CH", "rue de Lausanne 12"),
        ("Dorf", "", "AT", "Dorf"),
        ("", "7", "AT", "7"),
    ],
)
def test_a_street_line_is_put_together(street, number, country, line):
    assert join_street(street, number, country) == line


MUSTER = {"street": "Hauptstr.", "house_number": "5a", "postcode": "50667", "town": "Köln"}


@pytest.mark.parametrize(
    ("values", "country_name", "lines"),
    [
        ({**MUSTER, "country": "DE"}, "Deutschland", ["Hauptstr. 5a", "50667 Köln"]),
        (MUSTER, "", ["Hauptstr. 5a", "50667 Köln"]),
        ({**MUSTER, "address_extra": "c/o Meier"}, "", ["c/o Meier", "Hauptstr. 5a", "50667 Köln"]),
        (
            {"street": "rue Foo", "house_number": "2", "postcode": "75001", "town": "Paris"}
            | {"country": "FR", "region": "Île-de-France"},
            "Frankreich",
            ["2 rue Foo", "75001 Paris", "FRANKREICH"],
        ),
        ({"town": "Wien", "country": "AT"}, "Österreich", ["Wien", "ÖSTERREICH"]),
        (
            {"street": "Main St", "house_number": "1", "town": "Springfield", "region": "IL"}
            | {"postcode": "62701", "country": "US"},
            "USA",
            ["1 Main St", "Springfield IL 62701", "USA"],
        ),
        (
            {"street": "Baker Street", "house_number": "221B", "town": "London"}
            | {"postcode": "NW1 6XE", "country": "GB"},
            "Vereinigtes Königreich",
            ["221B Baker Street", "London", "NW1 6XE", "VEREINIGTES KÖNIGREICH"],
        ),
        (
            {"postcode": "00100", "town": "Roma", "region": "RM", "country": "IT"},
            "Italien",
            ["00100 Roma", "RM", "ITALIEN"],
        ),
        ({}, "", []),
    ],
)
def test_an_address_is_written_as_its_country_does(values, country_name, lines):
    assert address_lines(values, "DE", country_name) == lines
