// What was measured, and how it is printed.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "load/latency_histogram.h"
#include "load/options.h"
#include "load/outcome.h"

namespace skein::load {

// One thread's, or the sum of all. "Measured" means inside the window: by the time the answer
// came in a closed loop, by the scheduled time of sending in an open one.
struct Results {
  std::array<uint64_t, kOutcomeCount> measured{};
  uint64_t in_time = 0;     // of the measured answers with status OK, those within their deadline
  uint64_t held = 0;        // measured calls for which no stream was free when they were due
  uint64_t pushbacks = 0;   // measured RESOURCE_EXHAUSTED answers with grpc-retry-pushback-ms
  uint64_t completed = 0;   // answers that came inside the window
  uint64_t sent_total = 0;  // with warm-up and what ended after the window
  uint64_t ok_total = 0;
  uint64_t connections_lost = 0;
  LatencyHistogram latency_ns;  // of measured answers with status OK
  LatencyHistogram lag_ns;      // open loop: handed to HTTP/2 this long after the scheduled time
  std::string first_message;    // grpc-message of some answer, percent-encoded

  void add(const Results& other);
};

// Taken once for all threads.
struct Window {
  double seconds = 0;
  double client_cpu_seconds = 0;
  std::optional<double> server_cpu_seconds;
};

std::string to_json(const Options& options, const Results& results, const Window& window);

}  // namespace skein::load
