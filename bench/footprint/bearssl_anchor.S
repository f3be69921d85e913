/* The certificate that the client trusts, in BearSSL's form: the subject in DER, and the point. */
    .section .rodata.bearssl_anchor, "a"
    .global root_subject, root_subject_size, root_point, root_point_size
root_subject:
    .incbin "root_subject.der"
root_subject_end:
root_point:
    .incbin "root_point"
root_point_end:
    .balign 4
root_subject_size:
    .word root_subject_end - root_subject
root_point_size:
    .word root_point_end - root_point
