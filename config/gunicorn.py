"""The web server of development and of production: threads, because requests wait for the database."""

import os
from pathlib import Path

bind = os.environ.get("WEB_BIND") or f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "config.web_worker.FairWorker"
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  (a slow disk is no dead worker)
backlog = 4096  # a burst waits in the kernel, where it costs nothing
timeout = 60  # seconds without a sign of life until a worker is replaced
graceful_timeout = 20
keepalive = 75  # seconds; longer than people look at a page: each new connection waits for a thread
max_requests = 5000
max_requests_jitter = 500
loglevel = "warning"
accesslog = None  # apps.core logs each request as JSON, with its ids

reload = os.environ.get("WEB_RELOAD") == "1"
