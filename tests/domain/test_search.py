"""Finding customers: which words find whom, in which order, page by page."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from app.core.database import db
from app.core.text import LABEL_LETTERS, LABEL_SLOTS
from app.domain.addresses import services as addresses
from app.domain.banking import services as banking
from app.domain.customers import index, queries, services
from app.domain.customers.models import Customer, SearchEntry
from tests.factories import address_values, contact_person_values, customer_values

BARE = {
    **dict.fromkeys(("street", "house_number", "postcode", "town", "salutation"), ""),
    "emails": [],
    "phones": [],
}

pytestmark = pytest.mark.usefixtures("context")


def named(last_name: str, first_name: str = "", **more: Any) -> int:
    """A customer of whom nothing but the name (and these values) is known."""
    values = BARE | {"last_name": last_name, "first_name": first_name} | more
    return services.create_customer(customer_values(**values))


def company(name: str, **more: Any) -> int:
    return named("", kind="company", company=name, **more)


def found(typed: str, sort: str = "name", **more: Any) -> list[int]:
    return [row.id for row in queries.find(typed, sort, **more).rows]


def listed(typed: str = "", sort: str = "name", limit: int = 50) -> list[int]:
    """Everything that is found, "more" by "more"."""
    everything, after = [], None
    while True:
        page = queries.find(typed, sort, after=after, limit=limit)
        assert len(page.rows) == limit or page.after is None
        everything += [row.id for row in page.rows]
        after = page.after
        if after is None:
            return everything


def names_of(ids: list[int]) -> list[str]:
    names = dict(db.session.execute(select(Customer.id, Customer.list_name)).all())
    return [names[customer_id] for customer_id in ids]


def is_sound() -> bool:
    """Both indexes hold exactly the words of the entries, whose labels sort like the names."""
    for name in index.INDEXES:
        check = f"INSERT INTO {name}({name}, rank) VALUES('integrity-check', 1)"
        db.session.execute(text(check))
    by_label = select(Customer.id).join(SearchEntry).order_by(SearchEntry.label)
    by_name = select(Customer.id).order_by(Customer.name_sort, Customer.id)
    return list(db.session.scalars(by_label)) == list(db.session.scalars(by_name))


class TestFields:
    """Every field finds, and nothing finds too much."""

    @pytest.fixture
    def customer_id(self, context: None) -> int:
        named("Zander", "Otto")
        return services.create_customer(
            customer_values(
                kind="company",
                number="K-4711/9",
                title="Dr.",
                first_name="Aurelia",
                last_name="Brandstätter",
                company="Holzbau Quirin GmbH",
                street="Wiesengrund",
                house_number="17c",
                address_extra="Hinterhaus",
                postcode="83646",
                town="Bad Tölz",
                region="Oberbayern",
                vat_number="DE136695976",
                emails=[
                    {"label": "", "address": "post@holzbau-quirin.example"},
                    {"label": "billing", "address": "Rechnung@Quirin.example"},
                ],
                phones=[
                    {"label": "", "number": "+49 (0)8041 / 77 88-0"},
                    {"label": "mobile", "number": "0171 2345678"},
                ],
            )
        )

    @pytest.mark.parametrize(
        "typed",
        [
            *("k-4711/9", "K-4711", "4711", "K-4711/9"),
            *("dr", "aurelia", "brandstätter", "brandstaetter", "BRANDSTATTER", "stätt"),
            *("holzbau", "quirin gmbh", "gmbh holz", "uiri"),
            *("wiesengrund", "17c", "wiesengrund 17c", "hinterhaus", "83646", "836", "oberbay"),
            *("bad tölz", "bad toelz", "tolz", "DE136695976", "DE 136 695 976", "136695"),
            *(
                "post@holzbau-quirin.example",
                "post@",
                "holzbau-quirin",
                "rechnung@quirin",
                "rin.exa",
            ),
            *("+49 8041 77880", "0049804177880", "08041 77 88 0", "08041/7788-0", "(08041) 77880"),
            *("+49 (0) 8041 7788", "804177", "0171 234 56 78", "+49171", "0049171", "0171-2345678"),
        ],
    )
    def test_master_data(self, customer_id: int, typed: str):
        assert found(typed) == [customer_id]

    @pytest.mark.parametrize(
        "typed", ["quirin zander", "4712", "0171 2345679", "holzbau meier", "0172", "xyz", "quirim"]
    )
    def test_what_is_not_there_is_not_found(self, customer_id: int, typed: str):
        assert found(typed) == []

    def test_a_birthday(self):
        child = named("Kowalska", "Lena", birthday=date(2015, 11, 24))
        assert found("24.11.2015") == [child]
        assert found("kowalska 24.11.2015") == [child]
        assert found("25.11.2015") == []

    @pytest.mark.parametrize(
        "typed",
        [
            "jörg",
            "joerg weiss",
            "weiß",
            "WEISS",
            "einkauf",
            "weiss@example",
            "0221 98765",
            "+4922198",
        ],
    )
    def test_contact_persons(self, customer_id: int, typed: str):
        assert found(typed) == []
        person_id = services.add_contact_person(customer_id, contact_person_values())
        assert found(typed) == [customer_id]
        services.remove_contact_person(customer_id, person_id)
        assert found(typed) == []
        services.restore_contact_person(customer_id, person_id)
        assert found(typed) == [customer_id]

    def test_a_changed_contact_person(self, customer_id: int):
        person_id = services.add_contact_person(customer_id, contact_person_values())
        changed = contact_person_values(last_name="Grünwald", email="", phone="")
        services.change_contact_person(customer_id, person_id, changed)
        assert found("grunwald") == [customer_id]
        assert found("weiss") == []

    @pytest.mark.parametrize(
        "typed", ["kowalska", "rheinufer", "petra bonn", "53111", "quirin bonn"]
    )
    def test_additional_addresses(self, customer_id: int, typed: str):
        assert found(typed) == []
        address_id = addresses.add_address(customer_id, address_values())
        assert found(typed) == [customer_id]
        addresses.remove_address(customer_id, address_id)
        assert found(typed) == []

    @pytest.mark.parametrize(
        "typed",
        [
            *("DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "de89 3704", "de89370"),
            *("0532013000", "de89 3704 0044 0532 0130 0", "3704 0044"),
        ],
    )
    def test_an_iban(self, customer_id: int, typed: str):
        banking.record_bank(customer_id, {"iban": "DE89 3704 0044 0532 0130 00"})
        assert found(typed) == [customer_id]

    def test_another_area_answers_too(self, customer_id: int, app: Flask):
        from app.core import events

        events.listen("customer.indexing", answer_wombat)
        try:
            index.reindex([customer_id])
        finally:
            events._signals.signal("customer.indexing").disconnect(
                next(
                    receiver
                    for receiver in events._signals.signal("customer.indexing").receivers_for(None)
                    if receiver.__qualname__.endswith("answer_wombat")
                )
            )
        assert found("wombat") == [customer_id]


def answer_wombat(customer_ids: list[int]) -> dict[int, list[str]]:
    return {customer_id: ["Wombat"] for customer_id in customer_ids}


class TestWords:
    def test_prefixes_from_the_first_letter(self):
        meier, mann = named("Meier", "Xaver"), named("Mann", "Rex")
        assert found("m") == [mann, meier]
        assert found("me") == [meier]
        assert found("x") == [meier]
        assert found("e") == []
        assert found("x m") == [meier]
        assert found("r m") == [mann]

    def test_substrings_from_the_third(self):
        meier = named("Oberhammer")
        assert found("ha") == []
        assert found("ham") == [meier]
        assert found("mmer") == [meier]
        assert found("berhamme") == [meier]

    def test_several_words_narrow_in_any_order(self):
        first = named("Müller", "Tanja", town="Köln")
        second = named("Müller", "Tanja", town="Bonn")
        other = named("Müller", "Bernd", town="Bonn")
        assert found("müller") == [other, first, second]
        assert found("bonn müller") == [other, second]
        assert found("ta mü bonn") == [second]
        assert found("tanja bernd") == []
        assert found("a" * 199 + " b") == []

    def test_blanks_and_repetitions_do_not_count(self):
        meier = named("Meier")
        assert found("  meier\t meier  ") == [meier]

    def test_hyphens_and_apostrophes(self):
        double, brien = named("Meier-Schmidt"), named("O’Brien")
        for typed in ("meier-schmidt", "meier schmidt", "meierschmidt", "schmidt"):
            assert found(typed) == [double], typed
        for typed in ("o'brien", "obrien", "O´Brien"):
            assert found(typed) == [brien], typed

    def test_there_are_no_wildcards(self):
        percent = company("777% Genuss_Werk")
        meier = named("Meier")
        assert found("777%") == [percent]
        assert found("%") == [percent, meier]
        assert found("genuss_werk") == [percent]
        assert found("genuss%werk") == found("genuss werk")

    def test_many_words(self):
        meier = named("Meier")
        words = " ".join(chr(ord("a") + n % 26) + chr(ord("a") + n // 26) for n in range(66))
        assert found(words) == []
        assert found("ö ü ä " * 33) == []
        assert found("meier " * 33) == [meier]


SPELLINGS = [
    ("Müller", ["muller", "mueller", "MÜLLER", "Müller", "MUELLER", "mül", "ülle"], ["miller"]),
    ("Mueller", ["mueller", "müller", "MÜLLER"], ["muller"]),
    ("Schröder", ["schroder", "schroeder", "SCHRÖDER"], ["schrader"]),
    ("Weiß", ["weiß", "weiss", "WEISS", "WEIẞ", "weis", "eiß"], ["weise"]),
    ("Gross", ["gross", "groß", "GROẞ"], ["grosz"]),
    ("Jäger", ["jager", "jaeger", "JÄGER"], ["yager"]),
    ("Łukasz", ["lukasz", "łukasz", "ŁUKASZ"], ["wukasz"]),
    ("Wałęsa", ["walesa", "wałęsa", "WAŁĘSA"], ["waleza"]),
    ("Żółć", ["zolc", "żółć", "ŻÓŁĆ"], ["zoelc"]),
    ("Sørensen", ["sorensen", "soerensen", "sørensen", "SØRENSEN"], ["sarensen"]),
    ("Ågren", ["agren", "aagren", "ågren"], ["ogren"]),
    ("Ærø", ["aero", "ærø", "aeroe"], ["arö"]),
    ("Björk", ["bjork", "bjoerk", "björk"], ["bjark"]),
    ("Þórdís", ["thordis", "þórdís"], ["pordis"]),
    ("Yıldız", ["yildiz", "yıldız", "YILDIZ", "YILDIZ"], ["yeldez"]),
    ("İnönü", ["inonu", "inoenue", "inönü", "İNÖNÜ"], ["unonu"]),
    ("Çağlar", ["caglar", "çağlar", "ÇAĞLAR"], ["kaglar"]),
    ("Şahin", ["sahin", "şahin", "ŞAHİN"], ["schahin"]),
    ("Dvořák", ["dvorak", "dvořák"], ["dworak"]),
    ("Đorđević", ["dordevic", "đorđević"], ["djordjevic"]),
    ("Günther-Öztürk", ["guenther", "ozturk", "oeztuerk", "günther öztürk"], ["gunter"]),
    ("Αθηνά", ["αθηνα", "ΑΘΗΝΆ"], ["athina"]),
    ("Иванов", ["иванов", "ИВАНОВ"], ["ivanov"]),
    ("François", ["francois", "FRANÇOIS"], ["fransois"]),
    ("D’Angelo", ["dangelo", "d'angelo"], ["d angola"]),
]


@pytest.mark.parametrize(("name", "hits", "misses"), SPELLINGS, ids=[s[0] for s in SPELLINGS])
def test_spellings(name: str, hits: list[str], misses: list[str]):
    customer_id = named(name)
    named("Zyx")
    composed = [*hits, *(hit.replace("ü", "u\u0308") for hit in hits)]
    assert [typed for typed in composed if customer_id not in found(typed)] == []
    assert [typed for typed in misses if found(typed)] == []


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    typed=st.text(max_size=40)
    | st.text(st.sampled_from("aü1 -/@.\"'()*:^{}+~%_\\\0\ud800İß𞤢ꭐ"), max_size=30),
    sort=st.sampled_from(["name", "-name", "-town", "changed"]),
)
def test_nothing_typed_is_an_error(typed: str, sort: str):
    assert queries.find(typed, sort).total == 0 or db.session.scalar(select(Customer.id)) is None


@pytest.mark.parametrize(
    "typed",
    [
        *(
            '"',
            '""',
            "'",
            "*",
            "a*",
            "NEAR(a b)",
            "a AND b",
            "NOT x",
            "a OR b",
            "words:a",
            "^a",
            "-a",
        ),
        *(
            "{a b}",
            "a + b",
            "\\",
            "%",
            "_",
            "\0",
            "a\0b",
            "\ud800",
            "٣٤٥",
            "𝟘𝟙𝟚",
            "ﬁx",
            "🦄",
            "a🦄b",
        ),
    ],
)
def test_the_language_of_the_index_means_nothing(typed: str):
    named("Meier")
    assert queries.find(typed).total <= 1


class TestOrder:
    NAMES = [*("Ab", "Abel", "Äbel", "Abele", "Öhler", "Ohm", "Zander", "2night", "Ølsen", "Ωmega")]

    def test_by_name_with_or_without_words(self):
        ids = [named(name, "Q") for name in random.Random(7).sample(self.NAMES, len(self.NAMES))]
        expected = [
            "2night",
            "Ab",
            "Abel",
            "Äbel",
            "Abele",
            "Öhler",
            "Ohm",
            "Ølsen",
            "Zander",
            "Ωmega",
        ]
        for typed in ("", "q"):
            names = [name.removesuffix(", Q") for name in names_of(found(typed))]
            assert {names.index("Abel"), names.index("Äbel")} == {2, 3}
            assert [n.replace("Äbel", "Abel") for n in names] == [
                n.replace("Äbel", "Abel") for n in expected
            ]
            assert found(typed, "-name") == found(typed)[::-1]
        assert set(ids) == set(found("q"))

    @pytest.mark.parametrize("letters", [LABEL_LETTERS, LABEL_LETTERS + 9])
    def test_names_that_begin_alike_are_sorted_across_pages(self, letters: int):
        """More customers than there are label slots, typed in any order."""
        stem = "Tanzschule Sonnenschein"[:letters]
        numbers = random.Random(letters).sample(
            range(1000, 1000 + 3 * LABEL_SLOTS), 3 * LABEL_SLOTS
        )
        for number in numbers:
            company(f"{stem}{number}")
        expected = [f"{stem}{number}" for number in sorted(numbers)]
        assert names_of(listed("tanz", limit=10)) == expected
        assert names_of(listed("tanz", "-name", limit=10)) == expected[::-1]
        assert names_of(listed("", limit=7)) == expected
        assert is_sound()

    def test_the_same_name_many_times(self):
        ids = [named("Müller", "Thomas") for _ in range(2 * LABEL_SLOTS + 3)]
        assert listed("thom", limit=9) == ids
        assert listed("thom", "-name", limit=9) == ids[::-1]

    def test_neighbours_of_a_crowd_keep_their_place(self):
        behind = company("Tanzschule Süx")
        ids = [company("Tanzschule Sonne") for _ in range(2 * LABEL_SLOTS)]
        last = company("Tanzschule Soo")
        assert listed("tanz", limit=10) == [*ids, last, behind]
        assert is_sound()

    def test_typed_from_the_end_to_the_start(self):
        """Every new one comes before all the others, where there is the least room."""
        ids = [company(f"Tanzschule {9000 - n}") for n in range(100)]
        assert listed("tanz", limit=20) == ids[::-1]
        assert is_sound()

    def test_by_number_of_any_kind(self):
        ids = [named("A", number=number) for number in ("9", "10", "K-9", "K-10", "100a")]
        assert listed("", "number", limit=2) == [*ids[:2], ids[4], ids[2], ids[3]]
        assert listed("a", "-number", limit=2) == listed("", "number")[::-1]

    @pytest.mark.parametrize(("sort", "field"), [("town", "town"), ("company", "company")])
    @pytest.mark.parametrize("typed", ["", "q"])
    def test_by_town_or_company_and_then_by_name(self, sort: str, field: str, typed: str):
        z = named("Zander", "Q", **{field: "Ulm"})
        a = named("Abel", "Q", **{field: "Ulm"})
        o = named("Ohm", "Q", **{field: "Öd"})
        assert listed(typed, sort, limit=1) == [o, a, z]
        assert listed(typed, f"-{sort}", limit=2) == [z, a, o]

    def test_by_change(self):
        first, second = named("Abel"), named("Berg")
        assert found("", "-changed") == [second, first]
        services.touch(first)
        assert found("", "-changed") == [first, second]
        assert found("be", "changed") == [second]
        assert found("", "changed") == [second, first]

    @pytest.mark.parametrize(
        "sort", ["", "-", "id", "name_sort", "name; DROP TABLE customer", "--name"]
    )
    def test_only_known_sorts(self, sort: str):
        ids = [named("Berg"), named("Abel")]
        assert found("", sort) == ids[::-1]


def random_names(seed: int, n: int) -> list[tuple[str, str]]:
    dice = random.Random(seed)
    stems = ["Mü", "Mueller", "Tanzschule Sonne", "Ä", "Ło", "Ωm", "O'", "von der "]
    letters = "aäeioöuüßnłs -1"

    def name() -> str:
        return dice.choice(stems) + "".join(dice.choices(letters, k=dice.randint(0, 9)))

    return [(name().strip(), name().strip()) for _ in range(n)]


def gather(n: int) -> list[int]:
    """So many customers with random names, all found by "q"."""
    return [
        named(last, first, town=last[:3], company=first[:4] if i % 3 else "", number=f"Q{i}")
        for i, (last, first) in enumerate(random_names(seed=11, n=n))
    ]


class TestMore:
    def test_everybody_comes_exactly_once(self):
        crowd = gather(200)
        for sort in queries.SORTS:
            forth = listed("", sort)
            assert sorted(forth) == sorted(crowd)
            for typed in ("", "q"):
                for limit in (7, 199, 200):
                    assert listed(typed, sort, limit=limit) == forth
                assert listed(typed, f"-{sort}", limit=13) == forth[::-1]

    def test_the_index_is_sound_after_every_kind_of_change(self):
        crowd, dice = gather(100), random.Random(5)
        for customer_id, (last, first) in zip(
            dice.sample(crowd, 60), random_names(seed=6, n=60), strict=True
        ):
            values = queries.editable(customer_id).values | {"last_name": last, "first_name": first}
            services.change_customer(customer_id, values)
        index.reindex(dice.sample(crowd, 40))
        assert is_sound()
        ids = listed("q", limit=23)
        assert sorted(ids) == sorted(crowd)
        index.forget(crowd[:20])
        assert sorted(listed("q")) == sorted(crowd[20:])

    def test_a_first_filling_is_sound_and_can_go_on(self):
        crowd = gather(60)
        index.forget(crowd)
        assert found("q") == []
        index.rebuild()
        assert is_sound()
        index.forget(crowd[10:50])
        index.add(crowd[10:50])
        assert is_sound()
        for last, first in random_names(seed=8, n=30):
            named(last, first)
        assert is_sound()

    def test_a_new_name_moves(self):
        a, b, c = named("Abel"), named("Berg"), named("Carl")
        services.change_customer(a, customer_values(**BARE, last_name="Zander", first_name=""))
        assert found("") == [b, c, a]
        assert found("z") == [a]
        assert found("abel") == []
        assert listed("c") == [c]
        assert is_sound()

    def test_counts_are_exact_to_a_thousand(self, monkeypatch: pytest.MonkeyPatch):
        ids = [named("Abel") for _ in range(12)]
        assert (queries.find("abel", limit=5).total, queries.find("", limit=5).total) == (12, 12)
        monkeypatch.setattr(queries, "COUNTED", 12)
        assert not queries.find("abel", limit=5).more_than_counted
        monkeypatch.setattr(queries, "COUNTED", 11)
        for typed in ("abel", ""):
            page = queries.find(typed, limit=5)
            assert (page.total, page.more_than_counted) == (11, True)
        assert listed("abel", limit=5) == ids


def test_labels_have_a_gap_between_most_neighbours():
    """Moving others apart is the exception: most customers are added without touching anybody."""
    for last, first in random_names(seed=2, n=60):
        named(last, first)
    labels = sorted(db.session.scalars(select(SearchEntry.label)))
    gaps = [behind - before for before, behind in pairwise(labels)]
    assert sum(gap > 1 for gap in gaps) > len(gaps) / 2


def test_the_list_row_tells_the_first_email_and_phone(make_customer: Callable[..., int]):
    services.create_customer(
        customer_values(
            emails=[{"label": "", "address": e} for e in ("a@example.com", "b@example.com")],
            phones=[{"label": "", "number": n} for n in ("0221 111", "0221 222")],
        )
    )
    [row] = queries.find("müller").rows
    assert (row.email, row.phone, row.list_name) == ("a@example.com", "0221 111", "Müller, Tanja")
