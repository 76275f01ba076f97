"""Who may import whom: core ← domain ← shared ← (partials | pages | jobs | commands).

Areas import only areas to their left.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ORDER: tuple[str, ...] = (
    *("team", "settings", "customers", "follow_ups", "addresses", "banking", "groups", "comments"),
    *("documents", "messages", "appointments", "leads", "templates", "mailing", "letters"),
    *("serials", "articles", "factura", "payments", "reminders"),
    *("banners", "portal", "connector", "selection", "transfer"),
)
FILES = sorted((ROOT / "app").rglob("*.py"))


def imports(file: Path) -> Iterator[str]:
    """Every module of ours a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def forbidden(module: str, imported: str) -> bool:
    floor, target = module.split(".")[1:3], imported.split(".")[1:3]
    if floor[0] == "core":
        return target[0] != "core"
    if floor[0] == "domain":
        return target[0] not in ("core", "domain") or (
            target[0] == "domain"
            and len(floor) > 1
            and len(target) > 1
            and floor[1] in ORDER
            and ORDER.index(target[1]) > ORDER.index(floor[1])
        )
    if floor[0] == "shared":
        return target[0] not in ("core", "domain", "shared")
    if floor[0] == "jobs":
        return target[0] not in ("core", "domain", "shared", "jobs")
    if floor[0] == "partials":
        same = target[:2] == floor[:2]
        return target[0] in ("partials", "pages") and not same
    return False


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_point_inwards(file: Path):
    module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    wrong = [
        imported
        for imported in imports(file)
        if imported.startswith("app.") and forbidden(module, imported)
    ]
    assert not wrong


def test_every_area_has_its_place():
    areas = {
        path.name for path in (ROOT / "app/domain").iterdir() if (path / "__init__.py").exists()
    }
    assert areas <= set(ORDER)


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("app.core.forms", "app.domain.customers"),
        ("app.domain.customers.services", "app.domain.banking.models"),
        ("app.domain.customers.services", "app.partials.bank"),
        ("app.partials.bank.routes", "app.partials.master.form"),
        ("app.partials.bank.routes", "app.pages.search"),
        ("app.shared.listing", "app.pages.search"),
    ],
)
def test_the_arrow_notices(module: str, imported: str):
    assert forbidden(module, imported)


def test_partials_and_pages_contain_no_sql():
    for folder in ("partials", "pages"):
        for file in (ROOT / "app" / folder).rglob("*.py"):
            assert not any(i.startswith("sqlalchemy") for i in imports(file)), file
