from types import SimpleNamespace

from app.core import audit
from app.domain.serials.check import Text, look
from app.domain.serials.services import draft_serial


def give(customer_id: int) -> None:
    """One that nobody has started: somebody who is in every group gets no information."""
    text = {"subject": "Sommerfest <b>", "body": "{{salutation}}\n<script>alert(1)</script>"}
    template = SimpleNamespace(id=None, kind="mail", name="Fest <b>", language="de", **text)
    with audit.acting(1, "Anna Admin"):
        draft_serial(template, {}, look(Text.of(template, {}), [customer_id]))
