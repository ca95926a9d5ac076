// ModelInfer, natively: route, admit, validate, queue. Runs on I/O threads and never blocks.
#pragma once

#include <memory>
#include <vector>

#include "engine/inference.h"
#include "routing/snapshot.h"
#include "scheduling/device.h"
#include "transport/call.h"

namespace skein::engine {

class InferHandler final : public transport::Handler {
 public:
  static constexpr std::string_view kPath = "/inference.GRPCInferenceService/ModelInfer";

  explicit InferHandler(int io_threads);

  // On the I/O thread itself (Server::run_on_io_threads). The snapshot outlives its use here:
  // until the next set_snapshot of the same thread.
  void set_snapshot(int io_thread, const routing::Snapshot* snapshot);

  void on_call(transport::Call& call) override;
  void on_turn_end(int io_thread) override;

 private:
  // What one turn of an I/O thread collected for one device.
  struct Collected {
    scheduling::Device* device;
    std::vector<RemoteInference*> inferences;
  };
  struct alignas(64) Thread {
    const routing::Snapshot* snapshot = nullptr;  // null until the first publish
    std::vector<Collected> collected;
    std::vector<scheduling::Device::Submission> submissions;
    uint64_t draws = 0;  // feeds the weighted choice of a version
    InferencePool pool;
  };

  Status accept(transport::Call& call, Thread& thread);
  void collect(Thread& thread, RemoteInference& inference);

  std::vector<Thread> threads_;
};

}  // namespace skein::engine
