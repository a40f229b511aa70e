"""What a kernel says while a cell runs, heard with suspicion.

A message is JSON text or it is dropped, and how much is heard is limited. Pictures, tables and all
else that is shown are dropped unread, however large they are: nobody looks at them.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from typing import Any

import zmq
from jupyter_client import KernelClient

from .limits import Limits

__all__ = ["Heard", "Outcome", "received"]

READ = (b'"status"', b'_reply"', b'"stream"')
"""What messages' kinds end with that are read; the last one is printed text."""
MOST_PARTS = 1000  # of one message, which comes in whole


@dataclass
class Outcome:
    """How a cell ended.

    ``ended`` is "ok", "error", or what stopped it: "died", "time", "memory", "processes", "output".
    """

    ended: str
    text: str = ""
    error: str = ""
    message: str = ""

    @property
    def stopped(self) -> bool:
        """Whether the kernel is gone."""
        return self.ended not in ("ok", "error")


@dataclass
class Heard:
    """What a kernel has said to one request so far."""

    number: str
    """The request's."""
    silent: bool = False
    """Whether what is printed is dropped too."""
    text: list[str] = field(default_factory=list)
    size: int = 0
    messages: int = 0
    dropped: int = 0
    """Bytes of what was not read."""
    replied: float = 0.0
    idle: bool = False
    outcome: Outcome = field(default_factory=lambda: Outcome("ok"))
    asked: str = ""
    """The number of a later request, which shows whether the end of the output was lost."""
    lost: bool = False

    @property
    def is_over(self) -> bool:
        """Whether the kernel has answered, and all its output has come."""
        return bool(self.replied) and self.idle

    def listen(self, client: KernelClient, seconds: float, limits: Limits) -> None:
        """Take what has arrived, or wait for it."""
        sockets = [client.iopub_channel.socket, client.shell_channel.socket]
        poller = zmq.Poller()
        for socket in sockets:
            poller.register(socket, zmq.POLLIN)
        ready = dict(poller.poll(int(seconds * 1000)))
        for socket in sockets:
            if socket in ready:
                self._take(client, socket, limits)

    def _take(self, client: KernelClient, socket: zmq.Socket, limits: Limits) -> None:
        shell = socket is client.shell_channel.socket
        for _ in range(100):  # then look at limits again
            try:
                parts = received(socket)
            except zmq.ZMQError:
                return
            with contextlib.suppress(Exception):  # whatever is wrong with it, it is no message
                _, parts = client.session.feed_identities(parts)
                size, most = sum(map(len, parts)), limits.output_kb << 10
                if not any(kind in parts[1] for kind in READ[: -1 if self.silent else None]):
                    self.dropped += size
                    continue
                if shell and size > most and self.number.encode() in parts[2]:
                    self.dropped += size
                    self.replied = self.replied or time.monotonic()
                    self.outcome = Outcome("error", "", "an error", "which has much to say")
                    continue
                self.messages += 1
                self.size += size
                if self.size > most:
                    return
                self.note(client.session.deserialize(parts), shell=shell)

    def note(self, message: dict[str, Any], *, shell: bool) -> None:
        """Note what one message says; anything unexpected in it raises an error."""
        number = message["parent_header"].get("msg_id")
        kind, content = message["header"]["msg_type"], message["content"]
        rests = not shell and kind == "status" and content["execution_state"] == "idle"
        if rests and self.asked and number == self.asked and not self.idle:
            self.idle, self.lost = self.silent, not self.silent
        if number != self.number:
            return
        if shell:
            self.replied = self.replied or time.monotonic()
            if content.get("status") == "error" and self.outcome.ended == "ok":
                self.outcome = Outcome("error", "", text(content["ename"]), text(content["evalue"]))
        elif rests:
            self.idle = True
        elif kind == "stream" and content["name"] == "stdout":
            self.text.append(text(content["text"]))


def received(socket: zmq.Socket) -> list[bytes]:
    """Return the parts of a message; of one of far too many, the first ones.

    The rest is taken for messages, which have no header that is read.
    """
    parts = [socket.recv(zmq.NOBLOCK)]
    while socket.rcvmore and len(parts) < MOST_PARTS:
        parts.append(socket.recv(zmq.NOBLOCK))
    return parts


def text(value: object) -> str:
    """Return a string that is one."""
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
