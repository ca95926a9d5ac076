// Which handler serves which path: native ones and those registered by the control plane, side
// by side on one port.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transport/call.h"

namespace skein::engine {

class MethodTable final : public transport::Router {
 public:
  // Before the server listens; the handler outlives the server.
  void add(std::string path, transport::Handler& handler) {
    handlers_.emplace_back(std::move(path), &handler);
  }
  transport::Handler* find(std::string_view path) override {
    for (const auto& [known, handler] : handlers_) {
      if (known == path) return handler;
    }
    return nullptr;
  }

 private:
  // A dozen: told apart by their lengths, mostly, before any hash would be computed.
  std::vector<std::pair<std::string, transport::Handler*>> handlers_;
};

}  // namespace skein::engine
