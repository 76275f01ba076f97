"""Files that people bring."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from flask import Flask

from app.core import files


class Slow(io.BytesIO):
    """Something to read from that counts how often, and may break off."""

    def __init__(self, content: bytes, breaks: bool = False):
        super().__init__(content)
        self.reads, self.breaks = 0, breaks

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.breaks and self.reads == 2:
            raise OSError("gone")
        return super().read(size)


@pytest.mark.usefixtures("context")
class TestFiles:
    def test_each_content_is_kept_once(self, app: Flask):
        name = files.keep(b"hello")
        assert files.keep(b"hello") == name
        assert files.keep(b"other") != name
        path = files.path_of(name)
        assert path.read_bytes() == b"hello"
        assert Path(app.config["DATA"]) in path.parents
        assert [file.name for file in path.parent.iterdir() if file.name == name] == [name]

    def test_much_is_read_piece_by_piece(self):
        content = bytes(range(256)) * 20_000
        source = Slow(content)
        kept = files.keep_all(source)
        assert (kept.name, kept.size) == (hashlib.sha256(content).hexdigest(), len(content))
        assert files.path_of(kept.name).read_bytes() == content
        assert 1 < source.reads < 20
        assert files.digest_of(files.path_of(kept.name)) == kept.name

    def test_a_source_that_breaks_off_leaves_nothing(self):
        before = set(files.root().rglob("*"))
        with pytest.raises(OSError, match="gone"):
            files.keep_all(Slow(b"x" * 3 * files.BLOCK, breaks=True))
        assert set(files.root().rglob("*")) == before

    def test_a_damaged_file_is_mended_by_the_next_one(self):
        path = files.path_of(files.keep(b"whole"))
        path.write_bytes(b"who")
        files.keep(b"whole")
        assert path.read_bytes() == b"whole"

    def test_it_may_be_read_by_its_owner_only(self):
        assert files.path_of(files.keep(b"private")).stat().st_mode & 0o077 == 0

    def test_nothing_is_a_content_too(self):
        assert files.path_of(files.keep(b"")).read_bytes() == b""

    @pytest.mark.parametrize(
        "name", ["", "../../etc/passwd", "a" * 63, "../" + "a" * 61, "a" * 65, "/" * 64]
    )
    def test_other_names_lead_nowhere(self, name: str):
        with pytest.raises(ValueError, match="not the name"):
            files.path_of(name)
