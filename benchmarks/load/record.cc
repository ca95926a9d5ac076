#include "load/record.h"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace skein::load {

std::vector<RecordRow> blank_record(std::span<const TraceRow> trace) {
  std::vector<RecordRow> rows;
  rows.reserve(trace.size());
  for (const TraceRow& row : trace) {
    rows.push_back(
        {.scheduled_ns = row.offset_ns, .deadline_us = row.deadline_us, .body = row.body});
  }
  return rows;
}

Status write_record(const std::string& file, std::span<const RecordRow> rows) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(rows.data()),
            static_cast<std::streamsize>(rows.size_bytes()));
  out.flush();
  if (out) return {};
  return invalid_argument("--record " + file + ": " + std::strerror(errno));
}

}  // namespace skein::load
