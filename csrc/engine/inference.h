// One inference on its way through the engine: a parsed request that knows how to encode its
// answer. Where the answer goes is the subclass's business.
#pragma once

#include <future>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/version.h"
#include "protocol/infer_request.h"
#include "protocol/infer_response.h"
#include "scheduling/queue.h"
#include "scheduling/request.h"
#include "telemetry/request_log.h"
#include "transport/call.h"

namespace skein::engine {

// What admission settled about a request: it has a place in its queue.
struct Admission {
  const routing::Target* target = nullptr;
  TimePoint arrival{};
  TimePoint deadline = kNever;
  TimePoint queue_until = kNever;
  scheduling::Place place;
  uint8_t level = 0;  // of priority, from 0
};

// Asks the target's queue for a place, before any tensor is looked at. `deadline`: of the call. The
// request's timeout parameter shortens it, or, where the model has a queue policy, the time in the
// queue.
Result<Admission> admit(const protocol::RequestHead& head, const routing::Target& target,
                        TimePoint arrival, TimePoint deadline);

class Inference : public scheduling::Request, private runtime::RowSource {
 public:
  // Validates the message's tensors against the target's spec and fills in what scheduling needs;
  // from then on the inference must be completed. On failure the place is given back. `message`
  // must stay valid until completion; so must the target.
  Status start(std::span<const std::byte> message, const protocol::RequestHead& head,
               const Admission& admission);

  Status prepare() final;

  // Valid until completion; the device as long as the engine.
  const routing::Target& target() const { return *target_; }
  scheduling::Device& device() const { return *device_; }

  Status encode(const runtime::BatchResult& result, int64_t first_row) override;

 protected:
  std::string_view id() const { return id_; }
  // Whether somebody waits for the answer. Any thread.
  virtual bool is_wanted() const { return true; }
  // Ready for the next use.
  void clear();

  Body body_;

 private:
  Status read(std::span<const std::byte> message);
  Status write(size_t input, int64_t first, int64_t rows, std::byte* to) const final;
  // The early groups, or all others. A part of the request's preparation.
  Status lay_out(bool early);
  size_t early_bytes() const;
  // Fills in what scheduling needs.
  void settle();
  void write_body(std::span<const protocol::OutputView> parts);
  // encode() where outputs are not answered as they are.
  Status encode_changed(std::span<protocol::OutputView> parts, int64_t padded);
  // Cuts the padding off, then does what model and request want done with the output. What does
  // not see the output's own bytes then sees those of `copy`.
  void change(protocol::OutputView& part, size_t position, int64_t padded, Ref<Buffer>& copy) const;

  protocol::InferRequest request_;
  std::string_view id_;
  const VersionTarget* target_ = nullptr;
  scheduling::Device* device_ = nullptr;
};

class RemoteInference;

// Inferences that one I/O thread uses again and again, so that their vectors keep their capacity.
class InferencePool {
 public:
  InferencePool();
  ~InferencePool();
  RemoteInference& take(transport::Call& call);
  void give(RemoteInference& inference);

 private:
  std::vector<std::unique_ptr<RemoteInference>> free_;
};

// An inference asked for over the wire; in use as long as its call.
class RemoteInference final : public Inference,
                              public transport::CallState,
                              public transport::AbandonListener {
 public:
  explicit RemoteInference(InferencePool& pool) : pool_(pool) {}

  void serve(transport::Call& call) { call_ = &call; }
  void release() override;
  bool abandoned() const { return call_->abandoned(); }
  bool is_wanted() const override { return !abandoned(); }
  Status encode(const runtime::BatchResult& result, int64_t first_row) override;
  bool describe(telemetry::RequestRecord& record) const override;
  void on_abandoned(transport::Call& call, transport::Abandoned why) override;

 private:
  void send_answer() override;
  void send_failure(Status status) override;

  InferencePool& pool_;
  transport::Call* call_ = nullptr;
};

// An inference asked for inside the process (warm-up, batch jobs).
class LocalInference final : public Inference {
 public:
  LocalInference() { immediate = true; }
  std::future<Result<Body>> result() { return promise_.get_future(); }

 private:
  // The waiter may destroy this object as soon as the value is set: the promise moves to the
  // worker's stack first.
  void send_answer() override {
    auto promise = std::move(promise_);
    promise.set_value(std::move(body_));
  }
  void send_failure(Status status) override {
    auto promise = std::move(promise_);
    promise.set_value(std::move(status));
  }

  std::promise<Result<Body>> promise_;
};

}  // namespace skein::engine
