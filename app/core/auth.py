"""Who may do what: permissions are `area.view` and `area.edit`, checked before anything is read.

An endpoint that accepts an unsafe method needs `area.edit` for all its methods (its dialog too),
every other one `area.view`. The area comes from the panel or page the endpoint belongs to; an
endpoint of nobody is denied.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, current_app, request
from flask_login import current_user

from app.core.database import SAFE_METHODS

ROLES = ("admin", "staff", "readonly")
ADMIN_AREAS = frozenset({"settings", "users", "purge"})


def grants(role: str, permission: str) -> bool:
    """Whether a role has a permission like `bank.edit`."""
    area, _, action = permission.partition(".")
    if role == "admin":
        return True
    if area in ADMIN_AREAS:
        return False
    return action == "view" or role == "staff"


def may(permission: str) -> bool:
    """Whether the signed-in user has a permission."""
    return current_user.is_authenticated and grants(current_user.role, permission)


def required(endpoint: str | None) -> str | None:
    """The permission an endpoint needs: `area.action`, "public", "own", or None for nobody's.

    "own" is what every signed-in user may do with the account of their own.
    """
    if endpoint is None or endpoint == "static":
        return "public"
    access: dict[str, str] = current_app.extensions["access"]
    area = access.get(endpoint.partition(".")[0])
    if area in (None, "public", "own"):
        return area
    return f"{area}.{'edit' if _methods(endpoint) - SAFE_METHODS else 'view'}"


def grant_access(app: Flask, blueprint: str, area: str) -> None:
    """Put the endpoints of a blueprint under the permissions of an area."""
    app.extensions.setdefault("access", {})[blueprint] = area


def check_access() -> Any:
    """Refuse what the user may not do; None lets the request go on, else the login is needed."""
    needed = required(request.endpoint)
    if needed == "public" or request.url_rule is None:
        return None
    if not current_user.is_authenticated:
        return current_app.extensions["login_needed"]()
    if needed is None or not (needed == "own" or may(needed)):
        abort(403)
    return None


def _methods(endpoint: str) -> set[str]:
    rules = current_app.url_map.iter_rules(endpoint)
    return {method for rule in rules for method in rule.methods or ()}
