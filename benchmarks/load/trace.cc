#include "load/trace.h"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace skein::load {
namespace {

// A day: beyond any run, and far from where time points overflow.
constexpr int64_t kMaxOffset = 86'400'000'000'000;

Status check(const std::vector<TraceRow>& rows, size_t bodies, const std::string& where) {
  int64_t last = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const TraceRow& row = rows[i];
    std::string at = where + ", row " + std::to_string(i);
    if (row.offset_ns < last || row.offset_ns > kMaxOffset) {
      return invalid_argument(at + ": offset " + std::to_string(row.offset_ns) +
                              " ns; offsets rise, from 0 to a day");
    }
    if (row.body >= bodies) {
      return invalid_argument(at + ": body " + std::to_string(row.body) + "; there are " +
                              std::to_string(bodies));
    }
    last = row.offset_ns;
  }
  return {};
}

}  // namespace

Result<std::vector<TraceRow>> read_trace(const std::string& file, size_t bodies) {
  std::string where = "--trace " + file;
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return not_found(where + ": " + std::strerror(errno));
  auto size = static_cast<size_t>(in.tellg());
  if (size == 0 || size % sizeof(TraceRow) != 0) {
    return invalid_argument(where + ": " + std::to_string(size) +
                            " bytes; expected one or more rows of 16");
  }
  std::vector<TraceRow> rows(size / sizeof(TraceRow));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(rows.data()), static_cast<std::streamsize>(size));
  if (!in) return not_found(where + ": " + std::strerror(errno));
  Status status = check(rows, bodies, where);
  if (!status.ok()) return status;
  return rows;
}

}  // namespace skein::load
