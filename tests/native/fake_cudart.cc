// Stands in for libcudart in tests: "device" memory is the process's own. Copies happen as late as
// they may, when their stream is waited for, and until then their targets hold poison. Counts calls
// by device and function, and fails as it is told, once or for ever.
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace {

struct Failure {
  int error;
  bool sticky;
};

struct Copy {
  void* to;
  const void* from;
  size_t size;
};
constexpr int kPoison = 0xA5;

struct State {
  std::mutex mutex;
  std::map<std::string, int> calls;
  std::map<std::string, Failure> failures;
  std::map<void*, std::vector<Copy>> copies;  // to be done, by stream
  int lost = 0;                               // the sticky error, once met
  int last = 0;
};
State& state() {
  static State* instance = new State;
  return *instance;
}
thread_local int device = 0;

int call(const std::string& name) {
  State& s = state();
  std::lock_guard lock(s.mutex);
  ++s.calls[name];
  ++s.calls[name + " on " + std::to_string(device)];
  auto told = s.failures.find(name);
  if (told != s.failures.end()) {
    s.last = told->second.error;
    if (told->second.sticky) s.lost = s.last;
    s.failures.erase(told);
    return s.last;
  }
  return s.lost;
}

std::vector<Copy> take_copies(void* stream) {
  State& s = state();
  std::lock_guard lock(s.mutex);
  return std::exchange(s.copies[stream], {});
}

}  // namespace

extern "C" {

void fake_cudart_reset() {
  State& s = state();
  std::lock_guard lock(s.mutex);
  s.calls.clear();
  s.failures.clear();
  s.copies.clear();
  s.lost = s.last = 0;
}

// The next call of `name` fails; with `sticky`, every call from then on.
void fake_cudart_fail(const char* name, int error, bool sticky) {
  State& s = state();
  std::lock_guard lock(s.mutex);
  s.failures[name] = {error, sticky};
}

// Of "cudaMalloc", or of "cudaMalloc on 1".
int fake_cudart_calls(const char* name) {
  State& s = state();
  std::lock_guard lock(s.mutex);
  return s.calls[name];
}

int cudaSetDevice(int id) {
  device = id;
  return call("cudaSetDevice");
}

int cudaGetDeviceCount(int* count) {
  *count = 2;
  return call("cudaGetDeviceCount");
}

int cudaMallocHost(void** data, size_t size) {
  int error = call("cudaMallocHost");
  if (error == 0) *data = std::malloc(size);
  return error;
}

int cudaFreeHost(void* data) {
  std::free(data);
  return call("cudaFreeHost");
}

int cudaMalloc(void** data, size_t size) {
  int error = call("cudaMalloc");
  if (error == 0) *data = std::malloc(size);
  return error;
}

int cudaFree(void* data) {
  std::free(data);
  return call("cudaFree");
}

int cudaStreamCreateWithFlags(void** stream, unsigned) {
  int error = call("cudaStreamCreate");
  if (error == 0) *stream = std::malloc(1);
  return error;
}

int cudaStreamDestroy(void* stream) {
  take_copies(stream);
  std::free(stream);
  return call("cudaStreamDestroy");
}

int cudaMemcpyAsync(void* to, const void* from, size_t size, int, void* stream) {
  int error = call("cudaMemcpyAsync");
  if (error != 0) return error;
  std::memset(to, kPoison, size);
  State& s = state();
  std::lock_guard lock(s.mutex);
  s.copies[stream].push_back({to, from, size});
  return 0;
}

int cudaStreamSynchronize(void* stream) {
  int error = call("cudaStreamSynchronize");
  if (error != 0) return error;
  for (const Copy& copy : take_copies(stream)) std::memcpy(copy.to, copy.from, copy.size);
  return 0;
}

int cudaGetLastError() {
  State& s = state();
  std::lock_guard lock(s.mutex);
  int error = s.last;
  s.last = s.lost;
  return error;
}

const char* cudaGetErrorString(int error) {
  return error == 2 ? "out of memory" : "an illegal memory access was encountered";
}
}
