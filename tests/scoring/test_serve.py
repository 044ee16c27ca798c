import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pandas as pd
import pytest

from models.registry import log

LUODI = Path(sys.executable).with_name("luodi")
DAY = "2025-01-30"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def answer(port, path, body=None, kind="application/json"):
    """The status and the body of an answer; no proxy may stand between."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, {"Content-Type": kind} if body else {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as found:
            return found.status, found.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture(scope="module")
def office(store_templates, empty_registry, hashed_password, model, tmp_path_factory):
    """An office whose champion is the demonstration's model; its folder of state."""
    from django.contrib.auth.models import Group

    from scoring.review.approvals import approve, propose
    from scoring.review.models import User

    def person(name, role):
        user = User.objects.create(name=name, password=hashed_password)
        user.groups.set(Group.objects.filter(name=role))
        return user

    folder = tmp_path_factory.mktemp("office") / "var"
    with store_templates.place("sqlite", folder):
        (folder / "mlflow.db").write_bytes(empty_registry.read_bytes())
        told = log(model, parameters={}, metrics={}, artifacts={}, tags={}, loader_module="scoring.serving")
        propose(told.version, told.bundle_hash, person("an", "analyst"), "better")
        approve(told.version, person("bo", "chair"), "agreed")  # the alias lags behind until it is served
    return folder


@pytest.fixture(scope="module")
def server(office):
    """``luodi models serve`` on a free port, with no program of the environment on the PATH; the port."""
    port = free_port()
    env = {**os.environ, "LUODI_VAR": str(office), "PATH": os.defpath}
    for name in ("DATABASE_URL", "MLFLOW_TRACKING_URI"):
        env.pop(name, None)
    log_file = office.parent / "serve.log"
    with log_file.open("w") as told:
        running = subprocess.Popen(
            [LUODI, "models", "serve", "--port", str(port), "--lang", "en"],
            cwd=office.parent, env=env, stdout=told, stderr=told, start_new_session=True,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + 180
            while not _is_up(port):
                assert running.poll() is None, log_file.read_text()
                assert time.monotonic() < deadline, log_file.read_text()
                time.sleep(0.5)
            yield port
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(60)
    deadline = time.monotonic() + 60
    while _is_up(port):  # the web server goes with the process that started it
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _is_up(port):
    try:
        return answer(port, "/ping")[0] == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def frame(request_frame):
    """The demonstration's round as strict JSON can hold it: None for what is missing."""
    return request_frame.astype(object).where(request_frame.notna(), None)


@pytest.fixture(scope="module")
def scored(office, frame, model, tmp_path_factory):
    """What ``luodi score`` writes of the same rows in a sheet, with the registered champion."""
    folder = tmp_path_factory.mktemp("scored")
    frame.to_csv(folder / "round.csv", index=False)
    done = subprocess.run(
        [LUODI, "score", "round.csv", "--model", "models:/luodi@champion", "--out", "out.csv", "--as-of", DAY],
        cwd=folder, env={**os.environ, "LUODI_VAR": str(office)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with (folder / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["project_name"]: row for row in csv.DictReader(file)}


def body(frame, orient="records", **params):
    told = frame.to_dict("records") if orient == "records" else split(frame)
    return json.dumps({f"dataframe_{orient}": told, "params": {"as_of": DAY, **params}}, allow_nan=False).encode()


def split(frame):
    return {"columns": list(frame.columns), "data": frame.to_numpy(object).tolist()}


@pytest.mark.parametrize("orient", ["records", "split"])
def test_the_server_answers_with_the_scores_of_the_command_line(server, frame, scored, orient):
    status, text = answer(server, "/invocations", body(frame, orient))
    assert status == 200, text
    answers = json.loads(text, parse_constant=pytest.fail)["predictions"]
    assert len(answers) == len(frame) == len(scored)
    files = {"p_landed": "p_landed", "p_produced": "p_produced", "p_low": "p_produced_low", "p_high": "p_produced_high"}
    for name, told in zip(frame["project_name"], answers, strict=True):
        for column, filed in files.items():
            if told[column] is None:
                assert (scored[name][filed], told["status"]) == ("", "vetoed")
            else:
                assert abs(told[column] - float(scored[name][filed])) <= 1e-12
        assert (told["grade"] or "") == scored[name]["grade"]
        assert told["model_hash"] == scored[name]["model_hash"]


def test_a_sheet_in_csv_is_answered_the_same(server, frame):
    text = frame.to_csv(index=False).encode()
    status, told = answer(server, "/invocations", text, "text/csv")
    assert status == 200, told
    by_json = json.loads(answer(server, "/invocations", body(frame, as_of=""))[1])
    assert json.loads(told) == by_json


def test_the_example_of_the_model_is_answered(server, office):
    (example,) = office.glob("mlartifacts/models/*/artifacts/serving_input_example.json")
    status, text = answer(server, "/invocations", example.read_bytes())
    assert (status, json.loads(text)["predictions"][0]["status"]) == (200, "scored")


def without(frame, column):
    return frame.drop(columns=column)


BAD = {
    "a column is missing": lambda frame: body(without(frame, "total_investment")),
    "words where a number belongs": lambda frame: body(frame.assign(total_investment="三亿")),
    "a number where words belong": lambda frame: body(frame.assign(investor_name=5)),
    "a list in a cell": lambda frame: body(frame.assign(investor_name=[["a"]] * len(frame))),
    "an object in a cell": lambda frame: body(frame.assign(total_investment=[{"a": 1}] * len(frame))),
    "no rows": lambda frame: body(frame.head(0)),
    "no rows but columns": lambda frame: body(frame.head(0), "split"),
    "a column twice": lambda frame: body(pd.concat([frame, frame[["jobs"]]], axis=1), "split"),
    "broken JSON": lambda frame: body(frame)[:-40],
    "no JSON at all": lambda frame: b"project_name,jobs",
    "bytes that are no text": lambda frame: b'{"dataframe_records": "\xff\xfe"}',
    "empty": lambda frame: b" ",
    "an empty object": lambda frame: b"{}",
    "a list": lambda frame: b"[1, 2]",
    "numbers for rows": lambda frame: b'{"dataframe_records": [1, 2]}',
    "another shape": lambda frame: b'{"messages": [{"role": "user", "content": "hello"}]}',
    "a ragged split": lambda frame: b'{"dataframe_split": {"columns": ["jobs"], "data": [[1, 2]]}}',
    "a strange day": lambda frame: body(frame, as_of="soon"),
    "a strange language": lambda frame: body(frame, lang="fr"),
    "a day of another type": lambda frame: body(frame, as_of=["2025-01-30"]),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_request_is_told_so_and_the_server_stays(server, frame, what):
    status, text = answer(server, "/invocations", BAD[what](frame.head(2)))
    assert 400 <= status < 500, text
    assert "Traceback" not in text
    assert answer(server, "/ping")[0] == 200


@pytest.mark.parametrize("kind", ["application/xml", "application/json; charset=gb18030"])
def test_a_body_of_another_kind_is_refused(server, frame, kind):
    assert answer(server, "/invocations", body(frame.head(1)), kind)[0] == 415


def test_only_this_machine_is_answered(server):
    addresses = {line[4][0] for line in socket.getaddrinfo(socket.gethostname(), server, socket.AF_INET)}
    for address in addresses - {"127.0.0.1", "127.0.1.1"}:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((address, server), 5).close()


def test_mlflow_itself_serves_nothing_that_nobody_approved(office, tmp_path):
    env = {**os.environ, "LUODI_VAR": str(tmp_path / "elsewhere"), "MLFLOW_DISABLE_TELEMETRY": "true"}
    env["PATH"] = os.pathsep.join([str(LUODI.parent), os.defpath])
    (place,) = office.glob("mlartifacts/models/*/artifacts")
    done = subprocess.run(
        [LUODI.with_name("mlflow"), "models", "serve", "-m", place, "-p", str(free_port()), "--env-manager", "local"],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=180,
    )  # fmt: skip
    assert done.returncode != 0
    assert "luodi store init" in done.stderr
