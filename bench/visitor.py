"""A visitor with a keep-alive connection, as thin as possible so that the server is measured."""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from bench.houses import EMAIL, PASSWORD

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
PANELS = {"X-Panels": "header,master,addresses,bank,groups,comments,messages,factura,documents"}


@dataclass(frozen=True)
class Ask:
    """A request; `fields` make it a POST."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)
    fields: dict[str, Any] | None = None


@dataclass(frozen=True)
class Answer:
    status: int
    head: str
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        return self.body.decode()


class Visitor:
    def __init__(self, port: int):
        self.host = f"127.0.0.1:{port}"
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.cookies: dict[str, str] = {}
        self.token = ""

    def sign_in(self) -> None:
        """Through the login form, then with the token that every page brings."""
        form = self.send(Ask("/login")).text
        fields = {"email": EMAIL, "password": PASSWORD, "csrf_token": _token(form)}
        answer = self.send(Ask("/login", fields=fields))
        if answer.status not in (302, 303):
            raise RuntimeError(f"the login answered {answer.status}")
        self.token = _token(self.send(Ask("/customers")).text)

    def send(self, ask: Ask) -> Answer:
        """Ask and wait for the whole answer; `seconds` is what passed between."""
        request = self._request(ask)
        begun = time.perf_counter()
        self.socket.sendall(request)
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._receive()
        head = received[:end].decode("latin-1")
        length = re.search(r"content-length: (\d+)", head, re.I)
        wanted = end + 4 + int(length[1]) if length else len(received)
        while len(received) < wanted:
            received += self._receive()
        seconds = time.perf_counter() - begun
        self.cookies.update(re.findall(r"set-cookie: ([^=\s]+)=([^;\r]*)", head, re.I))
        return Answer(int(head[9:12]), head, received[end + 4 :], seconds)

    def close(self) -> None:
        self.socket.close()

    def _request(self, ask: Ask) -> bytes:
        body = b"" if ask.fields is None else urlencode(ask.fields, doseq=True).encode()
        headers = {"Host": self.host, "Accept-Language": "de", **ask.headers}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if ask.fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Content-Length"] = str(len(body))
            headers["X-CSRFToken"] = self.token
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        method = "GET" if ask.fields is None else "POST"
        return f"{method} {ask.path} HTTP/1.1\r\n{lines}\r\n".encode() + body

    def _receive(self) -> bytes:
        data = self.socket.recv(262144)
        if not data:
            raise RuntimeError("the server closed the connection")
        return data


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    if found is None:
        raise RuntimeError("there is no token on the page")
    return found[1]
