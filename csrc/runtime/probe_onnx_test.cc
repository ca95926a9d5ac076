#include "runtime/onnx_fixture.h"

namespace skein::runtime {
namespace {

class Probe : public testing::TestWithParam<std::pair<const char*, bool>> {};

TEST_P(Probe, TellsRowsFromOtherDimensions) {
  auto [graph, batches] = GetParam();
  auto probed = try_load(graph).value()->probe_batching();
  ASSERT_TRUE(probed.ok()) << probed.status().message();
  EXPECT_EQ(*probed, batches);
}

INSTANTIATE_TEST_SUITE_P(
    Graphs, Probe,
    testing::Values(std::pair("identity_fp32", true), std::pair("mlp", true),
                    std::pair("identity_fp16", true), std::pair("identity_bf16", true),
                    std::pair("identity_fp64", true), std::pair("identity_bool", true),
                    std::pair("identity_int8", true), std::pair("identity_bytes", true),
                    std::pair("many_io", true), std::pair("dynamic_inner", true),
                    std::pair("fails_at_run", true), std::pair("empty_rows", true),
                    std::pair("mixes_rows", false), std::pair("subtracts_mean", false),
                    std::pair("flattens", false), std::pair("no_batch", false),
                    std::pair("add_scalar", false), std::pair("passes_through", false)),
    [](const auto& param) { return std::string(param.param.first); });

}  // namespace
}  // namespace skein::runtime
