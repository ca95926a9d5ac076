#include "preprocess/picture_writer.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace skein::preprocess {
namespace {

constexpr size_t kMostRing = 64 << 20;  // bytes of rows that are kept at once

// Where the plane of a channel of the picture (red, green, blue) starts in the output, in elements.
int64_t plane_offset(const ImageSpec& spec, int channel) {
  int64_t place = spec.color == ColorOrder::kBgr ? 2 - channel : channel;
  return spec.layout == ImageLayout::kNhwc ? place : place * spec.height * spec.width;
}

template <size_t kSize>
void scatter_plane(const std::byte* from, int64_t count, int64_t stride, std::byte* to) {
  const int64_t step = stride * static_cast<int64_t>(kSize);
  for (int64_t i = 0; i < count; ++i) std::memcpy(to + i * step, from + i * kSize, kSize);
}

void scatter(const std::byte* from, int64_t count, size_t size, int64_t stride, std::byte* to) {
  if (size == 1) return scatter_plane<1>(from, count, stride, to);
  if (size == 2) return scatter_plane<2>(from, count, stride, to);
  scatter_plane<4>(from, count, stride, to);
}

void update(const AxisQuery& query, AxisQuery& last, AxisWeights& weights) {
  if (query == last) return;
  make_weights(query, weights);
  last = query;
}

AxisQuery query_of(SourceAxis source, const AxisPlacement& axis, ResizeFilter filter,
                   int multiple) {
  return {source.pixels, source.extent, axis.resized, axis.first, axis.count, filter, multiple};
}

}  // namespace

Affine affine_of(const ImageSpec& spec) {
  Affine made{.center = {}, .factor = {}, .gray = spec.color == ColorOrder::kGray};
  for (int channel = 0; channel < 3; ++channel) {
    auto given = static_cast<size_t>(spec.color == ColorOrder::kBgr ? 2 - channel : channel);
    double unit = spec.scale / (1 << kFractionBits);
    made.center[channel] = static_cast<float>(spec.mean[given] / unit);
    made.factor[channel] = static_cast<float>(unit / spec.std[given]);
  }
  return made;
}

Status PictureWriter::begin(const ImageSpec& spec, const Affine& affine, const Placement& placement,
                            SourceAxis columns, SourceAxis rows, std::byte* to) {
  spec_ = &spec;
  affine_ = &affine;
  placement_ = placement;
  to_ = to;
  AxisQuery down = query_of(rows, placement.rows, spec.filter, static_cast<int>(kTaps));
  auto width = static_cast<size_t>(placement.columns.count);
  values_ = row_values(width);
  capacity_ = taps_of(down) + static_cast<int64_t>(kRowGroup);
  size_t planes = 3 * width * element_size(spec.dtype);
  size_t ring = static_cast<size_t>(capacity_) * values_ * sizeof(Pixel);
  if (ring > kMostRing) {
    return invalid_argument("image of " + std::to_string(columns.pixels) + " x " +
                            std::to_string(rows.pixels) + ": cannot be resized to " +
                            std::to_string(placement.columns.resized) + " x " +
                            std::to_string(placement.rows.resized) + ": a side shrinks too much");
  }
  update(query_of(columns, placement.columns, spec.filter, static_cast<int>(kTaps)), columns_query_,
         columns_);
  update(down, rows_query_, rows_);
  uint8_t* memory = ring_memory_.need(ring + values_ * sizeof(Pixel) + planes);
  ring_ = reinterpret_cast<Pixel*>(memory);
  row_ = ring_ + static_cast<size_t>(capacity_) * values_;
  planes_ = reinterpret_cast<std::byte*>(row_ + values_);
  taps_.resize(static_cast<size_t>(rows_.taps));
  source_rows_ = rows.pixels;
  pushed_ = 0;
  written_ = 0;
  return {};
}

void PictureWriter::push(const uint8_t* const* rows, size_t count) {
  bool wanted = written_ < placement_.rows.count &&
                pushed_ + static_cast<int64_t>(count) > rows_.starts[static_cast<size_t>(written_)];
  if (wanted) resize_group(rows, count);
  pushed_ += static_cast<int64_t>(count);
  if (wanted) write_rows();
}

void PictureWriter::resize_group(const uint8_t* const* rows, size_t count) {
  const uint8_t* from[kRowGroup];
  Pixel* into[kRowGroup];
  for (size_t i = 0; i < kRowGroup; ++i) {
    size_t row = std::min(i, count - 1);  // a group that is not full repeats its last row
    from[i] = rows[row];
    into[i] = ring_row(pushed_ + static_cast<int64_t>(row));
  }
  resize_columns(columns_, from, into);
}

// Those whose source rows are all there.
void PictureWriter::write_rows() {
  for (; written_ < placement_.rows.count; ++written_) {
    int64_t start = rows_.starts[static_cast<size_t>(written_)];
    int64_t last = std::min(start + rows_.taps, source_rows_) - 1;
    if (last >= pushed_) return;
    for (int64_t t = 0; t < rows_.taps; ++t) {
      taps_[static_cast<size_t>(t)] = ring_row(std::min(start + t, last));
    }
    resize_rows(taps_.data(), rows_.weights.data() + written_ * rows_.taps,
                static_cast<size_t>(rows_.taps), values_, row_);
    write_row(row_, written_);
  }
}

void PictureWriter::write_row(const Pixel* row, int64_t number) {
  const AxisPlacement& columns = placement_.columns;
  const AxisPlacement& rows = placement_.rows;
  auto size = static_cast<int64_t>(element_size(spec_->dtype));
  int64_t origin = columns.origin + rows.origin + number * rows.stride;
  std::byte* planes[3];
  for (int c = 0; c < 3; ++c) {
    planes[c] = contiguous() ? to_ + (origin + plane_offset(*spec_, c)) * size
                             : planes_ + c * columns.count * size;
  }
  write_planes(row, static_cast<size_t>(columns.count), *affine_, spec_->dtype, planes);
  if (contiguous()) return;
  for (int c = 0; c < spec_->channels(); ++c) {
    std::byte* first = to_ + (origin + plane_offset(*spec_, c)) * size;
    scatter(planes[c], columns.count, static_cast<size_t>(size), columns.stride, first);
  }
}

void PictureWriter::trim() { ring_memory_.trim(); }

void fill_output(const ImageSpec& spec, const Affine& affine, std::byte* to) {
  Pixel row[128] = {};  // row_values(1)
  for (size_t c = 0; c < 3; ++c) {
    row[c] = static_cast<Pixel>(spec.pad_color[c] << kFractionBits);
  }
  std::byte colors[3][4];
  std::byte* const planes[3] = {colors[0], colors[1], colors[2]};
  write_planes(row, 1, affine, spec.dtype, planes);
  size_t size = element_size(spec.dtype);
  int64_t pixels = spec.height * spec.width;
  int64_t step = spec.layout == ImageLayout::kNhwc ? spec.channels() : 1;
  for (int c = 0; c < spec.channels(); ++c) {
    std::byte* at = to + plane_offset(spec, c) * static_cast<int64_t>(size);
    for (int64_t i = 0; i < pixels; ++i, at += step * static_cast<int64_t>(size)) {
      std::memcpy(at, colors[c], size);
    }
  }
}

}  // namespace skein::preprocess
