#include "runtime/capture_gate.h"

namespace skein::runtime {

CaptureGate& CaptureGate::instance() {
  static CaptureGate* gate = new CaptureGate;  // never destroyed: executors may outlive statics
  return *gate;
}

}  // namespace skein::runtime
