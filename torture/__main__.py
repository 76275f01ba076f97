"""`make torture`: many issue at once and are killed; the worker is, fifty times at each place."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from torture import numbers
from torture.kills import PLACES, trial

THREADS, MAILS, LARGE_MAILS = 4, 40, 6
ISSUERS, DOCUMENTS, KILLED = 8, 300, 16


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    rounds = parser.parse_args().rounds
    failed = not _number()
    print(f"{rounds} kills at each place, {THREADS} threads, {MAILS} mails for each kill")
    for place in PLACES:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            mails = LARGE_MAILS if place == "during" else MAILS
            outcome = trial(Path(folder), place, rounds, threads=THREADS, mails=mails)
        most = max(outcome.arrived.values())
        bound = outcome.kills * THREADS
        is_bad = bool(outcome.lost or outcome.strange) or outcome.doubles > bound
        failed = failed or is_bad
        print(
            f"{place:>10}: {len(outcome.put)} mails, {len(outcome.lost)} lost, "
            f"{outcome.doubles} doubles (at most {bound}), one arrived {most} times, "
            f"{time.monotonic() - began:.0f} s{'  FAILED' if is_bad else ''}",
            flush=True,
        )
    return int(failed)


def _number() -> bool:
    """Whether nothing is wrong with the numbers that many have given at once."""
    print(f"{ISSUERS} processes issue {DOCUMENTS} documents each", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = numbers.trial(Path(folder), processes=ISSUERS, each=DOCUMENTS, kills=KILLED)
    print(
        f"{found.issued.total()} issued, {found.rolled_back} rolled back, {found.kills} killed, "
        f"{len(found.gaps)} gaps, {len(found.doubles)} doubles, {len(found.lost)} lost, "
        f"{time.monotonic() - began:.0f} s{'' if found.is_good else '  FAILED'}",
        flush=True,
    )
    return found.is_good


if __name__ == "__main__":
    sys.exit(main())
