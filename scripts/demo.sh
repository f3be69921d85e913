#!/usr/bin/env bash
# Builds Handfast and shows handshakes over TCP: our client with our server, then with OpenSSL at
# either end. Every server listens on 127.0.0.1 at a port that the system chose.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

work=$(mktemp -d)
server=
stop_server() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
    server=
}
trap 'stop_server; rm -rf "$work"' EXIT

say() {
    printf '\n== %s\n\n' "$*"
}

# wait_for FILE PATTERN: prints the first line of FILE that matches, for which it waits at most 10 s.
wait_for() {
    for _ in $(seq 100); do
        grep -m 1 -E "$2" "$1" 2>/dev/null && return 0
        sleep 0.1
    done
    echo "$1: nothing matched $2 within 10 s" >&2
    cat "$1" >&2 || true
    return 1
}

# shellcheck disable=SC2086
need $PACKAGES_BUILD
echo 'Building (details in build/demo.log)'
mkdir -p build
{ configure default && cmake --build --preset default -j "$(nproc)" --target handfast_tool test_pki; } \
    >build/demo.log 2>&1 || {
    tail -n 40 build/demo.log
    exit 3
}
pki=build/pki

say 'handfast demo: our client and our server'
build/handfast demo

say 'openssl s_server, our client'
openssl s_server -accept 127.0.0.1:0 -tls1_2 -www -cert $pki/server-p256.pem \
    -key $pki/server-p256.key -cert_chain $pki/inter-p256.pem >"$work/s_server" 2>&1 </dev/null &
server=$!
address=$(wait_for "$work/s_server" '^ACCEPT' | cut -d ' ' -f 2)
build/handfast client "$address" --ca $pki/roots.pem --name server.example --ladder --http \
    </dev/null >"$work/page"
grep -m 1 '^HTTP/1' "$work/page"
grep -E -m 2 'Protocol *:|Cipher *:' "$work/page"
stop_server

say 'our server, openssl s_client'
build/handfast server 127.0.0.1:0 --cert $pki/server-p256.chain.pem --key $pki/server-p256.key \
    --http --ladder --ready "$work/port" >"$work/server" 2>&1 </dev/null &
server=$!
port=$(wait_for "$work/port" '[0-9]' | grep -oE '[0-9]+$')
{ printf 'GET / HTTP/1.0\r\nHost: server.example\r\n\r\n'; sleep 1; } |
    openssl s_client -connect "127.0.0.1:$port" -servername server.example -CAfile $pki/roots.pem \
        -verify_return_error -verify_hostname server.example -ign_eof >"$work/s_client" 2>&1
grep -E -m 4 '^(New, |Verification|    Protocol|HTTP/1)' "$work/s_client"
stop_server
cat "$work/server"

say 'Three handshakes, every one verified.'
