// When a connection ends: handshake and keepalive timeouts, idleness, age, drain.
#include <algorithm>
#include <utility>

#include "transport/connection.h"

namespace skein::transport {
namespace {

// For what the client sent before it saw our first GOAWAY.
constexpr Duration kLeaveTimeout = std::chrono::seconds(1);

TimePoint after(TimePoint start, Duration span) {
  return span == Duration::zero() || span > kNever - start ? kNever : start + span;
}

}  // namespace

TimePoint Connection::next_check() const {
  const ServerOptions& options = thread_.options();
  if (!greeted_) return after(opened_, options.handshake_timeout);
  TimePoint next = std::min(leave_at_, cut_at_);
  next = std::min(next, ping_outstanding_ ? after(ping_sent_, options.keepalive_timeout)
                                          : after(last_received_, options.keepalive_time));
  if (phase_ != Phase::kOpen) return next;
  next = std::min(next, after(opened_, options.max_connection_age));
  if (idle()) next = std::min(next, after(idle_since_, options.idle_timeout));
  return next;
}

void Connection::on_timer(TimePoint now) {
  const ServerOptions& options = thread_.options();
  if (cut_at_ <= now) return cut();
  if (!greeted_ && after(opened_, options.handshake_timeout) <= now) return cut();
  if (leave_at_ <= now) leave();
  if (phase_ == Phase::kOpen && after(opened_, options.max_connection_age) <= now) {
    drain();
    cut_at_ = after(now, options.max_connection_age_grace);
  }
  if (phase_ == Phase::kOpen && idle() && after(idle_since_, options.idle_timeout) <= now) drain();
  if (ping_outstanding_) {
    if (last_received_ > ping_sent_) ping_outstanding_ = false;
    if (ping_outstanding_ && after(ping_sent_, options.keepalive_timeout) <= now) return cut();
  } else if (greeted_ && after(last_received_, options.keepalive_time) <= now) {
    nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
    ping_outstanding_ = true;
    ping_sent_ = now;
  }
  thread_.timers().arm(*this, next_check());
  mark_dirty();
}

void Connection::on_settings() {
  if (!std::exchange(greeted_, true)) thread_.timers().arm(*this, next_check());
}

void Connection::become_idle() {
  idle_since_ = thread_.now();
  bool counts = phase_ == Phase::kOpen && thread_.options().idle_timeout > Duration::zero();
  if (counts) thread_.timers().arm(*this, next_check());
}

void Connection::drain() {
  if (phase_ != Phase::kOpen) return;
  if (!greeted_) return cut();  // not a client yet: nothing is under way
  phase_ = Phase::kNoticed;
  // Two steps (RFC 9113, 6.8): what the client sent before it heard of this is still served; the
  // PING's answer tells that it has heard.
  nghttp2_submit_shutdown_notice(session_);
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
  leave_at_ = thread_.now() + kLeaveTimeout;
  thread_.timers().arm(*this, next_check());
  mark_dirty();
}

void Connection::leave() {
  if (phase_ != Phase::kNoticed) return;
  phase_ = Phase::kLeaving;
  leave_at_ = kNever;
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                        nullptr, 0);
  mark_dirty();
}

void Connection::cut() {
  if (phase_ == Phase::kDead) return;
  for (StreamCall* call = calls_.oldest(); call != nullptr; call = CallList::after(*call)) {
    if (call->owes_reply()) thread_.server().calls_cut.fetch_add(1, std::memory_order_relaxed);
  }
  die();
}

}  // namespace skein::transport
