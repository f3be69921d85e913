/* The verb `server`, shared by its two halves: server.c sets up, serve.c runs the loop. */
#ifndef TOOLS_SERVER_H
#define TOOLS_SERVER_H

#include "tools/bindings.h"
#include "tools/endpoint.h"
#include "tools/keeping.h"
#include "tools/net.h"

#define SERVER_PEERS_MAX 10000

enum service { SERVICE_PRINT, SERVICE_ECHO, SERVICE_HTTP };

struct server {
    struct tls_options tls;
    struct pair_paths pairs;
    struct bindings bindings;
    struct anchor_list anchors; /* of clients */
    struct crl_files crls;      /* for their certificates */
    struct keeping keeping;
    int64_t cache_size;
    hf_span staple; /* the OCSP response of the first certificate */
    const char *staple_path, *url_folder;
    struct net_place place;
    const char *place_text, *bindings_path, *client_ca_path, *ready_path, *page_path;
    enum service service;
    bool logs_json;
    int64_t connections_max; /* 0: no limit */
    int64_t idle_ms;
    char *page;
    size_t page_size;

    struct watch_outputs outputs;
    int listener;
    int64_t accepted, accept_pause_end;
    struct peer *peers[SERVER_PEERS_MAX];
    size_t peer_count;
};

/* Serves until a signal or the last connection; returns the exit status. */
int serve(struct server *server);

#endif
