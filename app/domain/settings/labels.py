"""What the fields of this area are called and what happens to them.

The history of customers knows `country` and `language` by other names, so the words for them stand
apart, in `team_labels`.
"""

from app.core.i18n import _l

labels = {
    "time_zone": _l("Time zone"),
    "first_customer_number": _l("First customer number"),
    "logo": _l("Logo"),
    "panels": _l("Panels of the overview"),
}

team_labels = labels | {
    "name": _l("Team name"),
    "street": _l("Street"),
    "house_number": _l("House number"),
    "postcode": _l("Postcode"),
    "town": _l("Town"),
    "country": _l("Country"),
    "language": _l("Default language"),
}

actions = {
    "changed": _l("Team settings changed"),
    "panels_arranged": _l("Overview of the team changed"),
}
