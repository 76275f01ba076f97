from app.domain.addresses.services import add_address
from tests.factories import address_values


def give(customer_id: int) -> None:
    add_address(customer_id, address_values())
