// What programs that clang compiles for C++20 ask for and libstdc++ does not have: its header inlines these functions
// everywhere and promises them in its library all the same, and the hooks of an inlined function name its address.
#include <memory>

template class std::allocator<char>;
template class std::allocator<wchar_t>;
