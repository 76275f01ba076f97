"""Bring the German catalogue up to date with the strings in the code, or check that it is.

`python scripts/catalogues.py` extracts and merges; with `--check` nothing is written and the exit
status is 1 when a string is missing, left over, untranslated or fuzzy.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "app" / "translations" / "de" / "LC_MESSAGES" / "messages.po"
PYBABEL = Path(sys.executable).parent / "pybabel"


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
    wanted = {entry.msgid for entry in extracted}
    known = {entry.msgid for entry in catalogue if not entry.obsolete}
    return [
        *(f"missing: {text!r}" for text in sorted(wanted - known)),
        *(f"left over: {text!r}" for text in sorted(known - wanted)),
        *(f"untranslated: {e.msgid!r}" for e in catalogue.untranslated_entries()),
        *(f"fuzzy: {e.msgid!r}" for e in catalogue.fuzzy_entries()),
    ]


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
