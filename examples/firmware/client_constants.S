/* The certificate that the client trusts, in DER. */
    .section .rodata.root_certificate, "a"
    .global root_certificate, root_certificate_size
root_certificate:
    .incbin "root-p256.der"
root_certificate_end:
    .balign 4
root_certificate_size:
    .word root_certificate_end - root_certificate
