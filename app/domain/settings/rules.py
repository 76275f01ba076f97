"""What must hold for the team's settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def arranged(known: Iterable[str], chosen: Iterable[Sequence]) -> list[tuple[str, bool]]:
    """The panels in the chosen order with their visibility.

    A panel that came after the choice was made stands at the end, visible; one that is gone is
    left out.
    """
    known = list(known)
    kept = [(key, bool(visible)) for key, visible in chosen if key in known]
    decided = {key for key, _visible in kept}
    return kept + [(key, True) for key in known if key not in decided]
