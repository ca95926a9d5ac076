// A listening socket on an I/O thread's loop.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "transport/file_descriptor.h"
#include "transport/io_thread.h"
#include "transport/timers.h"

namespace skein::transport {

struct TcpSocket {
  FileDescriptor descriptor;
  int port = 0;  // as bound
};

// Bound and listening, not yet accepting. Errors name the address and the reason.
Result<std::shared_ptr<TcpSocket>> open_tcp(const std::string& host, int port);
Result<std::shared_ptr<FileDescriptor>> open_unix(const std::string& path);

class Listener final : public EventSource, public Timer {
 public:
  // `unix_path`: removed at the end; empty for TCP.
  Listener(IoThread& thread, FileDescriptor socket, std::string unix_path);
  ~Listener();
  void start();
  void on_events(uint32_t events) override;
  void on_timer(TimePoint now) override;

 private:
  bool accept_one();
  void pause();
  void place(FileDescriptor socket, std::string peer);

  IoThread& thread_;
  FileDescriptor socket_;
  std::string unix_path_;
};

}  // namespace skein::transport
