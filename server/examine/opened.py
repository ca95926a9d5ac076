"""A subject opened by the engine's own runtime: what the worker does with it."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from server.engine import ExecutionSpec, Model, ModelSpec, Runtime, Slots, TensorSpec
from server.examine import openvino
from server.examine.arrays import Array, from_raw, synthetic, to_raw
from server.examine.subject import Subject

_SEED = 1


class Opened:
    """Raises CoreError where the file, the provider or a run fails."""

    def __init__(self, runtime: Runtime, subject: Subject) -> None:
        self._runtime = runtime
        self._subject = subject
        self._model = runtime.open(subject.path, _execution(subject), subject.slots)
        self._slots: Slots | None = None
        self._largest = 0

    def tensors(self) -> dict[str, list[dict[str, Any]]]:
        """Inputs and outputs as the file declares them."""
        return {
            "inputs": [_described(each) for each in self._model.inputs],
            "outputs": [_described(each) for each in self._model.outputs],
        }

    def time(self, rows: int, seconds: float) -> list[int]:
        """Nanoseconds of every run of a synthetic batch, after one that does not count."""
        inputs = self._synthetic(rows)
        slots = self._slots_for(rows)
        slots.time_runs(inputs, 0)
        return slots.time_runs(inputs, seconds)

    def outputs_of(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """One run; `arrays` by input."""
        given = [to_raw(arrays[each.name], each.datatype) for each in self._model.inputs]
        rows = given[0][0][0] if given and self._subject.batched else 1
        return self._arrays(self._slots_for(rows).run(given))

    def synthetic_outputs(self, rows: int) -> dict[str, Array]:
        """One run of the data that time() uses."""
        return self._arrays(self._slots_for(rows).run(self._synthetic(rows)))

    def profile(self, rows: int) -> list[dict[str, Any]]:
        """ONNX Runtime's events of the nodes of one run, the second on a session of its own."""
        with tempfile.TemporaryDirectory(prefix="skein-profile-") as folder:
            profiled = _execution(self._subject, str(Path(folder) / "runs"))
            model = self._runtime.open(self._subject.path, profiled, 1)
            slots: Slots = model.make_slots(self._spec(model, rows), 1)
            for _ in range(2):
                slots.run(self._synthetic(rows))
            return _last_run(json.loads(Path(model.end_profiling()).read_text()))

    def layers(self, rows: int) -> list[dict[str, Any]]:
        """OpenVINO's own, of a batch of `rows`; raises OpenVinoError."""
        shapes = {each.name: self._shape(each, rows) for each in self._model.inputs}
        return openvino.layers(self._subject.path, shapes, self._subject.options)

    def _slots_for(self, rows: int) -> Slots:
        """Made anew for batches larger than any before: on a GPU they hold memory for so many
        rows."""
        if self._slots is None or rows > self._largest:
            self._slots = None
            self._largest = rows
            self._slots = self._model.make_slots(self._spec(self._model, rows), self._subject.slots)
        return self._slots

    def _spec(self, model: Model, largest: int) -> ModelSpec:
        return ModelSpec(
            name="examined",
            version=1,
            inputs=model.inputs,
            outputs=model.outputs,
            execution=_execution(self._subject),
            max_batch_size=largest if self._subject.batched else 0,
        )

    def _synthetic(self, rows: int) -> list[tuple[list[int], bytes]]:
        made = []
        for number, tensor in enumerate(self._model.inputs):
            shape = self._shape(tensor, rows)
            made.append(to_raw(synthetic(shape, tensor.datatype, _SEED + number), tensor.datatype))
        return made

    def _shape(self, tensor: TensorSpec, rows: int) -> list[int]:
        declared = tensor.dims[1:] if self._subject.batched else tensor.dims
        inner = self._subject.dims.get(tensor.name) or [max(1, size) for size in declared]
        return [rows, *inner] if self._subject.batched else list(inner)

    def _arrays(self, tensors: Sequence[tuple[list[int], bytes]]) -> dict[str, Array]:
        return {
            spec.name: from_raw(shape, raw, spec.datatype)
            for spec, (shape, raw) in zip(self._model.outputs, tensors, strict=True)
        }


def _execution(subject: Subject, profile_prefix: str = "") -> ExecutionSpec:
    return ExecutionSpec(
        provider=subject.provider,
        options=subject.options,
        intra_op_threads=subject.intra_op_threads,
        inter_op_threads=subject.inter_op_threads,
        optimization_level=subject.optimization_level,
        device_id=subject.device_id,
        cuda_graph=subject.cuda_graph,
        profile_prefix=profile_prefix,
    )


def _described(tensor: TensorSpec) -> dict[str, Any]:
    return {"name": tensor.name, "datatype": tensor.datatype, "dims": list(tensor.dims)}


def _last_run(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    runs = [event for event in events if event.get("name") == "model_run"]
    begin = runs[-1]["ts"]
    end = begin + runs[-1]["dur"]
    return [
        event
        for event in events
        if event.get("cat") == "Node"
        and event["name"].endswith("_kernel_time")
        and begin <= event["ts"] <= end
    ]
