"""Mails to a customer: written in a dialog, from a template or freely, kept as drafts, sent."""

from app.core.i18n import _l
from app.core.registry import Action, Panel
from app.domain.mailing.queries import hindrance
from app.partials.mail import routes

panel = Panel(
    key="mail",
    title=_l("E-mail"),
    blueprint=routes.blueprint,
    area="messages",
    order=50,
    actions=(
        Action(
            label=_l("E-mail"),
            endpoint="mail.new",
            icon="mail",
            order=15,
            shortcut="m",
            hindrance=hindrance,
            way_out=_l("What can be done instead"),
        ),
        Action(
            label=_l("Template"),
            endpoint="mail.template",
            icon="send",
            order=16,
            hindrance=hindrance,
            way_out=_l("What can be done instead"),
        ),
    ),
)
