# Prints the first block of C++ in a page of documentation.
/^```cpp$/ && !done { inside = 1; next }
/^```$/ && inside { inside = 0; done = 1 }
inside
