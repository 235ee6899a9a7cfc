/* Reference server: fans an event out to all sockets of a group and does nothing else.
 *
 *   reference PORT CONTROL_PORT EVENT_FILE unbatched|batched
 *
 * A client that requests `/g<6 digits>` joins that group. A line `<time> <group> <count>` on the control
 * connection publishes a burst: `count` text frames with the text of EVENT_FILE, in which 19 `T` stand for
 * the time. `unbatched` sends every frame with its own system call; `batched` sends all frames of a burst
 * to a socket with one. Back-pressure: the server waits for a socket whose buffer is full.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_FILES 65536
#define MAX_GROUPS 16384
#define CONTROL_BYTES 65536

typedef struct {
    int *fds;
    int count;
} Group;

static Group groups[MAX_GROUPS];
static char *requests[MAX_FILES]; /* incomplete handshake requests by file */
static size_t request_sizes[MAX_FILES];
static int epoll_fd, listener, control_listener, control = -1;
static bool batched;
static char frame[4096], *burst_buffer;
static size_t frame_size, time_at;

static void fail(const char *what) {
    fprintf(stderr, "reference: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint32_t rotate(uint32_t value, int by) { return value << by | value >> (32 - by); }

/* SHA-1 of at most 119 bytes (RFC 3174). */
static void sha1(const char *text, size_t size, unsigned char digest[20]) {
    unsigned char block[128] = {0};
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}, w[80];
    size_t blocks = size < 56 ? 1 : 2;
    memcpy(block, text, size);
    block[size] = 0x80;
    block[blocks * 64 - 2] = (unsigned char)(size * 8 >> 8);
    block[blocks * 64 - 1] = (unsigned char)(size * 8);
    for (size_t at = 0; at < blocks * 64; at += 64) {
        for (int i = 0; i < 16; i++) {
            const unsigned char *b = block + at + 4 * i;
            w[i] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
        }
        for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
        for (int i = 0; i < 80; i++) {
            uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                         : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                         : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                                  : (b ^ c ^ d) + 0xca62c1d6;
            uint32_t next = rotate(a, 5) + f + e + w[i];
            e = d, d = c, c = rotate(b, 30), b = a, a = next;
        }
        h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
    }
    for (int i = 0; i < 20; i++) digest[i] = (unsigned char)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64(const unsigned char *data, size_t size, char *text) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        uint32_t bits = (uint32_t)data[i] << 16;
        if (i + 1 < size) bits |= (uint32_t)data[i + 1] << 8;
        if (i + 2 < size) bits |= data[i + 2];
        *text++ = digits[bits >> 18];
        *text++ = digits[bits >> 12 & 63];
        *text++ = i + 1 < size ? digits[bits >> 6 & 63] : '=';
        *text++ = i + 2 < size ? digits[bits & 63] : '=';
    }
    *text = 0;
}

static int listen_on(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&address, sizeof address)) fail("bind");
    if (listen(fd, 4096)) fail("listen");
    return fd;
}

static void watch(int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
}

static int accept_one(int from) {
    int fd = accept4(from, NULL, NULL, SOCK_NONBLOCK), yes = 1;
    if (fd < 0 || fd >= MAX_FILES) fail("accept");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    watch(fd);
    return fd;
}

static void send_all(int fd, const char *data, size_t size) {
    while (size) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent > 0) {
            data += sent, size -= (size_t)sent;
        } else if (errno == EAGAIN) {
            struct pollfd full = {.fd = fd, .events = POLLOUT};
            poll(&full, 1, -1);
        } else {
            return; /* closed by the client; the next read reports it */
        }
    }
}

static void complete_handshake(int fd, const char *request) {
    const char *path = strstr(request, "GET /g"), *key = strcasestr(request, "Sec-WebSocket-Key: ");
    int group = path ? atoi(path + 6) : -1;
    if (!key || group < 0 || group >= MAX_GROUPS) {
        close(fd);
        return;
    }
    char accepted[128], response[256];
    unsigned char digest[20];
    int size = snprintf(accepted, sizeof accepted, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key + 19);
    sha1(accepted, (size_t)size, digest);
    base64(digest, 20, accepted);
    size = snprintf(response, sizeof response,
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accepted);
    send_all(fd, response, (size_t)size);
    Group *g = &groups[group];
    if (!(g->count & (g->count - 1))) g->fds = realloc(g->fds, 2 * sizeof(int) * (size_t)(g->count + 1));
    g->fds[g->count++] = fd;
}

static void remove_client(int fd) {
    close(fd);
    free(requests[fd]);
    requests[fd] = NULL;
    request_sizes[fd] = 0;
    for (Group *g = groups; g < groups + MAX_GROUPS; g++)
        for (int i = 0; i < g->count; i++)
            if (g->fds[i] == fd) g->fds[i--] = g->fds[--g->count];
}

static void client_readable(int fd) {
    char data[4096];
    ssize_t got = recv(fd, data, sizeof data, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        remove_client(fd);
        return;
    }
    requests[fd] = realloc(requests[fd], request_sizes[fd] + (size_t)got + 1);
    memcpy(requests[fd] + request_sizes[fd], data, (size_t)got);
    request_sizes[fd] += (size_t)got;
    requests[fd][request_sizes[fd]] = 0;
    if (strstr(requests[fd], "\r\n\r\n")) {
        complete_handshake(fd, requests[fd]);
        free(requests[fd]);
        requests[fd] = NULL;
        request_sizes[fd] = 0;
    }
}

static void burst(const char *time, int group, int count) {
    const Group *g = &groups[group];
    memcpy(frame + time_at, time, 19);
    if (batched) {
        for (int i = 0; i < count; i++) memcpy(burst_buffer + (size_t)i * frame_size, frame, frame_size);
        for (int i = 0; i < g->count; i++) send_all(g->fds[i], burst_buffer, frame_size * (size_t)count);
    } else {
        for (int event = 0; event < count; event++)
            for (int i = 0; i < g->count; i++) send_all(g->fds[i], frame, frame_size);
    }
}

static void control_readable(void) {
    static char data[CONTROL_BYTES + 1];
    static size_t size;
    ssize_t got = recv(control, data + size, CONTROL_BYTES - size, 0);
    if (got <= 0) exit(0);
    size += (size_t)got;
    data[size] = 0;
    char *line = data, *end;
    for (; (end = strchr(line, '\n')); line = end + 1) {
        int group, count;
        if (sscanf(line + 20, "%d %d", &group, &count) != 2 || count > 64) fail("invalid control line");
        burst(line, group, count);
    }
    size -= (size_t)(line - data);
    memmove(data, line, size);
}

/* Makes a frame of the text of the event (RFC 6455, section 5.2). */
static void read_event(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) fail(path);
    char text[4000];
    size_t size = fread(text, 1, sizeof text, file), head = size < 126 ? 2 : 4;
    fclose(file);
    frame[0] = (char)0x81;
    frame[1] = (char)(head == 2 ? size : 126);
    if (head == 4) frame[2] = (char)(size >> 8), frame[3] = (char)size;
    memcpy(frame + head, text, size);
    frame_size = head + size;
    char *time = memmem(frame, frame_size, "TTTTTTTTTTTTTTTTTTT", 19);
    if (!time) fail("the event has no placeholder for the time");
    time_at = (size_t)(time - frame);
    burst_buffer = malloc(frame_size * 64);
}

int main(int argc, char **argv) {
    if (argc != 5) fail("usage: reference PORT CONTROL_PORT EVENT_FILE unbatched|batched");
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    read_event(argv[3]);
    batched = !strcmp(argv[4], "batched");
    epoll_fd = epoll_create1(0);
    watch(listener = listen_on(atoi(argv[1])));
    watch(control_listener = listen_on(atoi(argv[2])));
    for (;;) {
        struct epoll_event events[256];
        int count = epoll_wait(epoll_fd, events, 256, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) accept_one(listener);
            else if (fd == control_listener) control = accept_one(control_listener);
            else if (fd == control) control_readable();
            else client_readable(fd);
        }
    }
}
