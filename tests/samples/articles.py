from app.core.database import db
from app.domain.articles.models import Article
from app.domain.articles.services import create_article
from tests.factories import article_values


def give(_customer_id: int) -> None:
    """Once for all: articles belong to the team."""
    if db.session.get(Article, 1) is None:
        create_article(article_values(name="Grundkurs <b>", text="<script>alert(1)</script>"))
