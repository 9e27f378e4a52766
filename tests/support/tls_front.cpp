#include "support/tls_front.h"

#include <csignal>
#include <stdexcept>

namespace support {
namespace {

class TlsWire final : public Wire {
 public:
  explicit TlsWire(SSL* ssl) : ssl_(ssl, SSL_free) {}
  ~TlsWire() override { SSL_shutdown(ssl_.get()); }
  long read(char* bytes, std::size_t most) override { return SSL_read(ssl_.get(), bytes, static_cast<int>(most)); }
  long write(const char* bytes, std::size_t count) override {
    return SSL_write(ssl_.get(), bytes, static_cast<int>(count));
  }
  bool has_more() const override { return SSL_pending(ssl_.get()) > 0; }

 private:
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
};

}  // namespace

TlsFront::TlsFront(const HttpServer& server, const CertificateFiles& files, const Authority* clients)
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  SSL_CTX* context = context_.get();
  if (SSL_CTX_use_certificate_chain_file(context, files.cert.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1)
    throw std::runtime_error("the test's TLS server cannot use its certificate");
  if (clients) {
    SSL_CTX_load_verify_locations(context, clients->file().c_str(), nullptr);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  relay_ = std::make_unique<Relay>(server.port(), [this](int client) { return greet(client); });
}

std::string TlsFront::asked_name() const {
  const std::lock_guard lock(mutex_);
  return asked_name_;
}

std::unique_ptr<Wire> TlsFront::greet(int client) {
  SSL* ssl = SSL_new(context_.get());
  auto wire = std::make_unique<TlsWire>(ssl);
  SSL_set_fd(ssl, client);
  if (SSL_accept(ssl) != 1) return nullptr;
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  const std::lock_guard lock(mutex_);
  asked_name_ = name ? name : "";
  return wire;
}

}  // namespace support
