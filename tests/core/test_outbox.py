"""The outbox: nothing that was put is lost, nothing that was confirmed goes again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.core import outbox
from app.core.database import db, happening, short_transaction
from app.core.outbox import LEASE, LONGEST, Later, Never, NotNow, OutboxEntry, State

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BUSY = NotNow("busy", "450 try again later")
pytestmark = pytest.mark.usefixtures("context")


def put(kind: str = "mail", **options: Any) -> int:
    entry_id = outbox.put(kind, **options)
    db.session.commit()
    return entry_id


def entry(entry_id: int) -> Any:
    found = db.session.execute(select(*outbox.ENTRY).where(outbox.ENTRY.id == entry_id)).one()
    db.session.rollback()
    return found


def take() -> Any:
    return outbox.take(["mail"])


def changed(act: Callable[[], Any]) -> Any:
    """Do what a verb does, and commit it."""
    result = act()
    db.session.commit()
    return result


def test_what_is_put_is_taken_in_its_order():
    first, second = put(), put()
    assert [take().id, take().id, take()] == [first, second, None]


def test_one_to_somebody_does_not_wait_for_a_batch():
    of_batch, alone = put(batch=7), put()
    assert [take().id, take().id] == [alone, of_batch]


def test_only_the_kinds_that_are_asked_for_are_taken():
    put("letter")
    assert take() is None
    assert outbox.take(["mail", "letter"]) is not None


def test_what_was_rolled_back_is_not_there():
    outbox.put("mail")
    db.session.rollback()
    assert take() is None


def test_an_entry_waits_for_its_time():
    with happening(NOON):
        entry_id = put(delay=timedelta(seconds=10))
        assert take() is None
    with happening(NOON + timedelta(seconds=10)):
        assert take().id == entry_id


def test_every_entry_has_a_reference_of_its_own_that_stays():
    entries = [entry(put()), entry(put())]
    assert len({one.reference for one in entries}) == 2
    taken = take()
    outbox.postpone(taken, BUSY)
    assert entry(taken.id).reference == entries[0].reference
    assert entries[0].reference.endswith("@127.0.0.1>")
    assert entry(put(domain="lindenhof.example")).reference.endswith("@lindenhof.example>")


def test_what_is_taken_is_nobody_elses_until_the_lease_ends():
    with happening(NOON):
        entry_id = put()
        assert take().id == entry_id
        assert take() is None
    with happening(NOON + LEASE):
        assert take() is None
    with happening(NOON + LEASE + timedelta(seconds=1)):
        assert take().tries == 2


def test_whoever_renews_keeps_it():
    with happening(NOON):
        entry_id = put()
        take()
    with happening(NOON + LEASE):
        outbox.renew(entry_id)
    with happening(NOON + LEASE + timedelta(minutes=1)):
        assert take() is None


def test_what_somebody_has_in_hand_is_not_given_twice():
    with happening(NOON):
        entry_id = put()
        take()
    with happening(NOON + timedelta(hours=1)):
        assert outbox.take(["mail"], {entry_id}) is None


def test_what_was_confirmed_is_never_taken_again():
    with happening(NOON):
        entry_id = put()
        take()
        outbox.confirm(entry_id, "partly", "550 nobody")
        sent = entry(entry_id)
    assert (sent.state, sent.done_at, sent.error, sent.lease_until) == (
        State.SENT,
        NOON,
        "partly",
        None,
    )
    with happening(NOON + timedelta(days=2)):
        assert take() is None


def test_the_first_word_about_an_entry_counts():
    entry_id = put()
    taken = take()
    outbox.confirm(entry_id, "partly", "550 nobody")
    outbox.confirm(entry_id)
    outbox.postpone(taken, BUSY)
    outbox.fail(entry_id, Never("refused"))
    assert (entry(entry_id).state, entry(entry_id).error) == (State.SENT, "partly")


def test_it_is_tried_with_growing_pauses_for_a_day_and_then_fails():
    with happening(NOON):
        entry_id = put()
    moment, pauses = NOON, []
    while entry(entry_id).state == State.WAITING:
        with happening(moment):
            outbox.postpone(take(), BUSY)
        due_at = entry(entry_id).due_at
        pauses.append(int((due_at - moment).total_seconds() / 60))
        moment = max(moment, due_at)
    assert pauses[:8] == [1, 2, 5, 10, 20, 30, 60, 60]
    assert all(pause == 60 for pause in pauses[6:-1])
    assert LONGEST <= moment - NOON < LONGEST + timedelta(hours=1)
    failed = entry(entry_id)
    assert (failed.state, failed.error, failed.detail) == ("failed", "busy", "450 try again later")


def test_a_mail_that_waited_long_before_its_first_try_has_its_day():
    with happening(NOON):
        entry_id = put()
    with happening(NOON + timedelta(days=3)):
        outbox.postpone(take(), BUSY)
    assert entry(entry_id).state == State.WAITING


def test_a_closed_road_lets_all_that_is_due_of_its_kind_wait():
    with happening(NOON):
        first, second, later = put(), put(), put(delay=timedelta(hours=1))
        other = put("letter")
        outbox.postpone(take(), BUSY)
        outbox.postpone_all("mail", BUSY)
        for entry_id in (first, second):
            waits = entry(entry_id)
            assert (waits.error, waits.tries, waits.first_tried_at) == ("busy", 1, NOON)
            assert waits.due_at == NOON + timedelta(minutes=1)
        assert entry(later).error == entry(other).error == ""


def test_a_closed_road_pauses_each_as_long_as_it_was_tried_and_fails_the_old():
    with happening(NOON):
        old = put()
        outbox.postpone(take(), BUSY)
    with happening(NOON + timedelta(hours=23)):
        young = put()
        outbox.postpone_all("mail", BUSY)
    assert (entry(young).tries, entry(old).tries) == (1, 2)
    assert entry(young).due_at == NOON + timedelta(hours=23, minutes=1)
    assert entry(old).due_at == NOON + timedelta(hours=23, minutes=2)
    with happening(NOON + LONGEST + timedelta(hours=1)):
        outbox.postpone_all("mail", BUSY)
    assert (entry(old).state, entry(young).state) == (State.FAILED, State.WAITING)


def test_what_somebody_delivers_is_not_told_to_wait():
    entry_id = put()
    take()
    outbox.postpone_all("mail", BUSY)
    assert (entry(entry_id).error, entry(entry_id).tries) == ("", 1)


def test_what_is_cancelled_does_not_leave():
    entry_id = put()
    assert changed(lambda: outbox.cancel(entry_id)) is True
    assert take() is None
    assert entry(entry_id).state == State.CANCELLED
    assert changed(lambda: outbox.cancel(entry_id)) is False


def test_what_the_worker_has_cannot_be_cancelled_however_long_it_takes():
    with happening(NOON):
        entry_id = put()
        taken = take()
        assert changed(lambda: outbox.cancel(entry_id)) is False
    with happening(NOON + timedelta(hours=1)):
        assert changed(lambda: outbox.cancel(entry_id)) is False
        outbox.postpone(taken, BUSY)
        assert changed(lambda: outbox.cancel(entry_id)) is True


def test_what_was_sent_cannot_be_cancelled():
    entry_id = put()
    take()
    outbox.confirm(entry_id)
    assert changed(lambda: outbox.cancel(entry_id)) is False
    assert entry(entry_id).state == State.SENT


def test_what_failed_is_tried_again_from_the_beginning():
    with happening(NOON):
        entry_id = put()
        take()
        outbox.fail(entry_id, Never("refused", "550"))
    with happening(NOON + timedelta(days=3)):
        assert changed(lambda: outbox.try_again(entry_id)) is True
        taken = take()
        assert (taken.id, taken.tries) == (entry_id, 1)
        outbox.postpone(taken, BUSY)
    assert entry(entry_id).state == State.WAITING


@pytest.mark.parametrize("state", ["sent", "cancelled", "in hand"])
def test_what_cannot_be_tried_again(state: str):
    entry_id = put()
    if state == "cancelled":
        changed(lambda: outbox.cancel(entry_id))
    else:
        take()
    if state == "sent":
        outbox.confirm(entry_id)
    assert changed(lambda: outbox.try_again(entry_id)) is False
    assert take() is None


def test_a_batch_is_held_and_let_go():
    held, other = put(batch=7), put(batch=8)
    changed(lambda: outbox.hold(7))
    assert take().id == other
    assert take() is None
    changed(lambda: outbox.release([held]))
    assert take().id == held


def test_what_was_held_for_long_has_its_day():
    with happening(NOON):
        entry_id = put(batch=7)
        outbox.postpone(take(), BUSY)
        changed(lambda: outbox.hold(7))
    with happening(NOON + timedelta(days=2)):
        changed(lambda: outbox.release([entry_id]))
        taken = take()
        outbox.postpone(taken, BUSY)
    assert (taken.tries, entry(entry_id).state) == (1, State.WAITING)


def test_what_fails_while_its_batch_is_held_is_let_go_too():
    entry_id = put(batch=7)
    taken = take()
    changed(lambda: outbox.hold(7))
    outbox.fail(taken.id, Never("refused"))
    changed(lambda: outbox.release([entry_id]))
    changed(lambda: outbox.try_again(entry_id))
    assert take().id == entry_id


def test_what_failed_of_a_batch_waits_until_it_is_let_go():
    entry_id, other = put(batch=7), put(batch=8)
    for taken in (take(), take()):
        outbox.fail(taken.id, Never("refused"))
    assert changed(lambda: outbox.try_batch_again(7)) == 1
    assert take() is None
    changed(lambda: outbox.release([entry_id, other]))
    assert (take().id, take()) == (entry_id, None)


def test_what_is_in_hand_when_its_batch_is_held_waits_after_its_try():
    with happening(NOON):
        put(batch=7)
        taken = take()
        changed(lambda: outbox.hold(7))
        outbox.postpone(taken, BUSY)
    with happening(NOON + timedelta(hours=1)):
        assert take() is None


def test_what_waits_of_a_batch_is_cancelled():
    first, second, third = put(batch=7), put(batch=7), put(batch=8)
    changed(lambda: outbox.hold(7))
    assert changed(lambda: outbox.cancel_batch(7)) == 2
    states = [entry(entry_id).state for entry_id in (first, second, third)]
    assert states == [State.CANCELLED, State.CANCELLED, State.WAITING]


@pytest.mark.parametrize(
    ("word", "state"),
    [
        (outbox.confirm, State.SENT),
        (lambda entry_id: outbox.postpone(entry(entry_id), BUSY), State.CANCELLED),
        (lambda entry_id: outbox.fail(entry_id, Never("refused")), State.CANCELLED),
        (lambda entry_id: outbox.free_all(), State.CANCELLED),
    ],
)
def test_what_is_called_off_in_hand_leaves_now_or_never(word: Callable[[int], None], state: State):
    with happening(NOON):
        entry_id = put(batch=7)
        take()
        changed(lambda: outbox.cancel_batch(7))
        outbox.renew(entry_id)
        word(entry_id)
        assert (entry(entry_id).state, entry(entry_id).lease_until) == (state, None)
        outbox.confirm(entry_id)
    assert entry(entry_id).state == state
    with happening(NOON + timedelta(days=1)):
        assert take() is None


def test_what_goes_on_later_was_not_tried():
    with happening(NOON):
        entry_id = put()
        outbox.put_off(take(), Later(timedelta(minutes=1)))
        assert (entry(entry_id).error, take()) == ("", None)
    with happening(NOON + timedelta(minutes=1)):
        assert take().tries == 1


def test_what_a_dead_worker_had_is_free_for_the_next():
    entry_id = put()
    take()
    outbox.free_all()
    taken = take()
    assert (taken.id, taken.tries) == (entry_id, 2)


def test_after_a_restore_nothing_goes_by_itself():
    waits, sent = put(), put(delay=timedelta(days=-1))
    take()
    outbox.confirm(sent)
    with short_transaction() as connection:
        assert outbox.doubt_all(connection) == 1
    assert (entry(waits).state, entry(waits).error) == (State.FAILED, outbox.RESTORED)
    assert entry(sent).state == State.SENT
    assert changed(lambda: outbox.try_again(waits)) is True
    assert take().id == waits


def test_entries_of_a_kind_are_forgotten_some_time_after_they_were_done():
    with happening(NOON):
        done, waits, other = put("password"), put("password"), put()
        outbox.take(["password"])
        outbox.confirm(done)
        take()
        outbox.confirm(other)
    assert changed(lambda: outbox.forget("password", NOON)) == 0
    assert changed(lambda: outbox.forget("password", NOON + timedelta(seconds=1))) == 1
    assert set(db.session.scalars(select(OutboxEntry.id))) == {waits, other}


def test_long_words_of_the_other_side_fit():
    entry_id = put()
    outbox.postpone(take(), NotNow("busy", "x" * 5000))
    assert len(entry(entry_id).detail) == 500


def test_the_next_one_is_found_by_its_index():
    """Among 10,000 that wait nothing is sorted."""
    sent: list[Any] = []
    event.listen(db.engine, "before_cursor_execute", lambda *told: sent.append(told[2:4]))
    take()
    statement, values = next(one for one in sent if one[0].startswith("UPDATE"))
    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    steps = [row[3] for row in plan]
    for index in ("ix_outbox_entry_due", "ix_outbox_entry_due_batch"):
        assert any(f"{index} (state=? AND held=? AND due_at<?)" in step for step in steps)
    assert not any("TEMP B-TREE" in step or "SCAN outbox" in step for step in steps)


@pytest.fixture
def at_once(app: Flask) -> Callable[..., list[Any]]:
    """Do something in several threads at the same time; their answers."""

    def doing(*acts: Callable[[], Any]) -> list[Any]:
        def one(act: Callable[[], Any]) -> Any:
            with app.app_context():
                return act()

        with ThreadPoolExecutor(len(acts)) as threads:
            return [result.result() for result in [threads.submit(one, act) for act in acts]]

    return doing


@pytest.mark.apart
def test_no_two_threads_take_the_same(at_once: Callable[..., list[Any]]):
    ids = [put() for _ in range(60)]

    def all_of_them() -> list[int]:
        taken = []
        while found := take():
            taken.append(found.id)
        return taken

    taken = at_once(*[all_of_them] * 6)
    assert sorted(entry_id for some in taken for entry_id in some) == ids


@pytest.mark.apart
def test_either_it_is_taken_or_it_is_cancelled(at_once: Callable[..., list[Any]]):
    for _ in range(40):
        entry_id = put()
        cancel = partial(changed, partial(outbox.cancel, entry_id))
        found, cancelled = at_once(take, cancel)
        assert (found is not None) != cancelled
        outbox.confirm(entry_id)
