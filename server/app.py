"""`serve`: puts the parts together, starts them, waits, and takes them down in order."""

import logging
import os
import signal
import threading
import time
from enum import Enum, auto
from pathlib import Path
from queue import SimpleQueue

from server.control import Control
from server.engine import CoreError, Engine, EngineOptions, Runtime, serve_methods
from server.gpu import GpuMetrics
from server.http import HttpServer, Page
from server.loader import Loader
from server.logs import fields, set_up
from server.machine import Machine, inspect
from server.metrics import exporter
from server.onnxruntime_locator import RuntimeLibrary, RuntimeNotFoundError, locate, preload
from server.opening import Opener
from server.options import ServeOptions
from server.pages import pages
from server.proving import Prover
from server.ready_file import write_ready_file
from server.registry import Registry
from server.repository import RepositoryError
from server.request_log import RequestLog
from server.selection.assessments import Assessments
from server.signals import block_signals, watch_signals
from server.stopped import StoppedError
from server.summary import summary
from server.takeover import Takeover
from server.threads import io_threads

_log = logging.getLogger(__name__)


class Event(Enum):
    """What the main thread waits for."""

    LOADED = auto()
    FAILED = auto()  # nothing can be served; the log says why
    STOP = auto()  # a signal


def serve(options: ServeOptions) -> int:
    """Serves until a signal; returns the exit code."""
    block_signals()
    set_up(options.log_format, options.log_level)
    try:
        library = locate()
        preload(library)
        return App(options, library).run()
    except (RuntimeNotFoundError, CoreError, OSError) as error:
        _log.error("cannot start: %s", error.message if isinstance(error, CoreError) else error)
        return 1


class App:
    """One server process."""

    def __init__(self, options: ServeOptions, library: RuntimeLibrary) -> None:
        self._options = options
        self._started = time.monotonic()
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._registry = Registry()
        self._library = library
        self._runtime = Runtime(str(library.path))
        self._machine = inspect(self._runtime.providers)
        self._engine = Engine(_engine_options(options, self._machine))
        assessments = Assessments(options.cache, self._runtime, self._machine)
        opener = Opener(
            self._runtime,
            self._machine,
            assessments,
            options.execution_provider,
            options.assess,
        )
        prover = Prover(opener, assessments)
        self._loader = Loader(self._engine, opener, prover, self._registry, self._machine.gpu)
        self._takeover = Takeover(self._loader, opener, assessments, self._registry)
        self._addresses: dict[str, str] = {}
        self._http: HttpServer | None = None
        self._request_log: RequestLog | None = None

    def run(self) -> int:
        """Listens, loads, waits for a signal, drains."""
        watch_signals(self._on_signal)
        self._listen()
        if self._options.log_slow_ms or self._options.log_sample:
            self._request_log = RequestLog(self._engine)
            self._request_log.start()
        loading = threading.Thread(target=self._load, name="loader", daemon=True)
        loading.start()
        event = self._events.get()
        if event is Event.LOADED and self._announce():
            if self._options.assess:
                self._takeover.start()
            event = self._events.get()
        code = self._shut_down(0.0 if event is not Event.STOP else self._options.drain_timeout_s)
        if event is not Event.STOP:
            code = 1
        loading.join(timeout=1.0)
        if loading.is_alive() or not self._takeover.join(
            1.0
        ):  # inside ONNX Runtime, which cannot be interrupted
            logging.shutdown()
            os._exit(code)
        return code

    def _on_signal(self, number: signal.Signals) -> None:
        _log.info("%s: draining; a second signal ends at once", number.name)
        self._events.put(Event.STOP)  # before what is ended can end otherwise
        self._loader.cancel()
        self._takeover.stop()

    def _listen(self) -> None:
        options = self._options
        control = Control(self._registry, self._engine.models, options.repository)
        serve_methods(self._engine, control.methods())
        port = self._engine.listen_tcp(options.host, options.grpc_port)
        self._addresses["grpc"] = _address(options.host, port)
        if options.unix_socket is not None:
            self._engine.listen_unix(options.unix_socket)
            self._addresses["unix"] = options.unix_socket
        render = exporter(self._engine, GpuMetrics(), self._registry.ready)
        self._http = self._listen_http(pages(self._registry, render))
        self._addresses["http"] = _address(options.host, self._http.port)
        listening = ", ".join(f"{name} {address}" for name, address in self._addresses.items())
        _log.info("listening: %s; loading %s", listening, options.repository)

    def _listen_http(self, served: dict[str, Page]) -> HttpServer:
        host, port = self._options.host, self._options.http_port
        try:
            server = HttpServer(host, port, served)
        except OSError as error:
            message = f"cannot listen on {_address(host, port)} (--http-port): {error.strerror}"
            raise OSError(message) from None
        server.start()
        return server

    def _load(self) -> None:
        try:
            self._loader.load(self._options.repository)
        except StoppedError:
            return  # the signal has already put STOP
        except RepositoryError as error:
            _log.error("%s", error)
            self._events.put(Event.FAILED)
        except Exception:
            _log.exception("loading failed")
            self._events.put(Event.FAILED)
        else:
            self._events.put(Event.LOADED)

    def _announce(self) -> bool:
        """Ready, with a summary; False when what failed to load stops start-up."""
        ready, failed = self._registry.ready(), self._registry.failed()
        if failed and (self._options.strict or not ready):
            why = "--strict" if self._options.strict else "none can be served"
            _log.error("%d models could not be loaded (%s): stopping", len(failed), why)
            return False
        if not ready:
            _log.warning("%s holds no models", self._options.repository)
        self._registry.mark_loaded()
        seconds = time.monotonic() - self._started
        text = summary(ready, failed, self._addresses, self._about_machine(), seconds)
        names = [f"{entry.model}/{entry.version}" for entry in ready]
        _log.info("%s", text, extra=fields(models=names, **self._addresses))
        return self._options.ready_file is None or self._write_ready(self._options.ready_file)

    def _write_ready(self, file: Path) -> bool:
        try:
            write_ready_file(file, self._addresses)
        except OSError as error:
            _log.error("cannot write %s (--ready-file): %s: stopping", file, error.strerror)
            return False
        return True

    def _about_machine(self) -> str:
        providers = ", ".join(self._runtime.providers)
        cores = self._machine.cores
        io = self._options.io_threads or io_threads(cores)
        name = f"{self._library.distribution} {self._runtime.version}"
        return f"{name} ({providers}); {cores} cores, {io} I/O threads"

    def _shut_down(self, window: float) -> int:
        """Ready no, drain, close; 0 when every accepted call was answered."""
        self._registry.mark_draining()
        drained = self._engine.drain(window)
        if self._http is not None:
            self._http.stop()
        if not drained:
            self._end_request_log()
            _log.error("%g s passed and calls are still unanswered: ending anyway", window)
            logging.shutdown()
            os._exit(1)
        self._engine.stop()
        self._end_request_log()
        calls = self._engine.stats().calls_total
        _log.info("stopped after %d calls", calls, extra=fields(calls=calls))
        return 0

    def _end_request_log(self) -> None:
        if self._request_log is not None:
            self._request_log.stop()


def _engine_options(options: ServeOptions, machine: Machine) -> EngineOptions:
    return EngineOptions(
        io_threads=options.io_threads or io_threads(machine.cores),
        cpu_workers=machine.cores,
        log_slow_s=options.log_slow_ms / 1e3,
        log_sample=options.log_sample,
        **options.limits,
    )


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
