#include "preprocess/pixel_kernels.h"

// Vectors of a size that is not known at compile time have no blocks to put rows into.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
// Highway turns its emulated vectors off for older GCC; the tests hold them against the real ones.
#define HWY_BROKEN_EMU128 0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "preprocess/pixel_kernels.cc"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

#include "preprocess/pixel_kernels-inl.h"

#if HWY_ONCE
namespace skein::preprocess {
namespace {

HWY_EXPORT(ResizeColumns);
HWY_EXPORT(ResizeRows);
HWY_EXPORT(WritePlanes);
HWY_EXPORT(TargetName);

}  // namespace

void resize_columns(const AxisWeights& columns, const uint8_t* const rows[kRowGroup],
                    Pixel* const to[kRowGroup]) {
  HWY_DYNAMIC_DISPATCH(ResizeColumns)(columns, rows, to);
}

void resize_rows(const Pixel* const* rows, const int16_t* weights, size_t taps, size_t values,
                 Pixel* to) {
  HWY_DYNAMIC_DISPATCH(ResizeRows)(rows, weights, taps, values, to);
}

void write_planes(const Pixel* row, size_t pixels, const Affine& affine, DType dtype,
                  std::byte* const planes[3]) {
  HWY_DYNAMIC_DISPATCH(WritePlanes)(row, pixels, affine, dtype, planes);
}

const char* instruction_set() { return HWY_DYNAMIC_DISPATCH(TargetName)(); }

std::vector<int64_t> instruction_sets() { return hwy::SupportedAndGeneratedTargets(); }

void use_instruction_sets(int64_t bits) {
  hwy::SetSupportedTargetsForTest(bits);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace skein::preprocess
#endif
