"""A new customer, with a look at those who may be the same."""

from app.core.registry import Page
from app.pages.new_customer import routes

page = Page(key="new_customer", blueprint=routes.blueprint, area="customers")
