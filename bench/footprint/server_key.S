/* The server's private key in DER (RFC 5915 3). */
    .section .rodata.server_key, "a"
    .global server_key, server_key_size
server_key:
    .incbin "server-p256.key.der"
server_key_end:
    .balign 4
server_key_size:
    .word server_key_end - server_key
