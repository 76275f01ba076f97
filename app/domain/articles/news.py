"""Events of the articles area."""

announces = {
    "article.changed": "An article was created, changed, set active or inactive, or deleted",
    "article.deletion_requested": "Asks every area why this article must stay; answers a reason",
}
