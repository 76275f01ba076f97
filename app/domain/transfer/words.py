"""Single values as people write them in tables and address books."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from babel import Locale

from app.core.text import fold
from app.domain.customers.rules import COUNTRIES, LANGUAGES

SALUTATIONS = {
    "ms": "Frau, Fr., Frl., Fräulein, Ms, Mrs, Miss, Madam, Mme, Madame, Mlle, Signora, Sig.ra",
    "mr": "Herr, Herrn, Hr., Hrn., Mr, Mister, Sir, Monsieur, M., Signor, Signore, Sig.",
    "mx": "Divers, Diverse, Mx, Neutral, keine Anrede",
    "family": "Familie, Fam., Family, Famille, Famiglia, Eheleute, Herr und Frau, Mr and Mrs",
    "company": "Firma, Fa., Company, Firm, Organisation, Unternehmen, Société",
}
KINDS = {
    "company": "Firma, Unternehmen, Organisation, Company, Organization, Business, Geschäftskunde, "
    "juristische Person, Verein, org, B2B, Corporate",
    "person": "Person, Privat, Privatkunde, Privatperson, Private, natürliche Person, Individual, "
    "Kunde privat, B2C, Consumer",
}
PAYMENT_METHODS = {
    "sepa_direct_debit": "SEPA, SEPA-Lastschrift, SEPA-Basislastschrift, Lastschrift, "
    "SEPA-Firmenlastschrift, Bankeinzug, Einzug, Einzugsermächtigung, Abbuchung, "
    "Lastschrifteinzug, Direct debit, SEPA direct debit, SEPA core direct debit, LSV",
    "paypal": "PayPal",
    "invoice": "Rechnung, auf Rechnung, Kauf auf Rechnung, Überweisung, Banküberweisung, Invoice, "
    "Bank transfer, Transfer, Vorkasse",
}
LABELS = {
    "private": "privat, private, home, zuhause, zu Hause, personal",
    "work": "geschäftlich, Arbeit, dienstlich, beruflich, work, business, office, Büro, Firma",
    "mobile": "mobil, mobile, Handy, Natel, cell, iPhone",
    "fax": "Fax, Telefax, home fax, work fax, Fax privat, Fax geschäftlich",
    "billing": "Rechnung, Rechnungen, Buchhaltung, billing, invoices, accounting",
    "other": "andere, anderes, sonstige, weitere, other, pager",
    "": "main, Haupt, voice, pref, internet, smtp, ex, custom, value",
}
ABBREVIATIONS = {
    "DE": "D, BRD, GER, DEU, Bundesrepublik Deutschland, Federal Republic of Germany",
    "AT": "A, AUT, Republik Österreich",
    "CH": "CHE, SUI, Schweizerische Eidgenossenschaft, Swiss, Helvetia",
    "LI": "FL, Fürstentum Liechtenstein",
    "FR": "F, FRA",
    "IT": "I, ITA",
    "ES": "E, ESP",
    "PT": "P",
    "BE": "B, BEL",
    "LU": "L, LUX",
    "NL": "NLD, Holland, Niederlande, The Netherlands",
    "GB": "GBR, England, Schottland, Scotland, Wales, Nordirland, Great Britain, Großbritannien",
    "US": "USA, United States of America, Vereinigte Staaten von Amerika",
    "SE": "S, SWE",
    "NO": "N, NOR",
    "HU": "H, HUN",
    "SI": "SLO, SVN",
    "PL": "POL",
    "CZ": "CZE, Tschechische Republik, Czech Republic",
    "SK": "SVK, Slowakische Republik, Slovak Republic",
    "DK": "DNK",
    "FI": "FIN",
    "IE": "IRL",
    "HR": "HRV",
    "TR": "TUR, Turkey",
}
LEGAL_FORMS = re.compile(
    r"\b(?:g?gmbh|mbh|ag|kg|kgaa|ug|ohg|gbr|se|e\.?\s?v\.?|e\.?\s?k\.?|e\.?\s?kfr\.?|eg|partg|"
    r"ltd|llc|inc|plc|b\.?v\.?|s\.?a\.?r\.?l\.?|s\.?r\.?l\.?|s\.?p\.?a\.?|sàrl|stiftung)\.?$",
    re.IGNORECASE,
)
ACADEMIC = re.compile(
    r"(?:(?:prof|dr|pd|mag|dipl|ing|med|jur|phil|rer|nat|h\.?c|univ|habil|msc|bsc|mba|dent|vet|"
    r"theol|oec|pol|dkfm|di)\.?(?:-(?:ing|kfm|kffr|päd|psych|inform)\.?)?)++",
    re.IGNORECASE,
)
PARTS = ("salutation", "title", "first_name", "last_name")
PARTICLES = re.compile(
    "von|van|vom|zu|zum|zur|der|den|de|del|della|di|da|dos|du|la|le|ter|ten|af|av|und|d"
)


def key(text: str) -> str:
    """A text for comparing: folded letters and digits only, both spellings of umlauts alike."""
    letters = re.sub(r"[\W_]+", "", fold(text))
    return letters.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def _keys(table: dict[str, str]) -> dict[str, str]:
    return {key(name): code for code, names in table.items() for name in (code, *names.split(","))}


_SALUTATIONS, _KINDS, _METHODS = _keys(SALUTATIONS), _keys(KINDS), _keys(PAYMENT_METHODS)
_LABELS = _keys(LABELS)


@lru_cache(maxsize=256)
def salutation(text: str) -> tuple[str | None, str]:
    """Form of address and title in "Herrn Dr."; None when the first word is no form of address."""
    if not text.strip():
        return "", ""
    if found := _SALUTATIONS.get(key(text)):
        return found, ""
    first, _space, rest = text.partition(" ")
    found = _SALUTATIONS.get(key(first))
    return (found, rest.strip()) if found and is_title(rest) else (None, "")


def is_title(text: str) -> bool:
    """Whether every word is an academic title."""
    return bool(text.strip()) and all(ACADEMIC.fullmatch(w.rstrip(",")) for w in text[:80].split())


def kind(text: str) -> str:
    """'person', 'company' or, when the word says neither, ''."""
    return _KINDS.get(key(text), "")


@lru_cache(maxsize=256)
def payment_method(text: str) -> str | None:
    """The code of a payment method, '' for nothing, None for an unknown one."""
    return _METHODS.get(key(text)) if text else ""


def label(text: str) -> str | None:
    """The code of a label, '' for nothing, None for a word of somebody's own."""
    return _LABELS.get(key(text[:80])) if text else ""


def is_company_name(text: str) -> bool:
    """Whether a name ends in a legal form."""
    return bool(LEGAL_FORMS.search(text[-30:])) and " " in text.strip()


def person_name(text: str) -> dict[str, str]:
    """Parts of a whole name: "Müller, Tanja", "Frau Dr. Tanja Müller", "Max von der Heide".

    The last word is the last name, with the particles before it; two last names are not told
    from a middle name.
    """
    parts: dict[str, str] = dict.fromkeys(PARTS, "")
    before, comma, after = text.partition(",")
    names = after.split() if comma else before.split()
    if names and (code := _SALUTATIONS.get(key(names[0]))) and code != "company":
        parts["salutation"] = code
        names = names[1:]
    titles = 0
    while titles < len(names) - (not comma) and ACADEMIC.fullmatch(names[titles][:40]):
        titles += 1
    parts["title"] = " ".join(names[:titles])
    names = names[titles:]
    if comma:
        parts["last_name"] = " ".join(before.split())
        parts["first_name"] = " ".join(names)
        return parts
    cut = max(len(names) - 1, 0)
    while cut and PARTICLES.fullmatch(names[cut - 1]):
        cut -= 1
    parts["first_name"], parts["last_name"] = " ".join(names[:cut]), " ".join(names[cut:])
    return parts


def addresses(text: str) -> list[str]:
    """E-mail addresses in a cell, without `mailto:` and names around them."""
    text = re.sub(r"(?i)^mailto:", "", text)
    pieces = [part.strip() for part in re.split(r":::|[;,\n]", text)]
    if len(pieces) > 1 and all("@" in p for p in pieces if p):
        return [found for p in pieces for found in addresses(p)]
    inside = re.fullmatch(r"[^<>]*<([^<>]+)>", text)
    return [inside[1].strip() if inside else text] if text else []


def phone_numbers(text: str) -> list[str]:
    """Phone numbers in a cell as typed, those of `tel:` addresses readable."""
    if text[:4].lower() == "tel:":
        number, *params = text[4:].split(";")
        ends = [p[4:] for p in params if p[:4].lower() == "ext="]
        return [" ".join([number, *(f"ext. {end}" for end in ends)])] if number else []
    return [p for p in (part.strip() for part in re.split(r":::|[;\n]", text)) if p]


def group_names(text: str) -> list[str]:
    """Names in a list separated by `,` `;` `|` or Google's `:::`, without Google's own groups."""
    names = [name.strip("* \t") for name in re.split(r":::|[,;|\n]", text)]
    return [name for name in names if name and name not in ("myContacts", "starred")]


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Keys of country names in four languages and of other abbreviations; German wins a tie."""
    found: dict[str, str] = {}
    for language in ("it", "fr", "en", "de"):
        names: Mapping[str, str] = Locale.parse(language).territories
        found |= {key(names[code]): code for code in map(str, COUNTRIES) if code in names}
    return found | _keys(ABBREVIATIONS)


@lru_cache(maxsize=1024)
def country(text: str) -> str | None:
    """ISO 3166 code of a country's name, code or car plate; '' for nothing, None if unknown."""
    text = text.strip()[:80]
    if text.upper() in COUNTRIES:
        return text.upper()
    return _countries().get(key(text)) if text else ""


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in ("it", "fr", "en", "de"):
        names: Mapping[str, str] = Locale.parse(language).languages
        found |= {key(names[code]): code for code in map(str, LANGUAGES) if code in names}
    return found


@lru_cache(maxsize=256)
def language(text: str) -> str | None:
    """ISO 639 code of a language: "Deutsch", "German", "de", "de-CH"; None if unknown."""
    bare = re.sub(r"^(\w\w)[-_]\w+$", r"\1", text[:80].strip())
    if bare.lower() in LANGUAGES:
        return bare.lower()
    return _languages().get(key(bare)) if bare else ""
