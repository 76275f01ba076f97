from datetime import timedelta

from app.core.i18n import today
from app.domain.reminders.services import begin_run, make_reminders, pause_reminding


def give(customer_id: int) -> None:
    """A run that made nothing, and a pause: a reminder would keep its customer for ever."""
    run_id, _is_new = begin_run("sample")
    for _step in make_reminders(run_id, []):
        pass
    pause_reminding(customer_id, None, {"until": today() + timedelta(30), "reason": "<b>Raten</b>"})
