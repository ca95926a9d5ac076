// Which handler serves which path: native ones and those registered by the control plane, side
// by side on one port.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "transport/call.h"

namespace skein::engine {

class MethodTable final : public transport::Router {
 public:
  // Before the server listens; the handler outlives the server.
  void add(std::string path, transport::Handler& handler) {
    handlers_.insert_or_assign(std::move(path), &handler);
  }
  transport::Handler* find(std::string_view path) override {
    auto found = handlers_.find(path);
    return found == handlers_.end() ? nullptr : found->second;
  }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, transport::Handler*, Hash, std::equal_to<>> handlers_;
};

}  // namespace skein::engine
