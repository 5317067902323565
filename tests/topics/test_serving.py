"""The service answers what the model answers, refuses everything else in words, and stays alive."""

import json
import socket
from types import SimpleNamespace

import numpy as np
import pytest

from course_lib.topics import serving
from course_lib.topics.serving import MAX_BYTES, Refused, Service, parse, request
from course_lib.topics.serving import serving as running

FEATURES = ("a", "b")


def model(version="1", predict=None, features=FEATURES):
    def predict_proba(x):
        p = 1 / (1 + np.exp(-(x @ [1.0, -1.0])))
        return np.column_stack([1 - p, p])

    return SimpleNamespace(version=version, features=features, classes=("no", "yes"),
                           predict_proba=predict or predict_proba)  # fmt: skip


def body(*rows):
    return json.dumps({"rows": rows}).encode()


GOOD = {"a": 1, "b": -2.5}
HOSTILE = {  # name: (body, status, what the answer must say)
    "empty": (b"", 400, "not JSON"),
    "cut short": (b'{"rows": [', 400, "not JSON"),
    "not UTF-8": (b"\xff\xfe{}", 400, "not JSON"),
    "NaN": (b'{"rows": [{"a": NaN, "b": 1}]}', 400, "NaN"),
    "Infinity": (b'{"rows": [{"a": -Infinity, "b": 1}]}', 400, "Infinity"),
    "a name twice": (b'{"rows": [{"a": 1, "a": 2, "b": 1}]}', 400, "twice"),
    "nested too deep": (b"[" * 50_000, 400, "not JSON"),
    "a long number": (b'{"rows": [{"a": ' + b"9" * 5000 + b', "b": 1}]}', 400, "not JSON"),  # over int's limit
    "a list": (b"[1, 2]", 422, "rows"),
    "null": (b"null", 422, "rows"),
    "no rows": (body(), 422, "at least one row"),
    "another key": (b'{"rows": [{"a": 1, "b": 1}], "debug": true}', 422, "expected"),
    "rows no list": (b'{"rows": {"a": 1, "b": 2}}', 422, "expected"),
    "a row no object": (body([1, 2]), 422, "row 0"),
    "a second row no object": (body(GOOD, None), 422, "row 1"),
    "missing": (body({"a": 1}), 422, "'b'"),
    "unknown": (body(GOOD | {"c": 1}), 422, "'c'"),
    "text": (body(GOOD | {"b": "2"}), 422, "row 0, b"),
    "true": (body(GOOD | {"b": True}), 422, "got true"),
    "null value": (body(GOOD | {"b": None}), 422, "got null"),
    "a list for a number": (body(GOOD | {"b": [1]}), 422, "must be a number"),
    "1e999": (b'{"rows": [{"a": 1e999, "b": 1}]}', 422, "too large"),
    "10**400": (body(GOOD | {"a": 10**400}), 422, "too large"),
    "too many rows": (body(*[GOOD] * 257), 422, "at most 256"),
    "too many bytes": (b" " * (MAX_BYTES + 1), 413, "bytes"),
}


def test_rows_come_in_the_models_order_of_features():
    np.testing.assert_array_equal(parse(body({"b": 2, "a": 1}, {"a": 3, "b": 4.5}), FEATURES), [[1, 2], [3, 4.5]])


@pytest.mark.parametrize("name", HOSTILE)
def test_what_does_not_fit_is_refused_with_a_reason(name):
    sent, status, says = HOSTILE[name]
    with pytest.raises(Refused) as refused:
        parse(sent, FEATURES)
    assert refused.value.status == status
    assert says in refused.value.reason
    assert len(refused.value.reason) < 250


def test_the_answer_is_the_models():
    status, answer = Service(model()).answer("POST", "/predict", body(GOOD, {"a": 0, "b": 3}))
    assert status == 200
    np.testing.assert_array_equal(answer["probabilities"], model().predict_proba(np.array([[1, -2.5], [0, 3]])))
    assert answer["classes"] == ["yes", "no"]
    assert answer["version"] == "1"


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/health", 200), ("GET", "/schema", 200), ("GET", "/predict", 405), ("POST", "/health", 405),
    ("GET", "/", 404), ("GET", "/../secret", 404), ("DELETE", "/predict", 405), ("GET", "/health?x=1", 404),
])  # fmt: skip
def test_paths_and_methods(method, path, status):
    assert Service(model()).answer(method, path)[0] == status


def test_a_model_that_fails_gives_nothing_away():
    def fails(x):
        raise RuntimeError("secret path and password")

    status, answer = Service(model(predict=fails)).answer("POST", "/predict", body(GOOD))
    assert status == 500
    assert "secret" not in json.dumps(answer)


def test_a_probability_that_is_no_number_is_not_sent():
    service = Service(model(predict=lambda x: np.full((len(x), 2), np.nan)))
    assert service.answer("POST", "/predict", body(GOOD))[0] == 422


def test_deploy_and_rollback():
    service = Service(model("1"))
    service.deploy(model("2", lambda x: np.tile([0.9, 0.1], (len(x), 1))))
    assert service.answer("POST", "/predict", body(GOOD))[1]["version"] == "2"
    assert service.rollback() == "1"
    assert service.answer("POST", "/predict", body(GOOD))[1]["classes"] == ["yes"]
    with pytest.raises(ValueError, match="no earlier"):
        service.rollback()
    with pytest.raises(ValueError, match="other features"):
        service.deploy(model("3", features=("b", "a")))
    assert service.model.version == "1"


def test_latency_counts_predictions_only():
    service = Service(model())
    assert np.isnan(service.latency())
    service.answer("GET", "/health")
    service.answer("POST", "/predict", b"nonsense")
    assert np.isnan(service.latency())
    for _ in range(3):
        service.answer("POST", "/predict", body(GOOD))
    assert len(service.seconds) == 3
    assert 0 < service.latency(50) <= service.latency(95)


@pytest.fixture(scope="module")
def port():
    with running(Service(model())) as port:
        yield port


def test_http_gives_the_offline_answers(port):
    status, answer = request(port, "POST", "/predict", {"rows": [GOOD]})
    assert status == 200
    assert answer["probabilities"] == model().predict_proba(np.array([[1, -2.5]])).tolist()


@pytest.mark.parametrize("name", HOSTILE)
def test_http_refuses_the_same_and_lives_on(port, name):
    sent, status, _ = HOSTILE[name]
    assert request(port, "POST", "/predict", sent)[0] == status
    assert request(port, "GET", "/health") == (200, {"status": "ok", "version": "1"})


@pytest.mark.parametrize(("head", "status"), [
    (b"POST /predict HTTP/1.1\r\nContent-Length: -5", 400),
    (b"POST /predict HTTP/1.1\r\nContent-Length: abc", 400),
    (b"POST /predict HTTP/1.1\r\nContent-Length: 99999999999999999999", 413),
    (b"POST /predict HTTP/1.1\r\nContent-Length: 200000", 413),
    ("POST /predict HTTP/1.1\r\nContent-Length: ²".encode("latin-1"), 400),
    (b"POST /predict HTTP/1.1\r\nTransfer-Encoding: chunked", 400),
    (b"POST /predict HTTP/1.1", 400),
    (b"BREW /predict HTTP/1.1", 501),
    (b"nonsense", 400),
])  # fmt: skip
def test_raw_requests(port, head, status):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as sent:
        sent.sendall(head + b"\r\n\r\n")
        reply = b"".join(iter(lambda: sent.recv(4096), b""))
    assert f" {status} ".encode() in reply.split(b"\r\n")[0] or f"code: {status}".encode() in reply
    assert request(port, "GET", "/health")[0] == 200


def test_who_hangs_up_early_does_no_harm(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as sent:
        sent.sendall(b"POST /predict HTTP/1.1\r\nContent-Length: 50\r\n\r\nhalf")
    assert request(port, "GET", "/health")[0] == 200


def test_who_sends_nothing_is_let_go(monkeypatch):
    monkeypatch.setattr(serving._Handler, "timeout", 0.1)
    with running(Service(model())) as port, socket.create_connection(("127.0.0.1", port), timeout=5) as silent:
        silent.sendall(b"POST /predict HTTP/1.1\r\nContent-Length: 50\r\n\r\n")
        assert b"200" not in silent.recv(4096)  # closed or refused, not left open
        assert request(port, "GET", "/health")[0] == 200


def test_only_this_computer_is_served():
    with running(Service(model())) as port, pytest.raises(OSError):  # noqa: PT011
        socket.create_connection(("127.0.0.2", port), timeout=1)
