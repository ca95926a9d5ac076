"""The mixed load: good, wrong, cancelled, late and broken-off requests at the same time."""

import io
import random
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np
import PIL.Image

from tests.e2e.client import INFER_PATH, Client, arrays, infer_request, outcome
from tests.e2e.cutter import Cutter
from tests.e2e.http2 import ConnectionEndedError, RawConnection, prefixed, with_header
from tests.e2e.tensors import Array, samples

Driver = Callable[[str, int], None]
ROUNDS = 150
OK, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED = 0, 4, 8
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
OVERLOADED = (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.DEADLINE_EXCEEDED)


def rows(count: int, width: int, value: float) -> dict[str, Array]:
    return {"INPUT0": np.full((count, width), value, np.float32)}


def good(address: str, seed: int) -> None:
    """Mixed sizes of several models; every value is checked."""
    choose = random.Random(seed)
    with Client(address) as client:
        for _ in range(ROUNDS):
            sent = []
            for _ in range(20):
                count = choose.choice([1, 1, 2, 5, 32])
                model, width = choose.choice([("identity", 16), ("dynamic_inner", 1 + seed % 5)])
                inputs = rows(count, width, choose.random())
                sent.append((inputs, client.start(infer_request(model, inputs))))
            for inputs, call in sent:
                assert (arrays(call.result())["OUTPUT0"] == inputs["INPUT0"]).all()


def strings(address: str, seed: int) -> None:
    with Client(address) as client:
        for i in range(ROUNDS):
            batch = samples("BYTES", (1 + i % 32, 4))
            assert client.infer("strings", {"INPUT0": batch})["OUTPUT0"].tolist() == batch.tolist()


def large(address: str, seed: int) -> None:
    with Client(address) as client:
        for _ in range(ROUNDS):
            batch = rows(8, 37500, seed)
            assert (client.infer("image", batch)["OUTPUT0"] == batch["INPUT0"]).all()


def failing(address: str, seed: int) -> None:
    """Batches that fail in Run beside some that do not."""
    with Client(address) as client:
        calls = [
            client.start(infer_request("fails_at_run", {"INDEX": np.array([i % 6], np.int64)}))
            for i in range(10 * ROUNDS)
        ]
        codes = {failed.code for call in calls if (failed := outcome(call)) is not None}
        assert codes <= {grpc.StatusCode.INTERNAL}, codes


def cancelling(address: str, seed: int) -> None:
    with Client(address) as client:
        for _ in range(ROUNDS):
            calls = [client.start(infer_request("identity", rows(2, 16, 1))) for _ in range(20)]
            for call in calls[::2]:
                call.cancel()
            assert all(outcome(call) is None for call in calls[1::2])


def late(address: str, seed: int) -> None:
    """Deadlines that pass on arrival, in the queue or during the run, or cannot be met."""
    message = infer_request("identity", rows(1, 16, 1)).SerializeToString()
    for _ in range(ROUNDS):
        with RawConnection(address) as connection:
            for i, timeout in enumerate(("1n", "50u", "200u", "1m", "20m") * 2):
                stream = 2 * i + 1
                connection.call(stream, prefixed(message), with_header(("grpc-timeout", timeout)))
                assert connection.answer(stream).status in (
                    OK,
                    DEADLINE_EXCEEDED,
                    RESOURCE_EXHAUSTED,
                )


def overload(address: str, seed: int) -> None:
    """Bursts of several times what a slow model can answer within their deadlines; some of it is
    cancelled, some has no deadline, and priorities are mixed."""
    choose = random.Random(seed)
    codes = set()
    with Client(address) as client:
        for _ in range(ROUNDS // 5):
            calls = []
            for _ in range(60):
                request = infer_request("slow", rows(choose.choice([1, 1, 3]), 2048, 1))
                request.parameters["priority"].uint64_param = choose.choice([0, 1, 2])
                timeout = choose.choice([0.004, 0.02, 0.05, 0.2, 60.0])
                calls.append(client.inference.ModelInfer.future(request, timeout=timeout))
            choose.shuffle(calls)
            for call in calls[:6]:
                call.cancel()
            ended = [outcome(call) for call in calls[6:]]
            codes |= {failed.code if failed else None for failed in ended}
    assert None in codes
    assert codes <= {None, *OVERLOADED}, codes


def pictures(address: str, seed: int) -> None:
    """Good ones and bad ones in one batch, some of them cancelled."""
    choose = random.Random(seed)
    noise = np.random.default_rng(seed)
    files = []
    for form in ("PNG", "JPEG", "WEBP"):
        file = io.BytesIO()
        pixels = noise.integers(0, 256, (48, 64, 3), np.uint8)
        PIL.Image.fromarray(pixels).save(file, form)
        files.append(file.getvalue())
    with Client(address) as client:
        alone = [client.infer("pictures", _encoded(file))["OUTPUT0"] for file in files]
        for _ in range(ROUNDS // 3):
            picked = [choose.randrange(len(files)) for _ in range(12)]
            sent = [client.start(infer_request("pictures", _encoded(files[i]))) for i in picked]
            cut = _encoded(files[0][: choose.randrange(len(files[0]) // 2)])
            bad = client.start(infer_request("pictures", cut))
            for call in sent[::3]:
                call.cancel()
            refused = outcome(bad)
            assert refused is not None
            assert refused.code is grpc.StatusCode.INVALID_ARGUMENT, refused
            for number, (i, call) in enumerate(zip(picked, sent, strict=True)):
                if number % 3:
                    assert (arrays(call.result())["OUTPUT0"] == alone[i]).all()


def _encoded(file: bytes) -> dict[str, Array]:
    return {"INPUT0": np.array([[file]], np.object_)}


def malformed(address: str, seed: int) -> None:
    """Good messages with some bytes changed, cut or doubled."""
    change = random.Random(seed)
    message = infer_request("strings", {"INPUT0": samples("BYTES", (1, 4))}).SerializeToString()
    with Client(address) as client:
        for _ in range(10 * ROUNDS):
            mutant = bytearray(message)
            for _ in range(change.randint(1, 8)):
                mutant[change.randrange(min(80, len(mutant)))] = change.randrange(256)
            if change.random() < 0.3:
                del mutant[change.randrange(len(mutant)) :]
            call = client.start_call(INFER_PATH, bytes(mutant))
            failed = outcome(call)
            assert failed is None or failed.code is not UNAVAILABLE, failed


def broken_off(address: str, seed: int) -> None:
    Cutter(address, infer_request("identity", rows(1, 16, 1)).SerializeToString()).cut_many(
        seed, 5 * ROUNDS
    )


def garbage(address: str, seed: int) -> None:
    """Bytes that are not HTTP/2, after a good start or from the first one."""
    noise = random.Random(seed)
    for i in range(2 * ROUNDS):
        with RawConnection(address, hello=bool(i % 2)) as connection:
            try:
                connection.send(noise.randbytes(noise.randint(1, 2000)))
                if i % 3 == 0:
                    connection.ping()
            except (ConnectionEndedError, OSError):
                continue


DRIVERS: Mapping[str, Driver] = {
    each.__name__: each
    for each in (
        *(good, strings, large, failing, cancelling, pictures),
        *(late, overload, malformed, broken_off, garbage),
    )
}


def run_mixed_load(address: str) -> None:
    """Every driver twice, all at once; raises what the first failed one raised."""
    with ThreadPoolExecutor(2 * len(DRIVERS)) as pool:
        running = [
            pool.submit(driver, address, seed) for seed in (1, 2) for driver in DRIVERS.values()
        ]
        for each in running:
            each.result()


def run_until_refused(address: str, terminate: Callable[[], None]) -> None:
    """Full load on four connections, then `terminate` in the middle of it. A call may end with
    OK or UNAVAILABLE, nothing else."""
    started = threading.Semaphore(0)
    request = infer_request("identity", rows(2, 16, 1))

    def drive() -> None:
        with Client(address) as client:
            refused = False
            while not refused:
                calls = [client.start(request) for _ in range(32)]
                started.release()
                for call in calls:
                    failed = outcome(call)
                    refused = refused or failed is not None
                    assert failed is None or failed.code is UNAVAILABLE, failed

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(drive) for _ in range(4)]
        for _ in range(12):
            started.acquire(timeout=60)
        terminate()
        for each in running:
            each.result()
