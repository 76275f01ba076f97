"""The operator's settings are checked at start; a wrong one stops it with a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.config import ROOT, Misconfigured, from_environment


def read(data: Path, **environment: str) -> dict[str, Any]:
    return from_environment({"KUNDENBLICK_DATA": str(data)} | environment)


def test_nothing_needs_to_be_set(tmp_path: Path):
    settings = read(tmp_path)
    assert settings["BASE_URL"] == "http://127.0.0.1:8000"
    assert settings["UPLOAD_LIMIT"] == 25 * 1024 * 1024
    assert settings["PROXIES"] == 0
    assert settings["RENDERERS"] == os.cpu_count()


def test_a_key_is_made_once_and_only_for_its_owner(tmp_path: Path):
    key = read(tmp_path)["SECRET_KEY"]
    assert read(tmp_path)["SECRET_KEY"] == key
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_is_given_is_kept_nowhere(tmp_path: Path):
    assert read(tmp_path, KUNDENBLICK_SECRET_KEY="k" * 32)["SECRET_KEY"] == "k" * 32
    assert list(tmp_path.iterdir()) == []


def test_a_kept_key_that_is_no_use(tmp_path: Path):
    (tmp_path / "secret-key").write_text("short\n")
    with pytest.raises(Misconfigured, match="holds no usable key"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        ("https://kunden.example.com", True),
        ("https://kunden.example.com/", True),
        ("https://kunden.example.com:8443", True),
        ("https://127.0.0.1", True),
        ("http://127.0.0.1:9000", False),
        ("http://localhost", False),
        ("http://[::1]:8000", False),
    ],
)
def test_base_urls(tmp_path: Path, url: str, secure: bool):
    settings = read(tmp_path, KUNDENBLICK_BASE_URL=url)
    assert settings["BASE_URL"] == url.rstrip("/")
    assert settings["SESSION_COOKIE_SECURE"] is secure


@pytest.mark.parametrize(
    "url",
    [
        "",
        "kunden.example.com",
        "http://kunden.example.com",
        "ftp://127.0.0.1",
        "https://",
        "https://:443",
        "https://kunden.example.com/kundenblick",
        "https://kunden.example.com?a=b",
        "https://kunden.example.com#a",
        "https://anna@kunden.example.com",
        "https://kunden.example.com:web",
        "https://kunden.example.com:0",
        "https://kunden.example.com:65536",
        "https://[::1",
    ],
)
def test_base_urls_that_will_not_do(tmp_path: Path, url: str):
    with pytest.raises(Misconfigured, match="KUNDENBLICK_BASE_URL must be"):
        read(tmp_path, KUNDENBLICK_BASE_URL=url)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("KUNDENBLICK_SECRET_KEY", "k" * 31, "at least 32 characters"),
        ("KUNDENBLICK_SECRET_KEY", "", "at least 32 characters"),
        ("KUNDENBLICK_DATABASE_URL", "postgresql://host/name", "must be sqlite:///PATH"),
        ("KUNDENBLICK_PROXIES", "x", "a whole number from 0 on, not 'x'"),
        ("KUNDENBLICK_PROXIES", "-1", "a whole number from 0 on"),
        ("KUNDENBLICK_UPLOAD_MB", "-5", "a whole number from 1 on"),
        ("KUNDENBLICK_UPLOAD_MB", "0", "a whole number from 1 on"),
        ("KUNDENBLICK_UPLOAD_MB", "2.5", "a whole number from 1 on"),
        ("KUNDENBLICK_RENDERERS", "many", "a whole number from 0 on"),
        ("PORT", "web", "a whole number from 1 on"),
    ],
)
def test_what_stops_the_start(tmp_path: Path, name: str, text: str, sentence: str):
    with pytest.raises(Misconfigured, match=f"{name}.*{sentence}"):
        read(tmp_path, **{name: text})


@pytest.mark.apart
def test_it_is_told_in_one_line(tmp_path: Path):
    told = subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        cwd=ROOT,
        env=os.environ | {"KUNDENBLICK_DATA": str(tmp_path), "KUNDENBLICK_PROXIES": "x"},
        capture_output=True,
        text=True,
    )
    sentence = "KUNDENBLICK_PROXIES must be a whole number from 0 on, not 'x'"
    assert (told.returncode, told.stderr) == (4, f"Kundenblick cannot start: {sentence}.\n")
