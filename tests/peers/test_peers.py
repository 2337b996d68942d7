"""The counterpart servers are what we take them for, and leave nothing running behind."""

import os
import signal
import subprocess
import sys
import time

import httpx2
import psutil
import pytest

from tests.peers.processes import PEERS


def test_recorder_writes_down_every_post_and_keeps_no_keys(recorder):
    headers = {"Authorization": "Bearer recorder-1", "Idempotency-Key": "same"}
    for _ in range(2):
        answer = httpx2.post(f"{recorder.url}/api/v1/statuses", data={"status": "Soup"}, headers=headers)
        assert answer.status_code == 200
    assert [post["text"] for post in recorder.posts("recorder-1")] == ["Soup", "Soup"]


def test_recorder_honours_keys_when_asked(recorder):
    recorder.honour_keys(3600)
    headers = {"Authorization": "Bearer recorder-2", "Idempotency-Key": "same"}
    ids = {
        httpx2.post(f"{recorder.url}/api/v1/statuses", data={"status": "Soup"}, headers=headers).json()["id"]
        for _ in range(2)
    }
    assert len(ids) == len(recorder.posts("recorder-2")) == 1


def test_recorder_loses_the_answer_when_asked(recorder):
    recorder.fail(drop="after")
    with pytest.raises(httpx2.RemoteProtocolError):
        httpx2.post(
            f"{recorder.url}/api/v1/statuses", data={"status": "x"}, headers={"Authorization": "Bearer recorder-3"}
        )
    assert len(recorder.posts("recorder-3")) == 1


def test_server_dies_with_its_starter(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from tests.peers.recorder import Recorder\n"
        "print(Recorder(Path(sys.argv[1])).process.pid, flush=True); time.sleep(60)"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=PEERS.parents[1]
    )
    server = psutil.Process(int(starter.stdout.readline()))
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    deadline = time.monotonic() + 5
    while server.is_running() and server.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE


def test_bluesky_signs_a_person_up(bluesky):
    person = bluesky.make_person()
    assert bluesky.session(person)["did"] == person.did
    assert bluesky.posts(person) == []


def test_mastodon_same_key_makes_one_post(mastodon):
    person = mastodon.make_person()
    headers = {"Authorization": f"Bearer {person.token}", "Idempotency-Key": "same"}
    for _ in range(2):
        httpx2.post(f"{mastodon.url}/api/v1/statuses", data={"status": "Soup"}, headers=headers).raise_for_status()
    assert len(mastodon.statuses(person)) == 1
