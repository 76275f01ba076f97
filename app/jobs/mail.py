"""Sends the mails that wait in the outbox."""

from functools import partial

from app.core.jobs import Delivery
from app.domain.mailing import delivery
from app.shared.mail_html import dressed

job = Delivery(kind="mail", session=partial(delivery.session, dressed))
