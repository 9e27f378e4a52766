// LastTags: of several tags with one key the last counts, where the first one stood. Used for spans in which a key may occur
// twice; the usual span has each once and takes a shorter way.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "encode/cursor.h"
#include "encode/own_tags.h"
#include "record/record_view.h"

namespace jtrace::inline v1::detail {

class LastTags {
 public:
  // Has no tag before this one its key, nor one of the library's own? Looks at a few tags at most; with more of them the
  // answer is no.
  static bool is_new_key(RecordView record, const char* at) noexcept;

  // All tags of the record. Throws std::bad_alloc.
  char* put(char* list, RecordView record, const OwnTags& own);

 private:
  std::unordered_map<std::string_view, Item> last_of_key_;
};

}  // namespace jtrace::inline v1::detail
