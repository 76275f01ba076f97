"""Files that people bring."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.core import files


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

    def test_nothing_is_a_content_too(self):
        assert files.path_of(files.keep(b"")).read_bytes() == b""

    @pytest.mark.parametrize(
        "name", ["", "../../etc/passwd", "a" * 63, "../" + "a" * 61, "a" * 65, "/" * 64]
    )
    def test_other_names_lead_nowhere(self, name: str):
        with pytest.raises(ValueError, match="not the name"):
            files.path_of(name)
