"""`make torture`: kill the worker fifty times at each place, with four threads at work."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from torture.kills import PLACES, trial

ROUNDS, THREADS, MAILS = 50, 4, 40


def main() -> int:
    failed = False
    print(f"{ROUNDS} kills at each place, {THREADS} threads, {MAILS} mails for each kill")
    for place in PLACES:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            mails = 6 if place == "during" else MAILS
            outcome = trial(Path(folder), place, ROUNDS, threads=THREADS, mails=mails)
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


if __name__ == "__main__":
    sys.exit(main())
