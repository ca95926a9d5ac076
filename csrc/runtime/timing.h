// How long runs of one batch take. For choosing among providers, not for requests.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "runtime/executor.h"

namespace skein::runtime {

// Runs `batch` again and again, on all executors at once, each by a thread of its own, for
// `window` and at least once each. The times of all runs, in no order; the first error instead.
Result<std::vector<Duration>> time_runs(std::span<const std::unique_ptr<Executor>> executors,
                                        const Batch& batch, Duration window);

// Runs `batch` once. The outputs own their bytes.
Result<std::vector<OutputTensor>> run_once(Executor& executor, const Batch& batch);

}  // namespace skein::runtime
