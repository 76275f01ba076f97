"""What this area is called, its fields, and what happens to articles."""

from app.core.i18n import _l

article_labels = {
    "number": _l("Article number"),
    "name": _l("Name"),
    "text": _l("Further lines"),
    "unit": _l("Unit"),
    "price": _l("Price"),
    "currency": _l("Currency"),
    "is_gross": _l("Price with tax"),
    "tax": _l("Tax"),
    "active": _l("Active"),
}
"""What the form of an article calls its fields; the history knows some by other names."""

taxes = {
    "standard": _l("Standard"),
    "reduced": _l("Reduced"),
    "special": _l("Special rate"),
    "food": _l("Staple food"),
    "zero": _l("Zero rate"),
    "exempt": _l("Exempt"),
}
"""The codes of `tax.Code`."""

treatments = {
    "taxed": _l("With tax"),
    "small_business": _l("Small business, without tax"),
    "reverse_charge": _l("Reverse charge"),
    "intra_community": _l("Intra-Community supply"),
    "export": _l("Export"),
}
"""Why tax is charged or not, `tax.Treatment`."""

units = (
    _l("piece"),
    _l("hour"),
    _l("day"),
    _l("month"),
    _l("year"),
    _l("flat rate"),
    _l("km"),
    _l("kg"),
    _l("m"),
    _l("m²"),
    _l("litre"),
    "%",
)
"""What is offered where a unit is typed; any other word will do."""

actions = {
    "created": _l("Article %(subject)s created"),
    "changed": _l("Article %(subject)s changed"),
    "deactivated": _l("Article %(subject)s set inactive"),
    "activated": _l("Article %(subject)s set active"),
    "deleted": _l("Article %(subject)s deleted"),
}
