#include "routing/snapshot.h"

#include <gtest/gtest.h>

namespace skein::routing {
namespace {

const Target kOne{.version = 1, .version_text = "1"};
const Target kThree{.version = 3, .version_text = "3"};
const Target kSeven{.version = 7, .version_text = "7"};

Snapshot two_versions(double first, double second) {
  std::vector<Deployment> deployments;
  deployments.emplace_back("digits",
                           std::vector<WeightedTarget>{{&kOne, first}, {&kThree, second}});
  deployments.emplace_back("wine", std::vector<WeightedTarget>{{&kSeven, 1}});
  return Snapshot(std::move(deployments));
}

TEST(Snapshot, RoutesToTheNamedVersion) {
  Snapshot snapshot = two_versions(0, 1);
  EXPECT_EQ((*snapshot.route("digits", "1", 0))->version, 1);
  EXPECT_EQ((*snapshot.route("wine", "7", 0))->version, 7);
}

TEST(Snapshot, AllWeightOnOneVersionPicksItAlways) {
  Snapshot snapshot = two_versions(0, 1);
  for (uint64_t sticky = 0; sticky < 1000; ++sticky) {
    EXPECT_EQ((*snapshot.route("digits", "", sticky))->version, 3);
  }
}

TEST(Snapshot, WeightsSplitUnversionedRequestsAndAreSticky) {
  Snapshot snapshot = two_versions(1, 3);
  int second = 0;
  for (uint64_t sticky = 0; sticky < 10000; ++sticky) {
    const Target* picked = *snapshot.route("digits", "", sticky);
    EXPECT_EQ(picked, *snapshot.route("digits", "", sticky));
    second += picked->version == 3;
  }
  EXPECT_NEAR(second, 7500, 200);
}

TEST(Snapshot, ADeploymentWithoutTargetsSaysWhy) {
  std::vector<Deployment> deployments;
  deployments.emplace_back("digits", std::vector<WeightedTarget>{}, "loading");
  Status status = Snapshot(std::move(deployments)).route("digits", "1", 0).status();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_EQ(status.message(), "model 'digits' is not ready: loading");
}

TEST(Snapshot, UnknownNamesSayWhatIsServed) {
  Snapshot snapshot = two_versions(0, 1);
  Status model = snapshot.route("digit", "", 0).status();
  EXPECT_EQ(model.code(), Code::kNotFound);
  EXPECT_EQ(model.message(), "unknown model 'digit'; served: digits, wine");
  Status version = snapshot.route("digits", "2", 0).status();
  EXPECT_EQ(version.code(), Code::kNotFound);
  EXPECT_EQ(version.message(), "model 'digits' has no version '2'; served: 1, 3");
  EXPECT_EQ(Snapshot({}).route("x", "", 0).status().message(), "unknown model 'x'; served: none");
}

}  // namespace
}  // namespace skein::routing
