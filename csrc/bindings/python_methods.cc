#include "bindings/python_methods.h"

#include <pthread.h>

#include <string_view>
#include <utility>

#include "base/thread_class.h"
#include "bindings/error.h"

namespace py = pybind11;

namespace skein::bindings {
namespace {

constexpr size_t kMaxWaiting = 1024;

}  // namespace

PythonMethods::PythonMethods(std::map<std::string, py::function> methods, int threads)
    : methods_(std::make_move_iterator(methods.begin()), std::make_move_iterator(methods.end())) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { work(); });
    pthread_setname_np(threads_.back().native_handle(), "python-rpc");
  }
}

PythonMethods::~PythonMethods() {
  py::gil_scoped_release release;  // the threads need it to end
  stop();
}

void PythonMethods::stop() {
  std::deque<transport::Call*> refused;
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    refused.swap(waiting_);
  }
  ready_.notify_all();
  for (transport::Call* call : refused) call->finish(unavailable("the server is shutting down"));
  for (std::thread& thread : threads_) thread.join();
}

void PythonMethods::on_call(transport::Call& call) {
  Status refusal;
  {
    std::lock_guard lock(mutex_);
    if (stopping_) {
      refusal = unavailable("the server is shutting down");
    } else if (waiting_.size() >= kMaxWaiting) {
      refusal = resource_exhausted("too many control calls wait (1024); retry later");
    } else {
      waiting_.push_back(&call);
    }
  }
  if (refusal.ok()) {
    ready_.notify_one();
  } else {
    call.finish(std::move(refusal));
  }
}

void PythonMethods::work() {
  yield_to_requests();
  std::unique_lock lock(mutex_);
  while (true) {
    ready_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    transport::Call* call = waiting_.front();
    waiting_.pop_front();
    lock.unlock();
    serve(*call);
    lock.lock();
  }
}

void PythonMethods::serve(transport::Call& call) {
  Status status;
  Body reply;
  if (call.abandoned()) {
    status = {Code::kCancelled, "the client no longer waits"};
  } else {
    py::gil_scoped_acquire gil;
    try {
      std::string_view request = call.message().text();
      py::object result =
          methods_.find(call.path())->second(py::bytes(request.data(), request.size()));
      reply.append(copy_of(py::cast<py::bytes>(result)));
    } catch (py::error_already_set& error) {
      status = status_of(error);
    } catch (const std::exception& error) {
      status = internal(error.what());
    }
  }
  if (status.ok()) {
    call.finish_with(std::move(reply));
  } else {
    call.finish(std::move(status));
  }
}

}  // namespace skein::bindings
