#include "load/results.h"

#include <algorithm>
#include <cstdio>

namespace skein::load {
namespace {

// Appends `"key":value` pairs to one JSON object.
class JsonObject {
 public:
  JsonObject& raw(std::string_view key, const std::string& value) {
    text_ += text_.size() > 1 ? ",\"" : "\"";
    text_ += key;
    text_ += "\":" + value;
    return *this;
  }
  JsonObject& number(std::string_view key, uint64_t value) {
    return raw(key, std::to_string(value));
  }
  JsonObject& number(std::string_view key, double value) {
    std::array<char, 64> text;
    std::snprintf(text.data(), text.size(), "%.3f", value);
    return raw(key, text.data());
  }
  // `value` is printable ASCII, as percent-encoded messages are; the rest becomes '?'.
  JsonObject& string(std::string_view key, std::string_view value) {
    std::string quoted = "\"";
    for (char c : value) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c >= 0x20 && c < 0x7f ? c : '?';
    }
    return raw(key, quoted + '"');
  }
  std::string text() const { return text_ + "}"; }

 private:
  std::string text_ = "{";
};

std::string quantiles(const LatencyHistogram& ns) {
  JsonObject object;
  object.number("mean", ns.mean() / 1e3);
  constexpr std::pair<const char*, double> kQuantiles[] = {
      {"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p99.9", 0.999}};
  for (auto [name, q] : kQuantiles) {
    object.number(name, static_cast<double>(ns.quantile(q)) / 1e3);
  }
  return object.number("max", static_cast<double>(ns.max()) / 1e3).text();
}

std::string statuses(const Results& results) {
  JsonObject object;
  for (size_t i = 0; i < kOutcomeCount; ++i) {
    if (results.measured[i] > 0) object.number(kOutcomeNames[i], results.measured[i]);
  }
  return object.text();
}

double per(double numerator, uint64_t denominator) {
  return denominator == 0 ? 0 : numerator / static_cast<double>(denominator);
}

}  // namespace

void Results::add(const Results& other) {
  for (size_t i = 0; i < kOutcomeCount; ++i) measured[i] += other.measured[i];
  in_time += other.in_time;
  held += other.held;
  pushbacks += other.pushbacks;
  completed += other.completed;
  sent_total += other.sent_total;
  ok_total += other.ok_total;
  connections_lost += other.connections_lost;
  latency_ns.add(other.latency_ns);
  lag_ns.add(other.lag_ns);
  if (first_message.empty()) first_message = other.first_message;
}

std::string to_json(const Options& options, const Results& results, const Window& window) {
  uint64_t ok = results.measured[kOk];
  JsonObject object;
  object.string("loop", options.open_loop() ? "open" : "closed")
      .number("connections", static_cast<uint64_t>(options.connections))
      .number("threads", static_cast<uint64_t>(options.threads));
  if (!options.open_loop()) object.number("streams", static_cast<uint64_t>(options.streams));
  object.number("seconds", window.seconds)
      .number("ok", ok)
      .number("ok_per_second", ok == 0 ? 0.0 : static_cast<double>(ok) / window.seconds)
      .number("in_time", results.in_time)
      .number("retry_pushbacks", results.pushbacks)
      .raw("statuses", statuses(results))
      .raw("latency_us", quantiles(results.latency_ns))
      .number("completed", results.completed)
      .number("client_cpu_us_per_request", per(window.client_cpu_seconds * 1e6, results.completed));
  if (options.open_loop()) {
    object.number("held", results.held).raw("generator_lag_us", quantiles(results.lag_ns));
  }
  if (window.server_cpu_seconds) {
    object.number("server_cpu_seconds", *window.server_cpu_seconds)
        .number("server_cpu_us_per_request",
                per(*window.server_cpu_seconds * 1e6, results.completed));
  }
  object.number("sent_total", results.sent_total)
      .number("ok_total", results.ok_total)
      .number("connections_lost", results.connections_lost);
  if (!results.first_message.empty()) object.string("first_message", results.first_message);
  return object.text();
}

}  // namespace skein::load
