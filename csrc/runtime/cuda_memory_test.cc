#include "runtime/cuda_memory.h"

#include <cstring>

#include "runtime/cuda_fixture.h"
#include "runtime/device_failure.h"

namespace skein::runtime {
namespace {

constexpr int kIllegalAddress = 700;

TEST(CudaRuntime, ALibraryThatIsNotThereIsNamed) {
  std::array<std::string, 1> names{"libcudart.so.0"};
  auto opened = CudaRuntime::open(names);
  EXPECT_EQ(opened.status().code(), Code::kFailedPrecondition);
  EXPECT_EQ(opened.status().message(),
            "the CUDA runtime (libcudart.so.0) is not there: pip install 'skein-server[gpu]'");
}

TEST(CudaRuntime, AFunctionThatALibraryLacksIsNamed) {
  std::array<std::string, 1> names{"libm.so.6"};
  EXPECT_EQ(CudaRuntime::open(names).status().message(),
            "the CUDA runtime has no function cudaSetDevice");
}

TEST(CudaMemory, OnlyDevicesThatAreThereCanBeUsed) {
  FakeCuda cuda;
  EXPECT_TRUE(CudaMemory::check(*FakeCuda::open(), 1).ok());
  EXPECT_EQ(CudaMemory::check(*FakeCuda::open(), 2).message(),
            "there is no GPU 2: this process sees 2");
  cuda.fail("cudaGetDeviceCount", kIllegalAddress);
  EXPECT_EQ(CudaMemory::check(*FakeCuda::open(), 0).message(),
            "no GPU can be used (is the NVIDIA driver installed?): an illegal memory access was "
            "encountered");
}

TEST(CudaMemory, BytesGoToTheDeviceAndComeBack) {
  FakeCuda cuda;
  CudaMemory memory(FakeCuda::open(), 1);
  ASSERT_TRUE(memory.use().ok());
  std::byte* pinned = memory.allocate_pinned(5).value();
  std::byte* device = memory.allocate(5).value();
  void* stream = memory.create_stream().value();
  std::memcpy(pinned, "abcd", 5);
  EXPECT_TRUE(memory.copy_to_device(device, pinned, 5, stream).ok());
  EXPECT_NE(std::memcmp(device, "abcd", 5), 0);
  EXPECT_TRUE(memory.wait(stream).ok());
  std::memset(pinned, 0, 5);
  EXPECT_TRUE(memory.copy_to_host(pinned, device, 5, stream).ok());
  EXPECT_TRUE(memory.wait(stream).ok());
  EXPECT_STREQ(reinterpret_cast<const char*>(pinned), "abcd");
  memory.destroy_stream(stream);
  memory.release(device);
  memory.release_pinned(pinned);
  EXPECT_EQ(cuda.calls("cudaFree on 1"), 1);
  EXPECT_EQ(cuda.calls("cudaFreeHost on 1"), 1);
  EXPECT_EQ(cuda.calls("cudaStreamDestroy on 1"), 1);
}

TEST(CudaMemory, StreamsEndOnTheirOwnDevice) {
  FakeCuda cuda;
  std::shared_ptr<const Stream> first = fake_stream(0), second = fake_stream(1);
  first.reset();
  second.reset();
  EXPECT_EQ(cuda.calls("cudaStreamDestroy on 0"), 1);
  EXPECT_EQ(cuda.calls("cudaStreamDestroy on 1"), 1);
}

TEST(CudaMemory, LackOfMemoryIsToldFromOtherFailures) {
  FakeCuda cuda;
  CudaMemory memory(FakeCuda::open(), 1);
  ASSERT_TRUE(memory.use().ok());
  cuda.fail("cudaMalloc", CudaRuntime::kOutOfMemory);
  Status status = memory.allocate(1000).status();
  EXPECT_EQ(status.code(), Code::kResourceExhausted);
  EXPECT_EQ(status.message(), "GPU 1 is out of memory: to allocate 1000 bytes");
  cuda.fail("cudaMallocHost", CudaRuntime::kOutOfMemory);
  EXPECT_EQ(memory.allocate_pinned(7).status().code(), Code::kResourceExhausted);
  cuda.fail("cudaStreamCreate", kIllegalAddress);
  EXPECT_EQ(memory.create_stream().status().code(), Code::kInternal);
  cuda.fail("cudaStreamSynchronize", kIllegalAddress);
  status = memory.wait(nullptr);
  EXPECT_EQ(status.code(), Code::kInternal);
  EXPECT_EQ(status.message(),
            "GPU 1 failed during a run: an illegal memory access was encountered");
}

struct FailureCase {
  const char* message;
  Code code;
  const char* contains;
};

TEST(DeviceFailure, LackOfMemoryIsReadFromTheMessage) {
  const std::vector<FailureCase> cases = {
      {"CUDA failure 2: out of memory ; GPU=0 ; hostname=box ; file=a.cc", Code::kResourceExhausted,
       "GPU 0 is out of memory: CUDA failure 2: out of memory"},
      {"Failed to allocate memory for requested buffer of size 4096", Code::kResourceExhausted,
       "size 4096"},
      {"Available memory of 10 is smaller than requested bytes of 20", Code::kResourceExhausted,
       "GPU 0 is out of memory"},
      {"CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; hostname=box",
       Code::kResourceExhausted, "CUBLAS_STATUS_ALLOC_FAILED"},
      {"Non-zero status code returned while running Gather node", Code::kInternal,
       "failed to run the model on GPU 0: Non-zero"},
      {"CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; hostname=box",
       Code::kInternal, "illegal memory access was encountered"}};
  for (const FailureCase& each : cases) {
    Status status = device_failure("GPU 0", each.message);
    EXPECT_EQ(status.code(), each.code) << each.message;
    EXPECT_NE(status.message().find(each.contains), std::string::npos) << status.message();
    EXPECT_EQ(status.message().find("hostname"), std::string::npos);
  }
}

}  // namespace
}  // namespace skein::runtime
