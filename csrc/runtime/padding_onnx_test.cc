#include <cmath>

#include "runtime/onnx_fixture.h"

namespace skein::runtime {
namespace {

// A slot of a test model with padding.
std::unique_ptr<Executor> padded_executor(const std::string& graph, PaddingSpec padding) {
  std::shared_ptr<OnnxModel> model = try_load(graph).value();
  ModelSpec spec = spec_of(*model, 8);
  spec.padding = std::move(padding);
  return model->make_executor(spec).value();
}

// Items of one request each; `length` is that of the first input's dimension 1.
BatchResult run_padded(Executor& executor, const std::vector<std::vector<TensorView>>& items) {
  Batch batch;
  for (const std::vector<TensorView>& views : items) {
    const Shape& shape = views.front().shape;
    batch.items.push_back({views, shape[0], shape[1]});
    batch.rows += shape[0];
  }
  BatchResult taken;
  executor.submit(batch, [&](BatchResult& result) { taken = std::move(result); });
  return taken;
}

TEST(Padding, RowsArePaddedToTheLongestOfTheBatch) {
  auto executor = padded_executor("dynamic_inner", {.inputs = {{.index = 0, .value = 0.5}}});
  std::vector<float> a{1}, b{2, 3, 4}, two{5, 6, 7, 8};
  for (int repeat = 0; repeat < 2; ++repeat) {
    BatchResult result = run_padded(*executor, {{view_of(DType::kFp32, {1, 1}, a)},
                                                {view_of(DType::kFp32, {1, 3}, b)},
                                                {view_of(DType::kFp32, {2, 2}, two)}});
    ASSERT_TRUE(result.status.ok()) << result.status.message();
    EXPECT_EQ(to_string(result.outputs[0].view.shape), "[4,3]");
    EXPECT_EQ(values_of<float>(result.outputs[0]),
              (std::vector<float>{1, 0.5, 0.5, 2, 3, 4, 5, 6, 0.5, 7, 8, 0.5}));
    EXPECT_EQ(result.padded.length, 3);
    EXPECT_EQ(result.padded.elements, 12u);
    EXPECT_EQ(result.padded.padding, 4u);
  }
}

TEST(Padding, EqualLengthsNeedNone) {
  auto executor = padded_executor("dynamic_inner", {.inputs = {{.index = 0}}});
  std::vector<float> a{1, 2}, b{3, 4};
  for (size_t items : {size_t{1}, size_t{2}}) {
    std::vector<std::vector<TensorView>> batch{{view_of(DType::kFp32, {1, 2}, a)},
                                               {view_of(DType::kFp32, {1, 2}, b)}};
    batch.resize(items);
    BatchResult result = run_padded(*executor, batch);
    ASSERT_TRUE(result.status.ok()) << result.status.message();
    EXPECT_EQ(result.padded.length, 2);
    EXPECT_EQ(result.padded.elements, 2 * items);
    EXPECT_EQ(result.padded.padding, 0u);
  }
}

TEST(Padding, EmptyRowsMayBeAllPadding) {
  auto executor = padded_executor("dynamic_inner", {.inputs = {{.index = 0, .value = -2}}});
  std::vector<float> a{1, 2};
  std::vector<TensorView> empty{{DType::kFp32, {2, 0}, nullptr, 0}};
  BatchResult alone = run_padded(*executor, {empty});
  ASSERT_TRUE(alone.status.ok()) << alone.status.message();
  EXPECT_EQ(to_string(alone.outputs[0].view.shape), "[2,0]");
  BatchResult both = run_padded(*executor, {empty, {view_of(DType::kFp32, {1, 2}, a)}});
  ASSERT_TRUE(both.status.ok()) << both.status.message();
  EXPECT_EQ(values_of<float>(both.outputs[0]), (std::vector<float>{-2, -2, -2, -2, 1, 2}));
}

TEST(Padding, BytesThatDoNotFillTheShapeAreRefused) {
  auto executor = padded_executor("dynamic_inner", {.inputs = {{.index = 0}}});
  std::vector<float> few(2), enough(4);
  BatchResult result = run_padded(
      *executor, {{view_of(DType::kFp32, {1, 3}, few)}, {view_of(DType::kFp32, {1, 4}, enough)}});
  EXPECT_EQ(result.status.code(), Code::kInternal);
  EXPECT_NE(result.status.message().find("holds 8 bytes, its shape needs 12"), std::string::npos);
}

// One sentence of the encoder; `mask` is empty where the server makes it.
struct Sentence {
  std::vector<int64_t> ids;
  std::vector<int64_t> mask;

  std::vector<TensorView> views() const {
    Shape shape{1, static_cast<int64_t>(ids.size())};
    std::vector<TensorView> views(2, view_of(DType::kInt64, shape, ids));
    views[1].data = mask.empty() ? nullptr : reinterpret_cast<const std::byte*>(mask.data());
    views[1].size = mask.size() * sizeof(int64_t);
    return views;
  }
};

TEST(Padding, MaskedRowsGiveWhatTheyGiveAlone) {
  auto executor =
      padded_executor("encoder", {.inputs = {{.index = 0, .value = 7}}, .mask = 1, .outputs = {0}});
  std::vector<Sentence> sentences{
      {{3, 1, 4, 1, 5}, {}}, {{9, 2}, {}}, {{6, 5, 3}, {1, 1, 1}}, {{5, 8, 9, 7}, {1, 1, 0, 0}}};
  std::vector<std::vector<TensorView>> all;
  for (const Sentence& sentence : sentences) all.push_back(sentence.views());
  BatchResult together = run_padded(*executor, all);
  ASSERT_TRUE(together.status.ok()) << together.status.message();
  EXPECT_EQ(together.padded.elements, 2u * 4 * 5);
  EXPECT_EQ(together.padded.padding, 2u * (20 - 14));
  auto hidden = values_of<float>(together.outputs[0]),
       pooled = values_of<float>(together.outputs[2]);
  size_t width = pooled.size() / sentences.size();
  for (size_t row = 0; row < sentences.size(); ++row) {
    BatchResult alone = run_padded(*executor, {all[row]});
    ASSERT_TRUE(alone.status.ok()) << alone.status.message();
    auto own_hidden = values_of<float>(alone.outputs[0]), own = values_of<float>(alone.outputs[2]);
    ASSERT_EQ(own_hidden.size(), sentences[row].ids.size() * width);
    for (size_t i = 0; i < own_hidden.size(); ++i) {
      EXPECT_NEAR(hidden[row * 5 * width + i], own_hidden[i], 1e-5) << row;
    }
    for (size_t i = 0; i < width; ++i) EXPECT_NEAR(pooled[row * width + i], own[i], 1e-5) << row;
  }
}

struct RefusedCase {
  PaddingSpec padding;
  int64_t max_batch_size;
  const char* why;
};

TEST(Padding, SpecificationsThatDoNotFitTheModelAreRefused) {
  const std::vector<RefusedCase> cases = {
      {{.inputs = {{.index = 0}}}, 0, "set max_batch_size to 1 or more"},
      {{.inputs = {{.index = 2}}}, 8, "there is no input 2"},
      {{.inputs = {{.index = 0, .value = 0.5}}}, 8, "'IDS' cannot be padded with 0.5"},
      {{.inputs = {{.index = 0, .value = 1e19}}}, 8, "no value of INT64"},
      {{.inputs = {{.index = 0, .value = NAN}}}, 8, "no value of INT64"},
      {{.inputs = {{.index = 0}}, .mask = 2}, 8, "there is no input 2"},
      {{.inputs = {{.index = 0}}, .mask = 0}, 8, "'IDS' is the mask"},
      {{.inputs = {{.index = 0}}, .outputs = {3}}, 8, "there is no output 3"},
      {{.inputs = {{.index = 0}}, .outputs = {2}}, 8, "'POOLED' has the shape [-1,16]"},
      {{.inputs = {{.index = 0}}, .buckets = {8, 4}}, 8, "buckets must ascend"}};
  std::shared_ptr<OnnxModel> model = try_load("encoder").value();
  for (const RefusedCase& c : cases) {
    ModelSpec spec = spec_of(*model, c.max_batch_size);
    spec.padding = c.padding;
    auto executor = model->make_executor(spec);
    ASSERT_FALSE(executor.ok()) << c.why;
    EXPECT_EQ(executor.status().code(), Code::kInvalidArgument);
    EXPECT_NE(executor.status().message().find(c.why), std::string::npos)
        << executor.status().message();
  }
}

}  // namespace
}  // namespace skein::runtime
