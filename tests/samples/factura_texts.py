from app.core.database import db
from app.domain.factura.models import FacturaText
from app.domain.factura.texts import create_text
from tests.factories import text_values


def give(_customer_id: int) -> None:
    """Once for all: text blocks belong to the team."""
    if db.session.get(FacturaText, 1) is None:
        create_text(text_values(name="Dank <b>", text="<script>alert(1)</script>"))
