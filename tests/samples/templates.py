from app.core.database import db
from app.domain.templates.models import Template
from app.domain.templates.services import create_category, create_template


def give(_customer_id: int) -> None:
    """Once for all: templates belong to the team."""
    if db.session.get(Template, 1) is None:
        category_id = create_category("Zahlungen <b>")
        values = {
            "name": "Erinnerung <b>",
            "category_id": category_id,
            "language": "de",
            "subject": "Rechnung {{document_number}}",
            "body": "{{salutation}}\n<script>alert(1)</script>",
        }
        create_template("mail", values)
