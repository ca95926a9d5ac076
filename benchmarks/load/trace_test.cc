#include "load/trace.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace skein::load {
namespace {

// A file with these bytes, in a folder that ends with the test.
class TraceFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "traceXXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::vector<TraceRow>& rows, size_t cut = 0) {
    std::string path = folder_ + "/trace";
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(rows.data()),
              static_cast<std::streamsize>(rows.size() * sizeof(TraceRow) - cut));
    return path;
  }
  std::string problem(const std::string& path) {
    Result<std::vector<TraceRow>> rows = read_trace(path, 2);
    return rows.ok() ? "" : rows.status().message();
  }

 private:
  std::string folder_;
};

TEST_F(TraceFile, ReadsWhatWasWritten) {
  Result<std::vector<TraceRow>> rows = read_trace(file({{5, 50'000, 1}, {5, 0, 0}}), 2);
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].offset_ns, 5);
  EXPECT_EQ((*rows)[0].deadline_us, 50'000u);
  EXPECT_EQ((*rows)[0].body, 1u);
}

TEST_F(TraceFile, SaysWhatIsWrongAndWhere) {
  EXPECT_NE(problem("/nowhere/trace").find("No such file"), std::string::npos);
  EXPECT_NE(problem(file({})).find("0 bytes; expected one or more rows"), std::string::npos);
  EXPECT_NE(problem(file({{0, 0, 0}}, 1)).find("15 bytes"), std::string::npos);
  EXPECT_NE(problem(file({{9, 0, 0}, {8, 0, 0}})).find("row 1: offset 8 ns"), std::string::npos);
  EXPECT_NE(problem(file({{-1, 0, 0}})).find("row 0: offset -1 ns"), std::string::npos);
  EXPECT_NE(problem(file({{INT64_MAX, 0, 0}})).find("to a day"), std::string::npos);
  EXPECT_NE(problem(file({{0, 0, 2}})).find("row 0: body 2; there are 2"), std::string::npos);
}

}  // namespace
}  // namespace skein::load
