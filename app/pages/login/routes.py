from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("login", __name__)
