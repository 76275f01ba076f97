"""Bring the German catalogue up to date with the strings in the code, or check that it is.

`python scripts/catalogues.py` extracts and merges; with `--check` nothing is written and the exit
status is 1 when a string is missing, left over, untranslated or fuzzy, or says other placeholders.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "app" / "translations" / "de" / "LC_MESSAGES" / "messages.po"
PYBABEL = Path(sys.executable).parent / "pybabel"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")


def main() -> int:
    extracted = extract()
    catalogue = polib.pofile(str(CATALOGUE)) if CATALOGUE.exists() else _empty()
    if "--check" in sys.argv:
        problems = differences(extracted, catalogue)
        print("\n".join(problems) or "The German catalogue is complete.")
        return 1 if problems else 0
    catalogue.merge(extracted)
    for entry in catalogue.obsolete_entries():
        catalogue.remove(entry)
    catalogue.sort(key=lambda entry: entry.msgid)
    for entry in catalogue:
        entry.occurrences = []
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(CATALOGUE))
    print(f"{len(catalogue)} strings, {len(catalogue.untranslated_entries())} to translate")
    return 0


def extract() -> polib.POFile:
    """Every string marked for translation in code and templates."""
    with tempfile.NamedTemporaryFile(suffix=".pot") as file:
        command = [PYBABEL, "--quiet", "extract", "-F", "babel.cfg", "--no-location"]
        command += ["-k", "_l", "-k", "_n:1,2", "-k", "_ln:1,2", "-o", file.name, "app"]
        subprocess.run(command, cwd=ROOT, check=True)
        return polib.pofile(file.name)


def differences(extracted: polib.POFile, catalogue: polib.POFile) -> list[str]:
    """What is wrong with the catalogue, in sentences."""
    wanted = {(entry.msgid, entry.msgid_plural) for entry in extracted}
    known = {(entry.msgid, entry.msgid_plural) for entry in catalogue if not entry.obsolete}
    return [
        *(f"missing: {text!r}" for text, _plural in sorted(wanted - known)),
        *(f"left over: {text!r}" for text, _plural in sorted(known - wanted)),
        *(f"untranslated: {e.msgid!r}" for e in catalogue.untranslated_entries()),
        *(f"fuzzy: {e.msgid!r}" for e in catalogue.fuzzy_entries()),
        *(f"other placeholders: {e.msgid!r}" for e in catalogue if not _keeps_placeholders(e)),
    ]


def _keeps_placeholders(entry: polib.POEntry) -> bool:
    """Whether every translation fills in what its string does."""
    said = {0: entry.msgid, 1: entry.msgid_plural or entry.msgid}
    translated = entry.msgstr_plural or {0: entry.msgstr}
    return all(
        not text or set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(said[form]))
        for form, text in translated.items()
    )


def _empty() -> polib.POFile:
    catalogue = polib.POFile()
    catalogue.metadata = {
        "Project-Id-Version": "Kundenblick",
        "Language": "de",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    return catalogue


if __name__ == "__main__":
    sys.exit(main())
