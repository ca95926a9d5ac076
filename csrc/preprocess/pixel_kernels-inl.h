// The loops of pixel_kernels.h for one instruction set. Included once for each, hence this guard.
#if defined(SKEIN_PREPROCESS_PIXEL_KERNELS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SKEIN_PREPROCESS_PIXEL_KERNELS_INL
#undef SKEIN_PREPROCESS_PIXEL_KERNELS_INL
#else
#define SKEIN_PREPROCESS_PIXEL_KERNELS_INL
#endif

#include <hwy/highway.h>

#include <cstring>

#include "preprocess/pixel_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace skein::preprocess {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Rows side by side in one vector, each in a block of 16 bytes. Two: putting four together costs
// more than the wider vector gains.
constexpr size_t kBlocks = HWY_MIN(size_t{2}, hn::MaxLanes(hn::ScalableTag<uint8_t>()) / 16);
constexpr int kHighest = 255 << kFractionBits;

using Bytes = hn::FixedTag<uint8_t, 16 * kBlocks>;
using Shorts = hn::Repartition<int16_t, Bytes>;
using Words = hn::Repartition<int32_t, Bytes>;

// As templates: the branches for other sizes are not compiled.
template <class D8, size_t kCount>
HWY_INLINE hn::VFromD<D8> LoadBlocks(D8 d8, const uint8_t* const* rows, size_t offset) {
  if constexpr (kCount == 1) {
    return hn::LoadU(d8, rows[0] + offset);
  } else {
    const hn::Half<D8> half;
    using Half = hn::Half<D8>;
    return hn::Combine(d8, LoadBlocks<Half, kCount / 2>(half, rows + kCount / 2, offset),
                       LoadBlocks<Half, kCount / 2>(half, rows, offset));
  }
}

template <class D16, size_t kCount>
HWY_INLINE void StoreBlocks(D16 d16, hn::VFromD<D16> v, Pixel* const* rows, size_t offset) {
  if constexpr (kCount == 1) {
    hn::StoreU(v, d16, rows[0] + offset);
  } else {
    const hn::Half<D16> half;
    using Half = hn::Half<D16>;
    StoreBlocks<Half, kCount / 2>(half, hn::LowerHalf(half, v), rows, offset);
    StoreBlocks<Half, kCount / 2>(half, hn::UpperHalf(half, v), rows + kCount / 2, offset);
  }
}

// Two weights that follow each other, in every pair of lanes.
template <class D16>
HWY_INLINE hn::VFromD<D16> PairOfWeights(D16 d16, const int16_t* weights) {
  int32_t pair;
  std::memcpy(&pair, weights, sizeof(pair));
  return hn::BitCast(d16, hn::Set(hn::Repartition<int32_t, D16>(), pair));
}

// One resized pixel of kBlocks rows, times 1 << kWeightBits: the sum over `taps` source pixels from
// `offset` bytes on.
HWY_INLINE hn::VFromD<Words> ResizedPixel(const uint8_t* const* rows, size_t offset,
                                          const int16_t* weights, size_t taps) {
  // Of four RGB pixels: the channels of two beside each other, widened (0x80 gives 0).
  alignas(16) static constexpr uint8_t kFirst[16] = {0, 0x80, 3, 0x80, 1,    0x80, 4,    0x80,
                                                     2, 0x80, 5, 0x80, 0x80, 0x80, 0x80, 0x80};
  alignas(16) static constexpr uint8_t kSecond[16] = {6, 0x80, 9,  0x80, 7,    0x80, 10,   0x80,
                                                      8, 0x80, 11, 0x80, 0x80, 0x80, 0x80, 0x80};
  const auto first = hn::LoadDup128(Bytes(), kFirst);
  const auto second = hn::LoadDup128(Bytes(), kSecond);
  auto even = hn::Zero(Words());
  auto odd = hn::Zero(Words());
  size_t t = 0;
  for (; t + 4 <= taps; t += 4, offset += 12) {
    const auto pixels = LoadBlocks<Bytes, kBlocks>(Bytes(), rows, offset);
    const auto a = hn::BitCast(Shorts(), hn::TableLookupBytesOr0(pixels, first));
    const auto b = hn::BitCast(Shorts(), hn::TableLookupBytesOr0(pixels, second));
    even =
        hn::ReorderWidenMulAccumulate(Words(), a, PairOfWeights(Shorts(), weights + t), even, odd);
    even = hn::ReorderWidenMulAccumulate(Words(), b, PairOfWeights(Shorts(), weights + t + 2), even,
                                         odd);
  }
  if (t < taps) {
    const auto pixels = LoadBlocks<Bytes, kBlocks>(Bytes(), rows, offset);
    const auto a = hn::BitCast(Shorts(), hn::TableLookupBytesOr0(pixels, first));
    even =
        hn::ReorderWidenMulAccumulate(Words(), a, PairOfWeights(Shorts(), weights + t), even, odd);
  }
  return hn::RearrangeToOddPlusEven(even, odd);
}

template <int kShift, class D32>
HWY_INLINE hn::VFromD<D32> Rounded(D32 d32, hn::VFromD<D32> v) {
  return hn::ShiftRight<kShift>(hn::Add(v, hn::Set(d32, 1 << (kShift - 1))));
}

template <class D16>
HWY_INLINE hn::VFromD<D16> Clipped(D16 d16, hn::VFromD<D16> v) {
  return hn::Min(hn::Max(v, hn::Zero(d16)), hn::Set(d16, static_cast<int16_t>(kHighest)));
}

// kBlocks rows.
void ResizeBlocks(const AxisWeights& columns, const uint8_t* const* rows, Pixel* const* to) {
  constexpr int kShift = kWeightBits - kFractionBits;
  const Words d32;
  // Copies, because for the compiler what is stored might be what is pointed to.
  const int16_t* const weights = columns.weights.data();
  const int32_t* const starts = columns.starts.data();
  const size_t taps = static_cast<size_t>(columns.taps);
  const size_t pixels = columns.starts.size();
  const uint8_t* from[kBlocks];
  Pixel* into[kBlocks];
  for (size_t i = 0; i < kBlocks; ++i) from[i] = rows[i];
  for (size_t i = 0; i < kBlocks; ++i) into[i] = to[i];
  const auto resized = [&](size_t pixel) HWY_ATTR {
    const size_t offset = static_cast<size_t>(starts[pixel]) * 3;
    return Rounded<kShift>(d32, ResizedPixel(from, offset, weights + pixel * taps, taps));
  };
  for (size_t pixel = 0; pixel < pixels; pixel += 2) {
    const auto a = resized(pixel);
    const auto b = resized(HWY_MIN(pixel + 1, pixels - 1));
    const auto both = Clipped(Shorts(), hn::ReorderDemote2To(Shorts(), a, b));
    StoreBlocks<Shorts, kBlocks>(Shorts(), both, into, pixel * kPixelValues);
  }
}

void ResizeColumns(const AxisWeights& columns, const uint8_t* const* rows, Pixel* const* to) {
  for (size_t block = 0; block < kRowGroup; block += kBlocks) {
    ResizeBlocks(columns, rows + block, to + block);
  }
}

void ResizeRows(const Pixel* const* rows, const int16_t* weights, size_t taps, size_t values,
                Pixel* to) {
  const hn::ScalableTag<int16_t> d16;
  const hn::ScalableTag<int32_t> d32;
  for (size_t i = 0; i < values; i += hn::MaxLanes(d16)) {
    auto low = hn::Zero(d32);
    auto low_odd = hn::Zero(d32);
    auto high = hn::Zero(d32);
    auto high_odd = hn::Zero(d32);
    for (size_t t = 0; t < taps; t += kTaps) {
      const auto pair = PairOfWeights(d16, weights + t);
      const auto a = hn::LoadU(d16, rows[t] + i);
      const auto b = hn::LoadU(d16, rows[t + 1] + i);
      low = hn::ReorderWidenMulAccumulate(d32, hn::InterleaveLower(d16, a, b), pair, low, low_odd);
      high =
          hn::ReorderWidenMulAccumulate(d32, hn::InterleaveUpper(d16, a, b), pair, high, high_odd);
    }
    const auto first = Rounded<kWeightBits>(d32, hn::RearrangeToOddPlusEven(low, low_odd));
    const auto second = Rounded<kWeightBits>(d32, hn::RearrangeToOddPlusEven(high, high_odd));
    hn::StoreU(Clipped(d16, hn::ReorderDemote2To(d16, first, second)), d16, to + i);
  }
}

using Floats = hn::ScalableTag<float>;
using FloatVector = hn::VFromD<Floats>;

HWY_INLINE void StoreAs(FloatVector v, float* to) { hn::StoreU(v, Floats(), to); }

// Rounded to the nearest, then to even, as if the lowest kBits bits were not there: they are left
// with some value.
template <int kBits>
HWY_INLINE hn::VFromD<hn::Rebind<uint32_t, Floats>> RoundedBits(FloatVector v) {
  const hn::Rebind<uint32_t, Floats> d32;
  const auto bits = hn::BitCast(d32, v);
  const auto even = hn::And(hn::ShiftRight<kBits>(bits), hn::Set(d32, 1));
  return hn::Add(bits, hn::Add(even, hn::Set(d32, (1 << (kBits - 1)) - 1)));
}

// Where there is no instruction for FP16, Highway cuts bits off instead of rounding.
HWY_INLINE void StoreAs(FloatVector v, hwy::float16_t* to) {
  const hn::Rebind<uint32_t, Floats> d32;
  const hn::Rebind<hwy::float16_t, Floats> d;
  const auto bits = hn::And(RoundedBits<13>(v), hn::Set(d32, ~uint32_t{0x1FFF}));
  hn::StoreU(hn::DemoteTo(d, hn::BitCast(Floats(), bits)), d, to);
}

// BF16 is the upper half of FP32.
HWY_INLINE void StoreAs(FloatVector v, uint16_t* to) {
  const hn::Rebind<int32_t, Floats> i32;
  const hn::Rebind<uint16_t, Floats> d16;
  const auto bits = hn::ShiftRight<16>(RoundedBits<16>(v));
  hn::StoreU(hn::DemoteTo(d16, hn::BitCast(i32, bits)), d16, to);
}

template <class T>  // uint8_t or int8_t
HWY_INLINE void StoreAs(FloatVector v, T* to) {
  const hn::Rebind<int16_t, Floats> d16;
  const hn::Rebind<T, Floats> d8;
  const auto safe = hn::Min(hn::Max(v, hn::Set(Floats(), -1000.0f)), hn::Set(Floats(), 1000.0f));
  const auto shorts = hn::DemoteTo(d16, hn::NearestInt(safe));
  hn::StoreU(hn::DemoteTo(d8, shorts), d8, to);
}

// The channels of a vector of pixels, as numbers from 0 to 255 << kFractionBits.
struct Channels {
  FloatVector values[3];
};

HWY_INLINE Channels LoadChannels(const Pixel* row, bool gray) {
  const Floats df;
  const hn::Rebind<int32_t, Floats> d32;
  const hn::Rebind<int16_t, Floats> d16;
  hn::VFromD<decltype(d16)> first, second, third, unused;
  hn::LoadInterleaved4(d16, row, first, second, third, unused);
  const auto red = hn::PromoteTo(d32, first);
  const auto green = hn::PromoteTo(d32, second);
  const auto blue = hn::PromoteTo(d32, third);
  if (!gray) return {{hn::ConvertTo(df, red), hn::ConvertTo(df, green), hn::ConvertTo(df, blue)}};
  // ITU-R 601, in 65,536ths.
  const auto luma =
      hn::Add(hn::Add(hn::Mul(red, hn::Set(d32, 19595)), hn::Mul(green, hn::Set(d32, 38470))),
              hn::Mul(blue, hn::Set(d32, 7471)));
  const auto value = hn::Mul(hn::ConvertTo(df, luma), hn::Set(df, 1.0f / 65536));
  return {{value, value, value}};
}

// Subtracts first: nothing that one instruction set could fuse and another not.
template <class T>
HWY_INLINE void WriteVector(const Pixel* row, const Affine& affine, size_t at, T* const planes[3]) {
  const Floats df;
  const Channels channels = LoadChannels(row + at * kPixelValues, affine.gray);
  for (int c = 0; c < (affine.gray ? 1 : 3); ++c) {
    const auto centered = hn::Sub(channels.values[c], hn::Set(df, affine.center[c]));
    StoreAs(hn::Mul(centered, hn::Set(df, affine.factor[c])), planes[c] + at);
  }
}

template <class T>
void WriteAs(const Pixel* row, size_t pixels, const Affine& affine, std::byte* const bytes[3]) {
  constexpr size_t kLanes = hn::MaxLanes(Floats());
  const size_t channels = affine.gray ? 1 : 3;
  T* planes[3] = {};
  for (size_t c = 0; c < channels; ++c) planes[c] = reinterpret_cast<T*>(bytes[c]);
  size_t at = 0;
  for (; at + kLanes <= pixels; at += kLanes) WriteVector(row, affine, at, planes);
  if (at == pixels) return;
  T rest[3][kLanes];  // what is left is less than a vector; the row has whole ones
  T* const aside[3] = {rest[0], rest[1], rest[2]};
  WriteVector(row + at * kPixelValues, affine, 0, aside);
  for (size_t c = 0; c < channels; ++c) {
    std::memcpy(planes[c] + at, rest[c], (pixels - at) * sizeof(T));
  }
}

void WritePlanes(const Pixel* row, size_t pixels, const Affine& affine, DType dtype,
                 std::byte* const planes[3]) {
  switch (dtype) {
    case DType::kUint8:
      return WriteAs<uint8_t>(row, pixels, affine, planes);
    case DType::kInt8:
      return WriteAs<int8_t>(row, pixels, affine, planes);
    case DType::kFp16:
      return WriteAs<hwy::float16_t>(row, pixels, affine, planes);
    case DType::kBf16:
      return WriteAs<uint16_t>(row, pixels, affine, planes);
    default:
      return WriteAs<float>(row, pixels, affine, planes);
  }
}

const char* TargetName() { return hwy::TargetName(HWY_TARGET); }

}  // namespace HWY_NAMESPACE
}  // namespace skein::preprocess
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
