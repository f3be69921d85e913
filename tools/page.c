#include "tools/page.h"

#include "tools/dissect/dissect.h"
#include "tools/markup.h"
#include "tools/svg_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char page_top[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<link rel=\"icon\" href=\"data:,\">\n"
    "<title>This handshake</title>\n"
    "<style>\n"
    "body { font: 1rem/1.5 system-ui, sans-serif; max-width: 45rem; margin: 3rem auto; "
    "padding: 0 1rem; color: #1f2328; background: #fff; }\n"
    "th { text-align: left; font-weight: normal; color: #59636e; padding-right: 2rem; "
    "vertical-align: top; }\n"
    "td, li { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }\n"
    "li.chosen { font-weight: 600; color: #116329; }\n"
    "svg { max-width: 100%; height: auto; }\n"
    "@media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #010409; } "
    "th { color: #9198a1; } li.chosen { color: #56d364; } }\n"
    "</style>\n</head>\n<body>\n<h1>This handshake</h1>\n";
static const char page_bottom[] = "</body>\n</html>\n";

/* ------------------------------------------------------------------ what was agreed on */

static void put_resumption(FILE *out, const struct summary *summary)
{
    fputs(summary->resumed
              ? "<p>It resumes an earlier session: the client showed one that this server still "
                "takes, so that neither certificates nor a key exchange were needed.</p>\n"
              : "<p>It is a full one: the client showed no session that this server could take up. "
                "Reload the page to see a resumed one.</p>\n",
          out);
}

static void put_summary(FILE *out, const struct summary *summary)
{
    const char *label, *value;
    fputs("<h2>Agreed on</h2>\n<table>\n", out);
    for (size_t i = 0; summary_row(summary, i, &label, &value); i++) {
        fprintf(out, "<tr><th scope=\"row\">%s</th><td>", label);
        markup_text(out, value);
        fputs("</td></tr>\n", out);
    }
    fputs("</table>\n", out);
}

/* ------------------------------------------------------------------ what was offered */

/* Lists of the ClientHello, what was chosen from each, and why. */
struct offer {
    const char *field, *title, *chosen, *why;
};

static const struct tree_node *find_field(const struct tree *tree, const char *field)
{
    const struct tree_node *node = &tree->root;
    while ((node = tree_following(node)) != NULL)
        if (node->field && strcmp(node->field, field) == 0)
            break;
    return node;
}

static void put_item(FILE *out, const struct tree_node *item, const char *chosen)
{
    char number[32];
    const char *text = item->kind == TREE_TEXT ? item->text : item->name;
    bool is_chosen = text && chosen && strcmp(text, chosen) == 0;
    if (!text) {
        snprintf(number, sizeof number, "unknown (0x%04x)", item->number);
        text = number;
    }
    fputs(is_chosen ? "<li class=\"chosen\">" : "<li>", out);
    markup_text(out, text);
    fputs(is_chosen ? " (chosen)</li>\n" : "</li>\n", out);
}

static void put_offer(FILE *out, const struct tree *tree, const struct offer *offer)
{
    const struct tree_node *list = find_field(tree, offer->field);
    if (!list || !list->first)
        return;
    fprintf(out, "<h3>%s</h3>\n<p>%s</p>\n<ol>\n", offer->title,
            offer->chosen && offer->chosen[0] ? offer->why : "Nothing was chosen from it.");
    for (const struct tree_node *item = list->first; item; item = item->next)
        put_item(out, item, offer->chosen);
    fputs("</ol>\n", out);
}

static void put_offers(FILE *out, const struct page_facts *facts)
{
    const struct summary *s = facts->summary;
    const char *ordered =
        facts->client_prefers
            ? "The first of this list that the server has enabled and can use."
            : "The first in the server's own order that is in this list and that it can use.";
    const struct offer offers[] = {
        {"cipher_suites", "Cipher suites", s->suite ? s->suite->name : NULL,
         s->resumed ? "The one of the session that is resumed." : ordered},
        {"named_group_list", "Groups", s->group ? s->group->name : NULL, ordered},
        {"supported_signature_algorithms", "Signature schemes", s->scheme ? s->scheme->name : NULL,
         "One that the key of the server's certificate can sign with."},
        {"protocol_name_list", "Application protocols (ALPN)", s->protocol,
         "The first in the server's own order that is in this list."},
        {"versions", "Versions", s->version ? hf_version_name(s->version) : NULL,
         "The highest that both sides have enabled; this server ends at TLS 1.2."},
    };
    struct dissect_context context = {0, 0};
    struct tree tree;
    if (!facts->hello.size)
        return;
    dissect_message(&tree, &context, facts->hello);
    fputs("<h2>Offered by the client</h2>\n", out);
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++)
        put_offer(out, &tree, &offers[i]);
    tree_free(&tree);
}

/* ------------------------------------------------------------------ the whole */

char *page_compose(const struct page_facts *facts, size_t *size)
{
    char *page = NULL;
    FILE *out = open_memstream(&page, size);
    if (!out)
        return NULL;
    struct svg_ladder ladder = {.journal = facts->journal};
    svg_captions(&ladder, facts->summary);
    fputs(page_top, out);
    put_resumption(out, facts->summary);
    svg_write(out, &ladder, 1);
    put_summary(out, facts->summary);
    put_offers(out, facts);
    fputs(page_bottom, out);
    if (fclose(out) == 0)
        return page;
    free(page);
    return NULL;
}
