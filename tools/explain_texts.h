/* What usually lies behind a failure and what to try: one row a reason (EXPLAIN_REASONS) and one
 * row an alert (EXPLAIN_ALERTS). explain.c does not compile while a row is missing. */
#ifndef TOOLS_EXPLAIN_TEXTS_H
#define TOOLS_EXPLAIN_TEXTS_H

/* clang-format off */

/* X(symbol of handfast/error.h, usual causes, what to try) */
#define EXPLAIN_REASONS(X) \
X(BAD_ARGUMENT, \
  "A NULL pointer, an unknown role or a count that goes past a span was passed to the library.", \
  "Check the arguments of the call that returned it against the header.") \
X(BAD_STATE, \
  "A call came too early or too late: data taken that is not there, an answer without a question, " \
  "a server name set after the first hf_conn_run.", \
  "Ask hf_conn_wants before each call; it says what is possible now.") \
X(BUFFER_TOO_SMALL, \
  "The receive or transmit buffer is below HF_RX_MIN or HF_TX_MIN.", \
  "`handfast sizes` prints both; HF_RX_FULL holds any record that a peer may send.") \
X(NO_RANDOM_SOURCE, \
  "hf_config.random is empty.", \
  "Set it to hf_random_system on a host, to the hardware generator's driver on a device.") \
X(NO_CREDENTIALS, \
  "A server was begun without bindings, or a binding has neither chain nor key.", \
  "Give --cert and --key or --bindings; in C fill hf_config.bindings.") \
X(NO_TRUST_ANCHORS, \
  "The list of CA certificates is empty while verification is required.", \
  "Give --ca, for clients' certificates --client-ca, in C hf_config.anchors; `handfast anchors " \
  "CA.pem` makes them for flash.") \
X(NOTHING_ENABLED, \
  "A list of suites, groups or schemes has nothing that this build knows, or the lowest version is " \
  "above the highest.", \
  "Leave the lists out to get the policy's, then add them back one by one; `handfast suites` shows " \
  "what the build has and which policy has which suite.") \
X(BAD_SERVER_NAME, \
  "The name has a trailing dot, an underscore, characters outside ASCII or a label that is too long.", \
  "Write international names in their xn-- form and leave the trailing dot off.") \
X(BAD_PSK, \
  "A key or an identity is empty or too long, or a server chose a PSK suite of a client that has no " \
  "key.", \
  "Keys have 1 to 64 bytes, identities 1 to 128; give one with --psk, or leave the PSK suites out of " \
  "--suites.") \
X(BAD_PRIVATE_KEY, \
  "The file is not a key, holds a key of a type that is not supported (Ed25519) or an RSA key " \
  "outside the limits of size.", \
  "`openssl pkey -in KEY.pem -noout -text` shows what it is; make a P-256 key or an RSA key of 2048 " \
  "bits or more.") \
X(KEY_ENCRYPTED, \
  "The key file is protected by a password.", \
  "`openssl pkey -in KEY.pem -out plain.pem` writes it in the clear; guard that file.") \
X(NO_CLOCK, \
  "The device does not know the time yet, so that validity periods cannot be judged.", \
  "Set the clock first, or choose allow_no_clock where an expired certificate is the lesser evil.") \
X(RANDOM_FAILED, \
  "The random source returned false: a generator not started yet, or the system call is forbidden.", \
  "Check the driver or the sandbox; there is no way to go on without random bytes.") \
X(CRYPTO_FAILED, \
  "libtomcrypt reported an error: most often hf_crypto_init was not called, or a key of the " \
  "application is damaged.", \
  "Call hf_crypto_init once at the start; check the key with `handfast credentials`.") \
X(OUT_OF_SCRATCH, \
  "The memory for big numbers was used up in the middle of a public-key operation.", \
  "Give the arena more room, or use smaller keys: P-256 needs far less than RSA-4096.") \
X(SIGNING_FAILED, \
  "The secure element refused, answered with an empty signature, or the key is damaged.", \
  "Test the key outside TLS; check that the answer is in DER for ECDSA.") \
X(OUTPUT_TOO_LONG, \
  "Names, protocols or a chain are so long that a message does not fit where it is composed.", \
  "Offer fewer application protocols or use a larger transmit buffer.") \
X(SEQUENCE_EXHAUSTED, \
  "2^64 - 1 records were sent with one key, or a test set the counter there.", \
  "Open a new connection.") \
X(KEY_EXHAUSTED, \
  "What a cipher hides wears thin with the data: 3DES may seal HF_3DES_BLOCKS_MAX blocks, " \
  "AES-GCM and AES-CCM HF_AES_AEAD_KB_MAX.", \
  "Renegotiate in time, open a new connection, or use ChaCha20-Poly1305.") \
X(APPLICATION_REFUSED, \
  "The application answered a question with `refused`, such as whether the peer's chain is welcome.", \
  "Look at why the application refuses; the library had no objection.") \
X(HANDSHAKE_ABANDONED, \
  "hf_conn_close was called before the handshake was done, for example by an idle limit.", \
  "Wait for HF_ESTABLISHED before closing, or raise the limit (--idle).") \
X(PEER_ALERT, \
  "The peer refused something and said so. The alert's name is the peer's reason.", \
  "`handfast explain ALERT` for that alert; the peer's own log usually says more.") \
X(TRUNCATED, \
  "The peer or something between closed TCP without close_notify: a crash, a timeout, a server " \
  "that does not bother, or an attacker who cuts data off.", \
  "Trust the data only if its own format says where it ends.") \
X(CLOSED_IN_HANDSHAKE, \
  "The peer is not a TLS server, gave up without an alert, ran into a timeout, or a firewall cut " \
  "the connection.", \
  "Check host and port; look at the peer's log; --ladder shows how far the handshake came.") \
X(NOT_TLS, \
  "The peer speaks another protocol on this port: plain HTTP, SMTP before STARTTLS, SSH.", \
  "Check the port; many protocols need a command before TLS begins.") \
X(SSL2_HELLO, \
  "A very old client, or a scanner, sent a hello in the format of SSL 2.0.", \
  "Update the client; SSL 2.0 must not be negotiated at all.") \
X(RECORD_VERSION, \
  "The peer changed the version in its record headers, or bytes were lost and the stream is out of " \
  "step.", \
  "Capture the connection; if only this peer does it, it is the peer's defect.") \
X(RECORD_TYPE, \
  "Bytes were lost or added, or the peer sends heartbeats or another record type that nobody agreed " \
  "on.", \
  "Capture the connection and look at the first header that does not fit.") \
X(RECORD_OVERFLOW, \
  "The peer sent a record of more than 16384 bytes of content, or something that is not TLS.", \
  "Nothing on this side: the peer breaks the record format.") \
X(RECORD_EXCEEDS_BUFFER, \
  "The peer sends full records of 16 KB and the receive buffer is smaller.", \
  "Use a buffer of HF_RX_FULL bytes (--rx), or have the peer send smaller records.") \
X(BAD_RECORD_MAC, \
  "A record was changed on the way, the two sides have different keys, or a proxy rewrote the " \
  "stream. As the first record of a handshake it mostly means different keys.", \
  "Compare the key logs of both sides; try without what stands between them.") \
X(RECORD_EMPTY, \
  "The peer's TLS library sends empty records of a type that must not be empty; also seen from " \
  "fuzzers.", \
  "Nothing on this side.") \
X(TOO_MANY_EMPTY_RECORDS, \
  "An endless row of empty records keeps this side busy without data: an attack or a broken peer.", \
  "Nothing on this side; the limit is HF_EMPTY_RECORDS_MAX.") \
X(TOO_MANY_WARNINGS, \
  "The peer keeps sending warnings, which keeps this side busy without progress.", \
  "See which warning it is with --trace; the limit is HF_WARNINGS_MAX.") \
X(ALERT_LENGTH, \
  "An alert was split over records or two were put into one, which some libraries do and RFC 5246 " \
  "does not rule out but nobody needs.", \
  "Report it to the maker of the peer.") \
X(ALERT_LEVEL, \
  "The alert record holds garbage, or the peer is a test tool.", \
  "Nothing on this side.") \
X(DATA_IN_HANDSHAKE, \
  "The peer sent application data before its Finished message was accepted, or an attacker " \
  "injected it.", \
  "If the peer is a client with a false start, turn that off.") \
X(UNEXPECTED_CHANGE_CIPHER_SPEC, \
  "A ChangeCipherSpec came before the keys were agreed on (the pattern of CVE-2014-0224) or twice.", \
  "Capture the connection; an honest peer never sends this.") \
X(CHANGE_CIPHER_SPEC_CONTENT, \
  "The ChangeCipherSpec record is damaged or comes from a test tool.", \
  "Nothing on this side.") \
X(SPLIT_ACROSS_KEY_CHANGE, \
  "A handshake message begins under the old keys and ends under the new ones, or other content was " \
  "put between its parts.", \
  "Nothing on this side; such a message could be forged in part.") \
X(HANDSHAKE_FLOOD, \
  "The peer sends more than HF_HANDSHAKE_BYTES_MAX bytes before the handshake is done: a very long " \
  "certificate chain or an attack.", \
  "Look at the sizes with --ladder; shorten the chain.") \
X(UNEXPECTED_MESSAGE, \
  "A message is missing, repeated or out of order: a defect of the peer, or two sides that " \
  "understood a negotiation differently.", \
  "--ladder shows the last message that fitted; `handfast flow` shows what may follow it.") \
X(ANONYMOUS_SERVER_ASKS, \
  "The server chose an anonymous suite and yet wants to know who the client is.", \
  "Give the server a certificate and leave the anonymous suites out.") \
X(MESSAGE_EXCEEDS_BUFFER, \
  "A handshake message, usually Certificate, is longer than the receive buffer.", \
  "Use a larger receive buffer (--rx) or a shorter certificate chain at the peer.") \
X(MESSAGE_SYNTAX, \
  "A field's length does not fit into its message. Honest peers do not send this; damaged memory, " \
  "fuzzers and home-made hellos do.", \
  "The byte offset in the failure points at the field.") \
X(MESSAGE_TRAILING_BYTES, \
  "A message goes on behind its last field.", \
  "The byte offset in the failure is where the message should have ended.") \
X(VERSION_UNSUPPORTED, \
  "The peer knows only older versions than are allowed here; or only newer ones (TLS 1.3 alone), " \
  "which then shows as an alert from the peer.", \
  "Update the peer, or lower --min if this build has the version.") \
X(VERSION_NOT_OFFERED, \
  "The server answered with a version outside of what was offered: a broken server, or something " \
  "between that rewrites hellos.", \
  "Try --max tls1.2 against a direct connection.") \
X(INAPPROPRIATE_FALLBACK, \
  "The client lowered its version after a connection that failed and said so (TLS_FALLBACK_SCSV), " \
  "although both sides have a higher one: often a network fault, sometimes an attack.", \
  "Let the client connect with its highest version at once; find out why that failed before.") \
X(DOWNGRADE_DETECTED, \
  "The server has a higher version, says so in its random (RFC 8446 4.1.3), and yet chose a lower " \
  "one: the ClientHello was changed on the way, or the server is defective.", \
  "Connect over another network. If it stays, set --max to the version that the server chooses; that " \
  "gives up the protection.") \
X(NO_COMMON_SUITE, \
  "The two lists of suites have nothing in common that also fits the server's certificate: an " \
  "ECDSA suite needs an EC certificate and a group that both sides have.", \
  "Compare `handfast suites` with the peer's list; add a certificate of the other key type; try " \
  "--policy compatible for a peer without ECDHE.") \
X(SUITE_NOT_OFFERED, \
  "The server chose a suite that the client had not listed.", \
  "Nothing on this side; --trace shows the ServerHello.") \
X(RESUMPTION_CHANGED, \
  "The server mixes up its sessions, or somebody interferes.", \
  "Forget the session; a full handshake does not depend on it.") \
X(NO_NULL_COMPRESSION, \
  "The client's list of compression methods lacks the one that every client must offer.", \
  "Nothing on this side; the client is defective.") \
X(COMPRESSION_CHOSEN, \
  "The server wants to compress, which was not offered and is unsafe (CRIME).", \
  "Turn compression off at the server.") \
X(EXTENSION_DUPLICATE, \
  "A hello holds one extension twice: a defect of the peer or of something that rewrites hellos.", \
  "--trace shows the hello.") \
X(EXTENSION_NOT_OFFERED, \
  "The server answered an extension that the client never sent.", \
  "--trace shows the ServerHello; report it to the maker of the server.") \
X(EXTENSION_SYNTAX, \
  "The content of an extension does not fit its own lengths.", \
  "The byte offset in the failure points into the hello; --trace prints it.") \
X(SERVER_NAME_SYNTAX, \
  "The client put an IP address, an empty name or two names into server_name.", \
  "Clients must not send addresses as names; use the host's name.") \
X(SERVER_NAME_UNKNOWN, \
  "The client asks for a host that has no binding, and unknown names are refused here.", \
  "Add a binding for the name, or choose --sni-unknown default.") \
X(NO_COMMON_PROTOCOL, \
  "The ALPN lists have nothing in common, such as h2 alone against http/1.1 alone.", \
  "Compare --alpn of both sides; without --alpn nothing is negotiated and nothing refused.") \
X(PROTOCOL_NOT_OFFERED, \
  "The server's ALPN answer is not one of the client's names, or is a list.", \
  "--trace shows the ServerHello; report it to the maker of the server.") \
X(FRAGMENT_LENGTH_WRONG, \
  "The peer has an error in max_fragment_length, or somebody changed a hello on its way.", \
  "Try --without max_fragment_length; report it to whoever maintains the peer.") \
X(RECORD_SIZE_LIMIT_WRONG, \
  "The peer has an error in record_size_limit, or somebody changed a hello on its way.", \
  "Try --without record_size_limit; report it to whoever maintains the peer.") \
X(TRUSTED_AUTHORITY_WRONG, \
  "The client is broken, or names its trust anchors in a way that is newer than RFC 6066.", \
  "Have the client leave trusted_ca_keys out, or name its anchors by name, key or certificate.") \
X(STATUS_TYPE_WRONG, \
  "The server answers with a status of another type than ocsp, the only one that was asked for.", \
  "Leave --staple out; report it to whoever maintains the server.") \
X(CERTIFICATE_URL_WRONG, \
  "The client follows RFC 3546 and gives no hash, or sends several URLs for one PkiPath.", \
  "Have the client send its certificate instead, or URLs in the form of RFC 6066 5.") \
X(ENCRYPT_THEN_MAC_WRONG, \
  "The server answers the extension for a suite that has no CBC cipher, which RFC 7366 forbids.", \
  "--without encrypt_then_mac leaves it out; report it to the maker of the server.") \
X(RENEGOTIATION_INFO_WRONG, \
  "The peer's renegotiation_info belongs to another connection: a spliced connection, which is the " \
  "attack that RFC 5746 ends, or a broken peer.", \
  "Connect without anything between the two sides.") \
X(NO_SECURE_RENEGOTIATION, \
  "The peer predates RFC 5746 (2010).", \
  "Update the peer; --policy compatible may allow it where renegotiation never happens.") \
X(NO_EXTENDED_MASTER_SECRET, \
  "The peer predates RFC 7627 (2015), or has the extension turned off.", \
  "Update the peer; --policy compatible allows such peers.") \
X(EXTENDED_MASTER_SECRET_CHANGED, \
  "A session was resumed or renegotiated with and without the extension.", \
  "Start a new session; the peer is defective.") \
X(NO_UNCOMPRESSED_POINTS, \
  "The peer's ec_point_formats leave out the one format that everybody must know.", \
  "Nothing on this side; the peer is defective.") \
X(NO_COMMON_GROUP, \
  "The two lists of groups have nothing in common: often X25519 alone at the peer.", \
  "Let the peer add secp256r1; compare with `handfast groups`.") \
X(NO_COMMON_FINITE_FIELD, \
  "The client names groups of RFC 7919 for DHE, but none that this server has, and no suite without.", \
  "Let both sides have ffdhe2048, or a suite with ECDHE.") \
X(GROUP_NOT_OFFERED, \
  "The server uses a curve that was not in the client's list, or one without a name.", \
  "Add the group with --groups if this build has it.") \
X(GROUP_WEAK, \
  "An old server uses a Diffie-Hellman group of 1024 bits or less, or numbers that make no group.", \
  "Let the server use ffdhe2048 or ECDHE; --policy legacy takes groups from 1024 bits on; or leave " \
  "the DHE suites out.") \
X(BAD_PUBLIC_VALUE, \
  "The peer's point is not on the curve: damaged memory, or an attempt to learn a key.", \
  "Nothing on this side; an honest peer does not send this.") \
X(NO_COMMON_SCHEME, \
  "No signature scheme of the peer goes with the keys here, such as only SHA-1, or only EdDSA.", \
  "Compare `handfast schemes` with the peer's signature_algorithms; add a certificate of another key " \
  "type.") \
X(SCHEME_NOT_OFFERED, \
  "The peer signed with a scheme that was not in the list, often SHA-1 because it ignores the list.", \
  "Update the peer; or list the scheme with --schemes if this build has it.") \
X(SIGNATURE_WRONG, \
  "The peer's key does not belong to its certificate, its signing hardware is faulty, or the " \
  "handshake was changed on the way.", \
  "Check at the peer that key and certificate belong together.") \
X(PSK_IDENTITY_UNKNOWN, \
  "The client named an identity for which this server has no key.", \
  "Compare the identity in --psk IDENTITY:HEX of both sides, byte by byte.") \
X(FINISHED_WRONG, \
  "The two sides computed different handshakes: something between them changed a message, or one of " \
  "them hashes wrongly.", \
  "Compare --trace of both sides byte by byte; the first difference is the cause.") \
X(RENEGOTIATION_LIMIT, \
  "The peer insists on renegotiating although it was refused, or does it again and again.", \
  "Configure the peer not to renegotiate, or allow it (--renegotiation).") \
X(RENEGOTIATION_CHANGED, \
  "The peer shows another certificate than before, or none; a client asks for another name; one side no longer " \
  "wants encrypt-then-MAC; or an attacker has joined two connections.", \
  "Make a new connection for another identity. Servers behind one address must share their certificate.") \
X(CERTIFICATE_MISSING, \
  "The peer answered with an empty list of certificates.", \
  "Configure a certificate at the peer.") \
X(CERTIFICATE_CHAIN_TOO_LONG, \
  "The peer sends more than HF_CHAIN_MAX certificates, often a whole CA bundle by mistake.", \
  "Send the leaf and its intermediates only.") \
X(CERTIFICATE_MALFORMED, \
  "A certificate is damaged, is not DER but only BER, or breaks a rule of RFC 5280 such as a version " \
  "1 certificate with extensions.", \
  "`openssl x509 -in CERT.pem -noout -text` and `openssl asn1parse` show it; reissue it.") \
X(CERTIFICATE_KEY_UNSUPPORTED, \
  "The certificate has a key that this build cannot use (Ed25519, another curve), or one that " \
  "does not go with the suite.", \
  "Use a P-256, P-384 or P-521 key or RSA.") \
X(CERTIFICATE_ALGORITHM_UNSUPPORTED, \
  "A CA signed with an algorithm that this build cannot check, such as DSA or Ed25519.", \
  "Have it reissued under ECDSA or RSA.") \
X(CERTIFICATE_KEY_WEAK, \
  "An RSA key of the path has fewer bits than the policy allows (2048 by default).", \
  "Reissue the certificate with a longer key, or use a P-256 key.") \
X(CERTIFICATE_HASH_WEAK, \
  "A certificate of the path is signed over MD5 or SHA-1.", \
  "Reissue it over SHA-256; a root is not affected, since its signature is not looked at.") \
X(CERTIFICATE_EXPIRED, \
  "A certificate of the path has expired, or the clock here is ahead.", \
  "Check `date`; renew the certificate, and look at the intermediates too; --time judges at another " \
  "time.") \
X(CERTIFICATE_NOT_YET_VALID, \
  "A certificate begins in the future: mostly the clock here is behind, as on a device at first boot.", \
  "Check `date`; --time judges at another time.") \
X(CERTIFICATE_SELF_SIGNED, \
  "The server uses a certificate that it signed itself.", \
  "If it is the right one, give it as --ca; else get one from a CA.") \
X(CERTIFICATE_UNKNOWN_CA, \
  "The issuing CA is not among the trust anchors, or the server does not send its intermediate " \
  "certificate.", \
  "Give the CA with --ca; check that the server sends leaf and intermediates.") \
X(CERTIFICATE_SIGNATURE_WRONG, \
  "A certificate was altered, or its issuer's name is right but its key is another: a CA that was " \
  "made anew under the old name.", \
  "Compare the authority key identifiers; use the CA certificate that really issued it.") \
X(CERTIFICATE_NOT_CA, \
  "A server certificate was used to issue another one, or a home-made CA lacks basicConstraints " \
  "CA:TRUE.", \
  "Make the CA with `basicConstraints=critical,CA:TRUE`.") \
X(CERTIFICATE_PATH_LENGTH, \
  "There are more intermediates below a CA than its pathLenConstraint allows.", \
  "Issue from a CA higher up, or raise the constraint.") \
X(CERTIFICATE_KEY_USAGE, \
  "keyUsage lacks digitalSignature for ECDHE, keyEncipherment for RSA key transport, or keyCertSign " \
  "in a CA.", \
  "Reissue the certificate with the bit, or choose a suite that the bit allows.") \
X(CERTIFICATE_EXTENDED_KEY_USAGE, \
  "The certificate is for clients only, or for code signing, and was used by a server; or the other " \
  "way round.", \
  "Reissue it with serverAuth or clientAuth.") \
X(CERTIFICATE_CRITICAL_EXTENSION, \
  "A certificate has an extension marked critical that is not known here; it must be refused.", \
  "`openssl x509 -noout -text` shows it; have it reissued without, or not critical.") \
X(CERTIFICATE_NAME_MISMATCH, \
  "subjectAltName does not have the name: another host answered, the name is in the common name only, " \
  "or a wildcard is to cover more than one label.", \
  "Check --name; `openssl x509 -noout -ext subjectAltName` shows the names; the common name does not " \
  "count.") \
X(CERTIFICATE_NAME_CONSTRAINTS, \
  "A CA of the path may issue only for certain names or addresses, and the certificate has another.", \
  "`openssl x509 -noout -ext nameConstraints` shows what the CA may do; issue from another CA.") \
X(CERTIFICATE_POLICY, \
  "A CA of the path demands a certificate policy that the certificates below it do not all have.", \
  "Look at certificatePolicies and policyConstraints along the path; reissue with the policy.") \
X(CERTIFICATE_PATH_BUDGET, \
  "The chain has many certificates of equal names, so that finding a path takes too many signature " \
  "checks: a cross-signed tangle or an attack.", \
  "Send only the certificates of one path.") \
X(CERTIFICATE_PATH_TOO_LONG, \
  "The chain has more intermediates than the configured limit.", \
  "Raise the limit, or use a CA that is nearer to the root.") \
X(CERTIFICATE_NOT_PINNED, \
  "The peer has a new key or another CA than the one that was pinned; or somebody has a certificate that he should not have.", \
  "Find out which of the two it is before the pin is changed.") \
X(CERTIFICATE_REVOKED, \
  "The CA has withdrawn the certificate: its key was lost or stolen, or it was replaced.", \
  "Get a new certificate; do not go on with this one.") \
X(CERTIFICATE_STATUS_UNKNOWN, \
  "Revocation lists are configured, but none is by this certificate's issuer, in scope and rightly signed.", \
  "Fetch the list that the certificate's cRLDistributionPoints names.") \
X(CERTIFICATE_STATUS_STALE, \
  "The revocation list or OCSP response is past its nextUpdate, or not valid yet; or the clock is wrong.", \
  "Fetch it anew; look at the clock.") \
X(CERTIFICATE_UNOBTAINABLE, \
  "The server at the URL does not answer or does not have the file, or this server fetches nothing.", \
  "Fetch the URL by hand from where the server runs.") \
X(CERTIFICATE_URL_HASH_WRONG, \
  "The certificate at the URL was renewed while the client's configuration was not, or the other way round.", \
  "Give the client the SHA-1 of what is at the URL now.") \
X(STATUS_MISSING, \
  "The server does not staple, while --staple=require or the certificate's TLS feature (must-staple) demands it.", \
  "Configure the server to staple an OCSP response.") \
X(OCSP_MALFORMED, \
  "The file that the server staples is not an OCSP response in DER, or is damaged.", \
  "Look at it with `openssl ocsp -respin FILE -text`.") \
X(OCSP_UNSUCCESSFUL, \
  "The server staples an error of its responder, such as tryLater.", \
  "Have the server fetch a new one and staple only successful responses.") \
X(OCSP_OTHER_CERTIFICATE, \
  "The server's certificate was renewed but the old response is still stapled, or it is another certificate's.", \
  "Have the server fetch a response for the certificate that it shows.") \
X(OCSP_STALE, \
  "The server does not renew what it staples; the response has no nextUpdate; or the clock is wrong.", \
  "Have the server fetch a new one; look at the clock.") \
X(OCSP_UNAUTHORIZED, \
  "The response is signed by a responder that the certificate's issuer has not appointed, or was forged.", \
  "The responder's certificate must be by the same issuer and have id-kp-OCSPSigning.") \
X(OCSP_REVOKED, \
  "The CA has withdrawn the certificate: its key was lost or stolen, or it was replaced.", \
  "Get a new certificate; do not go on with this one.") \
X(OCSP_UNKNOWN, \
  "The responder has no such certificate: it is too new, or was never issued.", \
  "Wait some minutes; ask the CA.") \
X(STATUS_REFUSED, \
  "The application looked at the OCSP response by its own rules.", \
  "Look at it with `openssl ocsp -respin`; have the server fetch a new one.")

/* X(symbol of handfast/alert.h, what it says, what to try when a peer sends it) */
#define EXPLAIN_ALERTS(X) \
X(CLOSE_NOTIFY, \
  "The sender will send no more data. It is how a connection ends in order.", \
  "Nothing: this is no failure.") \
X(UNEXPECTED_MESSAGE, \
  "The sender received something that does not belong at this place of the protocol.", \
  "Compare the ladders of both sides with --ladder.") \
X(BAD_RECORD_MAC, \
  "A record could not be authenticated: it was changed, or the keys differ.", \
  "Compare the key logs of both sides; try without what stands between them.") \
X(DECRYPTION_FAILED, \
  "Was sent by TLS 1.0 for what is bad_record_mac now; must not be sent any more.", \
  "Update the peer.") \
X(RECORD_OVERFLOW, \
  "A record was longer than the sender of the alert takes.", \
  "Send smaller records (--tx), or give the peer a larger buffer.") \
X(DECOMPRESSION_FAILURE, \
  "Compressed data did not decompress. Compression is never negotiated here.", \
  "Turn compression off at the peer.") \
X(HANDSHAKE_FAILURE, \
  "The two sides have nothing in common: suite, group, signature scheme, or a certificate is missing.", \
  "Widen --suites and --groups, try --policy compatible; the peer's log says which list it was.") \
X(NO_CERTIFICATE, \
  "SSL 3.0's way to say that a client has no certificate; not used in TLS.", \
  "Update the peer.") \
X(BAD_CERTIFICATE, \
  "Your certificate is damaged, or a signature in its chain does not verify.", \
  "Check the chain with `handfast verify`.") \
X(UNSUPPORTED_CERTIFICATE, \
  "Your certificate is of a kind that the peer cannot use.", \
  "Use a P-256 or RSA certificate; check its extendedKeyUsage.") \
X(CERTIFICATE_REVOKED, \
  "The peer found your certificate revoked.", \
  "Get a new one.") \
X(CERTIFICATE_EXPIRED, \
  "The peer found your certificate expired or not valid yet.", \
  "Renew it; check the clocks of both sides.") \
X(CERTIFICATE_UNKNOWN, \
  "The peer refuses your certificate for a reason that has no alert of its own; browsers send it " \
  "when the user or a rule says no.", \
  "Check name and chain with `handfast verify --name`.") \
X(ILLEGAL_PARAMETER, \
  "A field of your message has a value that is not allowed there.", \
  "Look at the last message sent with --trace.") \
X(UNKNOWN_CA, \
  "The peer does not know the CA of your certificate, or an intermediate is missing in your chain.", \
  "Send the intermediates too; give the peer the CA certificate.") \
X(ACCESS_DENIED, \
  "Your certificate is valid, but the peer does not let you in.", \
  "Ask whoever runs the peer.") \
X(DECODE_ERROR, \
  "A message of yours does not follow its format, or its length is wrong.", \
  "Look at the last message sent with --trace; something between may have changed it.") \
X(DECRYPT_ERROR, \
  "A signature or the Finished message of yours was wrong.", \
  "Check that key and certificate belong together.") \
X(EXPORT_RESTRICTION, \
  "Belongs to the export suites of the 1990s; must not be sent any more.", \
  "Update the peer.") \
X(PROTOCOL_VERSION, \
  "The peer knows the version that you offer but does not accept it.", \
  "See --min and --max; the peer may want TLS 1.3 alone, which this library does not speak.") \
X(INSUFFICIENT_SECURITY, \
  "The peer demands stronger suites than you offer.", \
  "Offer ECDHE with AES-256-GCM or ChaCha20-Poly1305.") \
X(INTERNAL_ERROR, \
  "Something failed at the peer that has nothing to do with you: memory, a key, configuration.", \
  "Look at the peer's log.") \
X(INAPPROPRIATE_FALLBACK, \
  "You connected with a lower version than you can, and said so; the peer can do better.", \
  "Offer the highest version at once.") \
X(USER_CANCELED, \
  "Somebody or some limit at the peer ended the handshake; no protocol failure.", \
  "Try again; look for time limits.") \
X(NO_RENEGOTIATION, \
  "The peer does not renegotiate.", \
  "Go on without, or open a new connection.") \
X(UNSUPPORTED_EXTENSION, \
  "The client received an extension from the server that it did not ask for.", \
  "--trace shows both hellos.") \
X(CERTIFICATE_UNOBTAINABLE, \
  "The server could not fetch the certificate from the URL that the client sent.", \
  "Check the URL from the server's network.") \
X(UNRECOGNIZED_NAME, \
  "The server does not serve the name that was asked for. As a warning it may be ignored.", \
  "Check --name; the server may know the host under another name.") \
X(BAD_CERTIFICATE_STATUS_RESPONSE, \
  "The stapled OCSP response was not valid.", \
  "Renew the response at the server.") \
X(BAD_CERTIFICATE_HASH_VALUE, \
  "The certificate behind a URL does not have the hash that was promised.", \
  "Update the hash, or check what the URL serves.") \
X(UNKNOWN_PSK_IDENTITY, \
  "The server does not know the identity of the pre-shared key.", \
  "Compare identity and key of both sides.") \
X(NO_APPLICATION_PROTOCOL, \
  "The server speaks none of the application protocols that the client offers.", \
  "Compare --alpn of both sides.")

/* clang-format on */

#endif
