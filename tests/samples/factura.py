from app.domain.factura.services import add_document


def give(customer_id: int) -> None:
    """A draft: whoever has received a document cannot be erased, which the contract tests try."""
    add_document(customer_id, {"kind": "invoice", "subject": "Tanzkurs Herbst", "total": 12_050})
