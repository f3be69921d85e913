#include "bearssl_files.h"

#include <stdio.h>
#include <string.h>

enum { STORE_SIZE = 65536 };

/* Bytes that live to the end of the process. */
static unsigned char store[STORE_SIZE];
static size_t store_used;
static bool store_overflowed;

static void keep(void *unused, const void *data, size_t size)
{
    (void)unused;
    if (size > sizeof store - store_used) {
        store_overflowed = true;
        return;
    }
    memcpy(store + store_used, data, size);
    store_used += size;
}

struct objects {
    const char *kind; /* the end of the PEM label */
    br_x509_certificate found[FILES_CERTIFICATES_MAX];
    size_t count;
    size_t start; /* of the one that is being read */
    bool wanted;
};

static void on_event(struct objects *objects, br_pem_decoder_context *decoder, int event)
{
    if (event == BR_PEM_BEGIN_OBJ) {
        const char *label = br_pem_decoder_name(decoder);
        size_t size = strlen(label), kind = strlen(objects->kind);
        objects->wanted = objects->count < FILES_CERTIFICATES_MAX && size >= kind &&
                          strcmp(label + size - kind, objects->kind) == 0;
        objects->start = store_used;
        br_pem_decoder_setdest(decoder, objects->wanted ? keep : NULL, NULL);
    } else if (event == BR_PEM_END_OBJ && objects->wanted) {
        br_x509_certificate *one = &objects->found[objects->count++];
        one->data = store + objects->start;
        one->data_len = store_used - objects->start;
    }
}

static void read_objects(const char *path, struct objects *objects)
{
    static char text[STORE_SIZE];
    br_pem_decoder_context decoder;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return;
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    br_pem_decoder_init(&decoder);
    for (size_t done = 0; done < size;) {
        done += br_pem_decoder_push(&decoder, text + done, size - done);
        on_event(objects, &decoder, br_pem_decoder_event(&decoder));
    }
    if (store_overflowed)
        objects->count = 0;
}

size_t files_chain(const char *path, br_x509_certificate chain[FILES_CERTIFICATES_MAX])
{
    struct objects objects = {.kind = "CERTIFICATE"};
    read_objects(path, &objects);
    memcpy(chain, objects.found, sizeof objects.found);
    return objects.count;
}

/* Moves a number into the store. */
static unsigned char *kept(const unsigned char *data, size_t size)
{
    unsigned char *copy = store + store_used;
    keep(NULL, data, size);
    return copy;
}

static bool make_anchor(const br_x509_certificate *certificate, br_x509_trust_anchor *anchor)
{
    br_x509_decoder_context decoder;
    size_t start = store_used;
    br_x509_decoder_init(&decoder, keep, NULL);
    br_x509_decoder_push(&decoder, certificate->data, certificate->data_len);
    br_x509_pkey *key = br_x509_decoder_get_pkey(&decoder);
    if (key == NULL)
        return false;
    anchor->dn.data = store + start;
    anchor->dn.len = store_used - start;
    anchor->flags = BR_X509_TA_CA;
    anchor->pkey = *key;
    if (key->key_type == BR_KEYTYPE_EC) {
        anchor->pkey.key.ec.q = kept(key->key.ec.q, key->key.ec.qlen);
    } else {
        anchor->pkey.key.rsa.n = kept(key->key.rsa.n, key->key.rsa.nlen);
        anchor->pkey.key.rsa.e = kept(key->key.rsa.e, key->key.rsa.elen);
    }
    return !store_overflowed;
}

size_t files_anchors(const char *path, br_x509_trust_anchor anchors[FILES_CERTIFICATES_MAX])
{
    br_x509_certificate certificates[FILES_CERTIFICATES_MAX];
    size_t count = files_chain(path, certificates), made = 0;
    for (size_t i = 0; i < count; i++)
        if (make_anchor(&certificates[i], &anchors[made]))
            made++;
    return made;
}

bool files_key(const char *path, br_skey_decoder_context *key)
{
    struct objects objects = {.kind = "PRIVATE KEY"};
    read_objects(path, &objects);
    if (objects.count == 0)
        return false;
    br_skey_decoder_init(key);
    br_skey_decoder_push(key, objects.found[0].data, objects.found[0].data_len);
    return br_skey_decoder_last_error(key) == 0;
}
