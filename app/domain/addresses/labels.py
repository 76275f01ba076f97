"""What this area is called, its fields and what happens to them.

Names and the postal fields are called as those of the customer.
"""

from app.core.i18n import _l

history = _l("Additional addresses")

labels = {"is_delivery": _l("Delivery address"), "is_billing": _l("Billing address")}

actions = {
    "added": _l("Additional address of %(subject)s added"),
    "changed": _l("Additional address of %(subject)s changed"),
    "removed": _l("Additional address of %(subject)s removed"),
    "restored": _l("Additional address of %(subject)s brought back"),
}
