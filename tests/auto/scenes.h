// The functions of the traced program, compiled with -finstrument-functions: nothing in them mentions tracing, but where a scene is
// about spans that are started by hand.
#pragma once

#include <string_view>

namespace scenes {

using Scene = void (*)();
struct Named {
  std::string_view name;
  Scene run;
};
extern const Named all[];  // ends with an empty name

}  // namespace scenes
