"""The HTML of mails: what was typed, and nothing that was not."""

from __future__ import annotations

import pytest

from app.domain.mailing.mime import Picture
from app.shared.mail_html import dressed
from tests import hostile

pytestmark = pytest.mark.usefixtures("context")


def body_of(html: str) -> str:
    return html.partition("<body>")[2].partition("</body>")[0].strip()


def test_paragraphs_lines_and_links():
    html = dressed("Eins\nzwei\n\n\n\nDrei: www.x, https://example.com/a?b=1&c.", "", None)
    assert body_of(html) == (
        "<p>Eins<br>\nzwei</p>\n<p>Drei: www.x, "
        '<a href="https://example.com/a?b=1&amp;c" rel="noopener noreferrer">'
        "https://example.com/a?b=1&amp;c</a>.</p>"
    )


def test_lines_with_a_dash_are_a_list():
    text = "Bitte:\n- Pass & <b>\n- Foto\nDanke\n\n- eins\n- zwei\n\n- Anna\n-drei\n-vier"
    assert body_of(dressed(text, "- x\n- y", None)) == (
        "<p>Bitte:</p>\n<ul>\n<li>Pass &amp; &lt;b&gt;</li>\n<li>Foto</li>\n</ul>\n<p>Danke</p>\n"
        "<ul>\n<li>eins</li>\n<li>zwei</li>\n</ul>\n<p>- Anna<br>\n-drei<br>\n-vier</p>\n"
        '<p class="signature">- x<br>\n- y</p>'
    )


def test_signature_and_logo_stand_apart():
    html = dressed("Hallo", "Anna\nTanz", Picture("logo@x", b"", "image/png", 80, 40))
    assert body_of(html) == (
        '<p>Hallo</p>\n<p class="signature">Anna<br>\nTanz</p>\n'
        '<p><img src="cid:logo@x" width="80" height="40" alt=""></p>'
    )


@pytest.mark.parametrize(
    "text",
    [
        *hostile.TEXTS[3:8],
        "javascript:alert(1)",
        'https://x"onclick=alert(1)',
        "https://x'><script>alert(1)</script>",
        "<style>*{display:none}</style>",
        "</body><script>alert(1)</script>",
        "{{ config }}{% for x in y %}",
    ],
    ids=hostile.called,
)
def test_nothing_of_it_becomes_markup(text: str):
    html = dressed(text, text, None)
    assert not hostile.is_markup_in(html)
    assert "<script" not in html
    assert html.count("<style>") == 1
    assert "javascript:" not in html.replace(">javascript:", ">")
    assert " onclick" not in html
