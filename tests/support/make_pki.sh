#!/usr/bin/env bash
# Makes the test certificates: make_pki.sh FOLDER
#
# Each certificate NAME is NAME.pem and NAME.der, its private key NAME.key (PKCS#8 PEM), and what a
# server would send, leaf and intermediates without the root, NAME.chain.pem. For EC keys there is
# NAME.sec1.key, for RSA keys NAME.pkcs1.key and for DSA keys NAME.dsa.key too, the traditional
# forms; NAME.key.der is the key in DER (PKCS#8). KIND is one of rsa2048 p256 p384 p521. Unless said
# otherwise all are valid from 2024 to 2043, roots and intermediates from 2015 to 2079.
#
#   root-KIND             self-signed roots                          roots.pem  all four together
#   inter-KIND            intermediates (CA:true, pathlen 0), each issued by the root of its kind
#   server-rsa2048 -rsa3072 -rsa4096 -p256 -p384 -p521
#                         leaves `server.example`, each issued by inter-rsa2048 or inter-<its curve>:
#                         SAN DNS server.example, *.wild.example, IP 127.0.0.1, ::1; EKU serverAuth
#   server-p256-direct    the same, issued by root-p256 itself (chain of one)
#   server-dsa1024 -dsa2048
#                         the same names, DSA keys (q of 160 and 256 bits) issued by inter-rsa2048
#   server-cross          an RSA key issued by inter-p256 (leaf and issuer of different kinds)
#   host-default -shop-p256 -shop-rsa2048 -staff
#                         for servers of several names, with nothing in common: default.example and
#                         IP 127.0.0.1 (P-256), shop.example (two kinds of key), *.staff.example
#                         (RSA); EKU serverAuth, each issued by the intermediate of its kind
#   server-staple         server-p256 with a key of its own and TLS feature status_request (RFC 7633)
#   client-rsa2048 -p256 -p384 -p521 -dsa1024 -dsa2048
#                         leaves `client.example` with EKU clientAuth, each issued by the
#                         intermediate of its kind, those with DSA keys by inter-rsa2048
#
# Revocation, in PEM and as .crl.der, from June 2024 to 2043; OCSP responses of inter-p256 in DER, from
# when they are made:
#
#   root-p256.crl inter-p256.crl inter-rsa2048.crl       nobody is revoked
#   inter-p256-revoked.crl                               server-p256 and client-p256 are
#   server-p256.ocsp server-staple.ocsp                  good
#   server-p256-revoked.ocsp server-p256-unknown.ocsp    revoked, unknown
#
# What must be refused; all but the first have P-256 keys below inter-p256:
#
#   bad-selfsigned        self-signed leaf, no CA
#   bad-expired           valid 2020 to 2021
#   bad-notyet            valid 2060 to 2070 (GeneralizedTime)
#   bad-signature         server-p256 with one bit of the signature's last byte flipped
#   bad-eku               a server's names, EKU clientAuth only
#   bad-critical          unknown critical extension 1.3.6.1.4.1.55555.1
#   bad-name              SAN other.example only
#   bad-noname            common name server.example, no subjectAltName
#   bad-keyusage          keyUsage keyEncipherment only (of no use with ECDHE_ECDSA)
#   bad-inter-notca       intermediate with CA:false       bad-below-notca     a good leaf below it
#   bad-inter-pathlen     CA below inter-p256 (pathlen 0)  bad-below-pathlen   a good leaf below it
#   bad-inter-nosign      CA without keyCertSign           bad-below-nosign    a good leaf below it
#   bad-inter-expired     CA valid 2020 to 2021            bad-below-expired   a good leaf below it
#   bad-root, bad-below-unknown
#                         a root that is not in roots.pem, and a good leaf below it
#
# FOLDER/stamp is written last. A FOLDER that this script has filled stays as it is: several build
# trees share one, and each of them asks for it.
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: make_pki.sh FOLDER" >&2; exit 2; }
[ ! "$1/stamp" -nt "$0" ] || exit 0
mkdir -p "$1"
folder=$(cd "$1" && pwd)
work=$folder.new.$$
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/db"
cd "$work"

LONG='20150101000000Z 20791231235959Z'
VALID='20240101000000Z 20431231235959Z'
PAST='20200101000000Z 20210101000000Z'
FUTURE='20600101000000Z 20700101000000Z'
SERVER_NAMES='DNS:server.example,DNS:*.wild.example,IP:127.0.0.1,IP:::1'

# key NAME KIND: makes NAME.key.
key() {
    case $2 in
    rsa*) openssl genpkey -quiet -algorithm RSA -pkeyopt "rsa_keygen_bits:${2#rsa}" -out "$1.key" ;;
    dsa*) dsa_key "$1" "${2#dsa}" ;;
    p*) openssl genpkey -quiet -algorithm EC -pkeyopt "ec_paramgen_curve:P-${2#p}" \
        -pkeyopt ec_param_enc:named_curve -out "$1.key" ;;
    esac
    case $2 in
    rsa*) openssl pkey -in "$1.key" -traditional -out "$1.pkcs1.key" ;;
    dsa*) openssl pkey -in "$1.key" -traditional -out "$1.dsa.key" ;;
    p*) openssl pkey -in "$1.key" -traditional -out "$1.sec1.key" ;;
    esac
    openssl pkey -in "$1.key" -outform DER -out "$1.key.der"
}

# dsa_key NAME BITS: with the q of FIPS 186-4 4.2 that goes with the p.
dsa_key() {
    local subprime_bits=256
    [ "$2" != 1024 ] || subprime_bits=160
    openssl genpkey -quiet -genparam -algorithm DSA -pkeyopt "dsa_paramgen_bits:$2" \
        -pkeyopt "dsa_paramgen_q_bits:$subprime_bits" -out "db/$1.parameters"
    openssl genpkey -quiet -paramfile "db/$1.parameters" -out "$1.key"
}

# certificate NAME KIND ISSUER HASH 'FROM TO' SUBJECT, extensions on standard input: makes a key and
# a certificate for it; ISSUER - means self-signed.
certificate() {
    local name=$1 issuer=$3 hash=$4 from=${5% *} to=${5#* } subject=$6 signer
    key "$name" "$2"
    {
        printf '[ca]\ndefault_ca = this\n[this]\ndatabase = db/%s.index\nrand_serial = yes\n' "$name"
        printf 'policy = any\nunique_subject = no\n[any]\ncommonName = supplied\n'
        printf '[req]\nprompt = no\ndistinguished_name = dn\n[dn]\nCN = %s\n[ext]\n' "$subject"
        cat
    } >"db/$name.cnf"
    : >"db/$name.index"
    openssl req -new -config "db/$name.cnf" -key "$name.key" -out "db/$name.csr"
    if [ "$issuer" = - ]; then
        signer=(-selfsign -keyfile "$name.key")
    else
        signer=(-cert "$issuer.pem" -keyfile "$issuer.key")
    fi
    openssl ca -batch -notext -config "db/$name.cnf" "${signer[@]}" -md "$hash" -startdate "$from" \
        -enddate "$to" -extensions ext -in "db/$name.csr" -out "$name.pem" -outdir db \
        2>"db/$name.log" || { cat "db/$name.log" >&2; exit 1; }
    openssl x509 -in "$name.pem" -outform DER -out "$name.der"
    chain "$name" "$issuer"
}

# chain NAME ISSUER: the leaf and the issuers that a peer is not expected to have.
chain() {
    cp "$1.pem" "$1.chain.pem"
    case $2 in
    - | root-* | bad-root) ;;
    *) cat "$2.chain.pem" >>"$1.chain.pem" ;;
    esac
}

# ca NAME KIND ISSUER HASH VALIDITY BASIC_CONSTRAINTS KEY_USAGE
ca() {
    certificate "$1" "$2" "$3" "$4" "$5" "Handfast test $1" <<END
basicConstraints = critical,$6
keyUsage = critical,$7
subjectKeyIdentifier = hash
END
}

# leaf NAME KIND ISSUER HASH VALIDITY SUBJECT KEY_USAGE EKU [MORE LINES ...]
leaf() {
    {
        printf 'basicConstraints = critical,CA:false\nkeyUsage = critical,%s\n' "$7"
        printf 'extendedKeyUsage = %s\nsubjectKeyIdentifier = hash\n' "$8"
        [ $# -eq 8 ] || printf '%s\n' "${@:9}"
    } >"db/$1.ext"
    certificate "$1" "$2" "$3" "$4" "$5" "$6" <"db/$1.ext"
}

for kind in rsa2048 p256 p384 p521; do
    case $kind in p384) hash=sha384 ;; p521) hash=sha512 ;; *) hash=sha256 ;; esac
    ca root-$kind $kind - $hash "$LONG" CA:true keyCertSign,cRLSign
    ca inter-$kind $kind root-$kind $hash "$LONG" CA:true,pathlen:0 keyCertSign,cRLSign
done
cat root-rsa2048.pem root-p256.pem root-p384.pem root-p521.pem >roots.pem
ca bad-root p256 - sha256 "$VALID" CA:true keyCertSign

names="subjectAltName = $SERVER_NAMES"
for kind in rsa2048 rsa3072 rsa4096; do
    leaf server-$kind $kind inter-rsa2048 sha256 "$VALID" server.example \
        digitalSignature,keyEncipherment serverAuth "$names"
done
# good NAME ISSUER [HASH [KIND]]: a leaf with nothing wrong with it.
good() {
    leaf "$1" "${4:-p256}" "$2" "${3:-sha256}" "$VALID" server.example digitalSignature serverAuth "$names"
}
good server-p256 inter-p256
good server-p384 inter-p384 sha384 p384
good server-p521 inter-p521 sha512 p521
good server-p256-direct root-p256
leaf server-staple p256 inter-p256 sha256 "$VALID" server.example digitalSignature serverAuth \
    "$names" 'tlsfeature = status_request'
good server-dsa1024 inter-rsa2048 sha256 dsa1024
good server-dsa2048 inter-rsa2048 sha256 dsa2048
leaf server-cross rsa2048 inter-p256 sha256 "$VALID" server.example \
    digitalSignature,keyEncipherment serverAuth "$names"

# host NAME KIND KEY_USAGE SUBJECT NAMES: a leaf for these names alone.
host() {
    leaf "host-$1" "$2" "inter-$2" sha256 "$VALID" "$4" "$3" serverAuth "subjectAltName = $5"
}
host default p256 digitalSignature default.example DNS:default.example,IP:127.0.0.1
host shop-p256 p256 digitalSignature shop.example DNS:shop.example
host shop-rsa2048 rsa2048 digitalSignature,keyEncipherment shop.example DNS:shop.example
host staff rsa2048 digitalSignature,keyEncipherment staff.example 'DNS:*.staff.example'

for kind in rsa2048 p256 p384 p521 dsa1024 dsa2048; do
    leaf client-$kind $kind "inter-${kind/dsa*/rsa2048}" sha256 "$VALID" client.example \
        digitalSignature clientAuth 'subjectAltName = DNS:client.example'
done

# bad NAME VALIDITY KEY_USAGE EKU [MORE LINES ...]: a leaf of inter-p256 with something wrong.
bad() {
    leaf "$1" p256 inter-p256 sha256 "$2" server.example "${@:3}"
}
leaf bad-selfsigned p256 - sha256 "$VALID" server.example digitalSignature serverAuth "$names"
bad bad-expired "$PAST" digitalSignature serverAuth "$names"
bad bad-notyet "$FUTURE" digitalSignature serverAuth "$names"
bad bad-eku "$VALID" digitalSignature clientAuth "$names"
bad bad-critical "$VALID" digitalSignature serverAuth "$names" \
    '1.3.6.1.4.1.55555.1 = critical,DER:05:00'
bad bad-name "$VALID" digitalSignature serverAuth 'subjectAltName = DNS:other.example'
bad bad-noname "$VALID" digitalSignature serverAuth
bad bad-keyusage "$VALID" keyEncipherment serverAuth "$names"

# The signature value ends the certificate, so its last byte is the last byte of the file.
size=$(wc -c <server-p256.der)
last=$(tail -c 1 server-p256.der | od -An -tu1 | tr -d ' ')
{
    head -c $((size - 1)) server-p256.der
    printf '%b' "\\0$(printf %03o $((last ^ 1)))"
} >bad-signature.der
openssl x509 -inform DER -in bad-signature.der -out bad-signature.pem
cp server-p256.key bad-signature.key
cp server-p256.sec1.key bad-signature.sec1.key
chain bad-signature inter-p256

ca bad-inter-notca p256 root-p256 sha256 "$VALID" CA:false keyCertSign
ca bad-inter-pathlen p256 inter-p256 sha256 "$VALID" CA:true keyCertSign
ca bad-inter-nosign p256 root-p256 sha256 "$VALID" CA:true digitalSignature
ca bad-inter-expired p256 root-p256 sha256 "$PAST" CA:true keyCertSign
for what in notca pathlen nosign expired; do
    good bad-below-$what bad-inter-$what
done
good bad-below-unknown bad-root

# entry STATUS NAME: a certificate as a line of the database of `openssl ca`.
entry() {
    printf '%s\t431231235959Z\t%s\t%s\tunknown\t/CN=any\n' "${1%% *}" "${1#* }" \
        "$(openssl x509 -in "$2.pem" -noout -serial | cut -d= -f2)"
}
GOOD='V '
REVOKED='R 240501000000Z,keyCompromise'

# crl NAME ISSUER, the database on standard input.
crl() {
    cat >"db/$1.crl.index"
    echo 01 >"db/$1.crl.number"
    printf '[ca]\ndefault_ca = this\n[this]\ndatabase = db/%s.crl.index\ncrlnumber = db/%s.crl.number\n' \
        "$1" "$1" >"db/$1.crl.cnf"
    openssl ca -gencrl -config "db/$1.crl.cnf" -cert "$2.pem" -keyfile "$2.key" -md sha256 \
        -crl_lastupdate 20240601000000Z -crl_nextupdate 20431231235959Z -out "$1.crl" \
        2>"db/$1.crl.log" || { cat "db/$1.crl.log" >&2; exit 1; }
    openssl crl -in "$1.crl" -outform DER -out "$1.crl.der"
}
for name in root-p256 inter-p256 inter-rsa2048; do
    crl $name $name </dev/null
done
{
    entry "$REVOKED" server-p256
    entry "$REVOKED" client-p256
} | crl inter-p256-revoked inter-p256

# ocsp NAME LEAF ISSUER, the database on standard input.
ocsp() {
    cat >"db/$1.ocsp.index"
    openssl ocsp -index "db/$1.ocsp.index" -CA "$3.pem" -issuer "$3.pem" -cert "$2.pem" \
        -rsigner "$3.pem" -rkey "$3.key" -ndays 6000 -respout "$1.ocsp" >"db/$1.ocsp.log" 2>&1 ||
        { cat "db/$1.ocsp.log" >&2; exit 1; }
}
entry "$GOOD" server-p256 | ocsp server-p256 server-p256 inter-p256
entry "$GOOD" server-staple | ocsp server-staple server-staple inter-p256
entry "$REVOKED" server-p256 | ocsp server-p256-revoked server-p256 inter-p256
ocsp server-p256-unknown server-p256 inter-p256 </dev/null

rm -rf db
chmod 644 ./*
mv -f ./* "$folder/"
: >"$folder/stamp"
