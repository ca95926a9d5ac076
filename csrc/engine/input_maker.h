// Makes inputs of the model from what clients send in their place: an image, a row, a text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/model_spec.h"
#include "base/status.h"
#include "protocol/infer_request.h"

namespace skein::engine {

// Makes the inputs of one RawGroup. Immutable; any thread.
class InputMaker {
 public:
  virtual ~InputMaker() = default;

  // Gives the views in `request.inputs` that the group makes their shapes and sizes; an early maker
  // makes them whole, since the length settles which requests share a batch. `way`: how it was
  // sent. Errors are INVALID_ARGUMENT.
  virtual Status lay_out(protocol::InferRequest& request, size_t way) const = 0;

  // Of an early maker: bytes that lay_out() reads and writes, roughly, more than 0.
  virtual size_t early_bytes(const protocol::InferRequest&, size_t /*way*/) const { return 0; }

  // Of the others. See runtime::Item.
  virtual int64_t rows_per_task(const protocol::InferRequest&, size_t /*way*/) const { return 0; }
  // See runtime::RowSource.
  virtual Status write(const protocol::InferRequest&, size_t /*way*/, int64_t /*first*/,
                       int64_t /*rows*/, std::byte* /*to*/) const {
    return internal("the input was made before");
  }
};

// Those of one version.
class InputMakers {
 public:
  // One per group. INVALID_ARGUMENT when a specification cannot be followed.
  static Result<InputMakers> create(const ModelSpec& spec);

  bool empty() const { return makers_.empty(); }
  size_t size() const { return makers_.size(); }
  const InputMaker& operator[](size_t group) const { return *makers_[group]; }
  // The group that makes an input which is made.
  size_t group_of(size_t input) const { return group_of_[input]; }

 private:
  std::vector<std::unique_ptr<const InputMaker>> makers_;
  std::vector<size_t> group_of_;  // by input
};

}  // namespace skein::engine
