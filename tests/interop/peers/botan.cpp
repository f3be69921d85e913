/* Botan 2. */
#include <botan/auto_rng.h>
#include <botan/certstor.h>
#include <botan/credentials_manager.h>
#include <botan/data_src.h>
#include <botan/pkcs8.h>
#include <botan/tls_alert.h>
#include <botan/tls_callbacks.h>
#include <botan/tls_ciphersuite.h>
#include <botan/tls_client.h>
#include <botan/tls_policy.h>
#include <botan/tls_server.h>
#include <botan/tls_session.h>
#include <botan/tls_session_manager.h>
#include <botan/version.h>
#include <botan/x509cert.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "peer.h"

namespace TLS = Botan::TLS;

namespace
{

/* One suite and one version; the rest is as lenient as it can be made. */
class One_Suite : public TLS::Policy
{
  public:
    explicit One_Suite(const peer_options &options)
        : m_code(options.code), m_minor(options.minor), m_etm(!options.no_encrypt_then_mac)
    {
    }
    std::vector<uint16_t> ciphersuite_list(TLS::Protocol_Version, bool) const override
    {
        return {m_code};
    }
    std::vector<std::string> allowed_signature_hashes() const override
    {
        return {"SHA-512", "SHA-384", "SHA-256", "SHA-1"};
    }
    std::vector<std::string> allowed_signature_methods() const override
    {
        return {"ECDSA", "RSA", "DSA", "IMPLICIT"};
    }
    bool acceptable_ciphersuite(const TLS::Ciphersuite &) const override
    {
        return true; /* asked about sessions to resume */
    }
    bool allow_tls10() const override
    {
        return m_minor == 1;
    }
    bool allow_tls11() const override
    {
        return m_minor == 2;
    }
    bool allow_tls12() const override
    {
        return m_minor == 3;
    }
    bool negotiate_encrypt_then_mac() const override
    {
        return m_etm;
    }
    size_t minimum_signature_strength() const override
    {
        return 80;
    }
    bool require_cert_revocation_info() const override
    {
        return false;
    }

  private:
    uint16_t m_code;
    int m_minor;
    bool m_etm;
};

class Credentials : public Botan::Credentials_Manager
{
  public:
    Credentials(const peer_options &options, Botan::RandomNumberGenerator &rng) : m_options(options)
    {
        for (const auto &one : certificates(options.anchors))
            m_anchors.add_certificate(one);
        m_chain = certificates(options.chain);
        if (options.key != nullptr)
            m_key.reset(Botan::PKCS8::load_key(options.key, rng));
        m_ticket_key = Botan::SymmetricKey(rng, 32);
    }

    std::vector<Botan::Certificate_Store *>
    trusted_certificate_authorities(const std::string &type, const std::string &) override
    {
        return type == "tls-client" ? std::vector<Botan::Certificate_Store *>{&m_anchors}
                                    : std::vector<Botan::Certificate_Store *>{};
    }

    std::vector<Botan::X509_Certificate> cert_chain(const std::vector<std::string> &types,
                                                    const std::string &,
                                                    const std::string &) override
    {
        bool wanted = m_key && std::count(types.begin(), types.end(), m_key->algo_name()) != 0;
        return wanted ? m_chain : std::vector<Botan::X509_Certificate>{};
    }

    Botan::Private_Key *private_key_for(const Botan::X509_Certificate &, const std::string &,
                                        const std::string &) override
    {
        return m_key.get();
    }

    std::string psk_identity(const std::string &, const std::string &, const std::string &) override
    {
        return m_options.identity;
    }

    Botan::SymmetricKey psk(const std::string &type, const std::string &context,
                            const std::string &identity) override
    {
        /* Botan asks for the keys of its cookies and tickets by the same name. */
        if (type == "tls-server" && context == "session-ticket") {
            if (m_options.resume == PEER_RESUME_BY_TICKET)
                return m_ticket_key;
            return Botan::Credentials_Manager::psk(type, context, identity);
        }
        return identity == m_options.identity
                   ? Botan::SymmetricKey(m_options.psk, m_options.psk_size)
                   : Botan::SymmetricKey();
    }

  private:
    static std::vector<Botan::X509_Certificate> certificates(const char *path)
    {
        std::vector<Botan::X509_Certificate> found;
        if (path == nullptr)
            return found;
        Botan::DataSource_Stream file(path);
        while (!file.end_of_data()) {
            try {
                found.emplace_back(file);
            } catch (const Botan::Decoding_Error &) {
                break; /* the end of the last line */
            }
        }
        return found;
    }

    const peer_options &m_options;
    Botan::Certificate_Store_In_Memory m_anchors;
    std::vector<Botan::X509_Certificate> m_chain;
    std::unique_ptr<Botan::Private_Key> m_key;
    Botan::SymmetricKey m_ticket_key;
};

/* What a process has for all its connections. */
struct Shared {
    explicit Shared(const peer_options &given)
        : options(given), policy(options), credentials(options, rng)
    {
        if (options.resume == PEER_RESUME_OFF ||
            (options.is_server && options.resume == PEER_RESUME_BY_TICKET))
            sessions = std::make_unique<TLS::Session_Manager_Noop>();
        else
            sessions = std::make_unique<TLS::Session_Manager_In_Memory>(rng);
    }

    const peer_options &options;
    Botan::AutoSeeded_RNG rng;
    One_Suite policy;
    Credentials credentials;
    std::unique_ptr<TLS::Session_Manager> sessions;
    Botan::secure_vector<uint8_t> first_secret; /* of the first connection */
};

std::unique_ptr<Shared> shared;

class Connection : public TLS::Callbacks
{
  public:
    Connection(const peer_options &options, int socket) : m_options(options), m_socket(socket)
    {
        if (options.is_server) {
            m_channel = std::make_unique<TLS::Server>(*this, *shared->sessions, shared->credentials,
                                                      shared->policy, shared->rng);
        } else {
            TLS::Protocol_Version version(3, static_cast<uint8_t>(options.minor));
            m_channel = std::make_unique<TLS::Client>(
                *this, *shared->sessions, shared->credentials, shared->policy, shared->rng,
                TLS::Server_Information(options.name), version);
        }
    }

    void tls_emit_data(const uint8_t data[], size_t size) override
    {
        peer_send(m_socket, data, size);
    }

    void tls_record_received(uint64_t, const uint8_t data[], size_t size) override
    {
        m_received.append(reinterpret_cast<const char *>(data), size);
    }

    void tls_alert(TLS::Alert alert) override
    {
        std::fprintf(stderr, "alert: %s\n", alert.type_string().c_str());
        m_closed = m_closed || alert.type() == TLS::Alert::CLOSE_NOTIFY;
    }

    bool tls_session_established(const TLS::Session &session) override
    {
        m_result.minor = session.version().minor_version();
        m_result.code = session.ciphersuite_code();
        /* A new session has a new master secret. */
        if (shared->first_secret.empty())
            shared->first_secret = session.master_secret();
        else if (shared->first_secret == session.master_secret())
            m_result.words = PEER_RESUMED;
        return m_options.resume != PEER_RESUME_OFF;
    }

    /* A suite without certificate has no chain to verify, and this is not called. */
    void
    tls_verify_cert_chain(const std::vector<Botan::X509_Certificate> &chain,
                          const std::vector<std::shared_ptr<const Botan::OCSP::Response>> &ocsp,
                          const std::vector<Botan::Certificate_Store *> &roots,
                          Botan::Usage_Type usage, const std::string &,
                          const TLS::Policy &policy) override
    {
        TLS::Callbacks::tls_verify_cert_chain(chain, ocsp, roots, usage, m_options.name, policy);
    }

    /* Takes what the other side sent next; false at the end of the stream. */
    bool step()
    {
        uint8_t data[4096];
        int count = peer_receive(m_socket, data, sizeof data);
        if (count <= 0)
            return false;
        m_channel->received_data(data, static_cast<size_t>(count));
        return true;
    }

    TLS::Channel &channel()
    {
        return *m_channel;
    }

    int take(void *data, size_t size)
    {
        while (m_received.empty() && !m_closed)
            if (!step())
                return -1;
        size_t count = m_received.copy(static_cast<char *>(data), size);
        m_received.erase(0, count);
        return static_cast<int>(count);
    }

    const peer_result &result() const
    {
        return m_result;
    }

  private:
    const peer_options &m_options;
    int m_socket;
    std::unique_ptr<TLS::Channel> m_channel;
    std::string m_received;
    bool m_closed = false;
    peer_result m_result{0, 0, ""};
};

std::unique_ptr<Connection> connection;

bool say(const std::exception &error)
{
    std::fprintf(stderr, "%s\n", error.what());
    return false;
}

void list()
{
    std::printf("Botan %s\n1.0 1.1 1.2\n", Botan::short_version_cstr());
    for (const auto &suite : TLS::Ciphersuite::all_known_ciphersuites())
        if (suite.valid())
            std::printf("%04X\n", static_cast<unsigned>(suite.ciphersuite_code()));
}

bool open_connection(const peer_options *options, int socket, peer_result *result)
{
    try {
        if (!options->is_second)
            shared = std::make_unique<Shared>(*options);
        connection = std::make_unique<Connection>(*options, socket);
        while (!connection->channel().is_active())
            if (!connection->step())
                return peer_failed("handshake", 0);
        *result = connection->result();
        return true;
    } catch (const std::exception &error) {
        return say(error);
    }
}

int read_data(void *data, size_t size)
{
    try {
        return connection->take(data, size);
    } catch (const std::exception &error) {
        say(error);
        return -1;
    }
}

bool write_data(const void *data, size_t size)
{
    try {
        connection->channel().send(static_cast<const uint8_t *>(data), size);
        return true;
    } catch (const std::exception &error) {
        return say(error);
    }
}

void close_connection()
{
    connection->channel().close();
    connection.reset(); /* not at exit, when Botan's memory is gone */
    if (shared->options.resume == PEER_RESUME_OFF || shared->options.is_second)
        shared.reset();
}

} // namespace

int main(int argc, char **argv)
{
    static const peer_library library = {list, open_connection, read_data, write_data,
                                         close_connection};
    return peer_main(argc, argv, &library);
}
