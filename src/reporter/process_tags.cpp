#include "reporter/process_tags.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "jtrace/version.h"

namespace jtrace::inline v1::detail {
namespace {

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

// The first address that others could reach this host by, else the loopback's.
std::string host_ip() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return "";
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, freeifaddrs);
  std::string loopback;
  for (const ifaddrs* at = list; at; at = at->ifa_next) {
    if (!at->ifa_addr || at->ifa_addr->sa_family != AF_INET || (at->ifa_flags & IFF_UP) == 0) continue;
    char text[INET_ADDRSTRLEN] = {};
    const auto* address = reinterpret_cast<const sockaddr_in*>(at->ifa_addr);
    inet_ntop(AF_INET, &address->sin_addr, text, sizeof text);
    if ((at->ifa_flags & IFF_LOOPBACK) == 0) return text;
    loopback = text;
  }
  return loopback;
}

}  // namespace

std::vector<ProcessTag> process_tags(const Settings& settings) {
  std::vector<ProcessTag> tags = {
      {"jaeger.version", std::string("jtrace-") + version()}, {"hostname", host_name()}, {"ip", host_ip()}};
  std::erase_if(tags, [](const ProcessTag& tag) { return tag.value.empty(); });
  for (const ProcessTag& own : settings.tags) {
    std::erase_if(tags, [&](const ProcessTag& tag) { return tag.key == own.key; });
    tags.push_back(own);
  }
  return tags;
}

}  // namespace jtrace::inline v1::detail
