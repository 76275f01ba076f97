"""Sends the mails that tell an admin whether the mail server is set up rightly."""

from app.core.jobs import Delivery
from app.domain.mailing import delivery

job = Delivery(kind="mail_test", session=delivery.try_session)
