from app.core.database import db
from app.domain.articles.models import Article
from app.domain.articles.queries import choices
from app.domain.banners.models import CustomerBanner, HintBanner
from app.domain.banners.services import add_banner
from tests.factories import banner_values


def give(customer_id: int) -> None:
    """A banner for everybody, and one that hangs on this customer without a reason.

    Whoever has received an invoice cannot be erased, which the contract tests try.
    """
    if db.session.get(HintBanner, 1) is None:
        article = db.session.get(Article, 1) or choices("")[0]
        add_banner(banner_values(article.id, line2="<b>rund um die Uhr</b>"))
    db.session.add(CustomerBanner(customer_id=customer_id, banner_id=1))
