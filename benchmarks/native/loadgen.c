/* Load generator: opens WebSockets, triggers events, and counts and times the frames that arrive.
 *
 *   loadgen --ports P[,P...] --sockets N --targets FILE --publish-port P
 *           [--hello FILE] [--hello-after FRAMES] [--ready FRAMES] [--ping TEXT --pong TEXT]
 *
 * Sockets belong to groups; an event goes to all sockets of one group. The targets file has one line
 * per group: the request target of its sockets. Socket i connects to port i modulo the number of ports
 * and belongs to group i modulo the number of groups. After the handshake, line k of the hello file is
 * sent as a text frame once k + FRAMES (`--hello-after`) frames have arrived; six `G` in it stand for the
 * number of the group. A socket is ready after FRAMES (`--ready`) frames.
 *
 * Commands are lines on stdin. Each is answered by a line of JSON on stdout.
 *
 *   phase BURST WINDOW RATE SECONDS PER_REQUEST TEMPLATE
 *
 * Publishes bursts of BURST events for SECONDS, to one group after the other. With RATE 0 it saturates
 * the server: as fast as possible with at most WINDOW incomplete bursts in flight. Otherwise it is an open
 * loop of RATE events per second: each burst is sent when it is due, whether or not earlier frames have
 * arrived, unless more than MAX_BYTES_IN_FLIGHT per socket are in flight. A burst is BURST / PER_REQUEST
 * copies of the request in the file TEMPLATE. In it, 19 `T` stand for the time (CLOCK_REALTIME in ns) and
 * six `G` for the number of the group. In an arriving frame the time follows the marker `"t":`, quoted or
 * not. Latency counts from the time at which the request was due.
 *
 *   spin RATE SECONDS TEMPLATE
 *
 * Sends REST requests in the same way. Each group has one keep-alive connection to the server's port, and
 * line g of the file TEMPLATE is the request of group g, with `^M^J` for line ends. A connection has at
 * most one request in flight. A frame is attributed to the latest request of its group; with RATE 0, where
 * the next request follows each response at once, the latency of frames is meaningless. A connection that
 * the server closed while it was idle is reopened, as HTTP clients do, so the pause between two phases may
 * exceed the server's keep-alive timeout.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define READ_SIZE (256 * 1024)
#define MAX_HANDSHAKES 64            /* in progress at the same time */
#define MAX_BYTES_IN_FLIGHT 20000    /* average per socket, far below any server's limit */
#define LOSS_TIMEOUT_NS 5000000000LL /* outstanding frames are lost after this time without any frame */
#define SUB_BUCKETS 64               /* histogram buckets per power of two */

/* epoll data: the index of a socket, the index of a REST client plus CLIENT_MARK, or one of these. */
#define STDIN_MARK UINT64_MAX
#define PUBLISH_MARK (UINT64_MAX - 1)
#define CLIENT_MARK (1ULL << 40)

typedef struct {
    int fd;
    int group;
    int frames;       /* frames without an event */
    int hellos;       /* hello messages sent */
    bool upgraded, ready;
    char *rest;       /* the start of an incomplete frame or handshake response */
    size_t rest_size;
} Socket;

/* The keep-alive connection of a group. */
typedef struct {
    int fd;              /* -1 while it is closed */
    int port;
    bool waiting;
    bool reused;         /* an earlier request was answered, and no part of the latest was */
    const char *request; /* the request in flight, while `waiting` */
    int64_t due_at;
} RestClient;

static Socket *sockets;
static int socket_count, ready_count, opened, ports[16], port_count, ready_frames, hello_after;
static char **targets, **hellos;
static int target_count, hello_count;
static const char *ping_text, *pong_text;
static int epoll_fd, publish_fd, publish_port;
static char buffer[READ_SIZE * 2];

/* Histograms of latencies in ns, with a relative error of 1 / SUB_BUCKETS. */
static uint64_t histogram[64 * SUB_BUCKETS], event_frames, event_bytes, reads, longest, http_errors;
static uint64_t rest_histogram[64 * SUB_BUCKETS], responses;
static int64_t first_at, last_at;

static RestClient *rest_clients;
static int idle_clients;

static void fail(const char *what) {
    fprintf(stderr, "loadgen: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int bucket(uint64_t value) {
    if (value < SUB_BUCKETS) return (int)value;
    int power = 63 - __builtin_clzll(value);
    return (power - 5) * SUB_BUCKETS + (int)((value >> (power - 6)) - SUB_BUCKETS);
}

static double bucket_value(int index) {
    if (index < SUB_BUCKETS) return index;
    int power = index / SUB_BUCKETS + 5;
    return (double)((uint64_t)(SUB_BUCKETS + index % SUB_BUCKETS) << (power - 6));
}

static double percentile(const uint64_t *counts, uint64_t total, double share) {
    uint64_t wanted = (uint64_t)(share * (double)total), seen = 0;
    for (int i = 0; i < 64 * SUB_BUCKETS; i++)
        if ((seen += counts[i]) > wanted) return bucket_value(i);
    return 0;
}

static char **read_lines(const char *path, int *count) {
    FILE *file = fopen(path, "r");
    if (!file) fail(path);
    char **lines = NULL, *line = NULL;
    size_t room = 0;
    ssize_t size;
    *count = 0;
    while ((size = getline(&line, &room, file)) > 0) {
        if (line[size - 1] == '\n') line[size - 1] = 0;
        lines = realloc(lines, (size_t)(*count + 1) * sizeof *lines);
        lines[(*count)++] = strdup(line);
    }
    free(line);
    fclose(file);
    return lines;
}

static int connect_to(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0) fail("socket");
    if (connect(fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void watch(int fd, uint64_t mark) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = mark};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
}

/* Returns false if the other side has closed the connection. */
static bool try_send(int fd, const char *data, size_t size) {
    while (size) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return false;
        if (sent < 0 && errno != EAGAIN) fail("send");
        if (sent > 0) data += sent, size -= (size_t)sent;
    }
    return true;
}

static void send_all(int fd, const char *data, size_t size) {
    if (!try_send(fd, data, size)) fail("send");
}

/* Sends a frame with a short payload, masked with zeros. */
static void send_frame(Socket *s, int opcode, const char *payload, size_t size) {
    char frame[2048];
    size_t head = 2;
    if (size > sizeof frame - 8) fail("an outgoing frame is too long");
    frame[0] = (char)(0x80 | opcode);
    if (size < 126) {
        frame[1] = (char)(0x80 | size);
    } else {
        frame[1] = (char)(0x80 | 126);
        frame[2] = (char)(size >> 8), frame[3] = (char)size;
        head = 4;
    }
    memset(frame + head, 0, 4);
    memcpy(frame + head + 4, payload, size);
    send_all(s->fd, frame, head + 4 + size);
}

static void advance(Socket *s) {
    while (s->hellos < hello_count && s->frames >= s->hellos + hello_after) {
        char text[1024], number[16], *place;
        size_t size = strlen(hellos[s->hellos]);
        if (size >= sizeof text) fail("a hello message is too long");
        strcpy(text, hellos[s->hellos++]);
        snprintf(number, sizeof number, "%06d", s->group);
        if ((place = strstr(text, "GGGGGG"))) memcpy(place, number, 6);
        send_frame(s, 1, text, size);
    }
    if (!s->ready && s->upgraded && s->hellos == hello_count && s->frames >= ready_frames) {
        s->ready = true;
        ready_count++;
    }
}

static void open_next(void) {
    Socket *s = &sockets[opened];
    char request[4096];
    s->fd = connect_to(ports[opened % port_count]);
    s->group = opened % target_count;
    watch(s->fd, (uint64_t)opened++);
    int size = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                        targets[s->group]);
    send_all(s->fd, request, (size_t)size);
}

static void record(uint64_t *counts, int64_t elapsed) {
    counts[bucket(elapsed > 0 ? (uint64_t)elapsed : 0)]++;
}

#define MAX_EVENT_REST 270 /* bytes of an event after its marker, at most */

/* Whether a line of the payload is the ping: Centrifugo batches its messages, one per line. */
static bool has_ping(const char *payload, size_t size) {
    size_t length = strlen(ping_text);
    for (const char *line = payload, *end; line < payload + size; line = end + 1) {
        end = memchr(line, '\n', (size_t)(payload + size - line));
        if (!end) end = payload + size;
        if ((size_t)(end - line) == length && !memcmp(line, ping_text, length)) return true;
    }
    return false;
}

static void handle_text_frame(Socket *s, const char *payload, size_t size, int64_t at) {
    static size_t last_offset; /* of the marker */
    bool pinged = ping_text && has_ping(payload, size);
    if (pinged) send_frame(s, 1, pong_text, strlen(pong_text));
    const char *mark = NULL;
    if (last_offset + 24 < size && !memcmp(payload + last_offset, "\"t\":", 4)) mark = payload + last_offset;
    else if (size > 24 && (mark = memmem(payload, size, "\"t\":", 4))) last_offset = (size_t)(mark - payload);
    if (mark || (rest_clients && s->ready)) {
        event_bytes += size;
        do { /* Centrifugo batches several events into a frame; each counts */
            int64_t sent = 0;
            if (mark) {
                const char *digit = mark + 4 + (mark[4] == '"');
                for (; *digit >= '0' && *digit <= '9'; digit++) sent = sent * 10 + (*digit - '0');
                size_t rest = (size_t)(payload + size - digit);
                mark = rest > MAX_EVENT_REST ? memmem(digit, rest, "\"t\":", 4) : NULL;
            } else
                sent = rest_clients[s->group].due_at;
            event_frames++;
            int64_t elapsed = at - sent;
            if (elapsed > (int64_t)longest) longest = (uint64_t)elapsed;
            record(histogram, elapsed);
        } while (mark);
        if (!first_at) first_at = at;
        last_at = at;
        return;
    }
    if (pinged && s->ready) return;
    s->frames++;
    advance(s);
}

/* Handles all complete frames; returns their size. */
static size_t parse_frames(Socket *s, const char *data, size_t size, int64_t at) {
    size_t done = 0;
    while (size - done >= 2) {
        const unsigned char *head = (const unsigned char *)data + done;
        size_t header = 2, payload = head[1] & 0x7f;
        if (payload == 126) {
            if (size - done < 4) break;
            payload = (size_t)head[2] << 8 | head[3];
            header = 4;
        } else if (payload == 127) {
            if (size - done < 10) break;
            payload = 0;
            for (int i = 2; i < 10; i++) payload = payload << 8 | head[i];
            header = 10;
        }
        if (size - done < header + payload) break;
        const char *body = data + done + header;
        int opcode = head[0] & 0x0f;
        if (opcode == 1 || opcode == 2) handle_text_frame(s, body, payload, at);
        else if (opcode == 9) send_frame(s, 10, body, payload);
        else if (opcode == 8) {
            fprintf(stderr, "loadgen: the server closed a socket with code %d\n",
                    payload >= 2 ? (unsigned char)body[0] << 8 | (unsigned char)body[1] : 0);
            exit(1);
        }
        done += header + payload;
    }
    return done;
}

static size_t parse_handshake(Socket *s, char *data, size_t size) {
    char *end = memmem(data, size, "\r\n\r\n", 4);
    if (!end) return 0;
    if (size < 12 || memcmp(data, "HTTP/1.1 101", 12)) {
        fprintf(stderr, "loadgen: the handshake failed: %.*s\n", (int)(end - data), data);
        exit(1);
    }
    s->upgraded = true;
    return (size_t)(end - data) + 4;
}

static void readable(Socket *s) {
    if (s->rest_size) memcpy(buffer, s->rest, s->rest_size);
    ssize_t got = recv(s->fd, buffer + s->rest_size, READ_SIZE, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) fail("the server closed a socket");
    int64_t at = now_ns();
    reads++;
    size_t size = s->rest_size + (size_t)got, done = 0;
    if (!s->upgraded) {
        done = parse_handshake(s, buffer, size);
        if (s->upgraded) advance(s);
    }
    if (s->upgraded) done += parse_frames(s, buffer + done, size - done, at);
    size_t rest = size - done;
    if (rest > READ_SIZE) fail("a frame is too long");
    if (rest > s->rest_size) s->rest = realloc(s->rest, rest);
    if (rest) memcpy(s->rest, buffer + done, rest);
    s->rest_size = rest;
}

/* Discards the responses to publish requests, but counts HTTP errors. */
static void publish_readable(void) {
    ssize_t got = recv(publish_fd, buffer, READ_SIZE, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) fail("the server closed the publish connection");
    if (got > 12 && !memcmp(buffer, "HTTP/1.", 7) && buffer[9] != '2') {
        if (!http_errors++) fprintf(stderr, "loadgen: %.*s\n", (int)(got < 300 ? got : 300), buffer);
    }
}

static void open_client(RestClient *c) {
    c->fd = connect_to(c->port);
    c->reused = false;
    watch(c->fd, CLIENT_MARK + (uint64_t)(c - rest_clients));
}

static void client_closed(RestClient *c);

static void send_request(RestClient *c) {
    if (c->fd < 0) open_client(c);
    if (!try_send(c->fd, c->request, strlen(c->request))) client_closed(c);
}

/* Servers close keep-alive connections after an idle timeout (uvicorn: 5 s). A request that crossed the
 * close was not read by the server; it is sent again on a new connection, and its latency includes the
 * first attempt. Any other close of a connection in use is an error. */
static void client_closed(RestClient *c) {
    if (c->waiting && !c->reused) fail("the server closed a REST connection without a response");
    close(c->fd); /* also removes it from epoll */
    c->fd = -1;
    if (c->waiting) send_request(c);
}

/* A response is small and arrives in one or two reads: it is complete once its body has started. */
static void client_readable(RestClient *c, int64_t at) {
    ssize_t got = recv(c->fd, buffer, READ_SIZE - 1, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        client_closed(c);
        return;
    }
    if (!c->waiting) return;
    c->reused = false;
    if (!memcmp(buffer, "HTTP/1.", 7) && buffer[9] != '2') {
        if (!http_errors++) fprintf(stderr, "loadgen: %.*s\n", (int)(got < 600 ? got : 600), buffer);
    }
    buffer[got] = 0;
    char *body = strstr(buffer, "\r\n\r\n");
    if (!body && memcmp(buffer, "HTTP/1.", 7)) body = buffer; /* the second read */
    if (!body || !body[4]) return;
    c->waiting = false;
    c->reused = true;
    idle_clients++;
    responses++;
    record(rest_histogram, at - c->due_at);
}

/* Handles ready files, waiting up to `wait` ns for them; returns whether stdin is ready. */
static bool serve(int64_t wait) {
    struct epoll_event events[512];
    struct timespec timeout = {wait / 1000000000, wait % 1000000000};
    int count = epoll_pwait2(epoll_fd, events, 512, &timeout, NULL);
    bool command = false;
    for (int i = 0; i < count; i++) {
        uint64_t mark = events[i].data.u64;
        if (mark == STDIN_MARK) command = true;
        else if (mark == PUBLISH_MARK) publish_readable();
        else if (mark >= CLIENT_MARK) client_readable(&rest_clients[mark - CLIENT_MARK], now_ns());
        else readable(&sockets[mark]);
    }
    return command;
}

static void open_all(void) {
    int64_t started = now_ns();
    while (ready_count < socket_count) {
        while (opened < socket_count && opened - ready_count < MAX_HANDSHAKES) open_next();
        serve(10000000);
        if (now_ns() - started > 300000000000LL) fail("timeout: not all sockets became ready");
    }
    printf("{\"ready\": %d, \"seconds\": %.3f}\n", ready_count, (double)(now_ns() - started) / 1e9);
    fflush(stdout);
}

/* A publish request, with the offsets of its placeholders for time and group. */
typedef struct {
    char *text;
    size_t size;
    int times, groups;
    size_t time_at[64], group_at[64];
} Template;

static Template read_template(const char *path) {
    Template t = {0};
    FILE *file = fopen(path, "r");
    if (!file) fail(path);
    t.text = malloc(1 << 20);
    t.size = fread(t.text, 1, 1 << 20, file);
    fclose(file);
    for (size_t i = 0; i + 6 <= t.size; i++) {
        if (i + 19 <= t.size && !memcmp(t.text + i, "TTTTTTTTTTTTTTTTTTT", 19)) {
            t.time_at[t.times++] = i;
            i += 18;
        } else if (!memcmp(t.text + i, "GGGGGG", 6)) {
            t.group_at[t.groups++] = i;
            i += 5;
        }
    }
    return t;
}

static void publish(Template *t, int64_t at, int group) {
    char digits[24];
    snprintf(digits, sizeof digits, "%019lld", (long long)at);
    for (int i = 0; i < t->times; i++) memcpy(t->text + t->time_at[i], digits, 19);
    snprintf(digits, sizeof digits, "%06d", group);
    for (int i = 0; i < t->groups; i++) memcpy(t->text + t->group_at[i], digits, 6);
    send_all(publish_fd, t->text, t->size);
}

static double own_cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void reset(void) {
    memset(histogram, 0, sizeof histogram);
    memset(rest_histogram, 0, sizeof rest_histogram);
    event_frames = event_bytes = reads = longest = http_errors = responses = 0;
    first_at = last_at = 0;
}

static void report(uint64_t events, uint64_t skipped, uint64_t lost, int64_t started, double cpu) {
    int64_t elapsed = now_ns() - started;
    printf("{\"frames\": %lu, \"bytes\": %lu, \"events\": %lu, \"skipped\": %lu, \"lost\": %lu, "
           "\"seconds\": %.6f, \"wall\": %.6f, \"cpu\": %.6f, \"reads\": %lu, \"errors\": %lu, "
           "\"p50\": %.1f, \"p99\": %.1f, \"p999\": %.1f, \"max\": %.1f, "
           "\"responses\": %lu, \"rest_p50\": %.1f, \"rest_p99\": %.1f}\n",
           event_frames, event_bytes, events, skipped, lost, (double)(last_at - started) / 1e9,
           (double)elapsed / 1e9, own_cpu() - cpu, reads, http_errors,
           percentile(histogram, event_frames, 0.5) / 1e3,
           percentile(histogram, event_frames, 0.99) / 1e3,
           percentile(histogram, event_frames, 0.999) / 1e3, (double)longest / 1e3, responses,
           percentile(rest_histogram, responses, 0.5) / 1e3,
           percentile(rest_histogram, responses, 0.99) / 1e3);
    fflush(stdout);
}

static void phase(int burst, int window, double rate, double seconds, int per_request, char *path) {
    Template t = read_template(path);
    uint64_t events = 0, skipped = 0, expected = 0, lost = 0;
    uint64_t fan = (uint64_t)socket_count / (uint64_t)target_count, unit = fan * (uint64_t)burst;
    uint64_t max_in_flight = rate > 0 ? (uint64_t)socket_count * (MAX_BYTES_IN_FLIGHT / 300)
                             : (uint64_t)window * unit;
    if (max_in_flight < unit) max_in_flight = unit;
    int group = 0;
    reset();
    double cpu = own_cpu();
    int64_t started = now_ns(), end = started + (int64_t)(seconds * 1e9), due = started;
    int64_t gap = rate > 0 ? (int64_t)(burst / rate * 1e9) : 0;
    for (;;) {
        int64_t now = now_ns();
        if (now >= end && expected <= event_frames) break;
        while (now < end && (rate > 0 ? due <= now : expected + unit <= event_frames + max_in_flight)) {
            if (rate > 0 && expected + unit > event_frames + max_in_flight) {
                skipped += (uint64_t)burst;
            } else {
                for (int i = 0; i < burst; i += per_request) publish(&t, rate > 0 ? due : now, group);
                group = (group + 1) % target_count;
                events += (uint64_t)burst;
                expected += unit;
            }
            due += gap;
        }
        int64_t since = now - (last_at ? last_at : started);
        if (expected > event_frames && since > LOSS_TIMEOUT_NS) {
            lost += expected - event_frames;
            expected = event_frames;
            if (now >= end) break;
        }
        int64_t wait = rate > 0 && now < end ? due - now : 10000000;
        serve(wait < 0 ? 0 : wait);
    }
    report(events, skipped, lost, started, cpu);
    free(t.text);
}

static void spin(double rate, double seconds, char *path) {
    int count, next = 0;
    char **requests = read_lines(path, &count);
    uint64_t requested = 0, skipped = 0;
    if (count < 1 || count != target_count) fail("the template needs one request per group");
    for (int i = 0; i < count; i++)
        for (char *at = requests[i]; (at = strstr(at, "^M^J"));) {
            memcpy(at, "\r\n", 2);
            memmove(at + 2, at + 4, strlen(at + 4) + 1);
        }
    if (!rest_clients) {
        rest_clients = calloc((size_t)count, sizeof *rest_clients);
        for (int i = 0; i < count; i++) rest_clients[i] = (RestClient){.fd = -1, .port = ports[i % port_count]};
        idle_clients = count;
    }
    for (int i = 0; i < count; i++)
        if (rest_clients[i].fd < 0) open_client(&rest_clients[i]);
    reset();
    double cpu = own_cpu();
    int64_t started = now_ns(), end = started + (int64_t)(seconds * 1e9), due = started;
    int64_t gap = rate > 0 ? (int64_t)(1e9 / rate) : 0;
    for (;;) {
        int64_t now = now_ns();
        if (now >= end + 200000000 && idle_clients == count) break; /* late frames have arrived */
        if (now >= end + LOSS_TIMEOUT_NS) fail("timeout: no response to a REST request");
        while (now < end && due <= now && (rate > 0 || idle_clients)) {
            if (idle_clients) {
                while (rest_clients[next].waiting) next = (next + 1) % count;
                RestClient *c = &rest_clients[next];
                c->waiting = true;
                idle_clients--;
                c->due_at = rate > 0 ? due : now;
                c->request = requests[next];
                send_request(c);
                next = (next + 1) % count;
                requested++;
            } else {
                skipped++;
            }
            due = rate > 0 ? due + gap : now;
        }
        int64_t wait = rate > 0 && now < end ? due - now : 1000000;
        serve(wait < 0 ? 0 : wait);
    }
    report(requested, skipped, 0, started, cpu);
    for (int i = 0; i < count; i++) free(requests[i]);
    free(requests);
}

static void run_command(char *line) {
    int burst, window, per_request;
    double rate, seconds;
    char path[1024];
    if (sscanf(line, "phase %d %d %lf %lf %d %1023s", &burst, &window, &rate, &seconds,
               &per_request, path) == 6)
        phase(burst, window, rate, seconds, per_request, path);
    else if (sscanf(line, "spin %lf %lf %1023s", &rate, &seconds, path) == 3)
        spin(rate, seconds, path);
    else
        fail("unknown command");
}

static void parse(int argc, char **argv) {
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (!strcmp(name, "--ports"))
            for (char *part = strtok(strdup(value), ","); part; part = strtok(NULL, ","))
                ports[port_count++] = atoi(part);
        else if (!strcmp(name, "--sockets")) socket_count = atoi(value);
        else if (!strcmp(name, "--targets")) targets = read_lines(value, &target_count);
        else if (!strcmp(name, "--publish-port")) publish_port = atoi(value);
        else if (!strcmp(name, "--hello")) hellos = read_lines(value, &hello_count);
        else if (!strcmp(name, "--hello-after")) hello_after = atoi(value);
        else if (!strcmp(name, "--ready")) ready_frames = atoi(value);
        else if (!strcmp(name, "--ping")) ping_text = value;
        else if (!strcmp(name, "--pong")) pong_text = value;
        else fail(name);
    }
}

int main(int argc, char **argv) {
    parse(argc, argv);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    prctl(PR_SET_TIMERSLACK, 1);
    epoll_fd = epoll_create1(0);
    sockets = calloc((size_t)socket_count, sizeof *sockets);
    open_all();
    publish_fd = connect_to(publish_port);
    watch(publish_fd, PUBLISH_MARK);
    watch(STDIN_FILENO, STDIN_MARK);
    char line[2048];
    for (;;) {
        if (!serve(1000000000)) continue;
        if (!fgets(line, sizeof line, stdin)) return 0;
        run_command(line);
    }
}
