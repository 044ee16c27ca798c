import os
import signal
import subprocess
import sys

import pytest

from features.errors import Refused
from scoring.store import exclusive

HOLDING = """
import sys, time
from scoring.store import exclusive, prepare
prepare()
with exclusive("retrain", 5):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(stores):
    """Another process that holds the name until its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    with process:
        yield process


def test_a_second_one_is_told_who_holds_the_name(holder):
    with pytest.raises(Refused, match=rf"held by luodi retrain, pid {holder.pid}@"), exclusive("retrain", 0.3):
        pass


def test_another_name_is_free(holder):
    with exclusive("outcomes", 0):
        pass


def test_who_waits_comes_in_when_the_holder_has_ended(holder):
    holder.stdin.close()
    with exclusive("retrain", 30):
        pass


def test_a_killed_holder_holds_nothing(holder):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with exclusive("retrain", 10), pytest.raises(Refused, match=rf"pid {os.getpid()}@"), exclusive("retrain", 0):
        pass


def test_a_failure_lets_go(stores):
    with pytest.raises(ZeroDivisionError), exclusive("retrain", 0):
        raise ZeroDivisionError
    with exclusive("retrain", 0):
        pass
