"""What a template can tell of the colleague who writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from app.core import audit
from app.core.database import db, table
from app.core.i18n import _l
from app.core.registry import Placeholders
from app.domain.team.models import User

USER = table(User).c
WRITER = select(USER.name, USER.email, USER.signature).where(USER.id == bindparam("user_id"))


def _load(addressees: Sequence[Any]) -> Mapping[Any, Mapping[str, str]]:
    """The same for everybody; whoever has no signature signs with the name."""
    user_id, name = audit.author()
    row = db.session.execute(WRITER, {"user_id": user_id}).first()
    values = {"my_name": name, "my_signature": name}
    if row is not None:
        values = {
            "my_name": row.name,
            "my_email": row.email,
            "my_signature": row.signature or row.name,
        }
    return dict.fromkeys(addressees, values)


placeholders = (
    Placeholders(
        title=_l("Who writes"),
        names={
            "my_name": _l("Your name"),
            "my_email": _l("Your e-mail"),
            "my_signature": _l("Your signature"),
        },
        load=_load,
        order=60,
    ),
)
