"""The native engine. Only server/engine.py imports this module.

Every call that waits or runs a model releases the GIL.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

class CoreError(Exception):
    """A status from the engine; `code` is a gRPC status name such as "INVALID_ARGUMENT"."""

    code: str
    message: str
    def __init__(self, code: str, message: str) -> None: ...

class TensorSpec:
    """Name, protocol datatype ("FP32") and dimensions (-1 = dynamic) as clients see them."""

    name: str
    datatype: str
    dims: list[int]
    def __init__(self, name: str, datatype: str, dims: Sequence[int]) -> None: ...

class ExecutionSpec:
    """How a model file is executed. provider: cpu | openvino | cuda | tensorrt."""

    provider: str
    options: dict[str, str]
    intra_op_threads: int
    inter_op_threads: int
    optimization_level: int  # 0, 1, 2 or 99 (all)
    device_id: int
    def __init__(
        self,
        provider: str = "cpu",
        options: dict[str, str] = ...,
        intra_op_threads: int = 1,
        inter_op_threads: int = 1,
        optimization_level: int = 99,
        device_id: int = 0,
        cuda_graph: bool = False,  # cuda only: kernels are launched as one graph
        profile_prefix: str = "",  # where a profile of the runs is written; "": none
    ) -> None: ...

class QueuePolicy:
    """How long requests of one priority level wait (0: no limit) and how many (0: the model's
    max_queue_size alone). delays: past the timeout they run last instead of being refused."""

    def __init__(
        self,
        *,
        timeout_us: int = 0,
        delays: bool = False,
        timeout_override: bool = False,
        max_size: int = 0,
    ) -> None: ...

class Priority:
    """Levels 1 (first) to `levels`; 0: none. policies: by level - 1, or one without levels."""

    def __init__(
        self, *, levels: int = 0, default_level: int = 0, policies: Sequence[QueuePolicy] = ()
    ) -> None: ...

class Padding:
    """Inputs padded to the longest of a batch: index -> pad value; `mask`: index of the input
    that is 1 for data and 0 for padding (-1: none); `outputs`: indices of those cut back."""

    def __init__(
        self,
        *,
        inputs: dict[int, float],
        mask: int = -1,
        outputs: Sequence[int] = (),
        buckets: Sequence[int] = (),
    ) -> None: ...

class TextSource:
    """A Hugging Face tokenizer.json and what is asked of it."""

    def __init__(self, spec: TextSpec, tokenizer: bytes) -> None: ...

class RawGroup:
    """What clients may send in place of some inputs. makes: numbers of those; of text the ids, then
    mask and types where the specification has them. ways: numbers of raw inputs, a list for each
    way; of an image [[encoded], [pixels]], of columns [[one per column], [json]], of text
    [[text]]."""

    def __init__(
        self,
        makes: Sequence[int],
        ways: Sequence[Sequence[int]],
        how: ImageSpec | ColumnsSpec | TextSource,
    ) -> None: ...

class Postprocess:
    """What becomes of an output before it is answered. softmax: probabilities over the last axis;
    labels: by class, for answers by classification (none: classes go without)."""

    def __init__(self, *, softmax: bool = False, labels: Sequence[str] = ()) -> None: ...

class Standardize:
    """(x - mean) / scale."""

    def __init__(self, mean: float, scale: float) -> None: ...

class MinMax:
    """x * scale + min, cut to low and high."""

    def __init__(
        self,
        scale: float,
        min: float,  # noqa: A002
        low: float = ...,
        high: float = ...,
    ) -> None: ...

class OneHot:
    """A column per category but the one numbered `drop` (-1: none); ignore_unknown: all 0."""

    def __init__(
        self, categories: Sequence[ColumnValue], ignore_unknown: bool, drop: int = -1
    ) -> None: ...

class Ordinal:
    """The number of the category. unknown: of other values (None: an error); missing: of the
    category of missing values (None: after the others)."""

    def __init__(
        self,
        categories: Sequence[ColumnValue],
        unknown: float | None = None,
        missing: float | None = None,
    ) -> None: ...

class HashBuckets:
    """MurmurHash3_x86_32 of the text, or of the digits of a whole number, modulo buckets."""

    def __init__(self, buckets: int, seed: int = 0, one_hot: bool = False) -> None: ...

class Bucketize:
    """The number of boundaries that the value reaches or exceeds."""

    def __init__(self, boundaries: Sequence[float], one_hot: bool = False) -> None: ...

class IsMissing:
    """Whether the value is missing."""

    def __init__(self, present: float = 0.0, missing: float = 1.0) -> None: ...

ColumnValue = int | float | str
Contiguous = bytes | bytearray | memoryview
ColumnTransform = Standardize | MinMax | OneHot | Ordinal | HashBuckets | Bucketize | IsMissing

class ColumnFeature:
    """Output columns made from column number `column`; no transform: its numbers. missing: error |
    fill | nan | unknown | category."""

    def __init__(
        self,
        column: int,
        transform: ColumnTransform | None = None,
        *,
        missing: str = "error",
        fill: ColumnValue = 0,
    ) -> None: ...

class ColumnsSpec:
    """How rows of named columns become a matrix. columns: name and datatype as clients send them;
    datatype: of the matrix; ignore_extra: keys of JSON rows that are no column."""

    def __init__(
        self,
        *,
        columns: Sequence[tuple[str, str]],
        features: Sequence[ColumnFeature],
        datatype: str = "FP32",
        ignore_extra: bool = False,
    ) -> None: ...

class ColumnsInput:
    """Makes the matrix; used by any number of threads. `to` is written row by row; many rows are
    spread over at most `threads` threads."""

    def __init__(self, spec: ColumnsSpec) -> None: ...
    @property
    def width(self) -> int:
        """Columns of the matrix."""

    def columns(
        self, columns: Sequence[Contiguous | None], rows: int, to: Contiguous, threads: int = 1
    ) -> None:
        """From the contiguous raw values of each column; None: left out, all are missing."""

    def json(self, objects: list[str | bytes], to: Contiguous, threads: int = 1) -> None:
        """From one JSON object per row."""

    def time_columns(
        self, columns: Sequence[Contiguous | None], rows: int, seconds: float
    ) -> list[int]:
        """The same batch again and again, on this thread: nanoseconds of each time."""

    def time_json(self, objects: bytes, rows: int, seconds: float) -> list[int]:
        """The same, from JSON objects as encode_texts makes them."""

def encode_texts(texts: list[Any]) -> bytes:
    """The raw form of a BYTES tensor, of str and bytes; None, NaN and pandas' NA are empty."""

class ImageSpec:
    """How pictures become rows of one input, every default decided; see csrc/base/image_spec.h."""

    def __init__(
        self,
        *,
        datatype: str,
        height: int,
        width: int,
        layout: str,  # nchw | nhwc
        color: str,  # rgb | bgr | gray
        formats: Sequence[str],  # jpeg, png, webp
        resize: str,  # stretch | shortest | fit
        shorter_side: int,
        filter: str,  # noqa: A002  box | bilinear | bicubic
        pad_color: Sequence[int],
        orient: bool,
        scaled_decoding: bool,
        scale: float,
        mean: Sequence[float],
        std: Sequence[float],
        max_pixels: int,
        max_bytes: int,
        max_scans: int,
    ) -> None: ...

class ImageInput:
    """Prepares pictures: bytes of an encoded one, or UINT8 pixels [height, width, 3]."""

    def __init__(self, spec: ImageSpec) -> None: ...
    @property
    def shape(self) -> list[int]: ...
    @property
    def row_bytes(self) -> int: ...
    def prepare(self, items: Sequence[Any], into: Any, *, threads: int = 1) -> None:
        """Fills `into`, one row after another; all are buffers. CoreError names the first item that fails."""

class ModelSpec:
    """One version of one model, every default filled in. max_batch_size 0: no batch dimension.
    warm_batch_sizes: ascending; batches are cut back to these where possible, and a GPU fills up
    the others. device_ids: slot i of a GPU model runs on the (i mod length)-th; none: all on
    execution.device_id. postprocess: one per output, or none."""

    name: str
    version: int
    def __init__(
        self,
        *,
        name: str,
        version: int,
        inputs: Sequence[TensorSpec],
        outputs: Sequence[TensorSpec],
        execution: ExecutionSpec,
        max_batch_size: int = 0,
        dynamic_batching: bool = True,
        preferred_batch_sizes: Sequence[int] = (),
        max_queue_delay_us: int = 0,
        latency_target_us: int = 0,
        instance_count: int = 1,
        device_ids: Sequence[int] = (),
        max_queue_size: int = 1024,
        priority: Priority = ...,
        preserve_ordering: bool = False,
        weight: float = 1.0,
        padding: Padding = ...,
        warm_batch_sizes: Sequence[int] = (),
        postprocess: Sequence[Postprocess] = (),
        raw_inputs: Sequence[TensorSpec] = (),
        raw_groups: Sequence[RawGroup] = (),
    ) -> None: ...

class TextSpec:
    """How texts become token ids. max_length 0, truncation None: what the tokenizer's file says;
    fixed_length: of every row, 0: the longest of a request. ids, mask, types: INT64 or INT32;
    None: not made."""

    def __init__(
        self,
        *,
        max_length: int = 0,
        truncation: str | None = None,  # right | left | error
        fixed_length: int = 0,
        max_bytes: int = 1 << 20,  # of one text
        ids: str = "INT64",
        mask: str | None = None,
        types: str | None = None,
    ) -> None: ...

class TextInput:
    """Makes token ids of texts; `tokenizer`: the contents of a Hugging Face tokenizer.json."""

    def __init__(self, tokenizer: bytes, spec: TextSpec) -> None: ...
    @property
    def max_length(self) -> int: ...
    @property
    def pad_id(self) -> int: ...
    def encode(
        self, texts: Sequence[str | bytes], threads: int
    ) -> tuple[NDArray[Any], NDArray[Any] | None, NDArray[Any] | None]:
        """Ids, mask and types, [texts, length] each."""

class Runtime:
    """ONNX Runtime's shared library, opened from an installed wheel. One path per process."""

    def __init__(self, library: str) -> None: ...
    @property
    def version(self) -> str: ...
    @property
    def providers(self) -> list[str]: ...
    def open(self, path: str, execution: ExecutionSpec, concurrent_runs: int) -> Model: ...

# Shape, batch dimension included, and raw bytes as the protocol has them.
Tensor = tuple[Sequence[int], bytes]

class Model:
    """A session on one model file."""

    @property
    def inputs(self) -> list[TensorSpec]: ...
    @property
    def outputs(self) -> list[TensorSpec]: ...
    def probe_batching(self) -> bool: ...
    def end_profiling(self) -> str:
        """The file with the profile of all runs so far; needs profile_prefix."""

    def make_slots(self, spec: ModelSpec, count: int) -> Slots: ...

class Slots:
    """Execution slots of a model, for runs outside the server."""

    def run(self, inputs: Sequence[Tensor]) -> list[tuple[list[int], bytes]]:
        """One batch on the first slot: the tensors of the outputs for those of the inputs."""

    def time_runs(self, inputs: Sequence[Tensor], seconds: float) -> list[int]:
        """The same batch again and again, on all slots at once: nanoseconds of each run."""

class Version:
    """A loaded model version with its slots and queue. Not served until it is published."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def latency(self) -> list[LatencyRow]:
        """By ascending rows: how long batches took, those of warm-up included."""

    def drain(self) -> None:
        """Waits until no request of this version is queued or running. Unpublish it first."""

    def forget_warm_up(self) -> None:
        """Ends warm-up: its runs do not count in the statistics; `latency` keeps them. Before
        publishing."""

    def continue_statistics(self, before: Version) -> None:
        """Counts on from a version that this one replaces. After forget_warm_up, before
        publishing."""

class Route:
    """What serves a model name: its versions with the weights of unversioned requests, or none
    and the reason, which clients get with UNAVAILABLE."""

    def __init__(
        self, name: str, versions: Sequence[tuple[Version, float]], reason: str = ""
    ) -> None: ...

class HistogramSnapshot:
    count: int
    sum: int
    def quantile(self, q: float) -> int: ...
    def count_up_to(self, bound: int) -> int: ...

class DurationSum:
    count: int
    ns: int

class LatencyRow:
    """Batches of up to `rows` rows (and more than the row before), from forming the batch to its
    last answer. Quantiles of the latest runs."""

    rows: int
    median_ns: int
    high_ns: int  # 95th percentile
    samples: int  # runs recorded so far

class ModelSnapshot:
    name: str
    version: int
    inference_count: int
    execution_count: int
    last_inference_ms: int
    padded: bool  # requests of several lengths share its batches
    input_elements: int  # of padded inputs, padding included
    padding_elements: int
    pending: int  # queued or running
    queued: int
    failures: dict[str, int]  # REJECTED, CANCELED, BACKEND, OTHER
    # Why batches left the queue: FULL, PREFERRED, IDLE_SLOT, DELAY, DEADLINE, SHAPE_CHANGE.
    releases: dict[str, int]
    # Why requests were not run: QUEUE_FULL, OVERLOAD, HOPELESS, EXPIRED, QUEUE_TIMEOUT.
    refusals: dict[str, int]
    predicted: DurationSum  # batches whose time was predicted,
    actual: DurationSum  # and how long they took
    predicted_percent: HistogramSnapshot  # actual in percent of predicted
    latency: list[LatencyRow]
    success: DurationSum
    fail: DurationSum
    queue: DurationSum
    compute_input: DurationSum
    compute_infer: DurationSum
    compute_output: DurationSum
    request_ns: HistogramSnapshot
    queue_ns: HistogramSnapshot
    prepare_ns: HistogramSnapshot
    compute_ns: HistogramSnapshot
    # rows -> (compute_input, compute_infer, compute_output)
    batches: dict[int, tuple[DurationSum, DurationSum, DurationSum]]

class RequestRecord:
    """One request that was slow or sampled. Texts are cut at some 100 bytes and then end in "...".
    Times are nanoseconds since its arrival, each at the end of a phase."""

    model: str
    version: int
    id: str
    peer: str
    trace_id: bytes  # 16; all zero: the client sent no valid traceparent
    span_id: bytes  # 8; of the client
    trace_sampled: bool
    status: str
    batch_rows: int
    batch_requests: int
    release: str  # why the batch left the queue, e.g. "IDLE_SLOT"
    predicted_ns: int  # of the batch, from leaving the queue to its last answer; 0: not known yet
    arrival_s: float  # since the Unix epoch
    preparation_ns: int  # of inputs, before the request was queued
    queued_ns: int
    formed_ns: int
    prepared_ns: int
    gathered_ns: int
    finished_ns: int
    answered_ns: int

class ServerStats:
    connections: int
    connections_total: int
    connections_refused: int
    streams: int
    calls_running: int
    calls_total: int
    inflight_bytes: int
    resets_received: int
    dropped_requests: int  # destroyed unanswered: a bug; tests assert it is zero
    lost_records: int  # RequestRecords for which there was no room

class EngineOptions:
    """Limits of the transport (bytes, seconds; 0 = never/no limit where said), threads, and which
    requests are kept as records: those that took log_slow_s or longer, and one in log_sample."""

    def __init__(
        self,
        *,
        io_threads: int = 1,
        cpu_workers: int = 1,
        python_threads: int = 2,
        max_message_bytes: int = ...,
        max_inflight_bytes: int = ...,
        max_connection_inflight_bytes: int = ...,
        max_header_list_bytes: int = ...,
        max_concurrent_streams: int = ...,
        max_connections: int = ...,
        handshake_timeout_s: float = ...,
        idle_timeout_s: float = ...,
        max_connection_age_s: float = ...,
        max_connection_age_grace_s: float = ...,
        keepalive_time_s: float = ...,
        keepalive_timeout_s: float = ...,
        max_resets_per_second: int = ...,
        log_slow_s: float = 0.0,
        log_sample: int = 0,
    ) -> None: ...

# serialized request -> serialized response; raises CoreError for a status other than OK.
PythonMethod = Callable[[bytes], bytes]

class Engine:
    def __init__(self, options: EngineOptions) -> None: ...
    def listen_tcp(self, host: str, port: int) -> int: ...
    def listen_unix(self, path: str) -> None: ...
    def set_python_methods(self, methods: dict[str, PythonMethod]) -> None:
        """Serves full gRPC paths ("/package.Service/Method") by Python callables taking the
        serialized request and returning the serialized response. They raise CoreError(code, message) for a status other
        than OK; any other exception becomes INTERNAL. Call before listening."""

    def load(self, model: Model, spec: ModelSpec) -> Version: ...
    def publish(self, routes: Sequence[Route]) -> None:
        """Replaces the whole routing table; returns when no I/O thread uses the old one."""

    def infer(self, version: Version, request: bytes) -> bytes:
        """Runs one serialized ModelInferRequest through the version's queue without waiting for
        others to share the batch; returns the serialized response. For warm-up and measurements,
        not for requests from clients."""

    def models(self) -> list[ModelSnapshot]: ...
    def take_request_records(self) -> list[RequestRecord]:
        """Those kept since the last call, oldest first; 256 at most wait for it."""

    def stats(self) -> ServerStats: ...
    def drain(self, window_s: float) -> bool:
        """True when every accepted call was answered within the window."""

    def stop(self) -> None: ...
