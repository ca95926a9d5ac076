#include "bindings/items.h"

#include <pybind11/pybind11.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace skein::bindings {
namespace {

struct Failure {
  size_t index;
  Status status;
};

// What one thread does: takes the next item until none is left or one before it failed.
class Share {
 public:
  Share(std::atomic<size_t>& next, std::atomic<size_t>& end,
        const std::function<Status(size_t)>& work)
      : next_(next), end_(end), work_(work) {}

  void run() {
    for (;;) {
      size_t index = next_.fetch_add(1);
      if (index >= end_.load()) return;
      Status status = done(index);
      if (status.ok()) continue;
      failure_ = {index, std::move(status)};
      size_t end = end_.load();
      while (index < end && !end_.compare_exchange_weak(end, index)) {
      }
      return;
    }
  }
  const Failure& failure() const { return failure_; }

 private:
  Status done(size_t index) {
    try {
      return work_(index);
    } catch (const std::bad_alloc&) {
      return resource_exhausted("out of memory");
    }
  }

  std::atomic<size_t>& next_;
  std::atomic<size_t>& end_;
  const std::function<Status(size_t)>& work_;
  Failure failure_{};
};

}  // namespace

Status at_item(size_t index, const Status& status) {
  return {status.code(), "item " + std::to_string(index) + ": " + status.message()};
}

Status for_each_item(size_t count, int threads, const std::function<Status(size_t)>& work) {
  pybind11::gil_scoped_release release;
  std::atomic<size_t> next{0};
  std::atomic<size_t> end{count};
  size_t wanted = std::clamp<size_t>(static_cast<size_t>(std::max(threads, 1)), 1, count + 1);
  std::vector<Share> shares(wanted, Share(next, end, work));
  {
    std::vector<std::jthread> others;
    for (size_t i = 1; i < wanted; ++i) others.emplace_back([&share = shares[i]] { share.run(); });
    shares[0].run();
  }
  const Share* first = nullptr;
  for (const Share& share : shares) {
    if (share.failure().status.ok()) continue;
    if (first == nullptr || share.failure().index < first->failure().index) first = &share;
  }
  return first == nullptr ? Status() : at_item(first->failure().index, first->failure().status);
}

}  // namespace skein::bindings
