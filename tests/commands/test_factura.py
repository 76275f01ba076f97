"""`flask factura …`: what may be done with documents."""

from __future__ import annotations

from flask import Flask

from app.domain.factura.rules import FOLLOW_UPS, MOVES


def test_moves_are_printed_as_they_are(app: Flask):
    result = app.test_cli_runner().invoke(args=["factura", "moves"])
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == list(MOVES)
    told = {tuple(line.split()) for line in lines if line.startswith(" ")}
    for table in MOVES.values():
        for (state, move), becomes in table.items():
            assert (state, move, becomes or "gone") in told
    assert sum("followed by" in line for line in lines) == sum(map(bool, FOLLOW_UPS.values()))
