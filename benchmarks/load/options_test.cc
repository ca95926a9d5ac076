#include "load/options.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace skein::load {
namespace {

Result<CommandLine> parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "loadgen");
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  return parse_command_line(static_cast<int>(arguments.size()), pointers.data());
}

TEST(CommandLine, ATraceMakesTheLoopOpen) {
  Result<CommandLine> line = parse({"--target=h:1", "--trace=file"});
  ASSERT_TRUE(line.ok());
  EXPECT_TRUE(line->options.open_loop());
  EXPECT_FALSE(line->options.duration.has_value());
}

TEST(CommandLine, DurationsKeepTheirUnits) {
  Result<CommandLine> line = parse({"--target=h:1", "--deadline-ms=1.5", "--duration=0.25"});
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->options.deadline_us, 1500u);
  EXPECT_EQ(line->options.duration, Seconds(0.25));
}

TEST(CommandLine, SaysWhatIsWrongAndWhatIsExpected) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{}, "--target is missing"},
      {{"--target=h:1", "--streams=many"}, "--streams many: expected a number from 1"},
      {{"--target=h:1", "--streams=0"}, "--streams 0: expected a number from 1"},
      {{"--target=h:1", "--record=file"}, "--record needs --trace"},
      {{"--target=h:1", "--trace=file", "--requests=3"}, "as many are sent as the trace has"},
      {{"--target=h:1", "--trace=file", "--deadline-ms=3"}, "the rows have the deadlines"},
      {{"--target=h:1", "--threads=2"}, "every thread needs a connection"},
      {{"--target=h:1", "--connections=4", "--threads=4", "--requests=3"}, "at least one"},
      {{"--target=h:1", "word"}, "unexpected argument word"},
  };
  for (const auto& [arguments, words] : cases) {
    Result<CommandLine> line = parse(arguments);
    ASSERT_FALSE(line.ok()) << words;
    EXPECT_NE(line.status().message().find(words), std::string::npos) << line.status().message();
  }
}

}  // namespace
}  // namespace skein::load
