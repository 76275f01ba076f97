"""Events of the reminders area, and what it hears."""

from app.domain.reminders import services

announces = {
    "reminder_levels.changed": "How the team reminds was changed",
    "reminders.paused": "A customer or an invoice is not reminded for a while, or is again",
}

listens = {"customer.erased": services.forget_customers}
