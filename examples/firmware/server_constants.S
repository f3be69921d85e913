/* The server's certificates in DER, and the private number of its key, which a real device would
 * have been given in production. */
    .section .rodata.server_constants, "a"
    .global leaf_certificate, leaf_certificate_size
    .global issuer_certificate, issuer_certificate_size
    .global private_scalar, private_scalar_size
leaf_certificate:
    .incbin "server-p256.der"
leaf_certificate_end:
issuer_certificate:
    .incbin "inter-p256.der"
issuer_certificate_end:
/* ECPrivateKey: the scalar, after the version (RFC 5915 3). */
private_scalar:
    .incbin "server-p256.key.der", 7, 32
private_scalar_end:
    .balign 4
leaf_certificate_size:
    .word leaf_certificate_end - leaf_certificate
issuer_certificate_size:
    .word issuer_certificate_end - issuer_certificate
private_scalar_size:
    .word private_scalar_end - private_scalar
