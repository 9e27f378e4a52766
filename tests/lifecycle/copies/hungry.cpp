// Takes 16 bytes of what the loader keeps for static TLS.
[[gnu::tls_model("initial-exec")]] thread_local char hungry_bytes[16];
extern "C" char* hungry() { return hungry_bytes; }
