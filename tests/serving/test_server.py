"""The server: right answers, reasons for refusals, and it outlives both."""

import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest

from deeplearn_utils.edge import artifact
from deeplearn_utils.edge.artifact import Predictor
from deeplearn_utils.edge.npy import to_npy
from deeplearn_utils.edge.runtime import Session
from deeplearn_utils.serving import Client, Refused, serve
from deeplearn_utils.serving.app import Limits
from deeplearn_utils.serving.server import listening

JSON, NPY = {"content-type": "application/json"}, {"content-type": "application/x-npy"}


@pytest.fixture(scope="module")
def http():
    """Give a plain HTTP client; several threads may use it."""
    with httpx.Client(trust_env=False, verify=False) as http:
        yield http


# Answers


def test_predictions_are_the_models_own(client, predictor, X):
    assert client.predict(X) == predictor.predict(X).tolist()
    np.testing.assert_array_equal(client.outputs(X), predictor.outputs(X), strict=True)


def test_json_answers_hold_outputs_too(server, http, predictor, X):
    answer = http.post(f"{server.url}/predict", json={"inputs": X.tolist()}).json()
    np.testing.assert_array_equal(np.float32(answer["outputs"]), predictor.outputs(X))
    assert answer["predictions"] == predictor.predict(X).tolist()


def test_health_and_version(client, packed):
    assert client.health() == {"status": "ok"}
    version = client.version()
    assert version["digest"] == artifact.digest(packed)
    assert version["input"] == {"shape": [3], "dtype": "float32", "low": 0.0, "high": 16.0}
    assert version["classes"] == ["upper", "lower"]
    assert version["versions"] == packed.versions


def test_metrics_count_what_happened(predictor, X):
    with serve(predictor) as server, Client(server.url) as client:
        client.predict(X)
        client.outputs(X[:2])
        with pytest.raises(Refused):
            client.outputs(X[:0])
        counts = client.metrics()
    assert counts['requests_total{status="200"}'] == 2
    assert counts['requests_total{status="422"}'] == 1
    assert counts["samples_total"] == 9
    assert counts["batch_samples_count"] == 2
    assert counts["batch_samples_sum"] == 9
    assert counts["request_seconds_count"] == 3


# Refusals


def nested(depth):
    return b'{"inputs": ' + b"[" * depth + b"1" + b"]" * depth + b"}"


def inputs(text):
    return b'{"inputs": %b}' % text


BAD = {
    "empty": (b"", JSON, 400, 'the body is empty; send {"inputs": [...]}'),
    "not JSON": (b"inputs=1", JSON, 400, "the body is no JSON: Expecting value: "),
    "cut off JSON": (b'{"inputs": [[1, 2', JSON, 400, "the body is no JSON: Expecting ',' "),
    "no text": (b"\xff\xfe", JSON, 400, "the body is no JSON: 'utf-8' codec can't decode "),
    "NaN": (
        inputs(b"[[1, 2, NaN]]"), JSON, 400,
        "the body is no JSON: NaN is no number in JSON; leave the sample out or fill the gap",
    ),
    "infinity": (
        inputs(b"[[1, 2, -Infinity]]"), JSON, 400,
        "the body is no JSON: -Infinity is no number in JSON; leave the sample out or fill the gap",
    ),
    "beyond float64": (
        inputs(b"[[1, 2, 1e999]]"), JSON, 422,
        "`inputs` must hold numbers that float32 can hold, got inf in row 0, column 2",
    ),
    "beyond float32": (
        inputs(b"[[1, 2, 3], [1, -1e39, 3]]"), JSON, 422,
        "`inputs` must hold numbers that float32 can hold, got -1e+39 in row 1, column 1",
    ),
    "a number of 400 digits": (
        inputs(b"[[1, 2, 1" + 400 * b"0" + b"]]"), JSON, 422,
        "`inputs` must hold numbers that float32 can hold",
    ),
    "a number of 5000 digits": (
        inputs(b"[[1, 2, 1" + 5000 * b"0" + b"]]"), JSON, 400, "the body is no JSON: Exceeds ",
    ),
    "out of range": (
        inputs(b"[[1, 2, 16.5]]"), JSON, 422,
        "`inputs` must lie within [0.0, 16.0], got 16.5 in row 0, column 2",
    ),
    "two columns": (
        inputs(b"[[1, 2]]"), JSON, 422, "`inputs` must have shape (n, 3), got (1, 2)",
    ),
    "one sample without a batch": (
        inputs(b"[1, 2, 3]"), JSON, 422,
        "`inputs` must have shape (n, 3), got (3,); one sample is a batch too: inputs[None]",
    ),
    "rows of different lengths": (
        inputs(b"[[1, 2, 3], [1, 2]]"), JSON, 422,
        "`inputs` must have shape (n, 3), got lists of different lengths",
    ),
    "too deep": (
        nested(4), JSON, 422, "`inputs` must have shape (n, 3), got deeper lists",
    ),
    "far too deep": (nested(9000), JSON, 400, "the body is no JSON: maximum recursion depth"),
    "words": (
        inputs(b'[["a", 2, 3]]'), JSON, 422, '`inputs` must hold numbers only, got "a"',
    ),
    "a long word": (
        inputs(b'[["%b"]]' % (999 * b"a")), JSON, 422,
        f'`inputs` must hold numbers only, got "{36 * "a"}...',
    ),
    "null": (inputs(b"[[null, 2, 3]]"), JSON, 422, "`inputs` must hold numbers only, got null"),
    "true": (inputs(b"[[true, 2, 3]]"), JSON, 422, "`inputs` must hold numbers only, got true"),
    "an object": (inputs(b"[[{}, 2, 3]]"), JSON, 422, "`inputs` must hold numbers only, got {}"),
    "a number alone": (
        inputs(b"7"), JSON, 422, "`inputs` must be a list of samples, got int",
    ),
    "no samples": (
        inputs(b"[]"), JSON, 422, "`inputs` must have shape (n, 3), got (0,)",
    ),
    "another key": (
        b'{"instances": []}', JSON, 422,
        "the JSON must be an object {\"inputs\": [...]}, got the keys ['instances']",
    ),
    "no object": (
        b"[[1, 2, 3]]", JSON, 422, 'the JSON must be an object {"inputs": [...]}, got list',
    ),
    "too many samples": (
        inputs(b"[" + 64 * b"[1,2,3]," + b"[1,2,3]]"), JSON, 413,
        "`inputs` may hold 64 samples, got 65; send several",
    ),
    "too large": (
        bytes(20_001), JSON, 413, "the body may have 20000 bytes; send fewer samples at once",
    ),
    "another content type": (
        b"x", {"content-type": "text/html"}, 415,
        "the content type must be application/json or application/x-npy, got 'text/html'",
    ),
    "no content type": (
        b"x", {}, 415, "the content type must be application/json or application/x-npy, got none",
    ),
    "no array": (b"hello", NPY, 400, "the body is no array that can be read: "),
    "an array cut off": (
        to_npy(np.ones((2, 3), "float32"))[:-1], NPY, 400,
        "the body is no array that can be read: an array of shape (2, 3) and dtype float32 takes ",
    ),
    "another dtype": (
        to_npy(np.ones((2, 3))), NPY, 422,
        '`inputs` must have dtype float32, got float64; try inputs.astype("float32")',
    ),
    "an array with NaN": (
        to_npy(np.full((1, 3), np.nan, "float32")), NPY, 422,
        "`inputs` must be finite, got 3 NaN, the first in row 0, column 0",
    ),
    "a number as array": (
        to_npy(np.array(1, "float32"))[:-4] + b"\0" * 4, NPY, 422, "`inputs` must ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_request_is_told_why(kind, server, http):
    content, headers, status, reason = BAD[kind]
    answer = http.post(f"{server.url}/predict", content=content, headers=headers)
    assert answer.json()["error"].startswith(reason)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/predict", 405), ("POST", "/health", 405), ("GET", "/", 404), ("PUT", "/x", 404)],
)
def test_a_word_that_it_does_not_know(method, path, status, server, http):
    answer = http.request(method, f"{server.url}{path}")
    assert answer.status_code == status
    words = "POST /predict, GET /health, GET /version, GET /metrics"
    assert answer.json() == {"error": f"{method} {path} is none of {words}"}


def raw(server, *pieces):
    """Send bytes that no HTTP client would, and return the first line of the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return connection.makefile("rb").read()


def test_a_client_that_is_too_slow(server):
    head = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    answer = raw(server, head + b"content-length: 100\r\n\r\n", b'{"inputs"')
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert answer.endswith(b'{"error":"the body did not arrive within 0.5 seconds"}')


def test_a_body_that_goes_on_without_saying_how_long(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(
            b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        chunk = b"1000\r\n" + bytes(0x1000) + b"\r\n"
        for _ in range(5):
            connection.sendall(chunk)
        assert connection.recv(12) == b"HTTP/1.1 413"


def test_a_client_that_hangs_up_and_one_that_speaks_no_http(server, client, predictor, X):
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
    assert raw(server, b"\x16\x03\x01\x02 hello\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert client.predict(X) == predictor.predict(X).tolist()


def test_outputs_that_are_not_finite_are_refused(packed, X):
    session = Session(lambda X: np.full((len(X), 2), np.inf, "float32"))
    with serve(Predictor(packed, session, None)) as server, Client(server.url) as client:
        reason = "the model has no finite output for these `inputs`"
        with pytest.raises(Refused, match=f"^{reason}$") as caught:
            client.predict(X)
        assert caught.value.status == 422


def told_broken(compute, packed, http):
    with serve(Predictor(packed, Session(compute), None)) as server:
        answer = http.get(f"{server.url}/health")
        with Client(server.url) as client:
            assert client.health() == answer.json()
    return answer.status_code, answer.json()["status"]


def test_health_says_what_is_wrong_with_the_model(packed, predictor, http):
    """Alive is not enough: the golden output is asked for."""

    def stopped(X):
        raise RuntimeError("the runtime stopped")

    assert told_broken(stopped, packed, http) == (503, "broken: the runtime stopped")
    status, told = told_broken(lambda X: predictor.session(X) + np.float32(0.5), packed, http)
    assert (status, told.partition(" (")[0]) == (503, "broken: the largest difference is 0.5")
    status, told = told_broken(lambda X: predictor.session(X) * np.float32("nan"), packed, http)
    assert (status, told.partition(" (")[0]) == (503, "broken: the largest difference is nan")


# It outlives both


def test_two_hundred_bad_requests_among_good_ones(server, http, predictor, X):
    """No answer of 5xx, and every good request gets its own right answer."""
    rng = np.random.default_rng(7)
    kinds = list(BAD)
    jobs = [kinds[i % len(kinds)] for i in range(204)] + [int(i) for i in rng.integers(7, size=200)]
    expected = predictor.outputs(X)

    def send(job):
        if isinstance(job, str):
            content, headers, status, _ = BAD[job]
            answer = http.post(f"{server.url}/predict", content=content, headers=headers)
            return answer.status_code == status
        answer = http.post(f"{server.url}/predict", json={"inputs": [X[job].tolist()]})
        return np.allclose(answer.json()["outputs"], expected[job : job + 1], rtol=1e-5)

    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(send, [jobs[i] for i in rng.permutation(len(jobs))]))
    assert len(kinds) >= 20
    assert all(done)
    assert len(done) == 404


def test_under_load_each_request_is_answered_once_or_told_to_come_back(predictor):
    """More clients than the queue has places: nothing is lost, mixed up or computed twice."""
    rng = np.random.default_rng(3)
    clients, requests = 16, 20
    jobs = rng.uniform(0, 16, (clients, requests, 5, 3)).astype("float32")
    sizes = rng.integers(1, 6, (clients, requests))

    def ask(client, X):
        for refusals in range(10_000):
            try:
                return client.outputs(X), refusals
            except Refused as refused:
                if refused.status != 429:
                    raise
        raise AssertionError("refused for ever")

    def work(jobs, sizes):
        with Client(server.url, seconds=300) as client:
            answers = [ask(client, X[:n]) for X, n in zip(jobs, sizes, strict=True)]
        for X, n, (outputs, _) in zip(jobs, sizes, answers, strict=True):
            np.testing.assert_allclose(outputs, predictor.outputs(X[:n]), rtol=1e-5, atol=1e-6)
        return sum(refusals for _, refusals in answers)

    with (
        serve(predictor, most_samples=8, most_waiting=16) as server,
        ThreadPoolExecutor(clients) as threads,
    ):
        refused = sum(threads.map(work, jobs, sizes))
        with Client(server.url) as client:
            counts = client.metrics()
    statuses = {name: n for name, n in counts.items() if name.startswith("requests_total")}
    told = {'requests_total{status="200"}': clients * requests}
    told |= {'requests_total{status="429"}': refused} if refused else {}
    assert statuses == told
    assert counts["samples_total"] == counts["batch_samples_sum"] == sizes.sum()
    assert counts["waiting_samples"] == 0


class Gate:
    """A model that waits until it is let go, and keeps count of its batches."""

    def __init__(self, predictor):
        self.predictor, self.open = predictor, threading.Event()
        self.entered, self.sizes = threading.Event(), []

    def __call__(self, X):
        self.sizes.append(len(X))
        self.entered.set()
        assert self.open.wait(60)
        return self.predictor.session(X)

    def served(self, **limits):
        artifact = self.predictor.artifact
        return serve(Predictor(artifact, Session(self), None), **limits)


def wait_for(server, n):
    """Return once so many samples wait for the model."""
    with Client(server.url) as client:
        for _ in range(6000):
            if client.metrics()["waiting_samples"] == n:
                return
            threading.Event().wait(0.01)
    raise AssertionError(f"never did {n} samples wait")


def test_requests_that_come_together_are_computed_together(predictor, X):
    gate = Gate(predictor)
    expected = predictor.outputs(X)
    with gate.served(most_samples=64, most_waiting=64) as server, ThreadPoolExecutor(8) as threads:

        def ask(i):
            with Client(server.url) as client:
                return client.outputs(X[i : i + 1])

        first = threads.submit(ask, 0)
        assert gate.entered.wait(60)
        others = [threads.submit(ask, i) for i in range(1, 7)]
        wait_for(server, 6)
        gate.open.set()
        answers = [first.result(), *(other.result() for other in others)]
    np.testing.assert_allclose(np.concatenate(answers), expected, rtol=1e-5)
    assert gate.sizes == [1, 6]


def test_too_many_at_once_are_told_to_come_back(predictor, http, X):
    gate = Gate(predictor)
    with gate.served(most_samples=4, most_waiting=5) as server, ThreadPoolExecutor(4) as threads:

        def ask(n):
            with Client(server.url) as client:
                return client.outputs(X[:n])

        first = threads.submit(ask, 1)
        assert gate.entered.wait(60)
        second = threads.submit(ask, 4)
        wait_for(server, 4)
        reason = "4 samples are waiting already; try again in a moment"
        with pytest.raises(Refused, match=f"^{reason}$") as caught:
            ask(2)
        assert caught.value.status == 429
        content, headers = to_npy(X[:2]), NPY
        again = http.post(f"{server.url}/predict", content=content, headers=headers)
        assert (again.status_code, again.headers["retry-after"]) == (429, "1")
        threads.submit(ask, 1)
        wait_for(server, 5)
        with Client(server.url) as client:
            assert client.health() == {"status": "busy"}
        gate.open.set()
        assert len(first.result()) == 1
        assert len(second.result()) == 4


def open_when_stopping(gate, server):
    """Let the model go once nobody can connect any more."""
    for _ in range(6000):
        try:
            socket.create_connection(("127.0.0.1", server.port)).close()
        except OSError:
            break
        threading.Event().wait(0.01)
    gate.open.set()


def test_a_stop_answers_what_is_under_way(predictor, X):
    gate = Gate(predictor)
    expected = predictor.outputs(X)
    with ThreadPoolExecutor(8) as threads:
        with gate.served(most_samples=64, most_waiting=64) as server:

            def ask(i):
                with Client(server.url) as client:
                    return client.outputs(X[i : i + 1])

            first = threads.submit(ask, 0)
            assert gate.entered.wait(60)
            others = [threads.submit(ask, i) for i in range(1, 7)]
            wait_for(server, 6)
            threads.submit(open_when_stopping, gate, server)
        answers = [first.result(), *(other.result() for other in others)]
    np.testing.assert_allclose(np.concatenate(answers), expected, rtol=1e-5)
    with pytest.raises(httpx.ConnectError), Client(server.url) as client:
        client.health()


def test_a_model_that_fails_is_the_servers_fault_and_it_goes_on(predictor, X):
    answers = iter([RuntimeError("the runtime stopped"), None])

    def compute(Z):
        error = next(answers)
        if error:
            raise error
        return predictor.session(Z)

    broken = Predictor(predictor.artifact, Session(compute), None)
    with serve(broken) as server, Client(server.url) as client:
        with pytest.raises(Refused) as caught:
            client.outputs(X)
        assert caught.value.status == 500
        np.testing.assert_array_equal(client.outputs(X), predictor.outputs(X))


# Ports


def test_a_port_that_is_taken(predictor, server):
    message = (
        f"port {server.port} can't be used (Address already in use); try another one, or 0 for any"
    )
    with (
        pytest.raises(OSError, match=f"^{re.escape(message)}$"),
        serve(predictor, port=server.port),
    ):
        pass


def test_answers_are_sent_at_once():
    """By this, asyncio switches Nagle's algorithm off; a small answer else waits 40 ms."""
    with listening(0) as server_socket:
        assert server_socket.proto == socket.IPPROTO_TCP


def test_only_this_machine_reaches_it(server):
    assert server.url == f"http://127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    ("port", "message"),
    [
        (-1, "`port` must be at least 0, got -1"),
        (65536, "`port` must be a number in [0, 65535], got 65536"),
    ],
)
def test_a_port_that_none_has(predictor, port, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"), serve(predictor, port=port):
        pass


@pytest.mark.parametrize(
    ("error", "message", "limits"),
    [
        (ValueError, "`most_samples` must be at least 1, got 0", {"most_samples": 0}),
        (TypeError, "`most_bytes` must be a whole number, got 1.5", {"most_bytes": 1.5}),
        (ValueError, "`seconds` must be a number in (0, inf), got nan", {"seconds": np.nan}),
        (ValueError, "`window` must be a number in [0, inf), got -1", {"window": -1}),
        (
            ValueError,
            "`most_waiting` must be at least `most_samples`, 256, got 8",
            {"most_waiting": 8},
        ),
    ],
)
def test_limits_that_no_server_can_keep(error, message, limits):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        Limits(**limits)


def test_a_client_sends_no_gap_as_a_number(client):
    gap = np.ma.masked_array(np.ones((1, 3)), mask=[[False, True, False]])
    for X in (gap, [[1.0, None, 1.0]]):
        message = "`X` must be finite, got 1 NaN, the first in row 0, column 1"
        with pytest.raises(ValueError, match=f"^{message}$"):
            client.predict(X)
