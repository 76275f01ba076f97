import io
from datetime import date

from app.core import files
from app.domain.letters.layout import Sheet
from app.domain.letters.services import finish


def give(customer_id: int) -> None:
    sheet = Sheet(("Tanja Müller",), "25. November 2026", "Ihre <b>Anfrage", "Guten Tag")
    pdf = files.keep_all(io.BytesIO(b"%PDF-1.4 a letter"))
    finish(customer_id, sheet, pdf, on=date(2026, 11, 25))
