import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.text import (
    LABEL_SLOTS,
    Query,
    alternatives,
    clean,
    clean_lines,
    dialled,
    digits,
    fold,
    natural_key,
    order_label,
    parse_query,
    sort_form,
    spellings,
)

anything = st.text()
names = st.text(st.sampled_from("aäbzüßÄøłıİñé 019-.'@/&α"), max_size=16)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (None, ""),
        ("  Tanja   Müller ", "Tanja Müller"),
        ("Mu\u0308ller", "Müller"),
        ("Tanja\tMüller\r\n", "Tanja Müller"),
        ("Bahnhof\u00a0straße", "Bahnhof straße"),
        ("a\x07b", "a b"),
        ("\ufeffanna@\u200bexample.org\u202e", "anna@example.org"),
    ],
)
def test_clean_keeps_one_line_as_typed(typed, kept):
    assert clean(typed) == kept


@pytest.mark.parametrize("typed", ["a\0b", "a\ud800b"])
@pytest.mark.parametrize("cleaned", [clean, clean_lines])
def test_clean_refuses_what_no_database_keeps(cleaned, typed):
    with pytest.raises(ValueError, match=r"stored|surrogates"):
        cleaned(typed)


def test_clean_lines_keeps_lines_and_indents():
    assert clean_lines("\r\n\r\nHello  \r\n\tyou\x07\rthere\n\n") == "Hello\n\tyou\nthere"


@given(anything)
def test_cleaning_twice_changes_nothing(typed):
    if "\0" not in typed:
        assert clean(clean(typed)) == clean(typed)
        assert clean_lines(clean_lines(typed)) == clean_lines(typed)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Müller", "muller"),
        ("MU\u0308LLER", "muller"),
        ("Weiß & Söhne", "weiss sohne"),
        ("STRAẞE", "strasse"),
        ("Łukasz Đorđe Øystein Þór", "lukasz dorde oystein thor"),
        ("Işıl İpek", "isil ipek"),
        ("Cœur Ærø", "coeur aero"),
        ("Meier-Schmidt", "meier schmidt"),
        ("Halle/Saale", "halle saale"),
        ("K-10", "k-10"),
        ("2024-0015", "2024-0015"),
        ("Hauptstr. 5/7", "hauptstr 5/7"),
        ("O'Brien, D’Angelo", "obrien dangelo"),
        ("H&M", "h&m"),
        ("Anna-Lena_B+neu@Müller-Bau.de", "anna lena_b+neu@muller bau.de"),
        ("(Dr.) \0 🙂 %", "dr"),
        ("１２３", "123"),
        ("Ὀδυσσεύς", "οδυσσευσ"),
        ("", ""),
    ],
)
def test_fold(text, folded):
    assert fold(text) == folded


@given(anything)
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Müller", "muller"),
        ("Müller", "mueller"),
        ("Müller", "MÜLLER"),
        ("Mueller", "Müller"),
        ("Muller", "Müller"),
        ("Weiß", "weiss"),
        ("Weiss", "weiß"),
        ("Ågren", "aagren"),
        ("Søren", "soeren"),
        ("Søren", "soren"),
        ("Łukasz", "lukasz"),
        ("Işık", "isik"),
        ("Meier-Schmidt", "meierschmidt"),
        ("Meier-Schmidt", "meier-schmidt"),
        ("Meier-Schmidt", "Schmidt Meier"),
        ("Meier Schmidt", "meier-schmidt"),
        ("Müller-Lüdenscheidt", "muellerluedenscheidt"),
        ("O'Brien", "obrien"),
        ("K-10", "k10"),
        ("Hauptstraße 5", "hauptstr."),
        ("anna-lena@müller-bau.de", "anna-lena@mueller-bau.de"),
        ("DE89370400440532013000", "DE89 3704 0044 0532 0130 00"),
        ("DE89370400440532013000", "3704 0044"),
        ("01761234567 491761234567", "0176 123-45"),
        ("01761234567 491761234567", "+49 (0)176 / 123"),
        ("01761234567 491761234567", "0049176"),
        ("Nr 10234 Köln", "koeln 102"),
    ],
)
def test_what_is_stored_is_found(stored, typed):
    assert _finds(typed, stored)


@pytest.mark.parametrize(
    ("stored", "typed"),
    [("Müller", "muellner"), ("K-10", "k-11"), ("Bauer", "Baur"), ("Tanja Müller", "tanja meier")],
)
def test_what_is_something_else_is_not_found(stored, typed):
    assert not _finds(typed, stored)


@given(names)
def test_everything_finds_itself(text):
    assert _finds(text, text) or not parse_query(text)


def _finds(typed: str, stored: str) -> bool:
    query, words = parse_query(typed), f" {spellings(stored)} "
    every = all(any(form in words for form in forms) for forms in query.terms)
    return bool(query) and (every or any(form in words for form in query.joined))


def test_alternatives_of_a_typed_word():
    assert alternatives("Müller") == ("muller", "mueller")
    assert alternatives("mueller") == ("mueller",)
    assert alternatives("%") == ()


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("", Query(())),
        (" % 🙂 ", Query(())),
        ("Jörg 5", Query((("jorg", "joerg"), ("5",)))),
        ("anna Anna", Query((("anna",),))),
        ("10234", Query((("10234",),))),
        ("12 3", Query((("12",), ("3",)), ("123",))),
        ("0176 12345", Query((("0176",), ("12345",)), ("017612345",))),
        ("0049 176", Query((("0049",), ("176",)), ("0049176", "49176"))),
        ("+49 (0)176", Query((("49",), ("0",), ("176",)), ("490176", "49176"))),
        ("de89 37", Query((("de89",), ("37",)), ("de8937",))),
    ],
)
def test_parse_query(typed, query):
    assert parse_query(typed) == query


@given(anything)
def test_any_query_is_understood(typed):
    query = parse_query(typed)
    assert all(form and " " not in form for forms in query.terms for form in forms)
    assert {forms[0] for forms in query.terms} == set(fold(typed[:200]).split())


def test_digits_and_what_is_dialled():
    assert digits("+49 (0)176 / １2") == "49017612"
    assert dialled("+49 (0)176/12") == "4917612"
    assert dialled("0049 176") == "49176"
    assert dialled("(0)176 12") == "017612"
    assert dialled("") == ""


@pytest.mark.parametrize(
    ("lower", "higher"),
    [("K-9", "K-10"), ("999", "10234"), ("2024-2", "2024-10"), ("9a", "10"), ("009", "10")],
)
def test_numbers_sort_by_value(lower, higher):
    assert natural_key(lower) < natural_key(higher)


@given(st.integers(0, 10**40), st.integers(0, 10**40))
def test_any_two_numbers_sort_by_value(a, b):
    assert (natural_key(f"K-{a}") < natural_key(f"K-{b}")) == (a < b)


def test_sort_form_has_only_letters_digits_and_blanks():
    assert sort_form("Müller-Bau.de & 5/7 O'Brien") == "muller bau de 5 7 obrien"


@given(names, names)
def test_labels_sort_like_the_folded_key(a, b):
    low, high = sorted((sort_form(a), sort_form(b)))
    assert order_label(low) <= order_label(high)


@given(st.text("abcz 0189", max_size=11), st.text("abcz 0189", max_size=11))
def test_labels_tell_the_first_eleven_letters_apart(a, b):
    a, b = sort_form(a), sort_form(b)
    assert (order_label(a) == order_label(b)) == (a == b)


@given(anything)
def test_labels_leave_room_and_fit_into_63_bits(text):
    label = order_label(sort_form(text))
    assert label % LABEL_SLOTS == 0
    assert 0 <= label + LABEL_SLOTS - 1 < 2**63
