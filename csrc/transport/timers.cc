#include "transport/timers.h"

namespace skein::transport {

void TimerHeap::put(Timer* timer, size_t place) {
  heap_[place] = timer;
  timer->place_ = place;
}

void TimerHeap::rise(size_t place) {
  Timer* timer = heap_[place];
  while (place > 0) {
    size_t parent = (place - 1) / 2;
    if (heap_[parent]->due_ <= timer->due_) break;
    put(heap_[parent], place);
    place = parent;
  }
  put(timer, place);
}

void TimerHeap::sink(size_t place) {
  Timer* timer = heap_[place];
  for (;;) {
    size_t child = 2 * place + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->due_ < heap_[child]->due_) ++child;
    if (timer->due_ <= heap_[child]->due_) break;
    put(heap_[child], place);
    place = child;
  }
  put(timer, place);
}

void TimerHeap::arm(Timer& timer, TimePoint due) {
  if (timer.armed()) disarm(timer);
  if (due == kNever) return;
  timer.due_ = due;
  heap_.push_back(&timer);
  rise(heap_.size() - 1);
}

void TimerHeap::disarm(Timer& timer) {
  if (!timer.armed()) return;
  size_t place = timer.place_;
  timer.place_ = Timer::kNowhere;
  Timer* last = heap_.back();
  heap_.pop_back();
  if (last == &timer) return;
  put(last, place);
  sink(place);
  rise(last->place_);
}

void TimerHeap::fire(TimePoint now) {
  while (!heap_.empty() && heap_.front()->due_ <= now) {
    Timer* timer = heap_.front();
    disarm(*timer);
    timer->on_timer(now);
  }
}

}  // namespace skein::transport
