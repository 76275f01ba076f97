import io

from app.domain.documents.services import add_documents, keep_upload


def give(customer_id: int) -> None:
    upload = keep_upload("Anmeldung März.pdf", io.BytesIO(b"%PDF-1.7 signed"), 1000)
    add_documents(customer_id, [upload])
