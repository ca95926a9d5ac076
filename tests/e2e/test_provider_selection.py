"""Auto: serve on the safe provider, measure, switch without dropping a request, remember."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest

from server.config.problem import ConfigError
from server.repository import scan
from server.selection.assessment import Assessment
from server.selection.selection import Selection
from server.truth.report import TruthReport
from tests import graphs
from tests.e2e.client import Client, infer_request, outcome
from tests.e2e.conftest import Serve
from tests.e2e.metrics import Metrics
from tests.unit.serving import Serving

ROW = np.ones((1, 64), np.float32)


def test_a_cold_start_measures_and_a_warm_one_knows(serve: Serve, tmp_path: Path) -> None:
    repository, cache = tmp_path / "models", str(tmp_path / "cache")
    graphs.write_model(repository, "mlp", graphs.mlp())
    auto = ("--execution-provider", "auto", "--assess", "--cache-dir", cache)
    cold = serve(repository, *auto)
    with Client(cold.grpc) as client:
        client.infer("mlp", {"INPUT0": ROW})
        cold.wait_for_log("products run in FP32")
        client.infer("mlp", {"INPUT0": ROW})
    told = Metrics.scrape(cold.http)
    assert told.value("nv_inference_request_success", model="mlp") == 2
    [(labels, value)] = told.samples("skein_model_execution_provider")
    assert value == 1
    assert labels["provider"] in ("cpu", "openvino")
    assert "times the rows/s of" in labels["reason"]
    tried = {at["provider"] for at, _ in told.samples("skein_model_provider_row_seconds")}
    assert tried == {"cpu", "openvino"}
    assert cold.stop() == 0

    warm = serve(repository, *auto)
    [(again, _)] = Metrics.scrape(warm.http).samples("skein_model_execution_provider")
    assert again == labels
    assert warm.stop() == 0
    assert "takes over" not in warm.log()


def test_a_model_that_names_its_provider_is_not_timed(serve: Serve, tmp_path: Path) -> None:
    path = graphs.write_model(tmp_path, "mlp", graphs.mlp())
    (path.parents[1] / "model.yaml").write_text("execution_provider: openvino\n")
    server = serve(tmp_path, "--execution-provider", "auto", "--assess")
    server.wait_for_log("mlp/1 on openvino: all 3 products run in FP32")
    assert not Metrics.scrape(server.http).samples("skein_model_provider_row_seconds")


def test_a_stop_while_measuring_ends_at_once(serve: Serve, tmp_path: Path) -> None:
    graphs.write_model(tmp_path, "slow", graphs.mlp((4096,) * 4))
    server = serve(tmp_path, "--execution-provider", "auto", "--assess")
    assert server.stop() == 0


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    serving = Serving(tmp_path)
    yield serving
    serving.engine.stop()


def test_a_switch_under_load_drops_nothing_and_counts_on(serving: Serving) -> None:
    folder = serving.add("mlp", graphs.mlp())
    port = serving.engine.listen_tcp("127.0.0.1", 0)
    serving.load()
    [model] = scan(folder.parent).models
    waiting = serving.loader.take_unassessed()
    assert waiting is not None
    assert waiting.model == model
    with Client(f"127.0.0.1:{port}") as client:
        sent = []
        for provider in ("openvino", "cpu") * 3:
            sent += [client.start(infer_request("mlp", {"INPUT0": ROW})) for _ in range(200)]
            serving.loader.take_over(waiting, assessment(provider))
            entry = serving.registry.find("mlp", 1)
            assert entry is not None
            assert entry.config is not None
            assert entry.config.execution_provider == provider
        assert {outcome(each) for each in sent} == {None}
    [snapshot] = serving.engine.models()
    assert snapshot.success.count == len(sent)
    assert serving.engine.stats().dropped_requests == 0


def test_a_file_that_changed_since_it_was_loaded_does_not_take_over(serving: Serving) -> None:
    folder = serving.add("mlp", graphs.mlp())
    serving.load()
    waiting = serving.loader.take_unassessed()
    assert waiting is not None
    onnx.save(graphs.mlp((64, 10)), folder / "1" / "model.onnx")
    with pytest.raises(ConfigError, match="changed since it was loaded"):
        serving.loader.take_over(waiting, assessment("openvino"))
    entry = serving.registry.find("mlp", 1)
    assert entry is not None
    assert entry.config is not None
    assert entry.config.execution_provider == "cpu"


def assessment(provider: str) -> Assessment:
    return Assessment(
        Selection(provider, "because"), TruthReport("mlp/1", provider, "", (), (), ())
    )
