"""The server of the events process: one, because all its streams hang on one subscription."""

import os
import signal
import socket

bind = os.environ.get("EVENTS_BIND", "127.0.0.1:8002")
workers = 1
worker_class = "asgi"
asgi_loop = "asyncio"
asgi_lifespan = "on"
graceful_timeout = 5
loglevel = "warning"
accesslog = None
UNREAD = 20_000  # milliseconds a client may leave unread what was sent


def post_worker_init(worker):
    """Streams never end by themselves: they are told to when the process is. The kernel ends those nobody reads."""
    from config.events import hub

    def stop():
        worker.handle_exit_signal()
        hub.end()

    worker.loop.add_signal_handler(signal.SIGTERM, stop)
    for listener in worker.sockets if hasattr(socket, "TCP_USER_TIMEOUT") else ():  # Linux alone has it
        listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD)  # tcp(7), inherited
