/* A client and a server of TLS over the raw API of lwIP, in one process:
 *
 *     lwip_loopback ROOT CHAIN... KEY      DER files; for server.example
 *
 * The client says hello, the server sends it back. */
#include "tls_lwip.h"

#include "crypto_glue/random.h"

#include <lwip/netif.h>
#include <lwip/sys.h>
#include <lwip/tcpip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PORT 443

static sys_sem_t is_up, is_over;
static int ends;

static void report_end(tls_lwip *tls)
{
    const hf_failure *failure = hf_conn_failure(&tls->conn);
    printf("%s: %s\n", (const char *)tls->context,
           failure != NULL ? hf_reason_of(failure->reason)->symbol : "closed");
    if (++ends == 2)
        sys_sem_signal(&is_over);
}

static void server_established(tls_lwip *tls)
{
    (void)tls;
}

static void server_received(tls_lwip *tls, hf_span data)
{
    (void)tls_lwip_send(tls, data);
}

static void client_established(tls_lwip *tls)
{
    printf("client: %s\n", hf_conn_suite(&tls->conn)->name);
    (void)tls_lwip_send(tls, HF_SPAN_LITERAL("hello over lwIP"));
}

static void client_received(tls_lwip *tls, hf_span data)
{
    printf("client: %.*s\n", (int)data.size, (const char *)data.data);
    tls_lwip_close(tls);
}

static const hf_trust_anchor *anchor;
static const hf_binding *binding;

static bool clock_of_host(void *context, int64_t *unix_seconds)
{
    (void)context;
    *unix_seconds = (int64_t)time(NULL);
    return true;
}

static void begin(tls_lwip *tls, hf_role role)
{
    static const tls_lwip_events events[] = {
        [HF_CLIENT] = {client_established, client_received, report_end},
        [HF_SERVER] = {server_established, server_received, report_end},
    };
    static hf_config configs[2];
    static hf_handshake handshakes[2];
    static uint8_t rx[2][4096], tx[2][HF_TX_MIN];
    configs[role] = (hf_config){.random = {hf_random_system, NULL}, .clock = clock_of_host};
    if (role == HF_CLIENT) {
        configs[role].anchors = anchor;
        configs[role].anchor_count = 1;
    } else {
        configs[role].bindings = binding;
        configs[role].binding_count = 1;
    }
    tls->events = &events[role];
    tls->context = role == HF_CLIENT ? "client" : "server";
    if (hf_conn_init(&tls->conn, role, &configs[role], &handshakes[role],
                     (hf_buf){rx[role], sizeof rx[role]},
                     (hf_buf){tx[role], sizeof tx[role]}) != HF_OK ||
        (role == HF_CLIENT && hf_conn_set_server_name(&tls->conn, "server.example") != HF_OK))
        exit(2);
}

static err_t on_accept(void *argument, struct tcp_pcb *pcb, err_t error)
{
    static tls_lwip server;
    (void)argument;
    (void)error;
    begin(&server, HF_SERVER);
    tls_lwip_start(&server, pcb);
    return ERR_OK;
}

static err_t on_connected(void *argument, struct tcp_pcb *pcb, err_t error)
{
    static tls_lwip client;
    (void)argument;
    (void)error;
    begin(&client, HF_CLIENT);
    tls_lwip_start(&client, pcb);
    return ERR_OK;
}

static err_t no_wire(struct netif *netif, struct pbuf *packet, const ip4_addr_t *to)
{
    (void)netif;
    (void)packet;
    (void)to;
    return ERR_IF;
}

static err_t set_up(struct netif *netif)
{
    netif->output = no_wire; /* what is for its own address goes round inside lwIP */
    netif->mtu = 1500;
    return ERR_OK;
}

static void on_stack_up(void *argument)
{
    (void)argument;
    sys_sem_signal(&is_up);
}

static void start_both(void)
{
    static struct netif netif;
    ip4_addr_t address, mask;
    IP4_ADDR(&address, 10, 0, 0, 1);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    netif_add(&netif, &address, &mask, &address, NULL, set_up, tcpip_input);
    netif_set_up(&netif);
    netif_set_link_up(&netif);
    struct tcp_pcb *listener = tcp_new(), *client = tcp_new();
    ip_addr_t to;
    ip_addr_copy_from_ip4(to, address);
    if (tcp_bind(listener, IP_ADDR_ANY, PORT) != ERR_OK)
        exit(2);
    listener = tcp_listen(listener);
    tcp_accept(listener, on_accept);
    if (tcp_connect(client, &to, PORT, on_connected) != ERR_OK)
        exit(2);
}

static hf_span load(const char *path)
{
    static uint8_t files[HF_CHAIN_MAX + 2][8192];
    static size_t count;
    FILE *file = fopen(path, "rb");
    if (file == NULL || count == sizeof files / sizeof files[0]) {
        perror(path);
        exit(2);
    }
    size_t size = fread(files[count], 1, sizeof files[count], file);
    (void)fclose(file);
    return (hf_span){files[count++], size};
}

int main(int argc, char **argv)
{
    static hf_trust_anchor root;
    static hf_credentials credentials;
    static hf_binding only;
    static hf_private_key key;
    static hf_span chain[HF_CHAIN_MAX];
    if (argc < 4 || argc > HF_CHAIN_MAX + 3) {
        fputs("usage: lwip_loopback ROOT CHAIN... KEY\n", stderr);
        return 2;
    }
    root = (hf_trust_anchor){.certificate = load(argv[1])};
    for (int i = 2; i < argc - 1; i++)
        chain[i - 2] = load(argv[i]);
    if (hf_crypto_init() != HF_CRYPTO_OK ||
        hf_private_key_read(&key, load(argv[argc - 1])) != HF_OK)
        return 2;
    credentials = (hf_credentials){.chain = chain, .chain_count = (size_t)argc - 3, .key = &key};
    only = (hf_binding){.credentials = &credentials, .credentials_count = 1};
    anchor = &root;
    binding = &only;
    if (sys_sem_new(&is_up, 0) != ERR_OK || sys_sem_new(&is_over, 0) != ERR_OK)
        return 2;
    tcpip_init(on_stack_up, NULL);
    sys_sem_wait(&is_up);
    LOCK_TCPIP_CORE();
    start_both();
    UNLOCK_TCPIP_CORE();
    sys_sem_wait(&is_over);
    return 0;
}
