#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "os/temporary_directory.h"
#include "server/http/server.h"
#include "server/http/test_handler.h"

namespace omendb {
namespace {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* thing) const {
    release(thing);
  }
};
template <class T, auto release>
using Owned = std::unique_ptr<T, Release<release>>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;

Key make_key() { return Key(EVP_EC_gen("P-256")); }

void write_key(const std::string& path, EVP_PKEY* key) {
  const Owned<BIO, BIO_free_all> file(BIO_new_file(path.c_str(), "w"));
  ASSERT_EQ(PEM_write_bio_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr), 1);
}

// Signed by itself, valid for an hour.
void write_certificate(const std::string& path, EVP_PKEY* key) {
  const Owned<X509, X509_free> certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  ASSERT_GT(X509_sign(certificate.get(), key, EVP_sha256()), 0);
  const Owned<BIO, BIO_free_all> file(BIO_new_file(path.c_str(), "w"));
  ASSERT_EQ(PEM_write_bio_X509(file.get(), certificate.get()), 1);
}

// Trusts the one certificate, as a client that was given it would.
class TlsClient {
 public:
  TlsClient(const std::string& certificate_file, std::uint16_t port, int version_max = TLS1_3_VERSION)
      : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_load_verify_locations(context_.get(), certificate_file.c_str(), nullptr);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_security_level(context_.get(), 0);  // or the client would not even offer the old versions
    SSL_CTX_set_max_proto_version(context_.get(), version_max);
    bio_.reset(BIO_new_ssl_connect(context_.get()));
    BIO_set_conn_hostname(bio_.get(), ("127.0.0.1:" + std::to_string(port)).c_str());
  }

  bool connects() { return BIO_do_connect(bio_.get()) == 1 && BIO_do_handshake(bio_.get()) == 1; }
  std::string version() {
    SSL* ssl = nullptr;
    BIO_get_ssl(bio_.get(), &ssl);
    return SSL_get_version(ssl);
  }
  void send(std::string_view bytes) { BIO_write(bio_.get(), bytes.data(), static_cast<int>(bytes.size())); }
  std::string read_until(std::string_view end) {
    std::string come;
    char bytes[65'536];
    while (!come.ends_with(end)) {
      const int count = BIO_read(bio_.get(), bytes, sizeof bytes);
      if (count <= 0) break;
      come.append(bytes, static_cast<std::size_t>(count));
    }
    return come;
  }

 private:
  const Owned<SSL_CTX, SSL_CTX_free> context_;
  Owned<BIO, BIO_free_all> bio_;
};

class TlsTest : public testing::Test {
 protected:
  void SetUp() override {
    options.certificate_file = std::string(directory.path()) + "/certificate.pem";
    options.key_file = std::string(directory.path()) + "/key.pem";
    write_both();
  }

  // A new key, and a certificate of it.
  void write_both() {
    const Key key = make_key();
    write_key(options.key_file, key.get());
    write_certificate(options.certificate_file, key.get());
  }

  // Keeps today's certificate for clients that trust it.
  std::string copy_of_certificate() {
    const std::string copy = std::string(directory.path()) + "/trusted.pem";
    std::filesystem::copy_file(options.certificate_file, copy);
    return copy;
  }

  void start() {
    auto started = HttpServer::start(options, handler);
    ASSERT_TRUE(started.ok()) << started.error().message;
    server = std::move(*started);
  }

  TemporaryDirectory directory;
  HttpOptions options;
  TestHandler handler;
  std::unique_ptr<HttpServer> server;
};

TEST_F(TlsTest, RequestsAndAnswersGoThrough) {
  handler.answers = [](HttpRequest& request) { return TestHandler::text(std::string(request.body.text()) + "!"); };
  start();
  TlsClient client(options.certificate_file, server->port());
  ASSERT_TRUE(client.connects());
  EXPECT_EQ(client.version(), "TLSv1.3");
  for (const std::size_t bytes : {std::size_t{5}, std::size_t{3'000'000}, std::size_t{1}}) {
    const std::string body(bytes, 'a');
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n" + body);
    const std::string got = client.read_until("!");
    EXPECT_TRUE(got.ends_with("\r\n\r\n" + body + "!")) << got.substr(0, 300);
  }
  client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(client.read_until("never").ends_with("\r\n\r\n!")) << "closed in order";
}

TEST_F(TlsTest, PipelinedRequestsAreAnsweredInTheirOrder) {
  start();
  TlsClient client(options.certificate_file, server->port());
  ASSERT_TRUE(client.connects());
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  client.send(requests + "GET /end HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string got = client.read_until("GET /end ");
  std::size_t at = 0;
  for (int i = 0; i < 200; ++i) {
    at = got.find("GET /" + std::to_string(i) + " ", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
}

TEST_F(TlsTest, OnlyVersionsFrom12OnAreSpoken) {
  start();
  TlsClient one_one(options.certificate_file, server->port(), TLS1_1_VERSION);
  EXPECT_FALSE(one_one.connects());
  TlsClient one_two(options.certificate_file, server->port(), TLS1_2_VERSION);
  EXPECT_TRUE(one_two.connects());
}

TEST_F(TlsTest, WhoNeverAgreesIsTimedOut) {
  options.limits.head_time = std::chrono::milliseconds(100);
  start();
  const Owned<BIO, BIO_free_all> plain(BIO_new_connect(("127.0.0.1:" + std::to_string(server->port())).c_str()));
  ASSERT_EQ(BIO_do_connect(plain.get()), 1);
  char byte = 0;
  EXPECT_LE(BIO_read(plain.get(), &byte, 1), 0);
}

TEST_F(TlsTest, StoppingEndsIdleConnectionsAtOnce) {
  start();
  TlsClient client(options.certificate_file, server->port());
  ASSERT_TRUE(client.connects());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("GET / ");
  const auto begin = std::chrono::steady_clock::now();
  server->stop(std::chrono::milliseconds(10'000));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1'000)) << "not waiting for its goodbye";
  EXPECT_EQ(client.read_until("never"), "");
  EXPECT_EQ(server->counters().connections_open, 0u);
}

TEST_F(TlsTest, AKeyOfAnotherCertificateIsRefused) {
  write_key(options.key_file, make_key().get());
  const auto refused = HttpServer::start(options, handler);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("key.pem"), std::string::npos);
}

TEST_F(TlsTest, ANewCertificateIsForConnectionsToCome) {
  start();
  const std::string old_certificate = copy_of_certificate();
  TlsClient before(old_certificate, server->port());
  ASSERT_TRUE(before.connects());

  write_both();
  TlsClient meanwhile(old_certificate, server->port());
  EXPECT_TRUE(meanwhile.connects()) << "nobody has said that there is another";
  ASSERT_TRUE(server->reload_certificate().ok());

  TlsClient after(options.certificate_file, server->port());
  EXPECT_TRUE(after.connects());
  TlsClient distrustful(old_certificate, server->port());
  EXPECT_FALSE(distrustful.connects());
  for (TlsClient* client : {&before, &meanwhile, &after}) {
    client->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(client->read_until("GET / ").ends_with("GET / "));
  }
}

TEST_F(TlsTest, ABrokenNewCertificateLeavesTheOldOne) {
  start();
  const std::string old_certificate = copy_of_certificate();
  write_key(options.key_file, make_key().get());
  const Result<void> other_key = server->reload_certificate();
  ASSERT_FALSE(other_key.ok());
  EXPECT_NE(other_key.error().message.find("key.pem"), std::string::npos);
  std::ofstream(options.certificate_file) << "-----BEGIN CERTIFICATE-----\nnonsense\n";
  const Result<void> nonsense = server->reload_certificate();
  ASSERT_FALSE(nonsense.ok());
  EXPECT_NE(nonsense.error().message.find("certificate.pem"), std::string::npos);
  std::filesystem::remove(options.certificate_file);
  EXPECT_FALSE(server->reload_certificate().ok());
  TlsClient client(old_certificate, server->port());
  EXPECT_TRUE(client.connects());
}

TEST_F(TlsTest, CertificatesChangeWhileClientsCome) {
  start();
  std::atomic<bool> done{false};
  std::thread reloads([&] {
    while (!done) EXPECT_TRUE(server->reload_certificate().ok());
  });
  for (int i = 0; i < 100; ++i) {
    TlsClient client(options.certificate_file, server->port());
    EXPECT_TRUE(client.connects());
  }
  done = true;
  reloads.join();
}

TEST_F(TlsTest, WithoutTlsThereIsNothingToReload) {
  options.certificate_file.clear();
  options.key_file.clear();
  start();
  EXPECT_TRUE(server->reload_certificate().ok());
}

}  // namespace
}  // namespace omendb
