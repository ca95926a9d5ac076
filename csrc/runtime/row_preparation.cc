#include "runtime/row_preparation.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>

namespace skein::runtime {
namespace {

bool is_made(const TensorView& view) { return view.data == nullptr && view.size > 0; }

size_t row_size(const Item& item, size_t input) {
  return item.inputs[input].size / static_cast<size_t>(item.rows);
}

template <class Task>
void perform_task(const Batch& batch, Task& task) {
  try {
    const RowSource& source = *batch.items[task.item].source;
    task.status = source.write(task.input, task.first, task.rows, task.to);
  } catch (const std::bad_alloc&) {
    task.status = {Code::kResourceExhausted, "no memory for its rows"};  // too short for the heap
  } catch (const std::exception& error) {
    task.status = internal(error.what());
  }
}

}  // namespace

bool RowPreparation::needed(const Batch& batch) {
  return std::ranges::any_of(batch.items, [](const Item& item) { return item.source != nullptr; });
}

Result<const Batch*> RowPreparation::run(const Batch& batch, const Place& place,
                                         BatchResult& result) {
  if (Status status = plan(batch, place); !status.ok()) return status;
  perform(batch);
  leave_out(batch, result);
  if (result.left_out.empty()) return &batch;
  close_gaps(batch, result.left_out);
  left_.clear();
  for (size_t i = 0; i < batch.items.size(); ++i) {
    if (!result.left_out[i].ok()) continue;
    left_.items.push_back(batch.items[i]);
    left_.rows += batch.items[i].rows;
  }
  left_.wanted = batch.wanted;
  return &left_;
}

Status RowPreparation::plan(const Batch& batch, const Place& place) {
  inputs_.clear();
  tasks_.clear();
  slow_tasks_.clear();
  for (size_t input = 0; input < batch.items.front().inputs.size(); ++input) {
    size_t size = 0;
    bool made = false;
    for (const Item& item : batch.items) {
      size += item.inputs[input].size;
      made = made || is_made(item.inputs[input]);
    }
    if (!made) continue;
    Result<std::byte*> to = place(input, size);
    if (!to.ok()) return to.status();
    inputs_.push_back({input, *to});
    std::byte* at = *to;
    for (size_t item = 0; item < batch.items.size(); ++item) {
      if (is_made(batch.items[item].inputs[input])) plan_item(batch, item, inputs_.back(), at);
      at += batch.items[item].inputs[input].size;
    }
  }
  return {};
}

void RowPreparation::plan_item(const Batch& batch, size_t item, const Input& input, std::byte* to) {
  const Item& planned = batch.items[item];
  if (planned.rows_per_task == 0) {
    tasks_.push_back({item, input.index, 0, planned.rows, to, {}});
    return;
  }
  size_t size = row_size(planned, input.index);
  for (int64_t row = 0; row < planned.rows; row += planned.rows_per_task) {
    int64_t rows = std::min(planned.rows_per_task, planned.rows - row);
    slow_tasks_.push_back({item, input.index, row, rows, to, {}});
    to += size * static_cast<size_t>(rows);
  }
}

void RowPreparation::perform(const Batch& batch) {
  for (Task& task : tasks_) perform_task(batch, task);
  if (batch.crew != nullptr && slow_tasks_.size() > 1) {
    batch.crew->share(slow_tasks_.size(),
                      [this, &batch](size_t index) { perform_task(batch, slow_tasks_[index]); });
  } else {
    for (Task& task : slow_tasks_) perform_task(batch, task);
  }
}

void RowPreparation::leave_out(const Batch& batch, BatchResult& result) {
  for (std::vector<Task>* tasks : {&tasks_, &slow_tasks_}) {
    for (Task& task : *tasks) {
      if (task.status.ok()) continue;
      result.left_out.resize(batch.items.size());
      Status& first = result.left_out[task.item];
      if (first.ok()) first = std::move(task.status);
    }
  }
}

void RowPreparation::close_gaps(const Batch& batch, const std::vector<Status>& left_out) const {
  for (const Input& input : inputs_) {
    const std::byte* from = input.place;
    std::byte* to = input.place;
    for (size_t i = 0; i < batch.items.size(); ++i) {
      size_t size = batch.items[i].inputs[input.index].size;
      if (left_out[i].ok()) {
        if (from != to) std::memmove(to, from, size);
        to += size;
      }
      from += size;
    }
  }
}

}  // namespace skein::runtime
