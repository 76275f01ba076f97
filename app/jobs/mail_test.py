"""Sends the mails that tell an admin whether the mail server is set up rightly."""

from datetime import timedelta

from app.core.jobs import Delivery
from app.domain.mailing import delivery

KEPT = timedelta(days=7)

job = Delivery(kind="mail_test", session=delivery.try_session, kept=KEPT)
