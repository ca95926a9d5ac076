#include "load/options.h"

#include <getopt.h>

#include <charconv>
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
  kRate,
  kArrivals,
  kDuration,
  kRequests,
  kWarmup,
  kDeadline,
  kExpect,
  kPid,
  kSeed,
  kHelp,
};

constexpr option kFlags[] = {
    {"target", required_argument, nullptr, kTarget},
    {"path", required_argument, nullptr, kPath},
    {"body", required_argument, nullptr, kBody},
    {"connections", required_argument, nullptr, kConnections},
    {"streams", required_argument, nullptr, kStreams},
    {"threads", required_argument, nullptr, kThreads},
    {"rate", required_argument, nullptr, kRate},
    {"arrivals", required_argument, nullptr, kArrivals},
    {"duration", required_argument, nullptr, kDuration},
    {"requests", required_argument, nullptr, kRequests},
    {"warmup", required_argument, nullptr, kWarmup},
    {"deadline-ms", required_argument, nullptr, kDeadline},
    {"expect-bytes", required_argument, nullptr, kExpect},
    {"server-pid", required_argument, nullptr, kPid},
    {"seed", required_argument, nullptr, kSeed},
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

template <class D>
Status read_duration(int flag, const char* text, double low, double unit, D& duration) {
  double number = 0;
  Status status = read_number(flag, text, low, 86400.0 / unit, number);
  if (status.ok()) duration = std::chrono::duration_cast<D>(Seconds(number * unit));
  return status;
}

Status read_arrivals(const char* text, Arrivals& arrivals) {
  if (std::strcmp(text, "poisson") == 0) {
    arrivals = Arrivals::kPoisson;
  } else if (std::strcmp(text, "constant") == 0) {
    arrivals = Arrivals::kConstant;
  } else {
    return invalid_argument(std::string("--arrivals ") + text + ": expected poisson or constant");
  }
  return {};
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
    case kRate:
      return read_number(flag, text, 0.001, 1e8, to.rate);
    case kArrivals:
      return read_arrivals(text, to.arrivals);
    case kDuration:
      return read_duration(flag, text, 0.001, 1, to.duration);
    case kRequests:
      return read_number<uint64_t>(flag, text, 1, 1'000'000'000'000, to.requests);
    case kWarmup:
      return read_duration(flag, text, 0, 1, to.warmup);
    case kDeadline:
      return read_duration(flag, text, 0.001, 1e-3, to.deadline);
    case kExpect:
      return read_number<uint64_t>(flag, text, 0, 1ull << 40, to.expect_bytes.emplace());
    case kPid:
      return read_number(flag, text, 1, 1 << 30, to.server_pid);
    case kSeed:
      return read_number<uint64_t>(flag, text, 0, ~0ull, to.seed);
    case kHelp:
      line.help = true;
      return {};
    default:
      return invalid_argument("see --help for the options");
  }
}

Status check(Options& options, bool arrivals_given) {
  if (options.target.empty()) {
    return invalid_argument("--target is missing: give HOST:PORT or unix:PATH");
  }
  if (arrivals_given && options.rate == 0) {
    return invalid_argument("--arrivals needs --rate: without a rate the loop is closed");
  }
  if (options.rate > 0 && !arrivals_given) options.arrivals = Arrivals::kPoisson;
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
  return {};
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
  Status status = check(line.options, line.options.arrivals != Arrivals::kClosed);
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

  Open loop: calls are sent on a schedule whatever the answers do, and latency counts
  from the scheduled time.
  --rate R              calls per second over all connections
  --arrivals poisson|constant (poisson)   --seed N (1)

  --duration S (5)      measured seconds, or
  --requests N          measured calls
  --warmup S (1)        sent before, not counted
  --deadline-ms MS      sent as grpc-timeout
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
