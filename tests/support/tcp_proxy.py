"""A network that can be cut: a TCP proxy on loopback between a client and a server."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Literal

Weather = Literal["fine", "hangs", "resets", "closes", "refuses"]
"""``hangs``: accepts connections and bytes, forwards nothing until it is ``fine``; ``resets``, ``closes``: ends all
connections, and new ones as soon as they are made; ``refuses``: does not listen."""


class TcpProxy:
    """Forwards bytes while the weather is ``fine``."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._weather: Weather = "fine"
        self._changed = threading.Condition()
        self._sockets: set[socket.socket] = set()
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0

    def set(self, weather: Weather) -> None:
        """Change the weather, also for existing connections."""
        with self._changed:
            before, self._weather = self._weather, weather
            self._changed.notify_all()
            sockets = list(self._sockets)
        if before == "refuses" and weather != "refuses":
            self._listener = self._listen(self.port)
        if weather == "refuses" and before != "refuses":
            self._close_listener()
        if weather in ("resets", "closes", "refuses"):
            for end in sockets:
                self._end(end, reset=weather == "resets")

    def close(self) -> None:
        self.set("refuses")

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port), backlog=128)
        threading.Thread(target=self._accept, args=(listener,), name="proxy", daemon=True).start()
        return listener

    def _close_listener(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listener.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            if self._weather in ("resets", "closes"):
                self._end(client, reset=self._weather == "resets")
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._target), timeout=10)
                server.settimeout(None)
            except OSError:
                self._end(client, reset=True)
                continue
            with self._changed:
                self._sockets |= {client, server}
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, sink), name="proxy", daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                with self._changed:
                    self._changed.wait_for(lambda: self._weather != "hangs")
                sink.sendall(data)
        for end in (source, sink):
            self._end(end, reset=False)

    def _end(self, end: socket.socket, *, reset: bool) -> None:
        with self._changed:
            self._sockets.discard(end)
        with suppress(OSError):
            if reset:
                # A zero linger time makes close() send RST.
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                end.shutdown(socket.SHUT_RDWR)
        end.close()


@contextmanager
def tcp_proxy(target: int) -> Generator[TcpProxy]:
    """Run a proxy to a loopback port for the duration of the block."""
    proxy = TcpProxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
