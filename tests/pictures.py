"""Small pictures, made from the bytes that tell their size."""

from __future__ import annotations

import struct
import zlib


def png(width: int, height: int) -> bytes:
    """A PNG that says it is so large; its one row of pixels does not matter."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(width + 1))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def jpeg(width: int, height: int, frame: int = 0xC0) -> bytes:
    """A JPEG with a comment before the frame; `frame` is its marker (baseline, progressive)."""
    size = struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0"
    segments = ((0xFE, b"a comment"), (0xDB, bytes(65)), (frame, size), (0xDA, bytes(6)))
    return b"\xff\xd8" + b"".join(_segment(*segment) for segment in segments) + b"\0\xff\xd9"


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data
