"""PDFs and pictures of them, made in warm processes of their own.

A render process is started ahead (importing the renderer takes a second), answers one document
after the other, is killed when one takes too long, and is replaced after many. Threads and forked
servers may all use this module: a process belongs to the one that started it, and to one thread at
a time. docs/adr/0011 tells why letters are not rendered where requests are answered.
"""

from __future__ import annotations

import atexit
import os
import queue
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Timer

FONTS = Path(__file__).parents[2] / "static" / "vendor" / "liberation-2.1.5"
"""The only folder a document can read; pictures come inside it as `data:` addresses."""
PROGRAM = Path(__file__).with_name("render_process.py")
ORDER = struct.Struct(">cHHHI")
ANSWER = struct.Struct(">cI")
LENGTH = struct.Struct(">I")
TIMEOUT = 15
"""Seconds one document may take."""
MOST_PAGES = 50
"""Of one document."""
LAST_PAGE = 0xFFFF
"""The largest number that an order has room for; no document has so many pages."""
MOST_DOCUMENTS = 200
"""After so many a process is replaced, whatever it may have gathered."""
KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "VIRTUAL_ENV")


class RenderFailed(Exception):
    """There is no PDF. `code` is one of

    timeout   it took too long and its process was killed
    limit     too large, too deep or too hungry for a document
    pages     it has more than MOST_PAGES
    broken    the renderer could not make sense of it, or died
    warnings  something in it was left out (a refused picture, an unreadable font)
    glyphs    `detail` holds the letters the font does not have
    busy      all processes had work for longer than anybody waits
    unkept    it was made, but whoever wanted to keep it could not
    """

    def __init__(self, code: str, detail: str = ""):
        super().__init__(code, detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Preview:
    """A page of a document as PNG, and how many pages there are."""

    picture: bytes
    pages: int


def start(count: int | None = None) -> None:
    """Start the processes ahead, `count` from now on; the first document then waits for none."""
    _pool(count).start()


def stop() -> None:
    """End all processes; the next document starts one anew."""
    with _Pool.lock:
        pool, _Pool.own = _Pool.own, None
    if pool:
        pool.stop()


def render_pdf(html: str, *, timeout: int = TIMEOUT, most: int = MOST_PAGES) -> bytes:
    """A document of at most so many pages as PDF, `timeout` in seconds; raises RenderFailed."""
    return _ask(b"p", html.encode(), timeout, most)


def render_picture(pdf: bytes, page: int = 0, dpi: int = 96) -> bytes:
    """A page of a PDF as PNG, the first one being 0; raises RenderFailed."""
    return _shown(_ask(b"i", pdf, TIMEOUT, page, dpi)).picture


def render_page(pdf: bytes, page: int = 0, dpi: int = 96) -> Preview:
    """A page of a PDF as PNG, the last one if there are fewer; raises RenderFailed."""
    return _shown(_ask(b"i", pdf, TIMEOUT, page, dpi))


def render_pictures(pdf: bytes, dpi: int, most: int) -> tuple[list[bytes], int]:
    """The first pages of a PDF as PNG, and how many it has; raises RenderFailed."""
    first = _shown(_ask(b"i", pdf, TIMEOUT, 0, dpi))
    others = range(1, min(first.pages, most))
    return [first.picture, *(render_picture(pdf, page, dpi) for page in others)], first.pages


def shrink(picture: bytes, width: int, height: int) -> bytes:
    """A PNG or JPEG with no more pixels than these, as PNG; raises RenderFailed."""
    return _ask(b"s", picture, TIMEOUT, width, height)


def join(pdfs: Iterable[bytes]) -> bytes:
    """PDFs one behind the other as one; raises RenderFailed."""
    told = b"".join(LENGTH.pack(len(pdf)) + pdf for pdf in pdfs)
    return _ask(b"j", told, TIMEOUT)


def render_preview(html: str, page: int = 0, dpi: int = 96, *, timeout: int = TIMEOUT) -> Preview:
    """A page of a document as it would be printed; raises RenderFailed."""
    return _shown(_ask(b"v", html.encode(), timeout, page, dpi))


def render_many(
    htmls: Iterable[str], *, timeout: int = TIMEOUT
) -> Iterator[tuple[int, bytes | RenderFailed]]:
    """Many documents as PDFs, in their order, by all processes at once.

    No more are read ahead than the processes need to have work.
    """
    size = _pool().size
    waiting: deque[tuple[int, Future[bytes | RenderFailed]]] = deque()
    with ThreadPoolExecutor(size) as threads:
        for index, html in enumerate(htmls):
            waiting.append((index, threads.submit(_pdf_or_reason, html, timeout)))
            if len(waiting) > 2 * size:
                yield _first(waiting)
        while waiting:
            yield _first(waiting)


def _pdf_or_reason(html: str, timeout: int) -> bytes | RenderFailed:
    try:
        return render_pdf(html, timeout=timeout)
    except RenderFailed as reason:
        return reason


def _first(
    waiting: deque[tuple[int, Future[bytes | RenderFailed]]],
) -> tuple[int, bytes | RenderFailed]:
    index, done = waiting.popleft()
    return index, done.result()


def _shown(answer: bytes) -> Preview:
    return Preview(answer[4:], struct.unpack(">I", answer[:4])[0])


def _ask(kind: bytes, told: bytes, timeout: int, page: int = 0, dpi: int = 0) -> bytes:
    with _pool().process(timeout) as process:
        head = ORDER.pack(kind, timeout, min(page, LAST_PAGE), dpi, len(told))
        return process.ask(head + told, timeout)


class _Process:
    """A render process that is alive, or was."""

    def __init__(self) -> None:
        self.answered = 0
        self.process = subprocess.Popen(
            [sys.executable, "-I", PROGRAM, FONTS],
            cwd=FONTS,
            env={name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # an interrupt from the keyboard is for whoever started it
        )
        assert self.process.stdin
        assert self.process.stdout
        self.orders, self.answers = self.process.stdin, self.process.stdout

    def ask(self, order: bytes, timeout: int) -> bytes:
        """The answer to an order; whatever goes wrong, the process is at an end then."""
        expired: list[bool] = []
        timer = Timer(timeout, self._expire, [expired])
        timer.daemon = True
        timer.start()
        try:
            self.orders.write(order)
            self.orders.flush()
            good, length = ANSWER.unpack(self.answers.read(ANSWER.size))
            told = self.answers.read(length)
        except (OSError, struct.error) as error:
            self.end()
            raise RenderFailed("timeout" if expired else "broken") from error
        finally:
            timer.cancel()
            timer.join()
        self.answered += 1
        if expired:  # it was killed just after it was done
            self.end()
        if good != b"+":
            raise RenderFailed(*told.decode().split("\0"))
        return told

    def is_usable(self) -> bool:
        return self.answered < MOST_DOCUMENTS and self.process.poll() is None

    def end(self) -> None:
        self.process.kill()
        self.let_go()
        self.process.wait()

    def let_go(self) -> None:
        """Close our ends of its pipes."""
        for pipe in (self.orders, self.answers):
            with suppress(OSError):
                pipe.close()

    def _expire(self, expired: list[bool]) -> None:
        expired.append(True)
        self.process.kill()


class _Pool:
    """Places for `size` processes; each holds one that is idle, or None until it is needed."""

    own: _Pool | None = None
    lock = Lock()

    def __init__(self, size: int) -> None:
        self.size = size
        self.places: queue.LifoQueue[_Process | None] = queue.LifoQueue()
        for _place in range(size):
            self.places.put(None)

    @contextmanager
    def process(self, timeout: int) -> Iterator[_Process]:
        """A process for the caller alone."""
        try:
            process = self.places.get(timeout=timeout)
        except queue.Empty as error:
            raise RenderFailed("busy") from error
        try:
            process = _fresh(process)
            yield process
        finally:
            self.places.put(process)

    def start(self) -> None:
        for process in self._idle():
            self.places.put(_fresh(process))

    def stop(self) -> None:
        for process in self._idle():
            if process:
                process.end()

    def let_go(self) -> None:
        for process in self._idle():
            if process:
                process.let_go()

    def _idle(self) -> list[_Process | None]:
        idle: list[_Process | None] = []
        with suppress(queue.Empty):
            while True:
                idle.append(self.places.get_nowait())
        return idle


def _fresh(process: _Process | None) -> _Process:
    """The process, or another one for one that ended or has done enough."""
    if process and process.is_usable():
        return process
    if process:
        process.end()
    return _Process()


def _pool(size: int | None = None) -> _Pool:
    """The processes of this process: one, unless `start` asked for more."""
    with _Pool.lock:
        old = _Pool.own
        if old and size in (None, old.size):
            return old
        _Pool.own = _Pool(size or 1)
    if old:
        old.stop()
    return _Pool.own


def _forget() -> None:
    """A forked process has none: those of its parent stay its parent's."""
    pool, _Pool.own, _Pool.lock = _Pool.own, None, Lock()
    if pool:
        pool.let_go()


atexit.register(stop)
os.register_at_fork(after_in_child=_forget)
