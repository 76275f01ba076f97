from app.core.database import db, now
from app.domain.transfer.models import ImportedCustomer
from app.domain.transfer.services import begin_batch, end_batch, refuse_file


def give(customer_id: int) -> None:
    batch_id = begin_batch(["kunden.csv", "nichts.csv"])
    db.session.add(
        ImportedCustomer(customer_id=customer_id, batch_id=batch_id, changed_at=now(), groups=[])
    )
    refuse_file(batch_id, "nichts.csv", "Die Datei ist leer.")
    end_batch(batch_id)
