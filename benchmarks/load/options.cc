#include "load/options.h"

#include <getopt.h>

#include <charconv>
#include <cmath>
#include <cstring>

namespace skein::load {
namespace {

enum Flag : int {
  kTarget = 1,
  kPath,
  kBody,
  kConnections,
  kStreams,
  kThreads,
  kTrace,
  kRecord,
  kDuration,
  kRequests,
  kWarmup,
  kDeadline,
  kJudgeOnly,
  kExpect,
  kPid,
  kHelp,
};

constexpr option kFlags[] = {
    {"target", required_argument, nullptr, kTarget},
    {"path", required_argument, nullptr, kPath},
    {"body", required_argument, nullptr, kBody},
    {"connections", required_argument, nullptr, kConnections},
    {"streams", required_argument, nullptr, kStreams},
    {"threads", required_argument, nullptr, kThreads},
    {"trace", required_argument, nullptr, kTrace},
    {"record", required_argument, nullptr, kRecord},
    {"duration", required_argument, nullptr, kDuration},
    {"requests", required_argument, nullptr, kRequests},
    {"warmup", required_argument, nullptr, kWarmup},
    {"deadline-ms", required_argument, nullptr, kDeadline},
    {"judge-only", no_argument, nullptr, kJudgeOnly},
    {"expect-bytes", required_argument, nullptr, kExpect},
    {"server-pid", required_argument, nullptr, kPid},
    {"help", no_argument, nullptr, kHelp},
    {nullptr, 0, nullptr, 0},
};

const char* flag_name(int flag) {
  for (const option& known : kFlags) {
    if (known.name != nullptr && known.val == flag) return known.name;
  }
  return "?";
}

// The whole of `text` as a T in [low, high].
template <class T>
Status read_number(int flag, const char* text, T low, T high, T& number) {
  const char* end = text + std::strlen(text);
  auto [rest, error] = std::from_chars(text, end, number);
  if (error == std::errc() && rest == end && number >= low && number <= high) return {};
  return invalid_argument(std::string("--") + flag_name(flag) + " " + text +
                          ": expected a number from " + std::to_string(low) + " to " +
                          std::to_string(high));
}

Status read_seconds(int flag, const char* text, double low, Seconds& seconds) {
  double number = 0;
  Status status = read_number(flag, text, low, 86400.0, number);
  if (status.ok()) seconds = Seconds(number);
  return status;
}

Status read_deadline(int flag, const char* text, uint32_t& deadline_us) {
  double ms = 0;
  Status status = read_number(flag, text, 0.001, 3.6e6, ms);
  if (status.ok()) deadline_us = static_cast<uint32_t>(std::lround(ms * 1000));
  return status;
}

Status apply(int flag, const char* text, CommandLine& line) {
  Options& to = line.options;
  switch (flag) {
    case kTarget:
      to.target = text;
      return {};
    case kPath:
      to.path = text;
      return {};
    case kBody:
      to.bodies.emplace_back(text);
      return {};
    case kConnections:
      return read_number(flag, text, 1, 100'000, to.connections);
    case kStreams:
      return read_number(flag, text, 1, 100'000, to.streams);
    case kThreads:
      return read_number(flag, text, 1, 1024, to.threads);
    case kTrace:
      to.trace = text;
      return {};
    case kRecord:
      to.record = text;
      return {};
    case kDuration:
      return read_seconds(flag, text, 0.001, to.duration.emplace());
    case kRequests:
      return read_number<uint64_t>(flag, text, 1, 1'000'000'000'000, to.requests);
    case kWarmup:
      return read_seconds(flag, text, 0, to.warmup);
    case kDeadline:
      return read_deadline(flag, text, to.deadline_us);
    case kJudgeOnly:
      to.send_deadlines = false;
      return {};
    case kExpect:
      return read_number<uint64_t>(flag, text, 0, 1ull << 40, to.expect_bytes.emplace());
    case kPid:
      return read_number(flag, text, 1, 1 << 30, to.server_pid);
    case kHelp:
      line.help = true;
      return {};
    default:
      return invalid_argument("see --help for the options");
  }
}

Status check_loop(const Options& options) {
  if (options.open_loop() && options.requests > 0) {
    return invalid_argument("--requests: with --trace, as many are sent as the trace has rows");
  }
  if (options.open_loop() && options.deadline_us > 0) {
    return invalid_argument("--deadline-ms: with --trace, the rows have the deadlines");
  }
  if (!options.open_loop() && !options.record.empty()) {
    return invalid_argument("--record needs --trace: only an open loop is recorded");
  }
  return {};
}

Status check(const Options& options) {
  if (options.target.empty()) {
    return invalid_argument("--target is missing: give HOST:PORT or unix:PATH");
  }
  if (options.threads > options.connections) {
    return invalid_argument("--threads " + std::to_string(options.threads) +
                            ": every thread needs a connection, and --connections is " +
                            std::to_string(options.connections));
  }
  if (options.requests > 0 && options.requests < static_cast<uint64_t>(options.threads)) {
    return invalid_argument("--requests " + std::to_string(options.requests) +
                            ": every thread sends at least one, and --threads is " +
                            std::to_string(options.threads));
  }
  return check_loop(options);
}

}  // namespace

Result<CommandLine> parse_command_line(int argc, char** argv) {
  CommandLine line;
  optind = 1;
  for (int flag = 0; (flag = getopt_long(argc, argv, "", kFlags, nullptr)) != -1;) {
    Status status = apply(flag, optarg, line);
    if (!status.ok()) return status;
    if (line.help) return line;
  }
  if (optind < argc) {
    return invalid_argument(std::string("unexpected argument ") + argv[optind] + "; see --help");
  }
  Status status = check(line.options);
  if (!status.ok()) return status;
  return line;
}

const char* help_text() {
  return R"(loadgen: unary gRPC calls over HTTP/2 without TLS; prints one JSON object.

  --target HOST:PORT | unix:PATH   the server (required)
  --path /package.Service/Method   default: ModelInfer of the Open Inference Protocol
  --body FILE                      one serialized message; repeat to rotate; default: empty

  Closed loop: every answer is followed by the next call.
  --connections N (1)   --streams N (1)   calls in flight = connections x streams

  --deadline-ms MS      of each call   --requests N   measured calls, instead of --duration

  Open loop: calls are sent on a schedule whatever the answers do; latency and deadline
  count from the scheduled time.
  --trace FILE          rows of 16 bytes, little-endian: offset from the start (int64, ns),
                        deadline (uint32, us, 0: none), index of the --body (uint32)
  --record FILE         one row of 40 bytes for each: scheduled, sent, done (int64, ns from the
                        start, -1: never), deadline (uint32, us), retry pushback (int32, ms,
                        -1: none), body (uint32), status (uint8), in time, held until a stream
                        was free (uint8, 0 or 1), a zero byte; benchmarks/load/record.py reads it

  --duration S          measured seconds (5, or to the end of the trace); later rows are not sent
  --warmup S (1)        before that, not counted
  --judge-only          do not send deadlines as grpc-timeout, only judge by them
  --expect-bytes N      a reply of another size counts as BAD_REPLY
  --threads N (1)       connections are dealt to them in turn
  --server-pid PID      also measure that process's CPU time

Statuses are gRPC's, and: BAD_REPLY (status OK, message broken or of the wrong size),
NO_STATUS (stream ended without grpc-status), CONNECTION_LOST, UNFINISHED (no answer
10 s after the end), NOT_SENT (too many calls waiting to be sent).
Exit status: 0 measured (whatever the answers were), 2 wrong usage or no connection.
)";
}

}  // namespace skein::load
