// Collectors that fail in one way each, all of them at once on ports of their own.
#pragma once

#include <string>
#include <vector>

#include "support/black_hole.h"
#include "support/http_server.h"

namespace support {

class FailingFarSides {
 public:
  struct Side {
    std::string name, endpoint;
  };

  auto begin() const { return sides_.begin(); }
  auto end() const { return sides_.end(); }
  std::size_t size() const { return sides_.size(); }

 private:
  const HttpServer deaf_{{}, HttpServer::Family::ipv4, HttpServer::Reading::never};
  const HttpServer silent_{{.body = {}, .headers = {}, .manner = Answer::Manner::never}};
  const HttpServer dripping_{{.body = std::string(1000, '.'), .headers = {}, .manner = Answer::Manner::drip}};
  const HttpServer busy_{{.status = 503, .body = {}, .headers = {}}};
  const HttpServer endless_{{.body = std::string(64 << 20, '.'), .headers = {}}};
  const BlackHole hole_;
  const std::vector<Side> sides_ = {
      {"nothing listens", refusing_endpoint()},
      {"a black hole", hole_.endpoint()},
      {"accepts and never reads", deaf_.endpoint()},
      {"never answers", silent_.endpoint()},
      {"drips", dripping_.endpoint()},
      {"503 for ever", busy_.endpoint()},
      {"an endless answer", endless_.endpoint()},
      {"TLS that stalls", "https://" + silent_.host_and_port() + "/api/traces"},
  };
};

}  // namespace support
