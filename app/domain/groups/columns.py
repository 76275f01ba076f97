"""What the customer list can show of groups."""

from app.core.i18n import _l
from app.core.registry import Column
from app.domain.groups import queries

columns = (Column(key="groups", label=_l("Groups"), load=queries.names, order=60),)
