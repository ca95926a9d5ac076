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

struct Options {
  std::string target;  // HOST:PORT or unix:PATH
  std::string path = "/inference.GRPCInferenceService/ModelInfer";
  std::vector<std::string> bodies;  // files, each one serialized message; none: empty message
  int connections = 1;
  int streams = 1;     // closed loop: calls in flight per connection
  int threads = 1;     // connections are dealt to them in turn
  std::string trace;   // file with the schedule of an open loop; empty: the loop is closed
  std::string record;  // file for what became of each row of the trace; empty: none
  std::optional<Seconds> duration;       // measured time; default: 5 s, or to the end of the trace
  uint64_t requests = 0;                 // closed loop: measured calls, instead of `duration`
  Seconds warmup{1};                     // before that, not counted
  uint32_t deadline_us = 0;              // closed loop: of each call; 0: none
  bool send_deadlines = true;            // as grpc-timeout; else they are only judged here
  std::optional<uint64_t> expect_bytes;  // size a reply message must have to be OK
  int server_pid = 0;                    // process whose CPU time is measured; 0: none

  bool open_loop() const { return !trace.empty(); }
};

// `help` is set when only the help text was asked for.
struct CommandLine {
  Options options;
  bool help = false;
};

Result<CommandLine> parse_command_line(int argc, char** argv);
const char* help_text();

}  // namespace skein::load
