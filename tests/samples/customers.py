from app.domain.customers.services import add_contact_person
from tests.factories import contact_person_values


def give(customer_id: int) -> None:
    add_contact_person(customer_id, contact_person_values())
