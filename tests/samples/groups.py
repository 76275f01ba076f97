from app.domain.groups.services import add_members


def give(customer_id: int) -> None:
    add_members(1, [customer_id])
