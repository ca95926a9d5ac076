// How a connection keeps to the byte budget: windows are withheld while too much is held, and
// calls refused when that is not enough.
#include <algorithm>
#include <utility>

#include "transport/connection.h"

namespace skein::transport {

void Connection::settle() {
  HeldBytes held{held_.partial, held_.ready + static_cast<int64_t>(queue_.size())};
  HeldBytes delta{held.partial - reported_.partial, held.ready - reported_.ready};
  reported_ = held;
  thread_.change_budget(delta);
  judge_pressure();
}

void Connection::judge_pressure() {
  ByteBudget& budget = thread_.server().budget;
  int64_t own_limit = thread_.options().max_connection_inflight_bytes;
  bool own_exhausted = reported_.total() >= own_limit;
  bool exhausted = budget.exhausted();
  if (own_exhausted && reported_.ready <= 0) refuse_newest_partial("this connection", own_limit);
  if (exhausted && budget.stuck()) refuse_newest_partial("the server", budget.limit());
  refusing_ = budget.overdrawn() || reported_.total() >= own_limit + own_limit / 4;
  starved_ = own_exhausted || exhausted;
  if (exhausted && !std::exchange(waiting_, true)) thread_.mark_starved(*this);
}

void Connection::retry() {
  waiting_ = false;
  mark_dirty();
}

void Connection::refuse_newest_partial(std::string_view whose, int64_t limit) {
  StreamCall* call = calls_.newest();
  while (call != nullptr && !call->holds_partial()) call = CallList::before(*call);
  if (call == nullptr) return;
  call->refuse({resource_exhausted("messages still arriving fill the whole byte budget of " +
                                   std::string(whose) + ", " + std::to_string(limit) +
                                   " bytes; send fewer at a time, or retry later")});
}

void Connection::grant_windows() {
  if (starved_) return;
  if (unconsumed_ > 0) nghttp2_session_consume_connection(session_, std::exchange(unconsumed_, 0));
  if (!std::exchange(streams_withheld_, false)) return;
  for (StreamCall* call = calls_.oldest(); call != nullptr; call = CallList::after(*call)) {
    if (call->stream_id() != 0 && call->unconsumed() > 0) grant_stream(*call);
  }
}

void Connection::grant_stream(StreamCall& call) {
  nghttp2_session_consume_stream(session_, call.stream_id(), call.unconsumed());
  call.clear_unconsumed();
}

}  // namespace skein::transport
