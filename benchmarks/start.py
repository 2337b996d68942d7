"""What a newcomer waits for: an empty checkout to a usable page, as this user and as one who is not root.

Cases `root` or `user` (whoever starts this) and, for root, `other`: a user made for the run. Metrics: `cold` and `warm`
seconds until a page answers, `mb` of the packages and the data, `gone` seconds after kill -9 until nothing runs.
Nothing is taken from caches: pip downloads everything again.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

from benchmarks.reporting import report
from benchmarks.servers import ROOT, free_port

OTHER = "lily-bench"
LONGEST = 900  # seconds
PROMISED_WARM, PROMISED_GONE = 10.0, 5.0


def run(cases: list[str]) -> int:
    """Measure the named cases, or all this user can. 1 when a promise was not kept."""
    known = {"root": None, "other": OTHER} if os.geteuid() == 0 else {"user": None}
    return max([_measure(case, known[case]) for case in cases or list(known)])


def _measure(case: str, name: str | None) -> int:
    who = _make_user(name) if name else None
    folder = Path(tempfile.mkdtemp(prefix="lily-start-", dir=who.pw_dir if who else None))
    try:
        subprocess.run(["git", "clone", "--quiet", f"file://{ROOT}", folder / "lily"], check=True)
        if who:
            subprocess.run(["chown", "-R", f"{who.pw_uid}:{who.pw_gid}", folder], check=True)
        return _walk(case, folder / "lily", who)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if who:
            subprocess.run(["userdel", "--remove", OTHER], check=False, stderr=subprocess.DEVNULL)


def _walk(case: str, checkout: Path, who: pwd.struct_passwd | None) -> int:
    """Cold, kill -9, warm, stop."""
    cold, process = _start(checkout, who)
    report("start", case, "cold", cold, "s")
    gone = _kill(process)
    report("start", case, "gone", gone, "s", against=PROMISED_GONE)
    warm, process = _start(checkout, who)
    report("start", case, "warm", warm, "s", against=PROMISED_WARM)
    state = Path((checkout / "state").read_text().strip())
    report("start", case, "mb_packages", _megabytes(checkout / ".venv"), "MB")
    report("start", case, "mb_data", _megabytes(state), "MB")
    process.send_signal(signal.SIGINT)
    process.wait()
    if not who:
        shutil.rmtree(state, ignore_errors=True)
    return int(gone > PROMISED_GONE or warm > PROMISED_WARM)


def _start(checkout: Path, who: pwd.struct_passwd | None) -> tuple[float, subprocess.Popen]:
    """Seconds until the log-in page came, and the running command."""
    port = free_port()
    began = time.monotonic()
    process = subprocess.Popen(
        [_python(), "bin/dev", "--port", str(port)],
        cwd=checkout,
        env=_environment(who),
        stdout=subprocess.DEVNULL,
        **({"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if who else {}),
    )
    while not _answers(port):
        if process.poll() is not None or time.monotonic() - began > LONGEST:
            raise RuntimeError("bin/dev did not start.")
        time.sleep(0.05)
    seconds = time.monotonic() - began
    script = "from house import places; print(places.state())"
    env = _environment(who) | {"PYTHONPATH": str(checkout / "bin")}
    as_user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if who else {}
    said = subprocess.run([_python(), "-c", script], env=env, capture_output=True, text=True, check=True, **as_user)
    (checkout / "state").write_text(said.stdout)
    return seconds, process


def _environment(who: pwd.struct_passwd | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "LANG"))}
    home = who.pw_dir if who else os.environ.get("HOME", "/root")
    return kept | {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": home, "PIP_NO_CACHE_DIR": "1"}


def _python() -> str:
    """One that every user of this machine may run."""
    return shutil.which("python3", path="/usr/local/bin:/usr/bin") or "python3"


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/account/login/", timeout=30) as page:
            return page.status == 200
    except OSError:
        return False


def _kill(process: subprocess.Popen) -> float:
    """Seconds from kill -9 of the command until nothing it started runs."""
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    began = time.monotonic()
    process.wait()
    while any(_runs(child) for child in family):
        time.sleep(0.02)
    return time.monotonic() - began


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _megabytes(folder: Path) -> float:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6


def _make_user(name: str) -> pwd.struct_passwd:
    subprocess.run(["useradd", "--create-home", name], check=True)
    return pwd.getpwnam(name)
