#include "net/tls_transport.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include <openssl/err.h>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>

namespace raykeep::net {
namespace {

namespace asio = boost::asio;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

int descriptor(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool may_try_again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int send_some(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  auto count = send(descriptor(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (count < 0 && may_try_again()) BIO_set_retry_write(bio);
  return static_cast<int>(count);
}

int receive_some(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  auto count = recv(descriptor(bio), data, static_cast<std::size_t>(size), 0);
  if (count < 0 && may_try_again()) BIO_set_retry_read(bio);
  return static_cast<int>(count);
}

/// OpenSSL's own way to write to a socket raises SIGPIPE where the peer is gone.
const BIO_METHOD* quiet_socket() {
  static const BIO_METHOD* made = [] {
    BIO_METHOD* method =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
    BIO_meth_set_write(method, send_some);
    BIO_meth_set_read(method, receive_some);
    BIO_meth_set_ctrl(method, [](BIO*, int command, long, void*) -> long {
      return command == BIO_CTRL_FLUSH ? 1 : 0;  // nothing waits here
    });
    return method;
  }();
  return made;
}

}  // namespace

TlsTransport::TlsTransport(asio::ip::tcp::socket socket, SSL_CTX* context)
    : socket_(std::move(socket)), ssl_(SSL_new(context)) {
  Code ignored;
  socket_.native_non_blocking(true, ignored);
  SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  BIO* bio = BIO_new(quiet_socket());
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket_.native_handle())));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

/// Waits for what OpenSSL wants, after which the same is to be tried again; or why it is over.
asio::awaitable<TlsTransport::Code> TlsTransport::wait_after(int result) {
  auto wants = asio::socket_base::wait_read;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      break;
    case SSL_ERROR_WANT_WRITE:
      wants = asio::socket_base::wait_write;
      break;
    case SSL_ERROR_ZERO_RETURN:
      co_return Code(asio::error::eof);
    case SSL_ERROR_SYSCALL:
      if (errno == 0) co_return Code(asio::ssl::error::stream_truncated);
      co_return Code(errno, asio::error::get_system_category());
    default:
      co_return Code(static_cast<int>(ERR_get_error()), asio::error::get_ssl_category());
  }
  auto [failed] = co_await socket_.async_wait(wants, as_result);
  co_return failed;
}

asio::awaitable<TlsTransport::Code> TlsTransport::accept() {
  for (;;) {
    if (!socket_.is_open()) co_return Code(asio::error::operation_aborted);
    ERR_clear_error();
    errno = 0;
    int result = SSL_do_handshake(ssl_.get());
    if (result == 1) co_return Code();
    Code failed = co_await wait_after(result);
    if (failed) co_return failed;
  }
}

asio::awaitable<std::tuple<TlsTransport::Code, std::size_t>> TlsTransport::read_some(
    char* data, std::size_t size) {
  for (bool waited = false;; waited = true) {
    if (!socket_.is_open()) co_return std::tuple(Code(asio::error::operation_aborted), 0);
    ERR_clear_error();
    errno = 0;
    std::size_t count = 0;
    int result = SSL_read_ex(ssl_.get(), data, size, &count);
    if (result == 1) {
      // A peer that always has more must not keep the thread for itself.
      if (!waited) co_await asio::post(socket_.get_executor(), asio::use_awaitable);
      co_return std::tuple(Code(), count);
    }
    Code failed = co_await wait_after(result);
    if (failed) co_return std::tuple(failed, 0);
  }
}

asio::awaitable<TlsTransport::Code> TlsTransport::write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!socket_.is_open()) co_return Code(asio::error::operation_aborted);
    ERR_clear_error();
    errno = 0;
    std::size_t count = 0;
    int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
    if (result == 1) {
      bytes.remove_prefix(count);
      continue;
    }
    Code failed = co_await wait_after(result);
    if (failed) co_return failed;
  }
  co_return Code();
}

asio::awaitable<TlsTransport::Code> TlsTransport::end_writing() {
  for (;;) {
    if (!socket_.is_open()) co_return Code(asio::error::operation_aborted);
    ERR_clear_error();
    errno = 0;
    int result = SSL_shutdown(ssl_.get());
    if (result >= 0) co_return Code();  // 0: sent, and the peer's has not come
    Code failed = co_await wait_after(result);
    if (failed) co_return failed;
  }
}

}  // namespace raykeep::net
