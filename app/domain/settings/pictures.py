"""What the first bytes of a picture say: its format and its size in pixels.

Only PNG (ISO/IEC 15948) and JPEG (ITU-T T.81) are understood: every browser, mail program and
printer takes them, and neither can carry a script.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
STARTS_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
STANDING_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
START_OF_SCAN = 0xDA


@dataclass(frozen=True)
class Picture:
    """A file that should be a picture: `length` in bytes, `width` and `height` in pixels.

    `media_type` is None when it is none; `name` is that of the stored file, if it was stored.
    """

    length: int
    media_type: str | None = None
    width: int = 0
    height: int = 0
    name: str | None = None


def read(data: bytes) -> Picture:
    """The picture these bytes begin like, whatever name they came under."""
    media_type, size = None, None
    if data.startswith(PNG):
        media_type, size = "image/png", _png_size(data)
    elif data.startswith(JPEG):
        media_type, size = "image/jpeg", _jpeg_size(data)
    if size is None or 0 in size:
        return Picture(len(data))
    return Picture(len(data), media_type, *size)


def _png_size(data: bytes) -> tuple[int, int] | None:
    """Width and height from the header chunk, which comes first and is 13 bytes long."""
    if data[8:16] != b"\0\0\0\rIHDR" or len(data) < 24:
        return None
    return _number(data[16:20]), _number(data[20:24])


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height from the start of the frame."""
    for marker, at in _segments(data):
        if marker in STARTS_OF_FRAME:
            height, width = data[at + 3 : at + 5], data[at + 5 : at + 7]
            return (_number(width), _number(height)) if len(width) == 2 else None
    return None


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """The markers before the first scan, each with where its segment's length stands."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == START_OF_SCAN:
            return
        if marker == 0xFF or marker in STANDING_ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        yield marker, at + 2
        at += 2 + max(_number(data[at + 2 : at + 4]), 2)


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
