/* An RSA key to be measured, in DER. */
    .section .rodata.rsa_key, "a"
    .global rsa_key, rsa_key_size
rsa_key:
    .incbin "server-rsa2048.key.der"
rsa_key_end:
    .balign 4
rsa_key_size:
    .word rsa_key_end - rsa_key
