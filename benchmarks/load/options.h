// What the load generator was asked to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"

namespace skein::load {

using Seconds = std::chrono::duration<double>;

enum class Arrivals : unsigned char { kClosed, kPoisson, kConstant };

struct Options {
  std::string target;  // HOST:PORT or unix:PATH
  std::string path = "/inference.GRPCInferenceService/ModelInfer";
  std::vector<std::string> bodies;  // files, each one serialized message; none: empty message
  int connections = 1;
  int streams = 1;  // closed loop: calls in flight per connection
  int threads = 1;  // connections are dealt to them in turn
  Arrivals arrivals = Arrivals::kClosed;
  double rate = 0;                        // open loop: calls per second, all connections together
  Seconds duration{5};                    // measured time, unless `requests` is given
  uint64_t requests = 0;                  // measured calls; 0: as many as fit into `duration`
  Seconds warmup{1};                      // before that, not counted
  std::chrono::microseconds deadline{0};  // sent as grpc-timeout; 0: none
  std::optional<uint64_t> expect_bytes;   // size a reply message must have to be OK
  int server_pid = 0;                     // process whose CPU time is measured; 0: none
  uint64_t seed = 1;                      // of the Poisson arrivals

  bool open_loop() const { return arrivals != Arrivals::kClosed; }
};

// `help` is set when only the help text was asked for.
struct CommandLine {
  Options options;
  bool help = false;
};

Result<CommandLine> parse_command_line(int argc, char** argv);
const char* help_text();

}  // namespace skein::load
