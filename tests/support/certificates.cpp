#include "support/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <cstdio>
#include <stdexcept>

namespace support {
namespace {

constexpr long kDay = 24 * 3600;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Cert = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

Key make_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

void extend(X509* cert, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
  if (!extension) throw std::runtime_error("no such extension: " + value);
  X509_add_ext(cert, extension, -1);
  X509_EXTENSION_free(extension);
}

Cert make_cert(const std::string& name, long serial, long first_day, long last_day, EVP_PKEY* key) {
  Cert cert(X509_new(), X509_free);
  X509_set_version(cert.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(cert.get()), first_day * kDay);
  X509_gmtime_adj(X509_getm_notAfter(cert.get()), last_day * kDay);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(cert.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_pubkey(cert.get(), key);
  return cert;
}

File open_to_write(const std::string& path) {
  File file(std::fopen(path.c_str(), "w"), std::fclose);
  if (!file) throw std::runtime_error("cannot write " + path);
  return file;
}

std::string alternatives(const Subject& subject) {
  std::string names;
  for (const std::string& dns : subject.dns) names += ",DNS:" + dns;
  for (const std::string& ip : subject.ips) names += ",IP:" + ip;
  return names.empty() ? names : names.substr(1);
}

}  // namespace

struct Authority::Keys {
  Key key = make_key();
  Cert cert = make_cert("An authority of the tests", 1, -1, 1, key.get());
};

Authority::Authority() {
  std::string name = (std::filesystem::temp_directory_path() / "jtrace-tls-XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error("cannot make " + name);
  folder_ = name;
  keys_ = std::make_unique<Keys>();
  X509* own = keys_->cert.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  extend(own, own, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(own, keys_->key.get(), EVP_sha256());
  PEM_write_X509(open_to_write(file()).get(), own);
}

Authority::~Authority() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Authority::file() const { return path("authority.pem"); }

CertificateFiles Authority::issue(const Subject& subject) {
  const int number = ++issued_;
  const Key key = make_key();
  const Cert cert = make_cert(subject.name, number + 1, subject.is_expired ? -2 : -1, subject.is_expired ? -1 : 1, key.get());
  X509_set_issuer_name(cert.get(), X509_get_subject_name(keys_->cert.get()));
  if (const std::string names = alternatives(subject); !names.empty())
    extend(cert.get(), keys_->cert.get(), NID_subject_alt_name, names);
  X509_sign(cert.get(), keys_->key.get(), EVP_sha256());

  CertificateFiles files{path("cert" + std::to_string(number) + ".pem"), path("key" + std::to_string(number) + ".pem")};
  PEM_write_X509(open_to_write(files.cert).get(), cert.get());
  PEM_write_PrivateKey(open_to_write(files.key).get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return files;
}

}  // namespace support
