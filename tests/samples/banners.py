from app.core.database import db
from app.domain.banners.models import CustomerBanner, HintBanner
from app.domain.banners.services import add_banner
from tests.factories import banner_values


def give(customer_id: int) -> None:
    """One banner for all, which hangs on this customer though nothing was invoiced.

    Whoever has received an invoice cannot be erased, and the contract tests try that.
    """
    if db.session.get(HintBanner, 1) is None:
        add_banner(banner_values(1, line2="<b>rund um die Uhr</b>"))
    db.session.add(CustomerBanner(customer_id=customer_id, banner_id=1))
