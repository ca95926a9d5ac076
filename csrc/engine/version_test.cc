#include "engine/version.h"

#include <gtest/gtest.h>

namespace skein::engine {
namespace {

class IdleExecutor final : public runtime::Executor {
 public:
  void submit(const runtime::Batch&, const runtime::Done&) override {}
};

// Remembers the devices that slots were asked for; the last one of them may not exist.
class RememberingModel final : public runtime::OnnxModel {
 public:
  const std::vector<TensorSpec>& inputs() const override { return none_; }
  const std::vector<TensorSpec>& outputs() const override { return none_; }
  Result<bool> probe_batching() override { return false; }
  Result<std::string> end_profiling() override { return std::string(); }
  Result<std::unique_ptr<runtime::Executor>> make_executor(const ModelSpec& spec) override {
    devices.push_back(spec.execution.device_id);
    if (spec.execution.device_id == absent) return failed_precondition("there is no such GPU");
    return std::unique_ptr<runtime::Executor>(std::make_unique<IdleExecutor>());
  }

  std::vector<int> devices;
  int absent = -1;

 private:
  std::vector<TensorSpec> none_;
};

ModelSpec spec_on(std::vector<int> device_ids, int slots) {
  ModelSpec spec;
  spec.execution.device_id = 7;
  spec.device_ids = std::move(device_ids);
  spec.instance_count = slots;
  return spec;
}

struct VersionTest : testing::Test {
  RememberingModel model;
  scheduling::Device device{"test", {}, Clock::steady()};
};

TEST_F(VersionTest, SlotsAreSpreadOverTheDevices) {
  ASSERT_TRUE(Version::load(model, spec_on({0, 2}, 4), device).ok());
  EXPECT_EQ(model.devices, (std::vector<int>{0, 2, 0, 2}));
}

TEST_F(VersionTest, WithoutAListAllSlotsAreOnOneDevice) {
  ASSERT_TRUE(Version::load(model, spec_on({}, 2), device).ok());
  EXPECT_EQ(model.devices, (std::vector<int>{7, 7}));
}

TEST_F(VersionTest, ASlotThatCannotBeMadeFailsTheVersion) {
  model.absent = 2;
  auto version = Version::load(model, spec_on({0, 2}, 4), device);
  EXPECT_EQ(version.status().message(), "there is no such GPU");
}

TEST_F(VersionTest, AVersionNeedsASlot) {
  EXPECT_EQ(Version::load(model, spec_on({}, 0), device).status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace skein::engine
