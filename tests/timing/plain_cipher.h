/* In place of AES, whose tables would hide what the modes do: a cipher that whitens with its key.
 */
#ifndef HF_TESTS_TIMING_PLAIN_CIPHER_H
#define HF_TESTS_TIMING_PLAIN_CIPHER_H

void timing_use_plain_cipher(void);
void timing_use_real_cipher(void);

#endif
