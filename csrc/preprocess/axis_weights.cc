#include "preprocess/axis_weights.h"

#include <algorithm>
#include <cmath>

namespace skein::preprocess {
namespace {

double triangle(double x) { return std::max(0.0, 1 - std::abs(x)); }

double cubic(double x) {
  constexpr double kSharpness = -0.5;
  x = std::abs(x);
  if (x < 1) return ((kSharpness + 2) * x - (kSharpness + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * kSharpness;
  return 0;
}

double box(double x) { return x > -0.5 && x <= 0.5 ? 1 : 0; }

// How far the unscaled filter reaches to either side.
double reach(ResizeFilter filter) {
  switch (filter) {
    case ResizeFilter::kBox:
      return 0.5;
    case ResizeFilter::kBilinear:
      return 1;
    case ResizeFilter::kBicubic:
      return 2;
  }
  return 0;
}

double value_at(ResizeFilter filter, double x) {
  if (filter == ResizeFilter::kBox) return box(x);
  return filter == ResizeFilter::kBilinear ? triangle(x) : cubic(x);
}

int64_t filled_up(int64_t taps, int multiple) {
  return (taps + multiple - 1) / multiple * multiple;
}

struct Window {
  int64_t start = 0;
  int64_t end = 0;
  double center = 0;
};

struct Scale {
  double step = 1;     // source pixels per resized pixel
  double stretch = 1;  // of the filter
};

Scale scale_of(const AxisQuery& query) {
  double step = query.extent / static_cast<double>(query.resized);
  return {step, std::max(1.0, step)};
}

Window window_of(const AxisQuery& query, Scale scale, int64_t resized_pixel) {
  double center = (static_cast<double>(resized_pixel) + 0.5) * scale.step;
  double support = reach(query.filter) * scale.stretch;
  int64_t start = std::max<int64_t>(0, static_cast<int64_t>(center - support + 0.5));
  int64_t end = std::min<int64_t>(query.source, static_cast<int64_t>(center + support + 0.5));
  start = std::min(start, query.source - 1);
  return {start, std::max(end, start + 1), center};
}

// The weights of the pixels of `window`, which sum up to what is returned.
double weigh(const AxisQuery& query, Scale scale, Window window, std::vector<double>& weights) {
  weights.clear();
  double sum = 0;
  for (int64_t x = window.start; x < window.end; ++x) {
    double offset = static_cast<double>(x) + 0.5 - window.center;
    weights.push_back(value_at(query.filter, offset / scale.stretch));
    sum += weights.back();
  }
  if (sum > 0) return sum;
  weights.assign(weights.size(), 1);  // no pixel's centre lies under a box at the very edge
  return static_cast<double>(weights.size());
}

// Rounds so that the weights sum up exactly: each gets what the sum so far lacks.
void quantize(const std::vector<double>& exact, double sum, int16_t* weights) {
  constexpr double kOne = 1 << kWeightBits;
  double reached = 0;
  long given = 0;
  for (size_t t = 0; t < exact.size(); ++t) {
    reached += exact[t] / sum * kOne;
    long now = std::lround(reached);
    weights[t] = static_cast<int16_t>(now - given);
    given = now;
  }
}

}  // namespace

int64_t taps_of(const AxisQuery& query) {
  double support = reach(query.filter) * scale_of(query).stretch;
  int64_t most = std::min(query.source, static_cast<int64_t>(std::ceil(support)) * 2 + 1);
  return filled_up(most, query.multiple);
}

void make_weights(const AxisQuery& query, AxisWeights& made) {
  Scale scale = scale_of(query);
  int64_t longest = 1;
  for (int64_t i = 0; i < query.count; ++i) {
    Window window = window_of(query, scale, query.first + i);
    longest = std::max(longest, window.end - window.start);
  }
  made.taps = filled_up(longest, query.multiple);
  made.starts.resize(static_cast<size_t>(query.count));
  made.weights.assign(static_cast<size_t>(query.count * made.taps), 0);
  std::vector<double> exact;
  for (int64_t i = 0; i < query.count; ++i) {
    Window window = window_of(query, scale, query.first + i);
    double sum = weigh(query, scale, window, exact);
    // All taps stay inside the source where it has so many.
    int64_t start = std::max<int64_t>(0, std::min(window.start, query.source - made.taps));
    made.starts[static_cast<size_t>(i)] = static_cast<int32_t>(start);
    quantize(exact, sum, made.weights.data() + i * made.taps + (window.start - start));
  }
}

}  // namespace skein::preprocess
