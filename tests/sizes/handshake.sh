#!/usr/bin/env bash
# handshake.sh MINIMAL PKI ROLE: the minimal program in one role, OpenSSL in the other.
set -eu
minimal=$1 pki=$2 role=$3
work=$(mktemp -d)
other=
trap '[ -z "$other" ] || kill "$other" 2>/dev/null || true; rm -rf "$work"' EXIT

# wait_for FILE PATTERN: prints the first match, for which it waits at most 10 s.
wait_for() {
    for _ in $(seq 100); do
        grep -m 1 -oE "$2" "$1" 2>/dev/null && return 0
        sleep 0.1
    done
    cat "$1" >&2
    return 1
}

if [ "$role" = client ]; then
    openssl s_server -accept 127.0.0.1:0 -tls1_2 -www -cert "$pki/server-p256.pem" \
        -key "$pki/server-p256.key" -cert_chain "$pki/inter-p256.pem" >"$work/server" 2>&1 </dev/null &
    other=$!
    port=$(wait_for "$work/server" '^ACCEPT.*' | grep -oE '[0-9]+$')
    "$minimal" client "$port" >"$work/page"
    grep -E '^HTTP/1.0 200|New, TLSv1.2, Cipher is ECDHE-ECDSA' "$work/page"
    [ "$(grep -cE '^HTTP/1.0 200|Cipher is ECDHE-ECDSA' "$work/page")" -eq 2 ]
else
    "$minimal" server >"$work/server" &
    other=$!
    port=$(wait_for "$work/server" '^[0-9]+$')
    { printf 'GET / HTTP/1.0\r\n\r\n'; sleep 1; } |
        openssl s_client -connect "127.0.0.1:$port" -tls1_2 -servername server.example -CAfile "$pki/root-p256.pem" \
            -verify_return_error -verify_hostname server.example -ign_eof >"$work/client" 2>&1
    grep -E 'from the minimal server|Cipher is ECDHE-ECDSA' "$work/client"
    wait "$other"
    other=
    grep -q '^from the minimal server' "$work/client"
fi
