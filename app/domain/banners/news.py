"""Events of the banners area, and what it hears."""

from app.domain.banners import holding, queries

announces = {"banner.changed": "A hint banner was added, changed, moved or deleted"}

listens = {
    "article.deletion_requested": queries.objection,
    "customer.erased": holding.forget_customers,
    "customer.marking": queries.marks,
    "factura_document.changed": holding.follow_document,
}
