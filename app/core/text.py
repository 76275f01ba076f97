"""Text: kept clean as typed, folded for searching and sorting.

A folded text is a row of words, one blank apart, in small letters without accents. The same folding
runs over what is stored and what is asked, so both sides only have to agree with themselves.
Words are letters and digits. `@ . _ + &` stay inside a word (e-mail addresses, H&M); hyphens and
slashes stay next to a digit (K-10, 5/7) and otherwise part words (Meier-Schmidt, Halle/Saale);
apostrophes vanish (O'Brien is obrien); everything else parts words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, filterfalse

LABEL_LETTERS = 11
LABEL_SLOTS = 32

_CONTROL = re.compile(r"[\x01-\x1f\x7f-\x9f]")
_LINE_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_SPACES = re.compile(r"\s+")
_LINE_END = re.compile("\r\n?|\u2028|\u2029")

_SPLIT = str.maketrans(
    {
        **{"ł": "l", "ø": "o", "ı": "i", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t"},
        **{"æ": "ae", "œ": "oe", "ə": "e", "ŋ": "n", "ĸ": "k"},
        **dict.fromkeys("'’‘ʼʹ`´", ""),
        **dict.fromkeys("‐‒–—−", "-"),
    }
)
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_WORD = re.compile(r"[^\W_]+(?:[@._+&]+[^\W_]+|[-/](?=\d)[^\W_]+|(?<=\d)[-/][^\W_]+)*")
_INNER_HYPHEN = re.compile(r"(?<=[^\W_])-(?=[^\W_])")

_DIGIT_RUN = re.compile(r"[0-9]+")
_PHONE_LIKE = re.compile(r"(?:\+|00)?[0-9() ./\-]+")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_IBAN_LIKE = re.compile(r"[a-z]{2}[0-9]{2}(?: ?[a-z0-9]{4})* ?[a-z0-9]{1,4}")

_SYMBOLS = {c: n for n, c in enumerate("0123456789abcdefghijklmnopqrstuvwxyz", start=1)}
_BEYOND = len(_SYMBOLS) + 1
_BASE = _BEYOND + 1


def clean(text: str | None) -> str:
    """One line as typed: NFC, trimmed, single blanks, nothing invisible.

    Raises ValueError for NUL and lone surrogates, which no database keeps.
    """
    text = _CONTROL.sub(" ", _storable(text))
    return _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()


def clean_lines(text: str | None) -> str:
    """Several lines as typed: NFC, \\n as line end, no blanks at line ends or empty lines around.

    Raises ValueError like `clean`.
    """
    text = _LINE_CONTROL.sub(" ", _LINE_END.sub("\n", _storable(text)))
    lines = _INVISIBLE.sub("", text).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def fold(text: str) -> str:
    """The words of a text in small letters without accents: "Łukasz Weiß" → "lukasz weiss"."""
    return " ".join(_WORD.findall(_plain(text)))


def spellings(text: str) -> str:
    """The form a stored text is found by: its fold and the other ways people type its words.

    Those are the German transcription (Müller: muller mueller; Ågren: agren aagren) and
    hyphenated words written as one (Meier-Schmidt: meier schmidt meierschmidt).
    """
    lines = text.split("\n")
    spelt = map(_spelt_before, lines) if len(lines) > 1 else [_spelt(text)]
    return " ".join(dict.fromkeys(chain.from_iterable(spelt)))


def alternatives(word: str) -> tuple[str, ...]:
    """The folded spellings of a typed word, any of which may be stored.

    A word typed with an umlaut also finds the transcription (Müller finds Mueller); one typed
    without is looked for as it is, because `spellings` stores both.
    """
    return tuple(dict.fromkeys(form for form in (fold(word), fold(_transcribe(word))) if form))


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for: every term in one of its alternatives, or one of `joined` alone.

    All strings are folded and may contain `_`, which LIKE must not take for a wildcard.
    `joined` is only filled where blanks group a number: a phone number ("0176 123-45") or an IBAN.
    """

    terms: tuple[tuple[str, ...], ...]
    joined: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)


def parse_query(typed: str, longest: int = 200) -> Query:
    """Understands the first `longest` letters of what was typed into the search field."""
    typed = typed[:longest]
    terms = dict.fromkeys(_terms(typed))
    joined = tuple(form for form in _joined(typed) if list(terms) != [(form,)])
    return Query(tuple(terms), joined)


def digits(text: str) -> str:
    """The digits of a text as 0-9: "+49 (0)176" → "490176"."""
    return "".join(_DIGIT_RUN.findall(unicodedata.normalize("NFKC", text)))


def dialled(text: str) -> str:
    """The digits to dial, without 00 and without (0): "+49 (0)176" and "0049 176" → "49176"."""
    plain = unicodedata.normalize("NFKC", text).lstrip("( ")
    if not plain.startswith(("+", "00")):
        return digits(text)
    return digits(_TRUNK_ZERO.sub("", plain)).removeprefix("00")


def sort_form(text: str) -> str:
    """The fold a list sorts by: letters, digits and single blanks, ü as u (DIN 5007-1)."""
    return " ".join(re.findall(r"[^\W_]+", fold(text)))


def natural_key(number: str) -> str:
    """The fold of a customer number that sorts numbers by value: 999 < 10234, K-9 < K-10.

    Each run of digits is led by its length, which keeps the key short; runs up to 99 digits.
    """
    return _DIGIT_RUN.sub(_with_length, fold(number))


def order_label(sort_key: str) -> int:
    """The first of LABEL_SLOTS neighbouring integers that sort like a `sort_form`.

    The first LABEL_LETTERS letters count, in base 38: 0 the end, a blank or punctuation, 1-10 the
    digits, 11-36 a-z, 37 everything beyond (Greek, Cyrillic …), after which all further letters
    count alike. So a ≤ b implies order_label(a) ≤ order_label(b), and 38 ** 11 * 32 < 2 ** 63.
    """
    label = 0
    beyond = False
    for letter in sort_key[:LABEL_LETTERS].ljust(LABEL_LETTERS):
        beyond = beyond or letter > "z"
        label = label * _BASE + (_BEYOND if beyond else _SYMBOLS.get(letter, 0))
    return label * LABEL_SLOTS


def _storable(text: str | None) -> str:
    text = text or ""
    if "\0" in text:
        raise ValueError("NUL cannot be stored")
    text.encode()  # UnicodeEncodeError is a ValueError
    return unicodedata.normalize("NFC", text)


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower().translate(_SPLIT)
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(filterfalse(unicodedata.combining, decomposed))
    return letters.translate(_SPLIT)


def _transcribe(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text).casefold().translate(_GERMAN)


def _spelt(line: str) -> tuple[str, ...]:
    """The words of a line in all their spellings; none goes on in the next line."""
    forms = [_plain(line)]
    if odd := " ".join(word for word in line.split() if not word.isascii()):
        forms.append(_plain(_transcribe(odd)))
    forms += [_INNER_HYPHEN.sub("", form) for form in forms if "-" in form]
    return tuple(dict.fromkeys(word for form in forms for word in _WORD.findall(form)))


@lru_cache(maxsize=256)
def _spelt_before(line: str) -> tuple[str, ...]:
    """The same, remembered: the mails of a serial have most of their lines in common."""
    return _spelt(line)


def _terms(typed: str) -> Iterator[tuple[str, ...]]:
    """The alternatives of every word; a chunk falls into the same words in both spellings."""
    for chunk in typed.split():
        spelt = zip(*(form.split() for form in alternatives(chunk)), strict=False)
        yield from (tuple(dict.fromkeys(forms)) for forms in spelt)


def _joined(typed: str) -> tuple[str, ...]:
    """The whole query as one number, typed and dialled; under three letters it says nothing."""
    plain = _plain(typed).strip()
    if _IBAN_LIKE.fullmatch(plain):
        return (plain.replace(" ", ""),)
    if not _PHONE_LIKE.fullmatch(plain):
        return ()
    forms = dict.fromkeys((digits(plain), dialled(plain)))
    return tuple(form for form in forms if len(form) >= 3)


def _with_length(run: re.Match[str]) -> str:
    number = run[0].lstrip("0") or "0"
    return f"{min(len(number), 99):02}{number}"
