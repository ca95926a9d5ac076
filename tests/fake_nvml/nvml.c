/* Stands in for libnvidia-ml.so.1: one H200, in the state that a file names.

   FAKE_NVML names the file. Its first word: healthy, lost, unsupported (no value but the memory),
   no_gpm (older than Hopper), unloaded (driver gone), hang (calls return when the word changes).
   Numbers are fixed, so that a test can say what a metric must be. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SUCCESS = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3 };
enum { INSUFFICIENT_SIZE = 7, DRIVER_NOT_LOADED = 9, GPU_IS_LOST = 15, OUT_OF_MEMORY = 20 };
enum { MOST_SAMPLES = 2 };

typedef struct { unsigned int gpu, memory; } Utilization;
typedef struct { unsigned long long total, free, used; } Memory;
typedef struct {
  unsigned int pid;
  unsigned long long memory;
  unsigned int gpu_instance, compute_instance;
} Process;
typedef struct { unsigned int version, supported; } GpmSupport;
typedef struct { int taken; } GpmSample;
typedef struct {
  unsigned int id;
  int result;
  double value;
  const char *names[3];
} GpmMetric;
typedef struct {
  unsigned int version, count;
  GpmSample *first, *second;
  GpmMetric metrics[];
} GpmMetrics;

static int initialized = 0;
static int samples = 0;
static int device = 0;

static void read_word(char word[32]) {
  FILE *file = fopen(getenv("FAKE_NVML"), "r");
  word[0] = 0;
  if (file != NULL) {
    if (fscanf(file, "%31s", word) != 1) word[0] = 0;
    fclose(file);
  }
}

static int is(const char *name) {
  char word[32];
  read_word(word);
  return strcmp(word, name) == 0;
}

static int driver(void) {
  while (is("hang")) usleep(2000);
  if (is("unloaded")) return DRIVER_NOT_LOADED;
  return initialized ? SUCCESS : UNINITIALIZED;
}

static int gpu(void) {
  int result = driver();
  return result == SUCCESS && is("lost") ? GPU_IS_LOST : result;
}

static int value(void) {
  int result = gpu();
  return result == SUCCESS && is("unsupported") ? NOT_SUPPORTED : result;
}

#define RETURN(check, assignment)          \
  do {                                     \
    int result_ = (check);                 \
    if (result_ == SUCCESS) {              \
      assignment;                          \
    }                                      \
    return result_;                        \
  } while (0)

int nvmlInitWithFlags(unsigned int flags) {
  (void)flags;
  if (is("unloaded")) return DRIVER_NOT_LOADED;
  initialized = 1;
  return SUCCESS;
}

int nvmlShutdown(void) {
  if (!initialized) return UNINITIALIZED;
  initialized = 0;
  return SUCCESS;
}

int nvmlDeviceGetCount_v2(unsigned int *count) { RETURN(driver(), *count = 1); }
int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **handle) {
  if (index != 0) return INVALID_ARGUMENT;
  RETURN(gpu(), *handle = &device);
}
int nvmlDeviceGetUUID(void *handle, char *uuid, unsigned int size) {
  (void)handle;
  RETURN(gpu(), snprintf(uuid, size, "GPU-fake"));
}
int nvmlDeviceGetUtilizationRates(void *handle, Utilization *rates) {
  (void)handle;
  RETURN(value(), (rates->gpu = 75, rates->memory = 40));
}
int nvmlDeviceGetMemoryInfo(void *handle, Memory *memory) {
  (void)handle;
  RETURN(gpu(), (memory->total = 141ull << 30, memory->used = 21ull << 30,
                 memory->free = 120ull << 30));
}
int nvmlDeviceGetComputeRunningProcesses_v3(void *handle, unsigned int *count, Process *list) {
  (void)handle;
  int result = value();
  if (result != SUCCESS) return result;
  unsigned int room = *count;
  *count = 2;
  if (room < 2) return INSUFFICIENT_SIZE;
  list[0] = (Process){1, 1ull << 30, 0, 0};
  list[1] = (Process){(unsigned int)getpid(), 3ull << 30, 0, 0};
  return SUCCESS;
}
int nvmlDeviceGetPowerUsage(void *handle, unsigned int *milliwatts) {
  (void)handle;
  RETURN(value(), *milliwatts = 650000);
}
int nvmlDeviceGetEnforcedPowerLimit(void *handle, unsigned int *milliwatts) {
  (void)handle;
  RETURN(value(), *milliwatts = 700000);
}
int nvmlDeviceGetTotalEnergyConsumption(void *handle, unsigned long long *millijoules) {
  (void)handle;
  RETURN(value(), *millijoules = 5000);
}
int nvmlDeviceGetTemperature(void *handle, unsigned int sensor, unsigned int *celsius) {
  (void)handle;
  (void)sensor;
  RETURN(value(), *celsius = 61);
}
int nvmlDeviceGetClockInfo(void *handle, unsigned int kind, unsigned int *mhz) {
  (void)handle;
  RETURN(value(), *mhz = kind == 1 ? 1755 : 3201);
}
int nvmlDeviceGetMaxClockInfo(void *handle, unsigned int kind, unsigned int *mhz) {
  (void)handle;
  RETURN(value(), *mhz = kind == 1 ? 1980 : 3201);
}
int nvmlDeviceGetCurrentClocksEventReasons(void *handle, unsigned long long *reasons) {
  (void)handle;
  RETURN(value(), *reasons = 0x4); /* software power cap */
}
int nvmlDeviceGetTotalEccErrors(void *handle, unsigned int error, unsigned int counter,
                                unsigned long long *count) {
  (void)handle;
  RETURN(value(), *count = error * 10 + counter);
}

int nvmlGpmQueryDeviceSupport(void *handle, GpmSupport *support) {
  (void)handle;
  RETURN(value(), support->supported = !is("no_gpm"));
}
int nvmlGpmSampleAlloc(GpmSample **sample) {
  if (samples == MOST_SAMPLES) return OUT_OF_MEMORY; /* somebody does not free them */
  *sample = calloc(1, sizeof **sample);
  ++samples;
  return SUCCESS;
}
int nvmlGpmSampleFree(GpmSample *sample) {
  free(sample);
  --samples;
  return SUCCESS;
}
int nvmlGpmSampleGet(void *handle, GpmSample *sample) {
  (void)handle;
  RETURN(value(), sample->taken = 1);
}
int nvmlGpmMetricsGet(GpmMetrics *asked) {
  if (asked->version != 1 || !asked->first->taken || !asked->second->taken)
    return INVALID_ARGUMENT;
  for (unsigned int i = 0; i < asked->count; ++i) {
    asked->metrics[i].result = asked->metrics[i].id == 21 ? NOT_SUPPORTED : SUCCESS;
    asked->metrics[i].value = asked->metrics[i].id; /* percent, MiB/s */
  }
  return SUCCESS;
}
