/* Distinguished names (RFC 5280 4.1.2.4) and when two of them are the same (7.1).
 *
 * Attribute values that are PrintableString, UTF8String or IA5String are compared as text across
 * these types: without regard to case in ASCII, spaces at the ends dropped and runs of spaces taken
 * as one. Letters outside ASCII and all other types are compared octet by octet, so that a name
 * may be taken for another one (and the path refused) but never the other way round. */
#include "tls/x509/x509.h"

typedef struct attribute {
    hf_span type;  /* content octets of the OID */
    uint8_t tag;   /* of the value              */
    hf_span value; /* content octets            */
} attribute;

static attribute read_attribute(hf_der *rdn)
{
    attribute a;
    hf_der body = hf_der_enter(rdn, HF_DER_SEQUENCE);
    a.type = hf_der_read_oid(&body);
    a.value = hf_der_read_any(&body, &a.tag);
    rdn->failed = rdn->failed || !hf_der_done(&body);
    return a;
}

static uint8_t fold_case(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool hf_text_equal(hf_span a, hf_span b)
{
    if (a.size != b.size) {
        return false;
    }
    for (size_t i = 0; i < a.size; i++) {
        if (fold_case(a.data[i]) != fold_case(b.data[i])) {
            return false;
        }
    }
    return true;
}

static bool is_text(uint8_t tag)
{
    return tag == HF_DER_PRINTABLE_STRING || tag == HF_DER_UTF8_STRING || tag == HF_DER_IA5_STRING;
}

static hf_span trim(hf_span text)
{
    while (text.size > 0 && text.data[0] == ' ') {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && text.data[text.size - 1] == ' ') {
        text.size--;
    }
    return text;
}

/* Takes the next character of a trimmed text: folded, a run of spaces as one. */
static uint8_t next_character(hf_span *text)
{
    uint8_t c = text->data[0];
    do {
        text->data++;
        text->size--;
    } while (c == ' ' && text->data[0] == ' ');
    return fold_case(c);
}

static bool values_equal(const attribute *a, const attribute *b)
{
    if (!is_text(a->tag) || !is_text(b->tag)) {
        return a->tag == b->tag && hf_span_equal(a->value, b->value);
    }
    hf_span x = trim(a->value), y = trim(b->value);
    while (x.size > 0 && y.size > 0) {
        if (next_character(&x) != next_character(&y)) {
            return false;
        }
    }
    return x.size == 0 && y.size == 0;
}

static size_t count_attributes(hf_span rdn)
{
    size_t count = 0;
    hf_der der = hf_der_open(rdn);
    while (hf_der_more(&der)) {
        hf_der_read(&der, HF_DER_SEQUENCE);
        count++;
    }
    return count;
}

static HF_OWN_FRAME bool has_attribute(hf_span rdn, const attribute *wanted)
{
    hf_der der = hf_der_open(rdn);
    while (hf_der_more(&der)) {
        attribute a = read_attribute(&der);
        if (hf_span_equal(a.type, wanted->type) && values_equal(&a, wanted)) {
            return true;
        }
    }
    return false;
}

static bool has_all_attributes(hf_span rdn, hf_span of)
{
    hf_der der = hf_der_open(of);
    while (hf_der_more(&der)) {
        attribute wanted = read_attribute(&der);
        if (!has_attribute(rdn, &wanted)) {
            return false;
        }
    }
    return true;
}

/* The attributes of an RDN are a set: each must have its equal in the other. */
bool hf_rdn_equal(hf_span a, hf_span b)
{
    if (hf_span_equal(a, b)) {
        return true;
    }
    size_t count = count_attributes(a);
    return count == count_attributes(b) && count <= HF_RDN_ATTRIBUTES_MAX &&
           has_all_attributes(a, b) && has_all_attributes(b, a);
}

/* Takes the RDNs of `prefix` off `name`; false if `name` does not start with them. */
static bool skip_prefix(hf_der *name, hf_der *prefix)
{
    while (hf_der_more(prefix)) {
        if (!hf_der_more(name) ||
            !hf_rdn_equal(hf_der_read(name, HF_DER_SET), hf_der_read(prefix, HF_DER_SET))) {
            return false;
        }
    }
    return !name->failed && !prefix->failed;
}

hf_der hf_name_open(hf_span name)
{
    hf_der whole = hf_der_open(name);
    return hf_der_enter(&whole, HF_DER_SEQUENCE);
}

/* RFC 5280 4.1.2.6 (a) has a CA's subject encoded in the same way as the issuer in what it signs,
 * so that comparing octets will do where names are not compared as text. */
bool hf_name_equal(hf_span a, hf_span b)
{
    if (!HF_USE_NAME_MATCHING || hf_span_equal(a, b)) {
        return hf_span_equal(a, b);
    }
    hf_der x = hf_name_open(a), y = hf_name_open(b);
    return skip_prefix(&x, &y) && hf_der_done(&x);
}

bool hf_name_starts_with(hf_span name, hf_span prefix)
{
    hf_der x = hf_name_open(name), y = hf_name_open(prefix);
    return skip_prefix(&x, &y);
}

bool hf_rdn_is_valid(hf_span attributes)
{
    hf_der rdn = hf_der_open(attributes);
    do {
        read_attribute(&rdn);
    } while (hf_der_more(&rdn));
    return hf_der_done(&rdn);
}

bool hf_name_is_valid(hf_span name)
{
    hf_der rdns = hf_der_open_sequence(name);
    while (hf_der_more(&rdns)) {
        if (!hf_rdn_is_valid(hf_der_read(&rdns, HF_DER_SET))) {
            return false;
        }
    }
    return hf_der_done(&rdns);
}
