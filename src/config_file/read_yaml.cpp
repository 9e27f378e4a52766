// The whole of libjtrace-config: a file of YAML, or of JSON, which YAML contains, as the core wants it (config/file_reader.h).
#include <yaml-cpp/yaml.h>

#include <set>
#include <string>

#include "config/file_reader.h"

namespace {

constexpr int kDeepest = 32;

class Reader {
 public:
  explicit Reader(const JtraceConfigSink& sink) : sink_(sink) {}

  // False: it was told why not, or it is too much.
  bool read(const YAML::Node& node, const std::string& name, int depth = 0) {
    if (depth > kDeepest) return refuse(node, "it is nested deeper than a configuration is");
    switch (node.Type()) {
      case YAML::NodeType::Map: return read_map(node, name, depth);
      case YAML::NodeType::Sequence: return read_list(node, name, depth);
      case YAML::NodeType::Scalar: return give(name, node.Scalar(), node);
      default: return true;  // null: as if it were not there
    }
  }
  bool refuse(const YAML::Node& at, const std::string& why) {
    return refuse(at.Mark(), why);
  }
  bool refuse(const YAML::Mark& mark, const std::string& why) {
    const std::string text = mark.is_null() ? why : "line " + std::to_string(mark.line + 1) + ": " + why;
    sink_.problem(sink_.to, text.data(), text.size());
    return false;
  }

 private:
  bool read_map(const YAML::Node& map, const std::string& name, int depth) {
    std::set<std::string> keys;
    for (const auto& entry : map) {
      if (!entry.first.IsScalar()) return refuse(entry.first, "a key is a word, not a list or a map");
      const std::string& key = entry.first.Scalar();
      if (!keys.insert(key).second) return refuse(entry.first, "the key " + key + " stands here twice");
      if (!read(entry.second, name.empty() ? key : name + "." + key, depth + 1)) return false;
    }
    return true;
  }
  // Of words: one value, with commas between them.
  bool read_list(const YAML::Node& list, const std::string& name, int) {
    std::string text;
    for (const YAML::Node& item : list) {
      if (!item.IsScalar()) return refuse(item, "a list holds words, not lists or maps");
      if (!text.empty()) text += ',';
      text += item.Scalar();
    }
    return give(name, text, list);
  }
  bool give(const std::string& name, const std::string& value, const YAML::Node& at) {
    const int line = at.Mark().is_null() ? 0 : at.Mark().line + 1;
    return sink_.entry(sink_.to, name.data(), name.size(), value.data(), value.size(), line);
  }

  const JtraceConfigSink& sink_;
};

}  // namespace

extern "C" [[gnu::visibility("default")]] void jtrace_read_config_v1(const char* path, const JtraceConfigSink* sink) noexcept {
  Reader reader(*sink);
  try {
    const YAML::Node root = YAML::LoadFile(path);
    if (root.IsMap() || root.IsNull()) {
      reader.read(root, "");
    } else {
      reader.refuse(root, "a configuration is a map of keys");
    }
  } catch (const YAML::BadFile&) {
    reader.refuse(YAML::Mark::null_mark(), "it cannot be read");
  } catch (const YAML::Exception& error) {
    reader.refuse(error.mark, error.msg);
  } catch (...) {
    reader.refuse(YAML::Mark::null_mark(), "no memory");
  }
}
